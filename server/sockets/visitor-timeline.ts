/**
 * The events of a visitor's chats on their way to one page: what it missed, what becomes true, and what it asks for. Nothing is
 * told twice, and nothing of a later chat before the earlier one is complete.
 */
import type { ChatId } from '../../shared/chat.ts';
import { HISTORY_PAGE, REPLAY_EVENTS } from '../../shared/limits.ts';
import type { VisitorServerFrame } from '../../shared/wire/protocol.ts';
import type { ParsedVisitorFrame } from '../../shared/wire/requests.ts';
import type { Fact } from '../bus/facts.ts';
import type { Reader } from '../store/store.ts';
import type { VisitorIdentity } from './identity.ts';
import { ANSWER_BYTES } from './reading.ts';
import { goOn, isAfter, newProgress, readHistory, type CatchUp } from './replay.ts';

/** Tells one page what happened in its visitor's chats. */
export interface VisitorTimeline {
  /** Sends what a page that resumes has missed. Returns the bytes of it. */
  begin(at: CatchUp | null): number;
  /** Tells a fact unless the page knows it. */
  tell(fact: Fact): void;
  /** Fills a hole the page has found, or goes on where an answer ended. Returns the bytes sent. */
  sync(me: VisitorIdentity, chat: ChatId, after: number): Promise<number>;
  /** Sends a page of older history. Returns the bytes sent. */
  history(me: VisitorIdentity, asked: Extract<ParsedVisitorFrame, { t: 'history' }>): Promise<number>;
}

export interface VisitorTimelineOptions {
  store: Pick<Reader, 'chat' | 'eventsAfter' | 'history' | 'moments'>;
  /** Returns the bytes it took. */
  send: (frame: VisitorServerFrame) => number;
}

/** The history of somebody who has none. */
export const NO_HISTORY = { items: [], hasOlder: false };

export function createVisitorTimeline({ store, send }: VisitorTimelineOptions): VisitorTimeline {
  let progress = newProgress();

  return {
    begin(at) {
      progress = newProgress(at?.known);
      if (at?.how.resumed !== true) return 0;
      let bytes = 0;
      for (const { event, number } of at.how.missed) bytes += send({ t: 'evt', event, number });
      for (const { id, readByVisitor, readByOperator } of at.how.chats)
        if (id !== at.chat?.id) send({ t: 'read', chat: id, visitor: readByVisitor, operator: readByOperator });
      goOn(progress, at.how.rest, send);
      return bytes;
    },
    tell(fact) {
      if (fact.t === 'event' && isAfter(progress, fact.event)) send({ t: 'evt', event: fact.event, number: fact.chat.number });
      if (fact.t === 'read') send({ t: 'read', chat: fact.chat, visitor: fact.byVisitor, operator: fact.byOperator });
    },
    async sync({ site, visitor }, chat, after) {
      const record = visitor === null ? undefined : await store.chat(site, chat);
      // Another visitor's chat is as absent as one that never was.
      if (record === undefined || record.visitor !== visitor) return 0;
      const { firstSeq, lastSeq, number, readByVisitor, readByOperator } = record.summary;
      if (after + 1 < firstSeq) return send({ t: 'reset', reason: 'retention' });
      let bytes = 0;
      let reached = after;
      for (const event of await store.eventsAfter(site, chat, after, REPLAY_EVENTS, ANSWER_BYTES)) {
        bytes += send({ t: 'evt', event, number });
        reached = event.seq;
      }
      const others = progress.rest.filter((each) => each.chat !== chat);
      if (reached < lastSeq) goOn(progress, [{ chat, seq: lastSeq }, ...others], send);
      else if (others.length < progress.rest.length) {
        send({ t: 'read', chat, visitor: readByVisitor, operator: readByOperator });
        goOn(progress, others, send);
      }
      return bytes;
    },
    async history({ site, visitor }, { n, before }) {
      const page = visitor === null ? NO_HISTORY : await readHistory(store, { site, visitor }, before, HISTORY_PAGE, ANSWER_BYTES);
      return send({ t: 'history', n, page });
    },
  };
}
