/**
 * One page of a visitor on its socket: says who it is, is brought to where the server stands, and is told from there on what
 * becomes true. Before the visitor has acted it is an anonymous page; it says hello again, on the same connection, once it
 * has a visitor.
 *
 * It decides nothing about chats: commands go to the rooms, pages to the inbox.
 */
import { CARD_FIELDS, type ChatId, type PageInfo, type SiteKey, type UnixSeconds, type VisitorId } from '../../shared/chat.ts';
import { REPLAY_EVENTS, HISTORY_PAGE } from '../../shared/limits.ts';
import { CLOSE, PROTOCOL_VERSION, type VisitorRegister, type VisitorServerFrame } from '../../shared/wire/protocol.ts';
import { changeProperties as toChanged, type PropertyChange } from '../../shared/properties.ts';
import { parseVisitorFrame, type ParsedVisitorFrame } from '../../shared/wire/requests.ts';
import { toldSettings, type Settings } from '../../shared/settings.ts';
import type { Carrier } from './carrier.ts';
import { createConnection } from './connection.ts';
import type { Payers } from '../limits/costs.ts';
import type { Directory } from '../presence/directory.ts';
import type { Fact } from '../bus/facts.ts';
import type { GatewayParts } from './gateway.ts';
import { randomId } from '../base/ids.ts';
import { noteLost } from './restore-losses.ts';
import { createLatest } from '../base/throttle.ts';
import { ANSWER_BYTES, createReading } from './reading.ts';
import { catchUp, isNews, type Catching, type Unfinished } from './replay.ts';
import { shownPage } from '../presence/shown-page.ts';
import { carryOutForVisitor } from './visitor-batch.ts';

/** Who a connection speaks for, once it has said hello. */
export interface VisitorIdentity {
  site: string;
  tab: string;
  visitor: VisitorId | null;
  session: string | null;
  /** When the session ended last we heard; `null` without one. */
  endsAt: UnixSeconds | null;
  /** The visitor, else the anonymous page. */
  presence: VisitorId;
}

/** Where a page is shown: a site, and by which of its origins if the page has said so. */
export interface Place {
  site: SiteKey;
  embedder: string | null;
}

/** Whether the site is open, and still shown where this page is. */
export function isAtHome({ site, embedder }: Place, directory: Pick<Directory, 'site'>): boolean {
  return isAmong(directory.site(site)?.origins ?? [], embedder);
}

function isAmong(origins: readonly string[], embedder: string | null): boolean {
  return embedder === null ? origins.length > 0 : origins.includes(embedder);
}

export interface VisitorConnection {
  readonly conn: string;
  /** `undefined` before hello. */
  identity(): VisitorIdentity | undefined;
  /** `undefined` before hello. */
  place(): Place | undefined;
  hear(fact: Fact): void;
  /** Sends the register if it is no longer what was sent last. */
  refresh(): void;
  /** Sends the settings if they are no longer what was sent last, and what follows from them. */
  refreshSettings(): void;
  send(frame: VisitorServerFrame): number;
  sendEphemeral(frame: VisitorServerFrame): void;
  close(code: number, reason?: string): void;
  drain(): Promise<void>;
}

export interface VisitorConnectionOptions {
  carrier: Carrier;
  /** Who pays for what the page says: what carries it, and the network address. */
  payers: Required<Payers>;
  parts: GatewayParts;
  /** Whether a site has as many pages connected as it may. */
  isFull: (site: SiteKey) => boolean;
  /** Called before anything is read for the new identity, so that nothing is missed in between. */
  onIdentity: (before: VisitorIdentity | undefined, now: VisitorIdentity) => void;
  /** A transcript is under way, whose fate this tab is to be told. */
  onTranscript: (uid: string) => void;
  onClose: () => void;
}

type Hello = Extract<ParsedVisitorFrame, { t: 'hello' }>;

const NO_HISTORY = { items: [], hasOlder: false };
/** History pages of a first welcome. */
const WELCOME_PAGES = 2;

