/**
 * The gateway: the doors for sockets, and who of those behind them hears what. It looks at a socket's origin before the
 * upgrade, keeps one connection per tab (a newer one supersedes the older), and passes facts on to those they concern.
 * Frames are read and answered by the connections, each of its own kind; what carries them is none of their business.
 *
 * An operator hears of everybody on their own sites, a visitor's page of its own visitor; there is no third way.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { OperatorId, SiteKey, VisitorId } from '../../shared/chat.ts';
import { FRAME_BYTES } from '../../shared/limits.ts';
import { CLOSE, type Ack, type Nack } from '../../shared/wire/protocol.ts';
import type { Addresses } from '../network/address.ts';
import type { Auth, VisitorAccess } from '../auth/auth.ts';
import type { Carrier } from './carrier.ts';
import type { Clock } from '../base/clock.ts';
import type { Config, Limits } from '../config.ts';
import type { Costs, Payers } from '../limits/costs.ts';
import { createDirectory, type Directory } from '../presence/directory.ts';
import { createDrafts, type Drafts } from '../presence/drafts.ts';
import { refuse } from '../network/entrance.ts';
import { createFair, type Fair } from '../limits/fair-queue.ts';
import type { Fact, FactBus } from '../bus/facts.ts';
import { randomId } from '../base/ids.ts';
import type { Inbox, InboxChange } from '../presence/inbox.ts';
import type { Ledger } from '../limits/ledger.ts';
import type { Log } from '../base/log.ts';
import { createMeter } from './meter.ts';
import { createOperatorConnection, type OperatorConnection } from './operator-connection.ts';
import { READING_AT_ONCE } from './reading.ts';
import { takeApart } from './multiplex.ts';
import type { Rooms } from '../room/room.ts';
import type { Store } from '../store/store.ts';
import { carryOutForVisitor } from './visitor-batch.ts';
import { createVisitorConnection, isAtHome, type VisitorConnection, type VisitorIdentity } from './visitor-connection.ts';

export interface GatewayOptions {
  store: Store;
  rooms: Rooms;
  inbox: Inbox;
  bus: FactBus;
  clock: Clock;
  limits: Limits;
  config: Pick<Config, 'publicUrl' | 'operatorUrl'>;
  addresses: Pick<Addresses, 'keyOf'>;
  log: Log;
  auth: Pick<Auth, 'access' | 'operator' | 'use'>;
  costs: Costs;
  ledger: Pick<Ledger, 'begin'>;
  /** Makes a WebSocket of an upgrade; another one only where a wire is turned by hand. */
  sockets?: Pick<WebSocketServer, 'handleUpgrade' | 'close'>;
}

/** Visitors' pages come in by the one, operators by the other. */
export type SocketDoor = 'public' | 'operator';

export interface Gateway {
  /** Takes an HTTP upgrade: `/socket` for visitors, `/operator/socket` for operators, 404 for anything else. */
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Whether a browser names an origin that may stand at this door. */
  isOurs(door: SocketDoor, req: IncomingMessage): boolean;
  /** Why nobody is let in by this door now, as HTTP says it. */
  refusal(door: SocketDoor, req: IncomingMessage): 403 | 429 | 503 | undefined;
  /** Lets one in whom nothing stands against. */
  admit(door: SocketDoor, carrier: Carrier, req: IncomingMessage): void;
  /** Carries out what a visitor's page hands over when it ends, in its order. `undefined` while nothing is taken any more. */
  carryOut(
    access: VisitorAccess,
    handed: { tab: string; items: readonly { uid: string }[] },
    req: IncomingMessage,
  ): Promise<(Ack | Nack)[] | undefined>;
  /** The session has ended: its sockets are closed with 4401. `operator`: whose it was, who may have had no socket. */
  revoke(session: string, operator?: OperatorId): void;
  /** Sites, groups, operators or sessions were changed: reads them anew and tells those concerned. */
  siteChanged(): Promise<void>;
  /** Says goodbye before a restart, lets end what is under way, and closes every socket with 1012. Takes no new ones. */
  goaway(): Promise<void>;
  close(): void;
}

/** What the connections work with. */
export interface GatewayParts {
  store: Store;
  rooms: Rooms;
  inbox: Inbox;
  directory: Directory;
  drafts: Drafts;
  costs: Costs;
  ledger: Pick<Ledger, 'begin'>;
  /** Reading out of the database: round by round among addresses and operators, and the pages of each. */
  readingTurns: Fair;
  clock: Clock;
  limits: Limits;
  log: Log;
  auth: Pick<Auth, 'access' | 'operator' | 'use'>;
  /** Resolves when the directory has been read for the first time. */
  ready: Promise<void>;
}

