/**
 * The server of the loopback: the real gateway, rooms, inbox, jobs and SQLite store, plugged together as `server/main.ts` does
 * it, but for the ports. It can be killed and started again over the same database; its disk can be full, or make everybody
 * wait. One server serves many schedules, each with a visitor of its own.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import type { WebSocket, WebSocketServer } from 'ws';
import { createAddresses } from '../../server/network/address.ts';
import type { VisitorGrant } from '../../server/auth/access.ts';
import { createAuth } from '../../server/auth/auth.ts';
import { OPERATOR_COOKIE } from '../../server/auth/cookies.ts';
import { OPERATOR_SESSION_SECONDS } from '../../server/auth/operator-sessions.ts';
import { hashToken, newToken } from '../../server/auth/tokens.ts';
import { createLimits } from '../../server/limits/limits.ts';
import type { Fact } from '../../server/bus/facts.ts';
import { createFeed } from '../../server/bus/feed.ts';
import { createCosts } from '../../server/limits/costs.ts';
import { createLedger } from '../../server/limits/ledger.ts';
import { createGateway } from '../../server/sockets/gateway.ts';
import { createInbox } from '../../server/presence/inbox.ts';
import { createJobs } from '../../server/jobs/jobs.ts';
import { createLog } from '../../server/base/log.ts';
import { createLoginDelay } from '../../server/auth/login.ts';
import { createRooms } from '../../server/room/room.ts';
import { createShakyNet, randomOf, SHAKY, STEADY } from '../../server/testing/shaky-net.ts';
import { createSqliteStore } from '../../server/store/sqlite.ts';
import type { Lock } from '../../server/store/locks.ts';
import type { Operator } from '../../server/store/operators.ts';
import type { Store, Transaction } from '../../server/store/store.ts';
import type { VisitorId } from '../../shared/chat.ts';
import { ChatError } from '../../shared/errors.ts';
import { parseSettings, toldSettings } from '../../shared/settings.ts';
import type { OperatorSession } from '../../shared/wire/workplace.ts';
import type { Hands } from './hands.ts';
import { Database } from '../../server/store/driver.ts';

export const SITE = 'shop';
/** What the frame's document would carry. */
export const SETTINGS = toldSettings(parseSettings({}));
const CHAT = 'https://chat.example';
/** In memory where the system has such a place: durability is not what the loopback is about, and fsync costs nothing there. */
const FOLDER = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

export interface StoredEvent {
  chat: string;
  /** The chat's place among the visitor's chats. */
  number: number;
  lastSeq: number;
  isOpen: boolean;
  readByVisitor: number;
  seq: number;
  message_id: string;
  kind: string;
  author: string;
  uid: string | null;
  text: string;
}

/** `well`: as it should be. `full`: what was written is undone. `slow`: nobody hears of a commit before it is well again. */
export type Disk = 'well' | 'full' | 'slow';

export interface ServerOptions {
  hands: Hands;
  /** Changes the store before anybody gets it: for servers that are broken on purpose. */
  wrapStore?: (store: Store) => Store;
}

export interface LoopbackServer {
  readonly clock: ReturnType<Hands['clock']>;
  readonly disk: Disk;
  setDisk(disk: Disk): Promise<void>;
  /** Whether facts are lost, doubled and brought too late on their way between the server's own parts. */
  setShaky(isShaky: boolean): void;
  /** `false` if it takes no connections now. */
  connect(path: string, cookie: string | undefined, socket: WebSocket): boolean;
  enter(): Promise<VisitorGrant>;
  resume(refresh: string): Promise<VisitorGrant | undefined>;
  /** An operator who is signed in, with the cookie that shows it. */
  operator: { session: OperatorSession; cookie: string };
  /** Dies without a word and is started again. Works that wait for the disk are lost, or committed without anybody hearing. */
  kill(isCommitted: boolean): Promise<void>;
  /** Says goodbye and takes no more connections; the next `kill` ends it. */
  goaway(): void;
  readonly isLeaving: boolean;
  /** Everything stored of a visitor, in its order; committed events only. */
  stored(visitor: VisitorId): StoredEvent[];
  isStored(chat: string, seq: number, uid: string): boolean;
  /** The event is stored, in a chat of this visitor. */
  isOf(visitor: VisitorId, chat: string, seq: number): boolean;
  erase(visitor: VisitorId): Promise<void>;
  close(): Promise<void>;
}

const ROWS = `
  SELECT chat.id AS chat, chat.number, chat.last_seq AS lastSeq, chat.is_open AS isOpen, chat.read_by_visitor AS readByVisitor,
         event.seq, event.message_id, event.kind, event.author_kind AS author, event.uid, event.body
  FROM chat JOIN event ON event.chat = chat.id WHERE chat.site = ? AND chat.visitor = ? ORDER BY chat.number, event.seq`;

