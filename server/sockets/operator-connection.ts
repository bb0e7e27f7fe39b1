/**
 * One workplace of an operator on its socket: the list of everybody on the operator's sites, and the visitors that are opened
 * in it. Whom an operator may see is decided here by the operator's sites; what an operator may do, by the rooms.
 */
import type { ChatId, SiteKey, UnixSeconds, VisitorId } from '../../shared/chat.ts';
import { HISTORY_PAGE, REPLAY_EVENTS } from '../../shared/limits.ts';
import { CLOSE, PROTOCOL_VERSION } from '../../shared/wire/protocol.ts';
import { operatorCommandSchema, parseOperatorFrame, type ParsedOperatorFrame } from '../../shared/wire/requests.ts';
import type { OperatorInfo, OperatorServerFrame, RequestCursor } from '../../shared/wire/workplace.ts';
import { isSameSecret } from '../auth/auth.ts';
import type { Carrier } from './carrier.ts';
import { carryOutBatch } from './batch.ts';
import { createConnection } from './connection.ts';
import type { Payers } from '../limits/costs.ts';
import type { Fact } from '../bus/facts.ts';
import type { GatewayParts } from './gateway.ts';
import { randomId } from '../base/ids.ts';
import type { InboxChange } from '../presence/inbox.ts';
import { createIdleWatch, usedEveryMs } from './operator-idle.ts';
import { createItemsOut } from './list-feed.ts';
import { noteLost } from './restore-losses.ts';
import { ANSWER_BYTES, createReading } from './reading.ts';
import { catchUp, isNews, type Catching, type Unfinished } from './replay.ts';
import { requestPage, type RequestPage } from './request-list.ts';
import type { AuditEntry, Operator } from '../store/store.ts';

export interface OperatorIdentity {
  operator: Operator;
  session: string;
  endsAt: UnixSeconds;
  tab: string;
}

export interface OperatorConnection {
  readonly conn: string;
  /** `undefined` before hello. */
  identity(): OperatorIdentity | undefined;
  hear(fact: Fact): void;
  hearInbox(change: InboxChange): void;
  /** The visitor was erased: what the workplace has of the conversation goes, too. */
  hearErased(visitor: VisitorId): void;
  /** Somebody's draft changed. */
  hearDraft(visitor: VisitorId, text: string): void;
  /** What an operator was told in `welcome` is not so any more: it is told anew after a reconnect. */
  refreshDirectory(): void;
  send(frame: OperatorServerFrame): number;
  close(code: number, reason?: string): void;
  drain(): Promise<void>;
}

export interface OperatorConnectionOptions {
  carrier: Carrier;
  cookie: string | undefined;
  /** Who pays for what the workplace says: what carries it, and the network address. What it reads the operator pays. */
  payers: Required<Payers>;
  parts: GatewayParts;
  onIdentity: (now: OperatorIdentity) => void;
  onTyping: (visitor: VisitorId, name: string) => void;
  onClose: () => void;
}

/** A visitor who is opened in the workplace. */
interface Watch {
  site: SiteKey;
  known: Map<ChatId, number>;
  /** What the client still has to ask for, in this order. */
  rest: readonly Unfinished[];
  /** Facts that came while the visitor was being read. */
  held: Fact[] | undefined;
}

type Hello = Extract<ParsedOperatorFrame, { t: 'hello' }>;

const OPENED_PAGES = 1;
const TYPING_BETWEEN_MS = 1_000;

