/**
 * Calls an operator who looks elsewhere: by sound; by a notification of the system while no window of the workplace is in
 * sight; by a number in the document's title and on the application's icon. Every alert of the session comes through here,
 * and one window alone makes it heard. The session decides who needs an operator; the bell decides which window rings.
 */
import { computed, effect, signal, type ReadonlySignal } from '@preact/signals';
import type { Bell } from './bell.ts';
import type { Notifications } from './notifications.ts';
import type { Preference } from './preference.ts';
import type { Alert, AlertKind, Subject } from '../session/alerts.ts';
import type { Offer, Session } from '../session/contract.ts';
import type { Sound } from './sound.ts';
import { callText, t } from '../ui/strings.ts';

export interface Notifier {
  readonly isSoundOn: ReadonlySignal<boolean>;
  /** Must be called by a click of the operator: browsers let a page ask only then. */
  setSound(isOn: boolean): void;
  readonly offer: ReadonlySignal<Offer | null>;
  /** Must be called by a click as well. */
  answerOffer(isYes: boolean): void;
  /** Calls for a session in this window. Returns what stops it. */
  serve(session: Session, bell: Bell): () => void;
}

export interface NotifierOptions {
  sound: Sound;
  notifications: Notifications;
  wantsSound: Preference;
  /** The answer to the offer; `null` until it is given. Until then, what the browser already allows counts. */
  wantsNotifications: Preference;
}

/** Names of facts and turns at the bell. */
const IN_SIGHT = 'in sight';
const SOUND = 'sound';
const NOTIFICATION = 'notification';
const shows = (visitor: string): string => `shows ${visitor}`;

/** Ids of events kept, so that an alert that two windows report is heard once. */
const MAX_HEARD = 200;

export function createNotifier({ sound, notifications, wantsSound, wantsNotifications }: NotifierOptions): Notifier {
  const title = document.title;
  const isSoundOn = computed(() => wantsSound.value.value === true);

  const offer = computed((): Offer | null => {
    const canNotify = notifications.permission.value === 'default' || notifications.permission.value === 'granted';
    if (wantsNotifications.value.value === null && (canNotify || !isSoundOn.value)) return canNotify ? 'calls' : 'sound';
    return isSoundOn.value && !sound.isReady.value ? 'gesture' : null;
  });

  function setSound(isOn: boolean): void {
    wantsSound.set(isOn);
    if (isOn) sound.demonstrate();
  }

  /** Shows how many visitors need an operator; 0 removes the number. */
  function count(number: number): void {
    document.title = number === 0 ? title : `(${number}) ${title}`;
    if (!('setAppBadge' in navigator)) return;
    (number === 0 ? navigator.clearAppBadge() : navigator.setAppBadge(number)).catch(() => undefined);
  }

  function serve(session: Session, bell: Bell): () => void {
    const isInSight = signal(false);
    const soundTurn = bell.turn(SOUND);
    const notificationTurn = bell.turn(NOTIFICATION);
    const heard = new Set<string>();
    let isStopped = false;

    function isDue(kind: AlertKind, subject: Subject | undefined, facts: ReadonlySet<string>): boolean {
      const visitor = subject?.visitor ?? null;
      if (visitor !== null && facts.has(shows(visitor))) return false;
      const need = visitor === null ? undefined : session.needs.peek().get(visitor);
      switch (kind) {
        case 'waiting':
          return need === 'waiting';
        case 'message':
        case 'arrival':
          return need === 'message' || need === 'arrival';
        case 'request':
          return !facts.has(IN_SIGHT) && isToDo(subject);
        case 'ending':
          return !facts.has(IN_SIGHT) && session.isEnding.peek();
        case 'rating':
        case 'lost':
          return !facts.has(IN_SIGHT);
      }
    }

    /** A visitor may have an older request that is done, from a wait in vain. */
    function isToDo(subject: Subject | undefined): boolean {
      const known = session.requests.peek().filter(({ id, missed }) => id === subject?.id || missed?.visitor === subject?.id);
      return known.length === 0 || known.some(({ isDone }) => !isDone);
    }

    function notify({ kind, about }: Alert, facts: ReadonlySet<string>): void {
      const due = about.filter((subject) => isDue(kind, subject, facts));
      const [first] = due;
      if (first === undefined && (about.length > 0 || !isDue(kind, undefined, facts))) return;
      notifications.show({
        tag: `${session.self.peek().id} ${first?.id ?? kind}`,
        title: first === undefined ? t.product : (first.name ?? t.anonymous),
        body: callText(kind, due.length - 1),
        // An operator who wants no sound gets none; a window that may make none leaves it to the system.
        isSilent: !isSoundOn.peek() || facts.has(SOUND) || sound.isReady.peek(),
        onClick() {
          window.focus();
          if (typeof first?.visitor === 'string') session.open(first.visitor);
        },
        isDue: (now) => isDue(kind, first, now),
      });
    }

    async function call({ kind, about: all, event }: Alert): Promise<void> {
      if (event !== null && !isFirst(heard, event)) return;
      const facts = await bell.facts();
      const about = all.filter(({ visitor }) => visitor === null || !facts.has(shows(visitor)));
      if (about.length === 0 && all.length > 0) return;
      if ((await soundTurn.isMine()) && !isStopped) sound.play(kind);
      if (facts.has(IN_SIGHT)) return;
      if ((await notificationTurn.isMine()) && !isStopped) notify({ kind, about, event }, await bell.facts());
    }

    async function review(): Promise<void> {
      if (!notifications.isAnyShown) return;
      const facts = await bell.facts();
      if (!isStopped) notifications.review(facts);
    }

    const look = (): void => void (isInSight.value = document.visibilityState === 'visible');
    document.addEventListener('visibilitychange', look);
    look();
    bell.onPassed((alert) => void call(alert));
    bell.onFacts(() => void review());
    const stops = [
      session.onAlert((alert) => {
        if (alert.event !== null) bell.pass(alert);
        void call(alert);
      }),
      effect(() => count(session.needs.value.size)),
      effect(() => {
        const shown = session.shown.value;
        bell.say(new Set([...(isInSight.value ? [IN_SIGHT] : []), ...(shown === null ? [] : [shows(shown)])]));
      }),
      // A window without a connection receives no alerts.
      effect(() => soundTurn.want(sound.isReady.value && session.connection.value === 'online')),
      effect(() =>
        notificationTurn.want(
          notifications.permission.value === 'granted' && wantsNotifications.value.value !== false && session.connection.value === 'online',
        ),
      ),
      effect(() => {
        void [session.needs.value, session.requests.value, session.isEnding.value];
        void review();
      }),
    ];
    return () => {
      isStopped = true;
      document.removeEventListener('visibilitychange', look);
      for (const stop of stops) stop();
      bell.close();
      notifications.closeAll();
      count(0);
    };
  }

  return {
    isSoundOn,
    setSound(isOn) {
      // The operator may have said no to the offer before, and changed their mind.
      if (isOn) wantNotifications(true);
      setSound(isOn);
    },
    offer,
    answerOffer(isYes) {
      wantNotifications(isYes);
      if (isYes) setSound(true);
    },
    serve,
  };

  function wantNotifications(isWanted: boolean): void {
    wantsNotifications.set(isWanted);
    if (isWanted) notifications.ask();
  }
}

/** Whether this event is new here. Remembers it, and forgets the oldest. */
function isFirst(heard: Set<string>, event: string): boolean {
  if (heard.has(event)) return false;
  heard.add(event);
  for (const oldest of heard) if (heard.size > MAX_HEARD) heard.delete(oldest);
  return true;
}
