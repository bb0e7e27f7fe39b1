/** Plugs the ringing into the browser: its sound, which is fetched in a chat, its locks, and the visitor's choice. */
import { effect, signal, type ReadonlySignal } from '@preact/signals';
import type { Session, Stage } from '../../session/contract.ts';
import { keep, kept, siteName } from '../kept.ts';
import { createRinging } from './ringing.ts';
import type { Sound } from './sound.ts';

/** So long a page holds a message that it has claimed. Longer than any other page may be late with it. */
const HELD_MS = 5_000;

const isChosen = signal(kept('ever', 'sound') !== 'off');

/** Whether the visitor wants to hear new messages. */
export const hasSound: ReadonlySignal<boolean> = isChosen;

export function setSound(isOn: boolean): void {
  isChosen.value = isOn;
  keep('ever', 'sound', isOn ? '' : 'off');
}

export interface NoticedOptions {
  session: Session;
  stage: Stage;
  isVisible: ReadonlySignal<boolean>;
  isTouched: ReadonlySignal<boolean>;
}

/** Returns the function that ends it. */
export function createNoticed({ session, stage, isVisible, isTouched }: NoticedOptions): () => void {
  let sound: Promise<Sound | undefined> | undefined;
  const stops = [
    // In time: a sound that is made in an act of the visitor is allowed everywhere.
    effect(() => {
      if (!isChosen.value || !isTouched.value || session.state.value !== 'chat') return;
      sound ??= import('./sound.ts').then(
        ({ createSound }) => createSound(),
        () => undefined,
      );
    }),
    createRinging({
      session,
      isOn: isChosen,
      isTouched,
      isAttended: () => stage.presentation.peek().view === 'chat' && isVisible.peek() && document.hasFocus(),
      claim,
      ring: () => void sound?.then((loaded) => loaded?.ring()),
      after(ms, run) {
        const timer = setTimeout(run, ms);
        return () => clearTimeout(timer);
      },
    }),
  ];
  return () => {
    stops.forEach((stop) => stop());
    void sound?.then((loaded) => loaded?.close());
  };
}

/** One page of this browser gets the lock of a message. Where a browser refuses locks, each page is the first. */
function claim(id: string): Promise<boolean> {
  return new Promise((resolve) => {
    const { locks } = navigator as { locks?: LockManager };
    if (!locks) return resolve(true);
    locks
      .request(siteName(`ring-${id}`), { ifAvailable: true }, (lock) => {
        resolve(lock !== null);
        return lock && new Promise((release) => setTimeout(release, HELD_MS));
      })
      .catch(() => resolve(true));
  });
}