export function createOperatorConnection(options: OperatorConnectionOptions): OperatorConnection {
  const { carrier, cookie, payers, parts, onIdentity, onTyping, onClose } = options;
  const { store, rooms, inbox, directory, drafts, costs, clock, limits, log, auth } = parts;
  const conn = randomId();
  const watches = new Map<VisitorId, Watch>();
  let me: OperatorIdentity | undefined;
  /** Keys of the operator's sites. */
  let sites: ReadonlySet<SiteKey> = new Set();
  /** Frames that became due while the welcome was being made: they follow it. */
  let held: OperatorServerFrame[] | undefined;
  let isClosed = false;
  let isRevoked = false;
  let sentDirectory = '';
  let sentOperators = '';
  let sentSelf = false;
  let typedAtMs = 0;

  const connection = createConnection<ParsedOperatorFrame, OperatorServerFrame>({
    carrier,
    clock,
    timing: limits.timing,
    log,
    parse: parseOperatorFrame,
    handle,
    owedMs: () => costs.owedMs('item', payers),
    ping: { t: 'ping' },
    onClose() {
      isClosed = true;
      idle.close();
      if (me !== undefined) inbox.operatorClosed(me.operator.id, conn, isRevoked);
      onClose();
    },
  });

  const idle = createIdleWatch({
    store,
    auth,
    clock,
    log,
    idleMs: limits.timing.operatorIdleMs,
    onEnding: (inMs) => send({ t: 'ending', inMs }),
    onProlonged(endsAt) {
      if (me !== undefined) me = { ...me, endsAt };
    },
  });

  const send = (frame: OperatorServerFrame): number => {
    if (held === undefined) return connection.send(frame);
    held.push(frame);
    return 0;
  };

  const items = createItemsOut({
    isSlow: () => connection.isSlow,
    flushed: connection.flushed,
    send,
    item: (id) => inbox.item(id),
  });

  /** Of every operator as much as of a network address, whichever workplace asks. */
  function read(answer: () => Promise<number>): Promise<void> {
    const reader = `operator ${me?.operator.id ?? payers.address}`;
    const reading = createReading({
      connection,
      costs,
      clock,
      payers: { address: reader },
      who: [reader, conn],
      turns: parts.readingTurns,
      isOver: () => isClosed,
    });
    return reading(answer);
  }

  async function handle(frame: ParsedOperatorFrame): Promise<void> {
    if (isClosed) return;
    if (frame.t === 'hello') return me === undefined ? begin(frame) : close(CLOSE.badFrame, 'hello came before');
    if (me === undefined) return close(CLOSE.badFrame, 'hello comes first');
    if (isUse(frame)) await idle.used();
    switch (frame.t) {
      case 'used':
        return;
      case 'send':
        return carryOut(me, frame.items);
      case 'online':
        inbox.setOnline(me.operator.id, frame.value);
        sentSelf = frame.value;
        return void send({ t: 'self', isOnline: frame.value });
      case 'watch':
        return read(() => watch(frame.visitor, null));
      case 'unwatch':
        watches.delete(frame.visitor);
        return;
      case 'sync':
        return read(() => sync(frame.chat, frame.after));
      case 'history':
        return read(() => history(frame));
      case 'requests':
        return read(() => requests(frame));
      case 'typing':
        return showTyping(me, frame.chat);
      case 'pong':
        return;
    }
  }

  /** Says hello, then brings what is open there up to date, one visitor after the other. */
  async function begin(frame: Hello): Promise<void> {
    // However long it has to wait for its answer.
    connection.greeted();
    await read(() => greet(frame));
    for (const { visitor, cursors } of frame.watching) {
      if (isClosed || me === undefined) return;
      const site = await siteOf(visitor);
      if (site !== undefined) await noteLost(parts, { site, visitor, epoch: frame.epoch, cursors });
      await read(() => watch(visitor, frame.epoch === store.epoch ? cursors : null));
    }
  }

  /** Ends the connection instead of an answer. */
  function refuse(code: number, reason: string): number {
    close(code, reason);
    return 0;
  }

  async function greet(frame: Hello): Promise<number> {
    if (frame.v !== PROTOCOL_VERSION) return refuse(CLOSE.badFrame, 'unknown version');
    await parts.ready;
    const access = await auth.operator(cookie);
    if (access === undefined || !isSameSecret(access.csrf, frame.csrf)) return refuse(CLOSE.unauthorized, 'unauthorized');
    if (directory.operator(access.operator.id) === undefined) await directory.reload();
    if (isClosed) return 0;
    const now: OperatorIdentity = { operator: access.operator, session: access.session, endsAt: access.endsAt, tab: frame.tab };
    held = [];
    me = now;
    sites = new Set(directory.sitesOf(now.operator).map((site) => site.key));
    onIdentity(now);
    idle.begin(now.session, now.endsAt);
    inbox.operatorConnected(now.operator, conn);
    return welcome(now, await readRequests(null));
  }

  /** A page of what was left on the operator's sites; of whose it is, it is written down first. */
  async function readRequests(after: RequestCursor | null): Promise<RequestPage> {
    const page = await requestPage(store, [...sites], after);
    for (const site of new Set(page.items.map((request) => request.site))) await note('requests', site, null);
    return page;
  }

  async function requests({ n, after }: Extract<ParsedOperatorFrame, { t: 'requests' }>): Promise<number> {
    const { items, next, counts } = await readRequests(after);
    return send({ t: 'requests', n, items, next, counts });
  }

  function welcome(now: OperatorIdentity, requests: RequestPage): number {
    const frames = held ?? [];
    held = undefined;
    sentDirectory = JSON.stringify(directoryNow(now));
    const operators = operatorsNow();
    sentOperators = JSON.stringify(operators);
    sentSelf = inbox.isOnline(now.operator.id);
    const bytes = connection.send({
      t: 'welcome',
      v: PROTOCOL_VERSION,
      epoch: store.epoch,
      serverTime: clock.nowMs(),
      conn,
      timing: limits.timing.client,
      usedEveryMs: usedEveryMs(limits.timing.operatorIdleMs),
      operator: { id: now.operator.id, card: now.operator.card, isOnline: sentSelf },
      ...directoryNow(now),
      operators,
      visitors: inbox.items(sites),
      requests: requests.items,
      requestsNext: requests.next,
      requestCounts: requests.counts,
    });
    for (const frame of frames) connection.send(frame);
    return bytes;
  }

  function directoryNow({ operator }: OperatorIdentity) {
    const served = directory.sitesOf(operator);
    return {
      sites: served.map(({ key, name, settings }) => ({
        key,
        name,
        isTypingPreview: settings.chat.is_typing_preview,
        isRating: settings.chat.is_consultant_operator_rating,
        repeatSeconds: settings.alert.repeat_seconds,
      })),
      groups: served.flatMap((site) => directory.groups(site.key).map(({ id, name }) => ({ site: site.key, id, name }))),
    };
  }

  /** The operators of the sites that are shared with this one. */
  function operatorsNow(): OperatorInfo[] {
    const infos = directory.operators().map((operator) => ({
      id: operator.id,
      name: operator.card.name,
      isOnline: inbox.isOnline(operator.id),
      sites: directory.sitesOf(operator).map((site) => site.key),
    }));
    return infos.filter((info) => info.id === me?.operator.id || info.sites.some((site) => sites.has(site)));
  }

  /** Where a visitor is to be found, among the operator's sites only. */
  async function siteOf(visitor: VisitorId): Promise<SiteKey | undefined> {
    const present = watches.get(visitor)?.site ?? inbox.person(visitor)?.site;
    if (present !== undefined) return sites.has(present) ? present : undefined;
    for (const site of sites) if ((await store.visitor(site, visitor)) !== undefined) return site;
    return undefined;
  }

  /** Before anything is shown: who cannot be written down reads nothing. */
  async function note(deed: AuditEntry['deed'], site: SiteKey, visitor: VisitorId | null): Promise<void> {
    const operator = me?.operator.id ?? null;
    await store.transact((tx) => tx.note({ date: clock.nowSeconds(), site, operator, visitor, deed }));
  }

  /** Opens a visitor, or with cursors brings one that was open up to date. */
  async function watch(visitor: VisitorId, cursors: Record<ChatId, number> | null): Promise<number> {
    const site = await siteOf(visitor);
    if (site === undefined) return send({ t: 'gone', id: visitor });
    let bytes = 0;
    const watched: Watch = { site, known: new Map(), rest: [], held: [] };
    watches.set(visitor, watched);
    const person = inbox.person(visitor);
    if (person?.isAnonymous === true) {
      bytes = showOpened(visitor, null);
    } else {
      await note('open', site, visitor);
      const at = await store.transact((tx) => catchUp(tx, { site, visitor }, cursors, OPENED_PAGES, ANSWER_BYTES));
      // Closed, or opened anew, in the meantime.
      if (watches.get(visitor) !== watched) return 0;
      if (at === undefined) {
        watches.delete(visitor);
        return send({ t: 'gone', id: visitor });
      }
      watched.known = at.known;
      bytes = at.how.resumed ? showMissed(visitor, at) : showOpened(visitor, at);
      if (at.how.resumed) goOn(watched, at.how.rest);
    }
    const facts = watched.held ?? [];
    watched.held = undefined;
    for (const fact of facts) tell(visitor, watched, fact);
    return bytes;
  }

  /** Says what is to be asked for next: one chat after the other. */
  function goOn(watched: Watch, unfinished: readonly Unfinished[]): void {
    watched.rest = unfinished;
    const [next] = unfinished;
    if (next !== undefined) send({ t: 'more', ...next });
  }

  function showOpened(visitor: VisitorId, at: Catching | null): number {
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

  /** The events, and the registers as they are now. */
  function showMissed(visitor: VisitorId, at: Catching): number {
    let bytes = 0;
    if (at.how.resumed) for (const { event, number } of at.how.missed) bytes += send({ t: 'evt', event, number, visitor });
    send({ t: 'card', visitor, card: at.visitor.card });
    send({ t: 'properties', visitor, properties: at.visitor.properties });
    if (at.chat !== null) send({ t: 'read', chat: at.chat.id, visitor: at.chat.readByVisitor, operator: at.chat.readByOperator });
    send({ t: 'draft', visitor, text: drafts.get(visitor) });
    return bytes;
  }

  function tell(visitor: VisitorId, watched: Watch, fact: Fact): void {
    if (fact.t === 'event' && isNews(watched.known, fact.event)) send({ t: 'evt', event: fact.event, number: fact.chat.number, visitor });
    if (fact.t === 'read') send({ t: 'read', chat: fact.chat, visitor: fact.byVisitor, operator: fact.byOperator });
    if (fact.t === 'card') send({ t: 'card', visitor, card: fact.card });
  }

  async function sync(chat: ChatId, after: number): Promise<number> {
    let bytes = 0;
    for (const site of sites) {
      const record = await store.chat(site, chat);
      if (record === undefined) continue;
      const {
        visitor,
        summary: { firstSeq, lastSeq, number },
      } = record;
      const watched = watches.get(visitor);
      // What fills a hole in an opened conversation was written down when it was opened.
      if (watched === undefined) await note('open', site, visitor);
      if (after + 1 < firstSeq) return send({ t: 'reset', reason: 'retention' });
      let reached = after;
      for (const event of await store.eventsAfter(site, chat, after, REPLAY_EVENTS, ANSWER_BYTES)) {
        if (watched !== undefined) isNews(watched.known, event);
        bytes += send({ t: 'evt', event, number, visitor });
        reached = event.seq;
      }
      const others = watched?.rest.filter((each) => each.chat !== chat) ?? [];
      const unfinished = reached < lastSeq ? [{ chat, seq: lastSeq }, ...others] : others;
      if (watched !== undefined) goOn(watched, unfinished);
      else if (reached < lastSeq) send({ t: 'more', chat, seq: lastSeq });
    }
    return bytes;
  }

  async function history({ n, visitor, before }: Extract<ParsedOperatorFrame, { t: 'history' }>): Promise<number> {
    const site = await siteOf(visitor);
    if (site !== undefined) await note('history', site, visitor);
    const page =
      site === undefined ? { items: [], hasOlder: false } : await store.history(site, visitor, before, HISTORY_PAGE, ANSWER_BYTES);
    return send({ t: 'history', n, page });
  }

  function showTyping({ operator }: OperatorIdentity, chat: ChatId): void {
    const person = inbox.personOfChat(chat);
    if (person === undefined || person.chat?.operator?.id !== operator.id) return;
    if (clock.nowMs() - typedAtMs < TYPING_BETWEEN_MS) return;
    typedAtMs = clock.nowMs();
    onTyping(person.id, operator.card.name);
  }

  async function carryOut({ operator, session }: OperatorIdentity, commands: readonly { uid: string }[]): Promise<void> {
    costs.charge('item', payers, { times: commands.length });
    await carryOutBatch({
      items: commands,
      schema: operatorCommandSchema,
      admit: () => costs.take('command', { own: `operator ${operator.id}` }),
      carryOut: async (command) => {
        const { answer } = await rooms.operator({ operator, session }, command, {
          presence(id) {
            const person = inbox.person(id);
            return person === undefined
              ? undefined
              : { site: person.site, isAnonymous: person.isAnonymous, canBeInvited: inbox.canBeInvited(id) };
          },
          isOnline: (id, site) => inbox.isOnlineAt(id, site),
        });
        return answer;
      },
      answer: (answer) => void send(answer),
    });
  }

  function hearInbox(change: InboxChange): void {
    if (me === undefined) return;
    switch (change.t) {
      case 'item':
        if (sites.has(change.item.site)) items.put(change.item);
        return;
      case 'gone':
        if (sites.has(change.site)) items.gone(change.id);
        return;
      case 'renamed':
        if (sites.has(change.site)) followRenamed(change.from, change.to);
        return;
      case 'properties':
        if (watches.has(change.id)) send({ t: 'properties', visitor: change.id, properties: change.properties });
        return;
      case 'operators':
        return refreshOperators(me);
      case 'person':
      case 'arrived':
      case 'left':
      case 'changed':
        return;
    }
  }

  /** Whoever had the anonymous page open has the visitor open now. */
  function followRenamed(from: VisitorId, to: VisitorId): void {
    send({ t: 'renamed', from, to });
    if (!watches.delete(from)) return;
    read(() => watch(to, null)).catch((error: unknown) => {
      log.error({ err: error }, 'a visitor could not be opened');
      close(1011, 'internal');
    });
  }

  function refreshOperators({ operator }: OperatorIdentity): void {
    if (held !== undefined) return;
    const operators = operatorsNow();
    const text = JSON.stringify(operators);
    if (text !== sentOperators) send({ t: 'operators', operators });
    sentOperators = text;
    const isOnline = inbox.isOnline(operator.id);
    if (isOnline !== sentSelf) send({ t: 'self', isOnline });
    sentSelf = isOnline;
  }

  function close(code: number, reason = ''): void {
    isRevoked = code === CLOSE.unauthorized;
    connection.close(code, reason);
  }

  return {
    conn,
    identity: () => me,
    hear(fact) {
      if (me === undefined || fact.t === 'jobs' || !sites.has(fact.site)) return;
      if (fact.t === 'request') return void send({ t: 'request', item: fact.item });
      const watched = watches.get(fact.visitor);
      if (watched === undefined) return;
      if (fact.t === 'shortened') return void send({ t: 'reset', reason: 'retention' });
      if (watched.held !== undefined) watched.held.push(fact);
      else tell(fact.visitor, watched, fact);
    },
    hearInbox,
    hearErased(visitor) {
      if (watches.delete(visitor)) send({ t: 'reset', reason: 'erased' });
    },
    hearDraft(visitor, text) {
      if (watches.get(visitor)?.held === undefined && watches.has(visitor)) connection.sendEphemeral({ t: 'draft', visitor, text });
    },
    refreshDirectory() {
      if (me === undefined || held !== undefined) return;
      const operator = directory.operator(me.operator.id);
      if (operator === undefined) return close(CLOSE.unauthorized, 'unauthorized');
      const now = { ...me, operator };
      // The protocol says sites and groups only in a welcome: a reconnect is the shortest way to one.
      const isSame =
        JSON.stringify(directoryNow(now)) === sentDirectory && JSON.stringify(operator.card) === JSON.stringify(me.operator.card);
      if (!isSame) return close(CLOSE.restart, 'sites have changed');
      me = now;
      refreshOperators(me);
    },
    send,
    close,
    drain: connection.drain,
  };
}

/** What no workplace does by itself: markers and reconnects are no sign of anybody. */
function isUse(frame: ParsedOperatorFrame): boolean {
  if (frame.t === 'send') return frame.items.some((item) => 'kind' in item && item.kind !== 'messages.read');
  return frame.t === 'used' || frame.t === 'typing' || frame.t === 'watch';
}
