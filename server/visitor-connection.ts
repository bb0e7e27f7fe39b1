/**
 * One page of a visitor on its socket: says who it is, is brought to where the server stands, and is told from there on what
 * becomes true. Before the visitor has acted it is an anonymous page; it says hello again, on the same connection, once it
 * has a visitor.
 *
 * It decides nothing about chats: commands go to the rooms, pages to the inbox.
 */
import { CARD_FIELDS, type ChatId, type PageInfo, type SiteKey, type UnixSeconds, type VisitorId } from '../shared/chat.ts';
import { REPLAY_EVENTS, HISTORY_PAGE } from '../shared/limits.ts';
import { CLOSE, PROTOCOL_VERSION, type VisitorRegister, type VisitorServerFrame } from '../shared/protocol.ts';
import { parseVisitorFrame, type ParsedVisitorFrame } from '../shared/requests.ts';
import { toldSettings, type Settings } from '../shared/settings.ts';
import type { Carrier } from './carrier.ts';
import { createConnection } from './connection.ts';
import type { Directory } from './directory.ts';
import type { Fact } from './facts.ts';
import type { GatewayParts } from './gateway.ts';
import { randomId } from './ids.ts';
import { noteLost } from './lost.ts';
import { catchUp, isNews, type Catching } from './replay.ts';
import { shownPage } from './shown-page.ts';
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
  send(frame: VisitorServerFrame): void;
  sendEphemeral(frame: VisitorServerFrame): void;
  close(code: number, reason?: string): void;
  drain(): Promise<void>;
}

