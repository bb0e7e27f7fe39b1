/**
 * Keeps the page's timeline whole across gaps and connections. Decides where a new connection resumes, which event is due, and what a
 * fresh summary leaves of the old facts.
 */
import type { ChatEvent, ChatId } from '../../shared/chat.ts';
import { createCursors } from '../../shared/client/cursors.ts';
import type { Clock } from '../../shared/client/platform.ts';
import type { Transport } from '../../shared/client/transport.ts';
import type { VisitorServerFrame, VisitorWelcome } from '../../shared/wire/protocol.ts';
import type { Changeset } from './changes.ts';
import type { Chats } from './chats.ts';
import type { Delivery } from './context.ts';
import type { Entry, History } from './history.ts';

type EventFrame = Extract<VisitorServerFrame, { t: 'evt' }>;

export interface CatchUp {
  hasBeenWelcomed(): boolean;
  /** Seq of the last event folded of a chat. */
  cursorAt(chat: ChatId): number;
  /** Where hello asks the server to go on. */
  resumePoint(isKnown: boolean): { epoch?: string; cursors: Record<ChatId, number> };
  take(frame: EventFrame): void;
  /** The chat goes on up to this seq. */
  expect(chat: ChatId, seq: number): void;
  /** The server has withdrawn the folded events: the next hello resumes nothing. */
  outdate(): void;
  /** Takes note of a welcome. `isResumed`: its events continue the folded ones. */
  accept(welcome: VisitorWelcome): { isFirst: boolean; isSameEpoch: boolean; isResumed: boolean };
  /** Takes the server's summary for the truth, and keeps of the old facts only what it continues. */
  startOver(welcome: VisitorWelcome, isFirst: boolean, set: Changeset): void;
  clear(): void;
  close(): void;
}

export interface CatchUpOptions {
  clock: Clock;
  transport: Transport<VisitorServerFrame>;
  chats: Chats;
  history: History;
  delivery(): Delivery | undefined;
  /** An event is due. */
  onEvent(event: ChatEvent): void;
  announce(entry: Entry, set: Changeset): void;
}

/** Chats whose cursors a reconnect names. */
const RESUMED_CHATS = 5;

export function createCatchUp({ clock, transport, chats, history, delivery, onEvent, announce }: CatchUpOptions): CatchUp {
  /** What the last welcome is worth: nothing yet; the base of all that is folded; withdrawn by the server. */
  let base: 'none' | 'current' | 'outdated' = 'none';
  let epoch: string | undefined;
  let welcomedAt = 0;
  /** Events of later chats that came while one before them is incomplete. */
  let parked: EventFrame[] = [];
  const cursors = createCursors<ChatEvent>({ clock, sync: (chat, after) => void transport.send({ t: 'sync', chat, after }) });

  /** A visitor's chats follow one another, and so do their messages: a gap is filled before a later chat goes on. */
  function take(frame: EventFrame): void {
    const { event } = frame;
    if (cursors.incomplete !== undefined && cursors.incomplete !== event.chat) {
      parked.push(frame);
      return;
    }
    chats.count(event.chat, frame.number);
    cursors.take(event).forEach(onEvent);
    if (cursors.incomplete === undefined) parked.splice(0).forEach(take);
  }

  return {
    hasBeenWelcomed: () => base !== 'none',
    cursorAt: cursors.at,
    resumePoint(isKnown) {
      const isOutdated = base === 'outdated';
      const resumed = isOutdated || !isKnown ? [] : [...chats.all()].sort((a, b) => b.number - a.number).slice(0, RESUMED_CHATS);
      return {
        ...(epoch !== undefined && !isOutdated && { epoch }),
        cursors: Object.fromEntries(resumed.map(({ id }) => [id, cursors.at(id)])),
      };
    },
    take,
    expect: cursors.expect,
    outdate() {
      if (base === 'current') base = 'outdated';
    },
    accept(welcome) {
      const isFirst = base === 'none';
      const isSameEpoch = epoch === undefined || epoch === welcome.epoch;
      const isResumed = welcome.resumed && base !== 'outdated' && isSameEpoch;
      if (isFirst) welcomedAt = Math.floor(welcome.serverTime / 1000);
      base = 'current';
      // The server sends them again.
      parked = [];
      ({ epoch } = welcome);
      return { isFirst, isSameEpoch, isResumed };
    },
    startOver({ chat, history: newest }, isFirst, set) {
      const known = new Map(chats.all().map(({ id }) => [id, cursors.at(id)]));
      cursors.clear();
      chats.replace(chat);
      if (chat !== null) {
        chats.count(chat.id, chat.number);
        cursors.set(chat.id, chat.lastSeq);
        if (!known.has(chat.id)) chats.hide(chat.id, (isFirst ? delivery()?.closed : delivery()?.closing) ?? []);
      }
      const before = history.messages;
      history.replace(newest ?? { items: [], hasOlder: false });
      const isNew = (entry: Entry): boolean => {
        const seq = known.get(entry.chat);
        return !isFirst && (seq === undefined ? entry.chat === chat?.id && chat.startedAt >= welcomedAt : entry.seq > seq);
      };
      const fresh = history.entries.filter(isNew);
      if (before.length === 0) {
        const old = history.entries.filter((entry) => !isNew(entry)).map(({ message }) => message);
        if (!isFirst && old.length > 0) set.older = { messages: old, hasOlder: history.hasOlder };
        set.added.push(...fresh.map(({ message }) => message));
      } else if (history.messages.at(-1)?.message_id !== before.at(-1)?.message_id || history.messages.length !== before.length) {
        set.isReplaced = true;
      }
      delivery()?.takeSummary(isFirst, set);
      for (const entry of fresh) announce(entry, set);
    },
    clear() {
      cursors.clear();
      parked = [];
    },
    close: cursors.close,
  };
}
