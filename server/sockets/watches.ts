/**
 * The visitors whose conversation is open in one workplace: what it is shown of each, and what becomes true while it is open.
 * A visitor of a site that the operator does not serve is as absent as one that never was.
 *
 * Every reading is written down for the audit before anything is shown.
 */
import type { ChatId, SiteKey, VisitorId } from '../../shared/chat.ts';
import { HISTORY_PAGE, REPLAY_EVENTS } from '../../shared/limits.ts';
import type { ParsedOperatorFrame } from '../../shared/wire/requests.ts';
import type { OperatorServerFrame } from '../../shared/wire/workplace.ts';
import type { Fact } from '../bus/facts.ts';
import type { AuditEntry } from '../store/audit.ts';
import type { ConnectionContext } from './context.ts';
import { ANSWER_BYTES } from './reading.ts';
import { catchUp, tellReached, goOn, isAfter, newProgress, type CatchUp, type Progress } from './replay.ts';

/** A fact about one visitor. */
export type VisitorFact = Extract<Fact, { visitor: VisitorId }>;

/** The open conversations of one workplace. */
export interface Watches {
  has(visitor: VisitorId): boolean;
  /** All of them, with their sites. */
  all(): Iterable<readonly [VisitorId, SiteKey]>;
  /** The site on which the operator can find this visitor. */
  siteOf(visitor: VisitorId): Promise<SiteKey | undefined>;
  /** Opens a visitor; with cursors, brings one up to date that was open before. Returns the bytes sent. */
  open(visitor: VisitorId, cursors: Record<ChatId, number> | null): Promise<number>;
  /** Closes a visitor. `false` if it was not open. */
  drop(visitor: VisitorId): boolean;
  /** Tells a fact of an open visitor. */
  hear(fact: VisitorFact): void;
  /** Tells the draft of an open visitor. */
  hearDraft(visitor: VisitorId, text: string): void;
  /** Fills a hole, or goes on where an answer ended. Returns the bytes sent. */
  sync(chat: ChatId, after: number): Promise<number>;
  /** Sends a page of older history. Returns the bytes sent. */
  history(asked: Extract<ParsedOperatorFrame, { t: 'history' }>): Promise<number>;
}

export interface WatchesOptions {
  context: Pick<ConnectionContext, 'store' | 'feed' | 'inbox' | 'drafts'>;
  /** Keys of the sites the operator serves. */
  sites: () => ReadonlySet<SiteKey>;
  /** Writes a reading down. */
  audit: (deed: AuditEntry['deed'], site: SiteKey, visitor: VisitorId) => Promise<void>;
  /** Returns the bytes it took. */
  send: (frame: OperatorServerFrame) => number;
  /** For text that is outdated soon: a slow workplace does not get it. */
  sendEphemeral: (frame: OperatorServerFrame) => void;
}

/** One open visitor. */
interface Watch {
  site: SiteKey;
  progress: Progress;
  /** Facts that came while the visitor was being read: they follow what was read. */
  held: VisitorFact[] | undefined;
}

const OPENED_PAGES = 1;