export interface VisitorConnectionOptions {
  carrier: Carrier;
  /** The network address, as it is counted. */
  address: string;
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
/** Frames that cost a walk through the database, and whose answers are long. */
const READS: ReadonlySet<ParsedVisitorFrame['t']> = new Set(['hello', 'sync', 'history']);
/** History pages of a first welcome. */
const WELCOME_PAGES = 2;

export function createVisitorConnection(options: VisitorConnectionOptions): VisitorConnection {
  const { carrier, address, parts, isFull, onIdentity, onTranscript, onClose } = options;
  const { store, rooms, inbox, directory, drafts, clock, limits, log, auth } = parts;
  const conn = randomId();
  let me: VisitorIdentity | undefined;
  let place: Place | undefined;
  /** Frames that became due while the welcome was being made: they follow it. */
  let held: Fact[] | undefined;
  let known = new Map<ChatId, number>();
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
    ping: { t: 'ping' },
    onClose(isGoodbye) {
      isClosed = true;
      if (me !== undefined) inbox.pageClosed(conn, isGoodbye);
      onClose();
    },
  });
  const { send, sendEphemeral, close } = connection;

  async function handle(frame: ParsedVisitorFrame): Promise<void> {
    if (READS.has(frame.t)) await readTurn();
    if (isClosed) return;
    if (frame.t === 'hello') return greet(frame);
    if (me === undefined) return close(CLOSE.badFrame, 'hello comes first');
    switch (frame.t) {
      case 'send':
        return carryOut(me, frame.items);
      case 'sync':
        return sync(me, frame.chat, frame.after);
      case 'history': {
        const page = me.visitor === null ? NO_HISTORY : await store.history(me.site, me.visitor, frame.before, HISTORY_PAGE);
        return send({ t: 'history', n: frame.n, page });
      }
      case 'typing':
        if (directory.site(me.site)?.settings.chat.is_typing_preview === true) drafts.set(me.presence, frame.text);
        return;
      case 'page':
        return inbox.pageMoved(conn, shown(me.site, frame.page), frame.isInvitable);
      case 'pong':
        return;
    }
  }

  /** Waits until this address may have something read again: pages of others are not to wait for it. */
  async function readTurn(): Promise<void> {
    for (let waitMs = parts.readRate.take(address); waitMs > 0; waitMs = parts.readRate.take(address)) {
      await new Promise<void>((resolve) => clock.after(waitMs, resolve));
      if (isClosed) return;
    }
  }

  function shown(site: SiteKey, page: PageInfo): PageInfo {
    return shownPage(page, directory.site(site)?.origins ?? []);
  }

  async function greet(frame: Hello): Promise<void> {
    if (frame.v !== PROTOCOL_VERSION) return close(CLOSE.badFrame, 'unknown version');
    if (me !== undefined && (me.site !== frame.site || me.tab !== frame.tab)) return close(CLOSE.badFrame, 'another page');
    await parts.ready;
    const here: Place = { site: frame.site, embedder: frame.embedder ?? null };
    // Added a moment ago, perhaps: being told "never again" would be final. Asked of the one row first: all of it is much to read.
    if (!isAtHome(here, directory) && isAmong(await store.origins(here.site), here.embedder)) await directory.reload();
    if (!isAtHome(here, directory)) return close(CLOSE.siteClosed, 'no such site');
    const access = frame.access === undefined ? undefined : await auth.access(frame.access);
    if (frame.access !== undefined && access?.site !== frame.site) return close(CLOSE.unauthorized, 'unauthorized');

    if (isClosed) return;
    if (me === undefined && isFull(frame.site)) return close(CLOSE.rate, 'too many pages of this site');

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
    onIdentity(before, now);
    connection.greeted();
    if (now.visitor === null) welcomePage(now, frame);
    else await welcomeVisitor(now, now.visitor, frame, before);
  }

  function welcomePage(now: VisitorIdentity, frame: Hello): void {
    const stranger = { id: now.presence, site: now.site, isAnonymous: true, card: {}, invite: null, chat: null };
    inbox.pageOpened(stranger, { conn, tab: frame.tab, page: shown(now.site, frame.page), isInvitable: frame.isInvitable });
    known = new Map();
    welcome(now, null);
  }

  async function welcomeVisitor(now: VisitorIdentity, visitor: VisitorId, frame: Hello, before: VisitorIdentity | undefined): Promise<void> {
    await noteLost(parts, { site: now.site, visitor, epoch: frame.epoch, cursors: frame.cursors });
    const cursors = frame.epoch === store.epoch ? frame.cursors : null;
    const at = await store.transact((tx) => catchUp(tx, { site: now.site, visitor }, cursors, WELCOME_PAGES));
    // Erased since the token was made.
    if (at === undefined) return close(CLOSE.unauthorized, 'unauthorized');
    const invite = at.visitor.invite ?? (await carryInvite(now, visitor, before, at));
    // Nobody would ever close a page that is opened after its connection.
    if (isClosed) return;
    if (before?.visitor === null) inbox.renamed(now.site, before.presence, visitor);
    const person = { id: visitor, site: now.site, isAnonymous: false, card: at.visitor.card, invite, chat: at.chat };
    inbox.pageOpened(person, { conn, tab: frame.tab, page: shown(now.site, frame.page), isInvitable: frame.isInvitable });
    known = at.known;
    welcome(now, at);
  }

  /** The invitation that the anonymous page was shown stands on for the visitor it has become. */
  async function carryInvite(now: VisitorIdentity, visitor: VisitorId, before: VisitorIdentity | undefined, at: Catching) {
    const invite = before?.visitor === null ? (inbox.person(before.presence)?.invite ?? null) : null;
    if (invite === null || at.chat?.isOpen === true) return null;
    return (await rooms.system({ kind: 'invite.carry', site: now.site, visitor, invite })) ? invite : null;
  }

  function welcome(now: VisitorIdentity, at: Catching | null): void {
    const settings = settingsNow(now);
    // Closed in the meantime.
    if (settings === undefined) return;
    const register = registerNow(now, settings);
    sentSettings = JSON.stringify(settings);
    sentRegister = register;
    send({
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
    if (at?.how.resumed === true) {
      for (const { event, number } of at.how.missed) send({ t: 'evt', event, number });
      for (const { id, readByVisitor, readByOperator } of at.how.chats)
        if (id !== at.chat?.id) send({ t: 'read', chat: id, visitor: readByVisitor, operator: readByOperator });
    }
    const facts = held ?? [];
    held = undefined;
    for (const fact of facts) tell(fact);
    refresh();
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
      ...(inbox.item(now.presence)?.operator?.isAway === true && { isOperatorAway: true }),
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
      address,
      items,
      onTranscript,
      answer(answer, mailed) {
        send(answer);
        if (mailed !== undefined) send({ t: 'mailed', uid: answer.uid, ...mailed });
      },
    });
  }

  /** Fills a hole the client has found. A chat that is not the visitor's is as absent as one that never was. */
  async function sync({ site, visitor }: VisitorIdentity, chat: ChatId, after: number): Promise<void> {
    const record = visitor === null ? undefined : await store.chat(site, chat);
    if (record === undefined || record.visitor !== visitor) return;
    if (after + 1 < record.summary.firstSeq) return send({ t: 'reset', reason: 'retention' });
    for (const event of await store.eventsAfter(site, chat, after, REPLAY_EVENTS)) {
      isNews(known, event);
      send({ t: 'evt', event, number: record.summary.number });
    }
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