const log = createLog('silent');

/** The one operator of the loopback. */
const ANNA: Operator = {
  id: 'anna',
  email: 'anna@shop.example',
  card: { name: 'Anna', position: null, avatar: null },
  sites: [],
  groups: [],
  passwordHash: '',
  isRevoked: false,
};

export async function createServer({ hands, wrapStore = (store) => store }: ServerOptions): Promise<LoopbackServer> {
  const clock = hands.clock();
  const folder = mkdtempSync(join(FOLDER, 'loopback-'));
  const file = join(folder, 'chat.sqlite');
  const random = randomOf(1);
  const onError = (error: unknown) => {
    throw error;
  };
  const net = createShakyNet<Fact>({ clock, siteOf: (fact) => ('site' in fact ? fact.site : undefined), random, onError });
  const whole = await createSqliteStore({ file, foreignChangeMs: 1_000_000_000, clock });
  const reader = openReader(file);
  const limits = createLimits({
    rates: { connectionsPerAddress: 100_000, connectionsPerSite: 100_000, readsPerSecond: 1e6, readsBurst: 1e6 },
    timing: { jobPollMs: 60_000 },
  });

  let disk: Disk = 'well';
  /** Works of this life of the server that wait for the disk. */
  let waiting: (() => Promise<void>)[] = [];
  const { trackPatiently, present } = createPatience(hands);

  const broken = wrapStore(whole);
  const store: Store = {
    ...broken,
    transact<T>(locks: readonly Lock[], work: (tx: Transaction) => Promise<T>): Promise<T> {
      if (disk === 'slow') {
        const whose = present();
        whose?.rest();
        return new Promise<T>((resolve, reject) =>
          waiting.push(() => {
            whose?.goOn();
            return broken.transact(locks, work).then(resolve, reject);
          }),
        );
      }
      if (disk === 'well') return hands.track(broken.transact(locks, work));
      return hands.track(
        broken.transact(locks, async (tx) => {
          await work(tx);
          throw new ChatError('storage_full', 'The disk of the server is full.');
        }),
      );
    },
  };

  async function start() {
    const bus = net.node();
    const feed = createFeed({ bus, store, clock, log, onError });
    const rooms = createRooms({
      store,
      bus,
      clock,
      log,
      limits,
      mailer: { check: () => true },
      fileLink: ({ id }) => `https://files.example/${id}`,
    });
    const inbox = await createInbox({ store, feed, clock, limits, log });
    const auth = createAuth({ store, clock, limits, delay: createLoginDelay({ store, clock, limits: limits.login }) });
    const jobs = createJobs({
      store,
      rooms,
      inbox,
      bus,
      clock,
      limits,
      log,
      mailer: { transcript: () => Promise.resolve(), tidy: () => Promise.resolve() },
      files: { discard: () => Promise.resolve(), check: () => Promise.resolve(undefined) },
    });
    const { die, whileAlive } = createLifetime();
    let arriving: WebSocket | undefined;
    const sockets: Pick<WebSocketServer, 'handleUpgrade' | 'close'> = {
      handleUpgrade(request, _socket, _head, done) {
        if (arriving !== undefined) done(arriving, request);
        arriving = undefined;
      },
      close: () => undefined,
    };
    const gateway = createGateway({
      store,
      rooms,
      inbox,
      feed,
      clock,
      limits,
      log,
      sockets,
      costs: createCosts({ clock, limits }),
      ledger: createLedger({ store, clock, limits, log }),
      config: { publicUrl: CHAT, operatorUrl: CHAT },
      addresses: createAddresses({ trusted: [], clock, log }),
      auth: { access: (token) => hands.track(auth.access(token)), operator: (cookie) => hands.track(auth.operator(cookie)), use: auth.use },
    });
    return {
      enter: () => auth.enter(SITE),
      // It may have to write, where the clock was set back since the token was made: then it waits for the disk like any other.
      resume: (refresh: string) => whileAlive(trackPatiently(async () => (await auth.resume(SITE, [refresh])).grant)),
      gateway,
      connect(path: string, cookie: string | undefined, socket: WebSocket) {
        arriving = socket;
        gateway.upgrade(
          { url: path, headers: { origin: CHAT, cookie }, socket: { remoteAddress: '192.0.2.1' } } as unknown as IncomingMessage,
          nowhere(),
          Buffer.alloc(0),
        );
        const isRefused = arriving !== undefined;
        arriving = undefined;
        return !isRefused;
      },
      stop() {
        die();
        gateway.close();
        inbox.close();
        feed.close();
        void bus.close();
        void jobs.close();
      },
    };
  }

  await whole.transact([], async (tx) => {
    await tx.saveSite({ key: SITE, name: SITE, origins: ['https://shop.example'], settings: parseSettings({}) });
  });
  const token = newToken();
  /** One that lasts longer than it may is not believed: made anew for every schedule, and halfway, because clocks jump by hours here. */
  const signIn = () => {
    const expiresAt = clock.nowSeconds() + OPERATOR_SESSION_SECONDS / 2;
    return whole.transact([], (tx) =>
      tx.saveSession({ id: 's-anna', tokenHash: hashToken(token), site: null, visitor: null, operator: ANNA.id, csrf: 'csrf', expiresAt }),
    );
  };
  await whole.transact([], (tx) => tx.saveOperator(ANNA));
  await signIn();

  let life = await start();
  let isLeaving = false;

  async function setDisk(next: Disk): Promise<void> {
    disk = next;
    if (next === 'slow') return;
    // In the order in which they came; a full disk refuses what has waited like anything else.
    const due = waiting;
    waiting = [];
    await Promise.all(due.map((work) => hands.track(work())));
  }

  return {
    clock,
    get disk() {
      return disk;
    },
    setDisk,
    setShaky: (isShaky) => net.set(isShaky ? SHAKY : STEADY),
    connect: (path, cookie, socket) => life.connect(path, cookie, socket),
    async enter() {
      await signIn();
      return life.enter();
    },
    resume: (refresh) => life.resume(refresh),
    operator: { session: { id: ANNA.id, name: ANNA.card.name, csrf: 'csrf' }, cookie: `${OPERATOR_COOKIE}=${token}` },
    async kill(isCommitted) {
      const lost = waiting;
      waiting = [];
      disk = 'well';
      life.stop();
      // Committed, and nobody is left to say so: who waited for it is gone with the old life.
      if (isCommitted) await Promise.all(lost.map((work) => work()));
      await hands.settle();
      life = await start();
      isLeaving = false;
    },
    goaway() {
      isLeaving = true;
      void life.gateway.goaway();
    },
    get isLeaving() {
      return isLeaving;
    },
    stored: reader.stored,
    isOf: reader.isOf,
    isStored: reader.isStored,
    async erase(visitor) {
      await whole.transact([], (tx) => tx.eraseVisitor(SITE, visitor));
    },
    async close() {
      life.stop();
      reader.close();
      await whole.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Knows who waits for which work. `settle` waits for it too, except while the work waits for the disk. */
function createPatience(hands: Hands) {
  const patience = new AsyncLocalStorage<{ rest(): void; goOn(): void }>();
  return {
    /** For whom the present work is done, if anybody waits for it. */
    present: () => patience.getStore(),
    /** Ends by itself, as soon as the disk is well: it signs what it hands out, which other threads do in their own time. */
    async trackPatiently<T>(begin: () => Promise<T>): Promise<T> {
      let rest = (): void => undefined;
      const goOn = (): void => void hands.track(new Promise<void>((resolve) => (rest = resolve)));
      goOn();
      try {
        return await patience.run({ rest: () => rest(), goOn }, begin);
      } finally {
        rest();
      }
    },
  };
}

/** One life of the server, as its requests see it. */
function createLifetime() {
  let die = (): void => undefined;
  const dying = new Promise<void>((resolve) => (die = resolve));
  return {
    die: () => die(),
    /** A request to this life. If the server dies first, its connection breaks, and nobody hears what became of the work. */
    async whileAlive<T>(request: Promise<T>): Promise<T> {
      const over = dying.then(() => {
        throw new Error('The server died before it answered.');
      });
      return Promise.race([over, request]);
    },
  };
}

/** Reads committed events, on a connection of its own. */
function openReader(file: string): Pick<LoopbackServer, 'stored' | 'isStored' | 'isOf'> & { close(): void } {
  const database = new Database(file, { readonly: true });
  const rows = database.prepare<[string, string], Omit<StoredEvent, 'isOpen' | 'text'> & { isOpen: number; body: string }>(ROWS);
  const row = database.prepare<[string, number, string]>('SELECT 1 FROM event WHERE chat = ? AND seq = ? AND uid = ?');
  const own = database.prepare<[string, number, string]>(
    'SELECT 1 FROM event JOIN chat ON chat.id = event.chat WHERE event.chat = ? AND event.seq = ? AND chat.visitor = ?',
  );
  return {
    stored: (visitor) =>
      rows.all(SITE, visitor).map(({ body, isOpen, ...rest }) => ({ ...rest, isOpen: isOpen === 1, text: textOf(body) })),
    isStored: (chat, seq, uid) => row.get(chat, seq, uid) !== undefined,
    isOf: (visitor, chat, seq) => own.get(chat, seq, visitor) !== undefined,
    close: () => void database.close(),
  };
}

/** A stream that takes what the gateway says to a refused client. */
function nowhere(): Duplex {
  return new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
}

function textOf(body: string): string {
  const { text } = JSON.parse(body) as { text?: string };
  return text ?? '';
}