/** Within this time clients come back after a goodbye, each at a moment of its own. */
const GOAWAY_MS = 3_000;
/** A session that has run out is noticed within this time. */
const SESSIONS_MS = 1_000;

export function createGateway(options: GatewayOptions): Gateway {
  const { store, rooms, inbox, bus, clock, limits, config, addresses, log, auth, costs, ledger } = options;
  const server =
    options.sockets ?? new WebSocketServer({ noServer: true, maxPayload: FRAME_BYTES, perMessageDeflate: false, clientTracking: false });
  const origins: Record<SocketDoor, ReadonlySet<string>> = {
    public: new Set([config.publicUrl]),
    operator: new Set([config.operatorUrl, config.publicUrl]),
  };

  const carriers = new Set<Carrier>();
  const carriersByAddress = new Map<string, number>();
  const pagesBySite = new Map<SiteKey, number>();
  const visitors = new Set<VisitorConnection>();
  const operators = new Set<OperatorConnection>();
  /** Pages of one visitor, or the one anonymous page. */
  const pages = new Map<VisitorId, Set<VisitorConnection>>();
  const visitorTabs = new Map<string, VisitorConnection>();
  const operatorTabs = new Map<string, OperatorConnection>();
  /** Who asked for a transcript: the answer goes to that tab, by whichever connection it has then. */
  const transcripts = new Map<string, string>();
  let isDraining = false;

  const directory = createDirectory(store);
  const ready = directory.reload();
  ready.catch((error: unknown) => log.error({ err: error }, 'the sites could not be read'));

  const drafts = createDrafts({
    clock,
    perSecond: limits.rates.typingPerSecond,
    onDraft: (visitor, text) => operators.forEach((operator) => operator.hearDraft(visitor, text)),
  });
  const readingTurns = createFair({ atOnce: READING_AT_ONCE });
  const parts: GatewayParts = { store, rooms, inbox, directory, drafts, costs, ledger, readingTurns, clock, limits, log, auth, ready };

  // ── doors ───────────────────────────────────────────────────────────────────────────────────────────────────────

  function upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void {
    const door = socketDoorOf(req);
    const refused = door === undefined ? 404 : refusal(door, req);
    if (door === undefined || refused !== undefined) return refuse(socket, refused ?? 404);
    server.handleUpgrade(req, socket, head, (ws) => admit(door, ws, req));
  }

  /** Browsers say truthfully where a script is from; whoever says nothing is no browser. */
  function isOurs(door: SocketDoor, req: IncomingMessage): boolean {
    return origins[door].has(req.headers.origin ?? '');
  }

  function refusal(door: SocketDoor, req: IncomingMessage): 403 | 429 | 503 | undefined {
    const address = addresses.keyOf(req);
    // Asking has its price, whatever the answer.
    const isTooOften = costs.take('connect', { address }) > 0;
    if (!isOurs(door, req)) return 403;
    if (isDraining) return 503;
    if (isTooOften) return 429;
    const open = carriersByAddress.get(address) ?? 0;
    return open >= limits.rates.connectionsPerAddress ? 429 : undefined;
  }

  function admit(door: SocketDoor, bare: Carrier, req: IncomingMessage): void {
    const payers = { own: randomId(), address: addresses.keyOf(req) };
    const carrier = createMeter({ carrier: bare, costs, payers, clock });
    if (door === 'operator') return enter(door, carrier, req, payers);
    takeApart(carrier, clock, {
      own: (part) => enter(door, part, req, payers),
      ride(part) {
        const refused = refusal(door, req);
        if (refused === undefined) enter(door, part, req, payers);
        else part.close(refused === 503 ? CLOSE.restart : CLOSE.rate, 'refused');
      },
    });
  }

  function enter(door: SocketDoor, carrier: Carrier, req: IncomingMessage, payers: Required<Payers>): void {
    const { address } = payers;
    count(carriersByAddress, address, 1);
    carriers.add(carrier);
    carrier.on('close', () => {
      count(carriersByAddress, address, -1);
      carriers.delete(carrier);
    });
    if (door === 'public') admitVisitor(carrier, payers);
    else admitOperator(carrier, req.headers.cookie, payers);
  }

  function admitVisitor(carrier: Carrier, payers: Required<Payers>): void {
    const connection: VisitorConnection = createVisitorConnection({
      carrier,
      payers,
      parts,
      isFull: (site) => (pagesBySite.get(site) ?? 0) >= limits.rates.connectionsPerSite,
      onIdentity(before, now) {
        if (before === undefined) count(pagesBySite, now.site, 1);
        else leavePages(connection, before);
        supersede(visitorTabs, tabKeyOf(now), connection);
        const own = pages.get(now.presence) ?? new Set();
        pages.set(now.presence, own.add(connection));
      },
      onTranscript(uid) {
        const me = connection.identity();
        if (me !== undefined) awaitTranscript(me, uid);
      },
      onClose() {
        visitors.delete(connection);
        const me = connection.identity();
        if (me === undefined) return;
        count(pagesBySite, me.site, -1);
        leavePages(connection, me);
        if (visitorTabs.get(tabKeyOf(me)) === connection) visitorTabs.delete(tabKeyOf(me));
      },
    });
    visitors.add(connection);
  }

  function awaitTranscript(who: VisitorIdentity, uid: string): void {
    transcripts.set(`${who.presence} ${uid}`, tabKeyOf(who));
  }

  /** By a request instead of a connection: there may be none any more. */
  async function carryOut(
    access: VisitorAccess,
    { tab, items }: { tab: string; items: readonly { uid: string }[] },
    req: IncomingMessage,
  ): Promise<(Ack | Nack)[] | undefined> {
    if (isDraining) return undefined;
    const who: VisitorIdentity = { ...access, tab, presence: access.visitor };
    const answers: (Ack | Nack)[] = [];
    await carryOutForVisitor({
      parts,
      who,
      items,
      payers: { address: addresses.keyOf(req) },
      onTranscript: (uid) => awaitTranscript(who, uid),
      answer: (answer) => void answers.push(answer),
    });
    return answers;
  }

  function leavePages(connection: VisitorConnection, { presence }: VisitorIdentity): void {
    const own = pages.get(presence);
    own?.delete(connection);
    if (own?.size === 0) {
      pages.delete(presence);
      drafts.clear(presence);
    }
  }

  function admitOperator(carrier: Carrier, cookie: string | undefined, payers: Required<Payers>): void {
    const connection: OperatorConnection = createOperatorConnection({
      carrier,
      payers,
      cookie,
      parts,
      onIdentity: ({ operator, tab }) => supersede(operatorTabs, `${operator.id} ${tab}`, connection),
      onTyping: (visitor, name) => pages.get(visitor)?.forEach((page) => page.sendEphemeral({ t: 'typing', name })),
      onClose() {
        operators.delete(connection);
        const me = connection.identity();
        const key = `${me?.operator.id} ${me?.tab}`;
        if (operatorTabs.get(key) === connection) operatorTabs.delete(key);
      },
    });
    operators.add(connection);
  }

  // ── who hears what ──────────────────────────────────────────────────────────────────────────────────────────────

  function hear(fact: Fact): void {
    operators.forEach((operator) => operator.hear(fact));
    if (fact.t === 'mailed') return passMailed(fact);
    if (fact.t === 'shortened') return void pages.get(fact.visitor)?.forEach((page) => page.send({ t: 'reset', reason: 'retention' }));
    if (fact.t === 'event' || fact.t === 'read') pages.get(fact.visitor)?.forEach((page) => page.hear(fact));
  }

  function passMailed({ visitor, uid, success, error }: Extract<Fact, { t: 'mailed' }>): void {
    const key = `${visitor} ${uid}`;
    const tab = transcripts.get(key);
    transcripts.delete(key);
    if (tab !== undefined) visitorTabs.get(tab)?.send({ t: 'mailed', uid, success, ...(error === undefined ? {} : { error }) });
  }

  function hearInbox(change: InboxChange): void {
    operators.forEach((operator) => operator.hearInbox(change));
    if (change.t === 'person') pages.get(change.id)?.forEach((page) => page.refresh());
    if (change.t === 'operators') visitors.forEach((visitor) => visitor.refresh());
  }

  const stopHearing = bus.subscribe(hear);
  const stopHearingInbox = inbox.subscribe(hearInbox);
  let stopWatching = () => {};
  watchSessions();

  // ── changes from outside, and the end ───────────────────────────────────────────────────────────────────────────

  /** Never rejects: whoever noticed the change can do nothing about it, and the next change reads everything again. */
  async function siteChanged(): Promise<void> {
    try {
      await takeChanges();
    } catch (error) {
      log.error({ err: error }, 'changes could not be read');
    }
  }

  /** Sessions that have run out by now; those that were prolonged meanwhile go on. */
  async function endSessions(): Promise<void> {
    const now = clock.nowSeconds();
    for (const visitor of [...visitors]) {
      const me = visitor.identity();
      if (me === undefined || me.session === null || me.endsAt === null || me.endsAt > now) continue;
      if ((await store.session(me.session, now)) === undefined) await dismiss(visitor, me);
    }
    for (const operator of [...operators]) {
      const me = operator.identity();
      if (me === undefined || me.endsAt > now) continue;
      if ((await store.session(me.session, now)) === undefined) operator.close(CLOSE.unauthorized, 'unauthorized');
    }
  }

  function watchSessions(): void {
    stopWatching = clock.after(SESSIONS_MS, () => {
      watchSessions();
      endSessions().catch((error: unknown) => log.error({ err: error }, 'sessions could not be looked at'));
    });
  }

  async function takeChanges(): Promise<void> {
    await directory.reload();
    inbox.refreshOperators(directory.operators());
    const now = clock.nowSeconds();
    for (const visitor of [...visitors]) {
      const me = visitor.identity();
      const place = visitor.place();
      if (me === undefined || place === undefined) continue;
      if (!isAtHome(place, directory)) visitor.close(CLOSE.siteClosed, 'the site is gone');
      else if (me.session !== null && (await store.session(me.session, now)) === undefined) await dismiss(visitor, me);
      else visitor.refreshSettings();
    }
    // Those who have a page here were found by their sessions.
    for (const { site, id } of inbox.absent()) if ((await store.visitor(site, id)) === undefined) forgetErased(id);
    for (const operator of [...operators]) {
      const me = operator.identity();
      if (me === undefined) continue;
      if ((await store.session(me.session, now)) === undefined) operator.close(CLOSE.unauthorized, 'unauthorized');
      else operator.refreshDirectory();
    }
  }

  /** Gone from the lists, and from the workplaces that had the conversation open. */
  function forgetErased(visitor: VisitorId): void {
    operators.forEach((operator) => operator.hearErased(visitor));
    inbox.erased(visitor);
  }

  /** A session is over because its visitor was erased, or signed out elsewhere. */
  async function dismiss(connection: VisitorConnection, { site, visitor }: { site: SiteKey; visitor: VisitorId | null }): Promise<void> {
    if (visitor !== null && (await store.visitor(site, visitor)) === undefined) {
      connection.send({ t: 'reset', reason: 'erased' });
      forgetErased(visitor);
    }
    connection.close(CLOSE.unauthorized, 'unauthorized');
  }

  async function goaway(): Promise<void> {
    isDraining = true;
    const connections = [...visitors, ...operators];
    for (const connection of connections) connection.send({ t: 'goaway', afterMs: GOAWAY_MS });
    let stop = () => {};
    const patience = new Promise<void>((resolve) => {
      stop = clock.after(limits.timing.drainMs, resolve);
    });
    const work = Promise.all(connections.map((connection) => connection.drain())).then(() => rooms.idle());
    await Promise.race([work, patience]);
    stop();
    for (const connection of [...visitors, ...operators]) connection.close(CLOSE.restart, 'restart');
    await allClosed();
  }

  /** Peers that do not answer the closing are cut off by their connection. */
  async function allClosed(): Promise<void> {
    await Promise.all([...carriers].map((carrier) => new Promise<void>((resolve) => carrier.once('close', () => resolve()))));
  }

  return {
    upgrade,
    isOurs,
    refusal,
    admit,
    carryOut,
    revoke(session, operator) {
      for (const connection of [...visitors, ...operators]) {
        if (connection.identity()?.session === session) connection.close(CLOSE.unauthorized, 'unauthorized');
      }
      if (operator !== undefined) inbox.operatorSignedOut(operator);
    },
    siteChanged,
    goaway,
    close() {
      isDraining = true;
      stopHearing();
      stopHearingInbox();
      stopWatching();
      drafts.close();
      for (const carrier of carriers) carrier.terminate();
      server.close();
    },
  };
}

function tabKeyOf({ site, tab }: { site: SiteKey; tab: string }): string {
  return `${site} ${tab}`;
}

/** Of two connections of one tab the newer one speaks: the older is a line that was cut without our noticing. */
function supersede<C extends { close(code: number, reason: string): void }>(byTab: Map<string, C>, tab: string, newer: C): void {
  const older = byTab.get(tab);
  byTab.set(tab, newer);
  if (older !== undefined && older !== newer) older.close(CLOSE.superseded, 'superseded');
}

function count(open: Map<string, number>, key: string, by: number): void {
  const now = (open.get(key) ?? 0) + by;
  if (now > 0) open.set(key, now);
  else open.delete(key);
}

/** The door that this address stands for, if any. */
export function socketDoorOf(req: IncomingMessage): SocketDoor | undefined {
  const path = (req.url ?? '').split('?')[0];
  return path === '/socket' ? 'public' : path === '/operator/socket' ? 'operator' : undefined;
}
