/**
 * What several windows of one operator agree on, so that one call is heard once:
 *
 * 1. *Turns.* Of the windows that could ring, one holds the lock of that name and does. Who wants the turn queues; when the holder is
 *    closed, crashes or cannot ring any more, the browser gives the lock to the next. It also keeps the holder from being frozen.
 * 2. *Facts.* What holds in any window (it is in sight, it shows a visitor to somebody who looks) is a shared lock: it can be asked
 *    for at any time, and goes with the window.
 * 3. *Words.* A channel carries what only some windows hear, and that facts are others now.
 *
 * Where there are no locks (old browsers, plain http) every window has every turn: two that ring are better than none. It knows
 * nothing of sounds and notifications.
 */
import type { Alert, AlertKind } from '../session/alerts.ts';

/** The part of the browser's lock manager that is used. */
export interface Locks {
  request(name: string, options: { mode: 'exclusive' | 'shared'; signal: AbortSignal }, whileHeld: () => Promise<void>): Promise<unknown>;
  query(): Promise<{ held?: readonly { name?: string }[] }>;
}

/** The part of the browser's `BroadcastChannel` that is used. */
export interface Channel {
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  postMessage(word: unknown): void;
  close(): void;
}

export interface Turn {
  /** Whether this window could do it: queues for the turn, or gives it up. */
  want(isWanted: boolean): void;
  /** Whether it is for this window to do; waits where nobody has the turn yet. */
  isMine(): Promise<boolean>;
}

export interface Bell {
  turn(name: string): Turn;
  /** What holds in this window from now on, and nothing else. */
  say(facts: ReadonlySet<string>): void;
  /** What holds in any window, this one's at once. A turn that somebody has is a fact of its name. */
  facts(): Promise<ReadonlySet<string>>;
  /** Passes on what the others may not have heard. */
  pass(alert: Alert): void;
  onPassed(listener: (alert: Alert) => void): void;
  /** Called when a fact has come to hold in some window. */
  onFacts(listener: () => void): void;
  close(): void;
}

export interface BellOptions {
  /** The same in all windows of one operator. */
  name: string;
  locks: Locks | undefined;
  channel: Channel | undefined;
}

/** How often is asked who has a turn that nobody has: the browser is about to give it to somebody. */
const LOOKS = 10;

export function createBell({ name, locks, channel }: BellOptions): Bell {
  const prefix = `${name}:`;
  const said = new Map<string, () => void>();
  const stops = new Set<() => void>();
  let isClosed = false;
  let hear: (alert: Alert) => void = () => undefined;
  let look: () => void = () => undefined;

  channel?.addEventListener('message', ({ data }) => {
    const word = parseWord(data);
    if (word?.type === 'facts') look();
    if (word?.type === 'alert') hear(word.alert);
  });

  /** Holds a lock until it is let go; `onHeld` also where there are no locks. */
  function hold(what: string, mode: 'exclusive' | 'shared', onHeld: () => void): () => void {
    const asked = new AbortController();
    let letGo = (): void => undefined;
    const end = new Promise<void>((resolve) => (letGo = resolve));
    const begin = (): void => {
      if (!asked.signal.aborted) onHeld();
    };
    const whileHeld = (): Promise<void> => {
      begin();
      return end;
    };
    if (locks === undefined) begin();
    // Refused: where storage is blocked. An abort of ours changes nothing.
    else locks.request(prefix + what, { mode, signal: asked.signal }, whileHeld).catch(begin);
    const stop = (): void => {
      stops.delete(stop);
      asked.abort();
      letGo();
    };
    stops.add(stop);
    return stop;
  }

  async function heldAnywhere(): Promise<Set<string>> {
    const { held = [] } = (await locks?.query().catch(() => undefined)) ?? {};
    return new Set(held.flatMap(({ name: lock }) => (lock?.startsWith(prefix) ? [lock.slice(prefix.length)] : [])));
  }

  return {
    turn(what) {
      let isHeld = false;
      let stop: (() => void) | undefined;
      const isOpen = (): boolean => !isClosed && stop !== undefined && !isHeld;
      return {
        want(isWanted) {
          if (isClosed || isWanted === (stop !== undefined)) return;
          stop?.();
          isHeld = false;
          stop = isWanted ? hold(what, 'exclusive', () => (isHeld = true)) : undefined;
        },
        async isMine() {
          for (let looks = 0; isOpen() && looks < LOOKS; looks += 1) {
            if ((await heldAnywhere()).has(what)) break;
          }
          return isHeld && !isClosed;
        },
      };
    },
    say(facts) {
      for (const [fact, stop] of said) {
        if (facts.has(fact)) continue;
        stop();
        said.delete(fact);
      }
      for (const fact of facts) {
        if (said.has(fact)) continue;
        said.set(
          fact,
          hold(fact, 'shared', () => {
            channel?.postMessage({ type: 'facts' });
            look();
          }),
        );
      }
    },
    async facts() {
      const anywhere = await heldAnywhere();
      for (const fact of said.keys()) anywhere.add(fact);
      return anywhere;
    },
    pass: (alert) => channel?.postMessage({ type: 'alert', alert }),
    onPassed: (listener) => void (hear = listener),
    onFacts: (listener) => void (look = listener),
    close() {
      isClosed = true;
      for (const stop of [...stops]) stop();
      said.clear();
      hear = look = () => undefined;
      channel?.close();
    },
  };
}

type Word = { type: 'facts' } | { type: 'alert'; alert: Alert };

const KINDS: Record<AlertKind, true> = {
  waiting: true,
  message: true,
  arrival: true,
  request: true,
  rating: true,
  lost: true,
  ending: true,
};

/** Another window may be of another version. */
function parseWord(data: unknown): Word | undefined {
  if (!isRecord(data)) return undefined;
  if (data['type'] === 'facts') return { type: 'facts' };
  const { alert } = data;
  if (data['type'] !== 'alert' || !isRecord(alert) || !Array.isArray(alert['about'])) return undefined;
  const { kind, about, event } = alert;
  if (!isKind(kind) || (event !== null && typeof event !== 'string')) return undefined;
  const subjects = (about as unknown[]).flatMap((one) =>
    isRecord(one) && typeof one['id'] === 'string' ? [{ id: one['id'], visitor: textOf(one['visitor']), name: textOf(one['name']) }] : [],
  );
  return { type: 'alert', alert: { kind, about: subjects, event } };
}

function isKind(value: unknown): value is AlertKind {
  return typeof value === 'string' && Object.hasOwn(KINDS, value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
