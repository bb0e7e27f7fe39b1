/**
 * The visitor's interface: puts it into an element, draws the session and calls its commands. Loaded when there is
 * something to draw or to print; the session lives without it.
 */
import { type ReadonlySignal, signal } from '@preact/signals';
import { render } from 'preact';
import type { Session, Stage } from '../session/contract.ts';
import { App } from './App.tsx';
import { createPaint } from './paint.ts';
import type { Extras } from './contract.ts';
import { createViewModel } from './view-model.ts';
import './styles/tokens.css';
import './styles/frame.css';
import './styles/panel.css';
import './styles/messages.css';
import './styles/composer.css';

/** Settles when there is something to print with: the transcript is one of the extras. */
export async function whenPrintable(): Promise<void> {
  await import('./extras.ts');
}

const EXTRAS_RETRY_MS = 5_000;

/** Draws into `root` until the returned function is called. */
export function mountInterface(root: HTMLElement, session: Session, stage: Stage): () => void {
  const isTouched = signal(false);
  const isVisible = signal(document.visibilityState === 'visible');
  const still = matchMedia('(prefers-reduced-motion: reduce)');
  const prefersStill = signal(still.matches);
  const [extras, stopLoading] = loadExtras();
  const view = createViewModel({ session, stage, extras, isVisible, isTouched, prefersStill });

  const drag = (event: DragEvent) => {
    const attachments = view.attachments.peek();
    if (attachments) attachments.drag(event);
    else event.preventDefault();
  };

  const paper = document.createElement('div');
  paper.className = 'paper';
  root.after(paper);

  const stops = [
    stopLoading,
    ...['keydown', 'pointerdown'].map((type) => listen(document, type, ({ isTrusted }) => (isTouched.value ||= isTrusted))),
    listen(document, 'visibilitychange', () => (isVisible.value = document.visibilityState === 'visible')),
    listen(still, 'change', () => (prefersStill.value = still.matches)),
    // Rendering a root is synchronous, and so it is there when the browser takes its picture for the printer.
    listen(window, 'beforeprint', () => {
      const loaded = extras.peek();
      if (loaded) render(<loaded.Transcript view={view} />, paper);
    }),
    listen(window, 'afterprint', () => render(null, paper)),
    // Without a handler a browser opens a dropped file in place of this document.
    ...['dragover', 'dragleave', 'drop'].map((type) => listen(document, type, (event) => drag(event as DragEvent))),
    createPaint(root, session, stage, () => render(<App view={view} />, root)),
  ];

  return () => {
    stops.forEach((stop) => stop());
    view.close();
    render(null, root);
    paper.remove();
  };
}

/** Loads the extras after the chat can be used, and tries again while there is no network. */
function loadExtras(): [ReadonlySignal<Extras | null>, () => void] {
  const extras = signal<Extras | null>(null);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isStopped = false;
  const load = () =>
    void import('./extras.ts').then(
      (loaded) => void (extras.value = loaded),
      () => {
        if (!isStopped) timer = setTimeout(load, EXTRAS_RETRY_MS);
      },
    );
  load();
  return [extras, () => ((isStopped = true), clearTimeout(timer))];
}

function listen(target: EventTarget, type: string, run: (event: Event) => void): () => void {
  target.addEventListener(type, run);
  return () => target.removeEventListener(type, run);
}
