/**
 * One page of a visitor on its carrier. It says who it is, is brought to where the server stands, and then hears what becomes
 * true. Until the visitor has acted it is an anonymous page; it says hello again, on the same connection, once it has a visitor.
 *
 * It decides nothing about chats: commands go to the rooms, and where the page is goes to the inbox.
 */
import type { PageInfo, SiteKey, VisitorId } from '../../shared/chat.ts';
import { changeProperties as toChanged, type PropertyChange } from '../../shared/properties.ts';
import { CLOSE, PROTOCOL_VERSION, type VisitorServerFrame } from '../../shared/wire/protocol.ts';
import { parseVisitorFrame, type ParsedVisitorFrame } from '../../shared/wire/requests.ts';
import type { VisitorAccess } from '../auth/access.ts';
import { randomId } from '../base/ids.ts';
import { createThrottle } from '../base/throttle.ts';
import type { Fact } from '../bus/facts.ts';
import type { Payers } from '../limits/costs.ts';
import { anonymousId } from '../presence/anonymous-id.ts';
import type { Person } from '../presence/person.ts';
import { shownPage } from '../presence/shown-page.ts';
import { visitorLock } from '../store/locks.ts';
import type { Store } from '../store/store.ts';
import type { StandingInvite } from '../store/visitors.ts';
import type { Carrier } from './carrier.ts';
import { createConnection } from './connection.ts';
import type { ConnectionContext } from './context.ts';
import { isAllowed, isStoredAsAllowed, type Embedding } from './embedding.ts';
import type { VisitorIdentity } from './identity.ts';
import { ANSWER_BYTES, createReading } from './reading.ts';
import { createRegisterSender } from './register.ts';
import { catchUp, tellReached, type CatchUp } from './replay.ts';
import { recordLosses } from './restore-losses.ts';
import { runVisitorBatch } from './visitor-batch.ts';
import { createSpoken } from './spoken.ts';
import { createVisitorTimeline, NO_HISTORY } from './visitor-timeline.ts';

/** A visitor's page, as the gateway sees it. */
export interface VisitorConnection {
  readonly conn: string;
  /** `undefined` before hello. */
  identity(): VisitorIdentity | undefined;
  /** `undefined` before hello. */
  embedding(): Embedding | undefined;
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
  /** Who pays for what the page says: its carrier, and the network address. */
  payers: Required<Payers>;
  context: ConnectionContext;
  /** Whether a site has as many pages connected as it may. */
  isFull: (site: SiteKey) => boolean;
  /** Called before anything is read for the new identity, so that nothing is missed in between. */
  onIdentity: (before: VisitorIdentity | undefined, now: VisitorIdentity) => void;
  onClose: () => void;
}

type Hello = Extract<ParsedVisitorFrame, { t: 'hello' }>;

/** History pages of a first welcome. */
const WELCOME_PAGES = 2;