export function createVisitorConnection(options: VisitorConnectionOptions): VisitorConnection {
  const { carrier, payers, parts, isFull, onIdentity, onTranscript, onClose } = options;
  const { store, rooms, inbox, directory, drafts, costs, clock, limits, log, auth } = parts;
  const conn = randomId();
  let me: VisitorIdentity | undefined;
  let place: Place | undefined;
  /** Frames that became due while the welcome was being made: they follow it. */
  let held: Fact[] | undefined;
  let known = new Map<ChatId, number>();
  /** What the client still has to ask for, in this order. */
  let rest: readonly Unfinished[] = [];
  let isClosed = false;
  let sentRegister: VisitorRegister | undefined;
  let sentSettings = '';

  const connection = createConnection<ParsedVisitorFrame, VisitorServerFrame>({
    carrier,
    clock,
    timing: limits.timing,
    log,
    parse: parseVisitorFrame,
    handle,
    owedMs: () => costs.owedMs('item', payers),
    ping: { t: 'ping' },
    onClose(isGoodbye) {
      isClosed = true;
      moved.drop();
      if (me !== undefined) inbox.pageClosed(conn, isGoodbye);
      onClose();
    },
  });
  const { send, sendEphemeral, close } = connection;

  const read = createReading({
    connection,
    costs,
    clock,
    payers: { own: conn, address: payers.address },
    who: [payers.address, conn],
    turns: parts.readingTurns,
    isOver: () => isClosed,
  });
  /** Where the page is by now: told no more often than anybody could read it. */
  const moved = createLatest<Extract<ParsedVisitorFrame, { t: 'page' }>>({
    clock,
    everyMs: 1000 / limits.rates.pagePerSecond,
    tell({ page, isInvitable }) {
      if (me !== undefined) inbox.pageMoved(conn, shown(me.site, page), isInvitable);
    },
  });

  async function handle(frame: ParsedVisitorFrame): Promise<void> {
    if (isClosed) return;
    if (frame.t === 'hello') {
      // However long it has to wait for its answer.
      connection.greeted();
      return read(() => greet(frame));
    }
    if (me === undefined) return close(CLOSE.badFrame, 'hello comes first');
    switch (frame.t) {
      case 'send':
        return carryOut(me, frame.items);
      case 'sync':
        return read(() => sync(frame.chat, frame.after));
      case 'history':
        return read(() => history(frame));
      case 'typing':
        if (directory.site(me.site)?.settings.chat.is_typing_preview === true) drafts.set(me.presence, frame.text);
        return;
      case 'page':
        return moved.set(frame);
      case 'properties':
        return changeProperties(me, frame.changes);
      case 'pong':
        return;
    }
  }

  /** Ends the connection instead of an answer. */
  function refuse(code: number, reason: string): number {
    close(code, reason);
    return 0;
  }

  function shown(site: SiteKey, page: PageInfo): PageInfo {
    return shownPage(page, directory.site(site)?.origins ?? []);
  }

  async function greet(frame: Hello): Promise<number> {
    if (frame.v !== PROTOCOL_VERSION) return refuse(CLOSE.badFrame, 'unknown version');
    if (me !== undefined && (me.site !== frame.site || me.tab !== frame.tab)) return refuse(CLOSE.badFrame, 'another page');
    await parts.ready;
    const here: Place = { site: frame.site, embedder: frame.embedder ?? null };
    // Added a moment ago, perhaps: being told "never again" would be final. Asked of the one row first: all of it is much to read.
    if (!isAtHome(here, directory) && isAmong(await store.origins(here.site), here.embedder)) await directory.reload();
    if (!isAtHome(here, directory)) return refuse(CLOSE.siteClosed, 'no such site');
    const access = frame.access === undefined ? undefined : await auth.access(frame.access);
    if (frame.access !== undefined && access?.site !== frame.site) return refuse(CLOSE.unauthorized, 'unauthorized');

    if (isClosed) return 0;
    if (me === undefined && isFull(frame.site)) return refuse(CLOSE.rate, 'too many pages of this site');

    const before = me;
    const now: VisitorIdentity = {
      site: frame.site,
      tab: frame.tab,
      visitor: access?.visitor ?? null,
      session: access?.session ?? null,
      endsAt: access?.endsAt ?? null,
      presence: access?.visitor ?? inbox.anonymousId(frame.site, frame.tab),
    };
    held = [];
    me = now;
    place = here;
    // A hello says where the page is, too.
    moved.drop();
    onIdentity(before, now);
    return now.visitor === null ? welcomePage(now, frame) : welcomeVisitor(now, now.visitor, frame, before);
  }

  function welcomePage(now: VisitorIdentity, frame: Hello): number {
    const stranger = { id: now.presence, site: now.site, isAnonymous: true, card: {}, properties: [], invite: null, chat: null };
    inbox.pageOpened(stranger, { conn, tab: frame.tab, page: shown(now.site, frame.page), isInvitable: frame.isInvitable });
    known = new Map();
    return welcome(now, null);
  }

  async function welcomeVisitor(
    now: VisitorIdentity,
    visitor: VisitorId,
    frame: Hello,
    before: VisitorIdentity | undefined,
  ): Promise<number> {
    await noteLost(parts, { site: now.site, visitor, epoch: frame.epoch, cursors: frame.cursors });
    const cursors = frame.epoch === store.epoch ? frame.cursors : null;
    const at = await store.transact((tx) => catchUp(tx, { site: now.site, visitor }, cursors, WELCOME_PAGES, ANSWER_BYTES));
    // Erased since the token was made.
    if (at === undefined) return refuse(CLOSE.unauthorized, 'unauthorized');
    const invite = at.visitor.invite ?? (await carryInvite(now, visitor, before, at));
    // Nobody would ever close a page that is opened after its connection.
    if (isClosed) return 0;
    if (before?.visitor === null) inbox.renamed(now.site, before.presence, visitor);
    const person = {
      id: visitor,
      site: now.site,
      isAnonymous: false,
      card: at.visitor.card,
      properties: at.visitor.properties,
      invite,
      chat: at.chat,
    };
    inbox.pageOpened(person, { conn, tab: frame.tab, page: shown(now.site, frame.page), isInvitable: frame.isInvitable });
    known = at.known;
    return welcome(now, at);
  }

  /** The invitation that the anonymous page was shown stands on for the visitor it has become. */
  async function carryInvite(now: VisitorIdentity, visitor: VisitorId, before: VisitorIdentity | undefined, at: Catching) {
    const invite = before?.visitor === null ? (inbox.person(before.presence)?.invite ?? null) : null;
    if (invite === null || at.chat?.isOpen === true) return null;
    return (await rooms.system({ kind: 'invite.carry', site: now.site, visitor, invite })) ? invite : null;
  }

  function welcome(now: VisitorIdentity, at: Catching | null): number {
    const settings = settingsNow(now);
    // Closed in the meantime.
    if (settings === undefined) return 0;
    const register = registerNow(now, settings);
    sentSettings = JSON.stringify(settings);
    sentRegister = register;
    let bytes = send({
      t: 'welcome',
      v: PROTOCOL_VERSION,
      epoch: store.epoch,
      serverTime: clock.nowMs(),
      conn,
      timing: limits.timing.client,
      settings,
      visitor: now.visitor,
      session: now.session,
      register,
      chat: at?.chat ?? null,
      resumed: at?.how.resumed ?? false,
      history: at === null ? NO_HISTORY : at.how.resumed ? null : at.how.history,
    });
    rest = [];
    if (at?.how.resumed === true) {
      for (const { event, number } of at.how.missed) bytes += send({ t: 'evt', event, number });
      for (const { id, readByVisitor, readByOperator } of at.how.chats)
        if (id !== at.chat?.id) send({ t: 'read', chat: id, visitor: readByVisitor, operator: readByOperator });
      goOn(at.how.rest);
    }
    const facts = held ?? [];
    held = undefined;
    for (const fact of facts) tell(fact);
    refresh();
    return bytes;
  }

  /** Says what is to be asked for next: one chat after the other, or events of a later one would come before an earlier one's. */
  function goOn(unfinished: readonly Unfinished[]): void {
    rest = unfinished;
    const [next] = unfinished;
    if (next !== undefined) send({ t: 'more', ...next });
  }

  function tell(fact: Fact): void {
    if (fact.t === 'event' && isNews(known, fact.event)) send({ t: 'evt', event: fact.event, number: fact.chat.number });
    if (fact.t === 'read') send({ t: 'read', chat: fact.chat, visitor: fact.byVisitor, operator: fact.byOperator });
  }

  function settingsNow(now: VisitorIdentity): Settings | undefined {
    const site = directory.site(now.site);
    return site && toldSettings(site.settings);
  }

  function registerNow(now: VisitorIdentity, settings: Settings): VisitorRegister {
    const person = inbox.person(now.presence);
    const card = person?.card ?? {};
    const required = new Set((settings.chat.fields ?? []).filter((field) => field.is_required).map((field) => field.name));
    return {
      card,
      requiredInfo: CARD_FIELDS.filter((field) => required.has(field) && (card[field] ?? '').length === 0),
      invite: withoutOperator(person?.invite ?? null),
      ...(inbox.item(now.presence)?.operator?.isAway === true && { isAway: true }),
      isAvailable: inbox.isAvailable(now.site, person?.chat?.group ?? null),
    };
  }

  function refresh(): void {
    const settings = me === undefined || held !== undefined ? undefined : settingsNow(me);
    if (me === undefined || settings === undefined) return;
    sendRegister(registerNow(me, settings));
  }

  /**
   * Before an event is told, what it means for the page's answers: whoever hears that a chat has begun or ended may ask at
   * once whether anybody is there. The invitation stays as it was told: it ends with the event, and must not end before it.
   */
  function refreshAhead(): void {
    const settings = me === undefined ? undefined : settingsNow(me);
    if (me === undefined || settings === undefined || sentRegister === undefined) return;
    sendRegister({ ...registerNow(me, settings), invite: sentRegister.invite });
  }

  function sendRegister(register: VisitorRegister): void {
    if (JSON.stringify(register) === JSON.stringify(sentRegister)) return;
    sentRegister = register;
    send({ t: 'register', register });
  }

  function carryOut(now: VisitorIdentity, items: readonly { uid: string }[]): Promise<void> {
    return carryOutForVisitor({
      parts,
      who: now,
      payers,
      items,
      onTranscript,
      answer(answer, mailed) {
        send(answer);
        if (mailed !== undefined) send({ t: 'mailed', uid: answer.uid, ...mailed });
      },
    });
  }

  /** Nothing is stored of somebody who has not acted: until then the inbox alone knows. */
  async function changeProperties({ site, visitor, presence }: VisitorIdentity, changes: readonly PropertyChange[]): Promise<void> {
    const known = inbox.person(presence)?.properties ?? [];
    const next = toChanged(known, changes);
    if (next === known) return;
    if (visitor !== null) costs.charge('properties', payers);
    inbox.propertiesChanged(conn, visitor === null ? next : await store.transact((tx) => tx.changeProperties(site, visitor, changes)));
  }

  /** Fills a hole the client has found, or goes on where an answer ended. A chat that is not the visitor's is as absent as one that never was. */
  async function sync(chat: ChatId, after: number): Promise<number> {
    if (me === undefined) return 0;
    const { site, visitor } = me;
    const record = visitor === null ? undefined : await store.chat(site, chat);
    if (record === undefined || record.visitor !== visitor) return 0;
    const { firstSeq, lastSeq, number, readByVisitor, readByOperator } = record.summary;
    if (after + 1 < firstSeq) return send({ t: 'reset', reason: 'retention' });
    let bytes = 0;
    let reached = after;
    for (const event of await store.eventsAfter(site, chat, after, REPLAY_EVENTS, ANSWER_BYTES)) {
      isNews(known, event);
      bytes += send({ t: 'evt', event, number });
      reached = event.seq;
    }
    const others = rest.filter((each) => each.chat !== chat);
    if (reached < lastSeq) goOn([{ chat, seq: lastSeq }, ...others]);
    else if (others.length < rest.length) {
      send({ t: 'read', chat, visitor: readByVisitor, operator: readByOperator });
      goOn(others);
    }
    return bytes;
  }

  async function history({ n, before }: Extract<ParsedVisitorFrame, { t: 'history' }>): Promise<number> {
    const page =
      me === undefined || me.visitor === null ? NO_HISTORY : await store.history(me.site, me.visitor, before, HISTORY_PAGE, ANSWER_BYTES);
    return send({ t: 'history', n, page });
  }

  return {
    conn,
    identity: () => me,
    place: () => place,
    hear(fact) {
      if (held !== undefined) return void held.push(fact);
      // The inbox has heard it before us.
      if (fact.t === 'event') refreshAhead();
      tell(fact);
    },
    refresh,
    refreshSettings() {
      const settings = me === undefined || held !== undefined ? undefined : settingsNow(me);
      if (settings === undefined) return;
      const text = JSON.stringify(settings);
      if (text !== sentSettings) send({ t: 'settings', settings });
      sentSettings = text;
      refresh();
    },
    send,
    sendEphemeral,
    close,
    drain: connection.drain,
  };
}

/** Visitors are told an operator's card, never which account wrote an invitation. */
function withoutOperator(invite: ({ operator?: string } & NonNullable<VisitorRegister['invite']>) | null): VisitorRegister['invite'] {
  if (invite === null) return null;
  const { operator: _, ...shown } = invite;
  return shown;
}
