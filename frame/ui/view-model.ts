/**
 * State that belongs to the interface alone: the draft, the open form, the text for a screen reader, and running animations.
 * It owns these signals as the session owns the chat's; components read both and call the functions of both. It decides
 * nothing about the chat itself.
 */
import { type ReadonlySignal, batch, computed, effect, signal, untracked } from '@preact/signals';
import { MESSAGE_MAX_LENGTH, codePoints } from '../../shared/limits.ts';
import type { Session, Stage } from '../session/contract.ts';
import { BY_VISITOR } from './by-visitor.ts';
import type { Drawn, Extras, Form, Said, ViewModel } from './contract.ts';
import { standingOf } from './standing.ts';
import { t } from './words.ts';

/** The interface does not mention shorter breaks in the connection. */
const DISCONNECTED_MS = 3_000;
/** As long as the panel's closing animation in `panel.css`. */
const CLOSING_MS = 160;

export interface ViewModelOptions {
  session: Session;
  stage: Stage;
  extras: ReadonlySignal<Extras | null>;
  /** The document is visible. */
  isVisible: ReadonlySignal<boolean>;
  /** The visitor has used a key or pointer in this document. */
  isTouched: ReadonlySignal<boolean>;
  prefersStill: ReadonlySignal<boolean>;
}

export function createViewModel({ session, stage, extras, isVisible, isTouched, prefersStill }: ViewModelOptions): ViewModel {
  const draft = signal('');
  const group = signal<string | null>(null);
  const form = signal<Form>(null);
  const wantsCall = signal(false);
  const drawn = signal<Drawn | null>(null);
  const isDisconnected = signal<boolean | null>(null);
  const isEndSeen = signal(false);
  const status = signal<Said>({ text: '', n: 0 });
  const focusAsked = signal(false);
  const detailsAsked = signal(0);
  const attachments = computed(
    () => extras.value?.createAttachments(session, () => drawn.peek()?.view === 'chat' && form.peek() !== 'mail') ?? null,
  );
  const isAnimated = computed(
    () =>
      !prefersStill.value && (stage.presentation.value.appearance.is_animation_enabled ?? session.settings.value.chat.is_animation_enabled),
  );

  /** One word for the whole outage: `connection` changes with every attempt. */
  const line = computed(() => {
    const connection = session.connection.value;
    return connection === 'online' || connection === 'withheld' ? connection : 'cut';
  });
  const standing = computed(() => {
    const own = [...session.pending.value, ...session.uploads.value];
    return standingOf({
      connection: session.connection.value,
      isDisconnected: isDisconnected.value,
      state: session.state.value,
      chat: session.chat.value,
      operator: session.operator.value,
      isAway: session.isAway.value,
      isOffered: session.retention.value !== null,
      isAvailable: session.isAvailable.value,
      isSending: own.some(({ failed }) => failed === null),
      hasMessages: own.length + session.messages.value.length > 0,
    });
  });

  const opened = computed(() => stage.presentation.value.view);

  const timers = new Map<string, ReturnType<typeof setTimeout>>();
  const later = (name: string, ms: number, run: () => void) => {
    clearTimeout(timers.get(name));
    timers.set(name, setTimeout(run, ms));
  };
  const say = (text: string) => (status.value = { text, n: status.peek().n + 1 });

  const stops = [
    effect(() => {
      const view = opened.value;
      const before = drawn.peek();
      clearTimeout(timers.get('closing'));
      // Once, for the click that opened or closed the panel. A request made in another view does not count in this one.
      focusAsked.value = stage.presentation.peek().byVisitor;
      if (view !== null) {
        drawn.value = { view, isClosing: false };
      } else if (before && isAnimated.peek()) {
        drawn.value = { ...before, isClosing: true };
        later('closing', CLOSING_MS, () => (drawn.value = null));
      } else {
        drawn.value = null;
      }
    }),

    // The page may ask for the other form while one is open.
    effect(() => {
      const isCall = stage.presentation.value.wantsCall;
      if (isCall !== undefined) wantsCall.value = isCall;
    }),

    effect(() => {
      if (line.value === 'cut') return later('connection', DISCONNECTED_MS, () => (isDisconnected.value = true));
      clearTimeout(timers.get('connection'));
      if (isDisconnected.peek()) say(t('connected'));
      isDisconnected.value = line.value === 'online' ? false : null;
    }),
    effect(() => {
      // Said once: each attempt to connect changes the word.
      if (isDisconnected.value) untracked(() => say(t(session.connection.value === 'connecting' ? 'connecting' : 'offline')));
    }),

    effect(() => {
      const isOpen = stage.presentation.value.view === 'chat';
      if (isOpen && isVisible.value && isEndSeen.value && session.unread.value > 0) session.read();
    }),

    effect(() => extras.value?.createNoticed({ session, stage, isVisible, isTouched })),
    effect(() => extras.value?.keepDraft(session, draft, () => attachments.peek()?.clear())),

    // A form that belongs to a chat closes with it.
    effect(() => {
      void session.state.value;
      form.value = null;
    }),
    effect(() => {
      if (form.value === 'mail' && !session.canRate.value) form.value = null;
      if (form.value === 'groups' && session.retention.value !== 'chat') form.value = null;
    }),
  ];

  const hasHeld = (): boolean => (attachments.peek()?.held.peek().length ?? 0) > 0;

  const view: ViewModel = {
    session,
    stage,
    extras,
    draft,
    group,
    form,
    wantsCall,
    drawn,
    isAnimated,
    isDisconnected,
    standing,
    status,
    attachments,
    focusAsked,
    detailsAsked,

    write(text) {
      draft.value = text;
      // A visitor who writes has the focus already.
      focusAsked.value = false;
      // Operators see a draft only while the visitor types it in this document; a page's script cannot fake it.
      if (isTouched.peek()) session.setDraft(text);
    },
    choose: (id) => void (group.value = id),
    show: (next) => void (form.value = next),
    post() {
      if (isSendable(draft.peek()) || (draft.peek().trim() === '' && hasHeld())) view.begin();
    },
    begin(hasDetails = false) {
      const isWithheld = session.connection.peek() === 'withheld';
      if (isWithheld || (!hasDetails && session.requiredInfo.peek().length > 0)) return void (detailsAsked.value += 1);
      const text = draft.peek();
      if (isSendable(text)) {
        session.send(text, group.peek(), BY_VISITOR);
        view.write('');
      } else if (session.state.peek() !== 'chat' && !hasHeld()) {
        session.start(group.peek(), BY_VISITOR);
      }
      attachments.peek()?.sendHeld();
      view.takeFocus();
    },
    switchTo(id) {
      batch(() => {
        group.value = id;
        form.value = null;
      });
      session.closeChat(BY_VISITOR);
      session.start(id, BY_VISITOR);
      view.takeFocus();
    },
    openRequest(call) {
      wantsCall.value = call;
      stage.open('offline_message', call);
    },
    takeFocus: () => void (focusAsked.value = true),
    focusTaken: () => void (focusAsked.value = false),
    see: (isSeen) => void (isEndSeen.value = isSeen),
    close() {
      stops.forEach((stop) => stop());
      timers.forEach((timer) => clearTimeout(timer));
    },
  };
  return view;
}

function isSendable(text: string): boolean {
  return text.trim() !== '' && codePoints(text) <= MESSAGE_MAX_LENGTH;
}
