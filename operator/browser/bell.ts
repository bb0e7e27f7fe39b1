/**
 * What the windows of one operator agree on, so that one call is heard once:
 *
 * 1. *Turns.* Of the windows that could ring, the one that holds the lock of that name does. The others queue. When the holder
 *    closes, crashes or cannot ring any more, the browser gives the lock to the next. It also does not freeze the holder.
 * 2. *Facts.* A fact holds in some window: it is in sight, or it shows a visitor to somebody who looks. It is a shared lock:
 *    any window can query it, and it ends with its window.
 * 3. *Words.* A channel carries alerts that only some windows received, and the news that facts have changed.
 *
 * Without locks (old browsers, plain http) every window has every turn: two that ring are better than none. The bell knows
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
  /** Says whether this window could ring: queues for the turn, or gives it up. */
  want(isWanted: boolean): void;
  /** Whether this window has the turn. Waits while no window has it yet. */
  isMine(): Promise<boolean>;
}

export interface Bell {
  turn(name: string): Turn;
  /** Sets the facts that hold in this window. */
  say(facts: ReadonlySet<string>): void;
  /** The facts of all windows; this one's count at once. A turn that some window has is a fact of its name. */
  facts(): Promise<ReadonlySet<string>>;
  /** Passes on an alert that the others may not have received. */
  pass(alert: Alert): void;
  onPassed(listener: (alert: Alert) => void): void;
  /** Called when some window has a new fact. */
  onFacts(listener: () => void): void;
  close(): void;
}

export interface BellOptions {
  /** The same in all windows of one operator. */
  name: string;
  locks: Locks | undefined;
  channel: Channel | undefined;
}

/** Queries for a turn that no window has yet: the browser is about to give it to one. */
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

  /** Holds a lock until the returned stop is called. Calls `onHeld` also in a browser without locks. */
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
    // A browser that blocks storage refuses. After an abort of our own, `begin` does nothing.
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