export function createVisitorConnection(options: VisitorConnectionOptions): VisitorConnection {
  const { carrier, payers, context, isFull, onIdentity, onClose } = options;
  const { store, inbox, directory, drafts, costs, clock, limits, log } = context;
  const conn = randomId();
  let me: VisitorIdentity | undefined;
  let embedding: Embedding | undefined;
  /** Facts that came while the welcome was being made: they follow it. */
  let held: Fact[] | undefined;
  let isClosed = false;

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
  const { send, sendEphemeral, close, refuse } = connection;
  const timeline = createVisitorTimeline({ store, send });
  const spoken = createSpoken({ context, conn, payers, onChange: () => register.refreshSettings() });
  const register = createRegisterSender({ ...context, me: () => (held ? undefined : me), language: () => spoken.language, send });

  const read = createReading({
    connection,
    costs,
    clock,
    reader: () => ({ payers: { own: conn, address: payers.address }, who: [payers.address, conn] }),
    reads: context.reads,
    isOver: () => isClosed,
  });
  /** Where the page is now. Operators hear of it no more often than anybody could read it. */
  const moved = createThrottle<Extract<ParsedVisitorFrame, { t: 'page' }>>({
    clock,
    everyMs: 1000 / limits.rates.pagePerSecond,
    tell({ page, isInvitable }) {
      if (me !== undefined) inbox.pageMoved(conn, shown(me.site, page), isInvitable);
    },
  });

  async function handle(frame: ParsedVisitorFrame): Promise<void> {
    if (isClosed) return;
    if (frame.t === 'hello') {
      // The hello has come in time, however long its answer has to wait.
      connection.greeted();
      return read(() => greet(frame));
    }
    const now = me;
    if (now === undefined) return close(CLOSE.badFrame, 'hello comes first');
    switch (frame.t) {
      case 'send':
        return runCommands(now, frame.items);
      case 'sync':
        return read(() => timeline.sync(now, frame.chat, frame.after));
      case 'history':
        return read(() => timeline.history(now, frame));
      case 'typing':
        if (directory.site(now.site)?.settings.chat.is_typing_preview === true) drafts.set(now.presence, frame.text);
        return;
      case 'page':
        return moved.set(frame);
      case 'language':
        return spoken.change(now, frame.language);
      case 'properties':
        return changeProperties(now, frame.changes);
      case 'pong':
        return;
    }
  }

  function shown(site: SiteKey, page: PageInfo): PageInfo {
    return shownPage(page, directory.site(site)?.origins ?? []);
  }

  async function greet(frame: Hello): Promise<number> {
    if (frame.v !== PROTOCOL_VERSION) return refuse(CLOSE.badFrame, 'unknown version');
    if (me !== undefined && (me.site !== frame.site || me.tab !== frame.tab)) return refuse(CLOSE.badFrame, 'another page');
    const entry = await checkHello(context, frame);
    if ('reason' in entry) return refuse(entry.code, entry.reason);
    if (isClosed) return 0;
    if (me === undefined && isFull(frame.site)) return refuse(CLOSE.rate, 'too many pages of this site');
    const before = me;
    const now = identityOf(frame, entry.access, store);
    held = [];
    me = now;
    spoken.begin(frame.language);
    embedding = entry.embedding;
    // A hello says where the page is, too.
    moved.drop();
    onIdentity(before, now);
    return now.visitor === null ? welcomePage(now, frame) : welcomeVisitor(now, now.visitor, frame, before);
  }

  function welcomePage(now: VisitorIdentity, frame: Hello): number {
    openPage({ id: now.presence, site: now.site, isAnonymous: true, card: {}, properties: [], invite: null, chat: null }, frame);
    return welcome(now, null);
  }

  async function welcomeVisitor(
    now: VisitorIdentity,
    visitor: VisitorId,
    frame: Hello,
    before: VisitorIdentity | undefined,
  ): Promise<number> {
    const { site } = now;
    await recordLosses(context, { site, visitor, epoch: frame.epoch, cursors: frame.cursors });
    const cursors = frame.epoch === store.epoch ? frame.cursors : null;
    const at = await store.snapshot((at) => catchUp(at, { site, visitor }, cursors, WELCOME_PAGES, ANSWER_BYTES));
    // Erased since the token was made.
    if (at === undefined) return refuse(CLOSE.unauthorized, 'unauthorized');
    tellReached(context.feed, { site, visitor }, at);
    const { card, properties } = at.visitor;
    await spoken.keep(at.visitor);
    const invite = at.visitor.invite ?? (await carryInvite(context, now, before, at));
    // Nobody would ever close a page that is opened after its connection.
    if (isClosed) return 0;
    if (before?.visitor === null) inbox.renamed(site, before.presence, visitor);
    openPage({ id: visitor, site, isAnonymous: false, card, properties, invite, chat: at.chat }, frame);
    return welcome(now, at);
  }

  const openPage = (person: Person, { tab, page, isInvitable }: Hello) =>
    inbox.pageOpened(person, { conn, tab, page: shown(person.site, page), isInvitable, language: spoken.language });

  function welcome(now: VisitorIdentity, at: CatchUp | null): number {
    const told = register.begin(now);
    // The site has closed in the meantime.
    if (told === undefined) return 0;
    let bytes = send({
      t: 'welcome',
      v: PROTOCOL_VERSION,
      epoch: store.epoch,
      serverTime: clock.nowMs(),
      conn,
      timing: limits.timing.client,
      settings: told.settings,
      visitor: now.visitor,
      session: now.session,
      register: told.register,
      chat: at?.chat ?? null,
      resumed: at?.how.resumed ?? false,
      history: at === null ? NO_HISTORY : at.how.resumed ? null : at.how.history,
    });
    bytes += timeline.begin(at);
    const facts = held ?? [];
    held = undefined;
    for (const fact of facts) timeline.tell(fact);
    register.refresh();
    return bytes;
  }

  function runCommands(who: VisitorIdentity, items: readonly { uid: string }[]): Promise<void> {
    return runVisitorBatch({
      context,
      who,
      payers,
      items,
      answer(answer, mailed) {
        send(answer);
        if (mailed !== undefined) send({ t: 'mailed', uid: answer.uid, ...mailed });
      },
    });
  }

  /** Nothing is stored of a visitor who has not acted: until then the inbox alone knows. */
  async function changeProperties({ site, visitor, presence }: VisitorIdentity, changes: readonly PropertyChange[]): Promise<void> {
    const known = inbox.person(presence)?.properties ?? [];
    const next = toChanged(known, changes);
    if (next === known) return;
    if (visitor !== null) costs.charge('properties', payers);
    inbox.propertiesChanged(conn, visitor === null ? next : await storeProperties(store, { site, visitor }, changes));
  }

  return {
    conn,
    identity: () => me,
    embedding: () => embedding,
    hear(fact) {
      if (held !== undefined) return void held.push(fact);
      // The inbox has heard it before us.
      if (fact.t === 'event') register.refreshAhead();
      timeline.tell(fact);
    },
    refresh: register.refresh,
    refreshSettings: register.refreshSettings,
    send,
    sendEphemeral,
    close,
    drain: connection.drain,
  };
}

