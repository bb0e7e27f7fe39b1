/**
 * Cursors: the seq of the last event applied, per chat, and the rule that keeps every client's timeline whole. An event is
 * due only if it is the very next one; an older one is a repetition; a newer one waits here while the missing ones are
 * asked for. Knows nothing of what the events say.
 */
import type { ChatId } from '../chat.ts';
import type { Clock } from './platform.ts';

export interface Cursors<E> {
  /** The events that are due now that this one has come, in order; none if it is old or early. */
  take(event: E): E[];
  /** The server says that the chat goes on up to `seq`: asks for the next piece, at once. */
  expect(chat: ChatId, seq: number): void;
  /** A chat of which events are missing and asked for. */
  readonly incomplete: ChatId | undefined;
  /** The last seq applied; 0 for a chat never heard of. */
  at(chat: ChatId): number;
  /** Stands at `seq` from here on, as a fresh summary says; early events beyond it are kept, older ones dropped. */
  set(chat: ChatId, seq: number): void;
  clear(): void;
  close(): void;
}

export interface CursorsOptions {
  clock: Clock;
  /** Asks the server for everything after `after`. */
  sync(chat: ChatId, after: number): void;
  /** How long an asked-for event may take before it is asked for again. Milliseconds. */
  retryMs?: number;
}

/** Early events kept per chat; beyond it they are dropped, because the answer to `sync` brings them again. */
const EARLY_EVENTS = 500;

export function createCursors<E extends { chat: ChatId; seq: number }>(options: CursorsOptions): Cursors<E> {
  const { clock, sync, retryMs = 2_000 } = options;
  const applied = new Map<ChatId, number>();
  const early = new Map<ChatId, Map<number, E>>();
  /** How far chats are known to go of which no early event is here. */
  const expected = new Map<ChatId, number>();
  /** Chats whose gap is being asked for; calling the value stops the repetition. */
  const asking = new Map<ChatId, () => void>();

  function ask(chat: ChatId, ms = retryMs): void {
    wait(chat, ms);
    sync(chat, applied.get(chat) ?? 0);
  }

  /** Longer each time: an answer that is slow to come would only get slower by being asked for again. */
  function wait(chat: ChatId, ms: number): void {
    asking.get(chat)?.();
    asking.set(
      chat,
      clock.after(ms, () => ask(chat, ms * 2)),
    );
  }

  function stopAsking(chat: ChatId): void {
    asking.get(chat)?.();
    asking.delete(chat);
  }

  function keep(event: E): void {
    const waiting = early.get(event.chat) ?? new Map<number, E>();
    early.set(event.chat, waiting);
    if (waiting.size < EARLY_EVENTS) waiting.set(event.seq, event);
    if (!asking.has(event.chat)) ask(event.chat);
  }

  /** `event` and the early ones that follow it without a hole. */
  function follow(event: E): E[] {
    const waiting = early.get(event.chat);
    const due = [event];
    let seq = event.seq;
    for (let next = waiting?.get(seq + 1); next !== undefined; next = waiting?.get(seq + 1)) {
      due.push(next);
      seq += 1;
    }
    applied.set(event.chat, seq);
    // The answer is under way.
    if (asking.has(event.chat)) wait(event.chat, retryMs);
    tidy(event.chat);
    return due;
  }

  /** Drops early events that are no longer ahead; a chat without any has no gap, unless it is known to go on. */
  function tidy(chat: ChatId): void {
    const waiting = early.get(chat);
    const cursor = applied.get(chat) ?? 0;
    for (const seq of waiting?.keys() ?? []) if (seq <= cursor) waiting?.delete(seq);
    if (waiting?.size === 0) early.delete(chat);
    if (cursor >= (expected.get(chat) ?? 0)) expected.delete(chat);
    if (!early.has(chat) && !expected.has(chat)) stopAsking(chat);
  }

  function clear(): void {
    for (const chat of [...asking.keys()]) stopAsking(chat);
    applied.clear();
    early.clear();
    expected.clear();
  }

  return {
    take(event) {
      const cursor = applied.get(event.chat) ?? 0;
      if (event.seq <= cursor) return [];
      if (event.seq === cursor + 1) return follow(event);
      keep(event);
      return [];
    },
    expect(chat, seq) {
      expected.set(chat, seq);
      if ((applied.get(chat) ?? 0) < seq) ask(chat);
      else tidy(chat);
    },
    get incomplete() {
      return asking.keys().next().value;
    },
    at: (chat) => applied.get(chat) ?? 0,
    set(chat, seq) {
      applied.set(chat, seq);
      tidy(chat);
    },
    clear,
    close: clear,
  };
}