export function createWatches({ context, sites, audit, send, sendEphemeral }: WatchesOptions): Watches {
  const { store, feed, inbox, drafts } = context;
  const watches = new Map<VisitorId, Watch>();

  async function siteOf(visitor: VisitorId): Promise<SiteKey | undefined> {
    const present = watches.get(visitor)?.site ?? inbox.person(visitor)?.site;
    if (present !== undefined) return sites().has(present) ? present : undefined;
    for (const site of sites()) if ((await store.visitor(site, visitor)) !== undefined) return site;
    return undefined;
  }

  /** `undefined`: the visitor is gone, or was closed or opened anew in the meantime. */
  async function read(
    visitor: VisitorId,
    watch: Watch,
    cursors: Record<ChatId, number> | null,
  ): Promise<{ at: CatchUp | undefined } | undefined> {
    const { site } = watch;
    await audit('open', site, visitor);
    const at = await store.snapshot((at) => catchUp(at, { site, visitor }, cursors, OPENED_PAGES, ANSWER_BYTES));
    return watches.get(visitor) === watch ? { at } : undefined;
  }

  function showOpened(visitor: VisitorId, at: CatchUp | null): number {
    const history = at === null || at.how.resumed ? { items: [], hasOlder: false } : at.how.history;
    return send({
      t: 'opened',
      visitor,
      card: at?.visitor.card ?? {},
      properties: (at?.visitor ?? inbox.person(visitor))?.properties ?? [],
      chat: at?.chat ?? null,
      history,
      draft: drafts.get(visitor),
    });
  }

  /** Sends the events, and the registers as they are now. */
  function showMissed(visitor: VisitorId, at: CatchUp): number {
    let bytes = 0;
    if (at.how.resumed) for (const { event, number } of at.how.missed) bytes += send({ t: 'evt', event, number, visitor });
    send({ t: 'card', visitor, card: at.visitor.card });
    send({ t: 'properties', visitor, properties: at.visitor.properties });
    if (at.chat !== null) send({ t: 'read', chat: at.chat.id, visitor: at.chat.readByVisitor, operator: at.chat.readByOperator });
    send({ t: 'draft', visitor, text: drafts.get(visitor) });
    return bytes;
  }

  function tell({ progress }: Watch, fact: VisitorFact): void {
    const { visitor } = fact;
    if (fact.t === 'event' && isAfter(progress, fact.event)) send({ t: 'evt', event: fact.event, number: fact.chat.number, visitor });
    if (fact.t === 'read') send({ t: 'read', chat: fact.chat, visitor: fact.byVisitor, operator: fact.byOperator });
    if (fact.t === 'card') send({ t: 'card', visitor, card: fact.card });
  }

  return {
    has: (visitor) => watches.has(visitor),
    all: () => [...watches].map(([visitor, { site }]) => [visitor, site] as const),
    siteOf,
    async open(visitor, cursors) {
      const site = await siteOf(visitor);
      if (site === undefined) return send({ t: 'gone', id: visitor });
      const watch: Watch = { site, progress: newProgress(), held: [] };
      watches.set(visitor, watch);
      let bytes = 0;
      if (inbox.person(visitor)?.isAnonymous === true) {
        bytes = showOpened(visitor, null);
      } else {
        const done = await read(visitor, watch, cursors);
        if (done === undefined) return 0;
        const { at } = done;
        if (at === undefined) {
          watches.delete(visitor);
          return send({ t: 'gone', id: visitor });
        }
        tellReached(feed, { site, visitor }, at);
        watch.progress = newProgress(at.known);
        bytes = at.how.resumed ? showMissed(visitor, at) : showOpened(visitor, at);
        if (at.how.resumed) goOn(watch.progress, at.how.rest, send);
      }
      const facts = watch.held ?? [];
      watch.held = undefined;
      for (const fact of facts) tell(watch, fact);
      return bytes;
    },
    drop: (visitor) => watches.delete(visitor),
    hear(fact) {
      const watch = watches.get(fact.visitor);
      if (watch === undefined) return;
      if (fact.t === 'shortened') return void send({ t: 'reset', reason: 'retention' });
      if (watch.held !== undefined) watch.held.push(fact);
      else tell(watch, fact);
    },
    hearDraft(visitor, text) {
      const watch = watches.get(visitor);
      if (watch !== undefined && watch.held === undefined) sendEphemeral({ t: 'draft', visitor, text });
    },
    async sync(chat, after) {
      let bytes = 0;
      for (const site of sites()) {
        const record = await store.chat(site, chat);
        if (record === undefined) continue;
        const {
          visitor,
          summary: { firstSeq, lastSeq, number },
        } = record;
        const progress = watches.get(visitor)?.progress;
        // The audit has the opening of a conversation; filling a hole in it is the same reading.
        if (progress === undefined) await audit('open', site, visitor);
        if (after + 1 < firstSeq) return send({ t: 'reset', reason: 'retention' });
        let reached = after;
        for (const event of await store.eventsAfter(site, chat, after, REPLAY_EVENTS, ANSWER_BYTES)) {
          bytes += send({ t: 'evt', event, number, visitor });
          reached = event.seq;
        }
        const others = progress?.rest.filter((each) => each.chat !== chat) ?? [];
        const rest = reached < lastSeq ? [{ chat, seq: lastSeq }, ...others] : others;
        if (progress !== undefined) goOn(progress, rest, send);
        else if (reached < lastSeq) send({ t: 'more', chat, seq: lastSeq });
      }
      return bytes;
    },
    async history({ n, visitor, before }) {
      const site = await siteOf(visitor);
      if (site !== undefined) await audit('history', site, visitor);
      const page =
        site === undefined ? { items: [], hasOlder: false } : await store.history(site, visitor, before, HISTORY_PAGE, ANSWER_BYTES);
      return send({ t: 'history', n, page });
    },
  };
}