/** Why a hello is refused, or what it proves. */
type Entry = { code: number; reason: string } | { embedding: Embedding; access: VisitorAccess | undefined };

async function checkHello({ ready, directory, store, auth, attend }: ConnectionContext, hello: Hello): Promise<Entry> {
  await ready;
  const embedding: Embedding = { site: hello.site, embedder: hello.embedder ?? null };
  // The site may have been added a moment ago, and "never again" would be final: the store is asked before that is said.
  if (!isAllowed(embedding, directory) && (await isStoredAsAllowed(embedding, store))) await directory.reload();
  if (!isAllowed(embedding, directory)) return { code: CLOSE.siteClosed, reason: 'no such site' };
  // Before anything is read for the welcome, so that nothing is missed in between.
  await attend(hello.site);
  const access = hello.access === undefined ? undefined : await auth.access(hello.access);
  if (hello.access !== undefined && access?.site !== hello.site) return { code: CLOSE.unauthorized, reason: 'unauthorized' };
  return { embedding, access };
}

function identityOf({ site, tab }: Hello, access: VisitorAccess | undefined, { secret }: Pick<Store, 'secret'>): VisitorIdentity {
  return {
    site,
    tab,
    visitor: access?.visitor ?? null,
    session: access?.session ?? null,
    endsAt: access?.endsAt ?? null,
    presence: access?.visitor ?? anonymousId(secret, site, tab),
  };
}

/** The invitation that the anonymous page was shown stays valid for the visitor it has become. */
async function carryInvite(
  { inbox, rooms }: ConnectionContext,
  { site, visitor }: VisitorIdentity,
  before: VisitorIdentity | undefined,
  { chat }: CatchUp,
): Promise<StandingInvite | null> {
  const invite = before?.visitor === null ? (inbox.person(before.presence)?.invite ?? null) : null;
  if (invite === null || visitor === null || chat?.isOpen === true) return null;
  return (await rooms.system({ kind: 'invite.carry', site, visitor, invite })) ? invite : null;
}

function storeProperties(store: Store, { site, visitor }: { site: SiteKey; visitor: VisitorId }, changes: readonly PropertyChange[]) {
  return store.transact([visitorLock(visitor)], (tx) => tx.changeProperties(site, visitor, changes));
}
