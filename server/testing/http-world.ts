/**
 * For tests of the HTTP edge: everything real but the network and the clock, in a folder of its own. A request
 * looks as a browser sends it; a test changes what it is about.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import { parseSettings, type SettingsInput } from '../../shared/settings.ts';
import { createAddresses } from '../network/address.ts';
import { createAsset, createLoader, type Built } from '../http/assets.ts';
import { createAuth, type Auth } from '../auth/auth.ts';
import type { Clock } from '../base/clock.ts';
import { createCosts, type Costs } from '../limits/costs.ts';
import { parseConfig, type Config, type Environment } from '../config.ts';
import { createLocalBus } from '../bus/local.ts';
import { createEntrance } from '../network/entrance.ts';
import type { Fact } from '../bus/facts.ts';
import { createFeed } from '../bus/feed.ts';
import { createFiles } from '../files/files.ts';
import { createScanner } from '../files/scanner.ts';
import { createGateway, type Gateway } from '../sockets/gateway.ts';
import { createHttp } from '../http/http.ts';
import { createInbox } from '../presence/inbox.ts';
import type { JobsOptions } from '../jobs/jobs.ts';
import { createLedger } from '../limits/ledger.ts';
import { createLog } from '../base/log.ts';
import { createLoginDelay } from '../auth/login.ts';
import { hashPassword } from '../auth/password.ts';
import { createRooms } from '../room/room.ts';
import { createSqliteStore } from '../store/sqlite.ts';
import type { Operator } from '../store/operators.ts';
import type { Store } from '../store/store.ts';
import { createStreams } from '../sockets/streams.ts';
import { keepLocks } from './lock-keeper.ts';

export interface HandClock extends Clock {
  advance(ms: number): void;
}

/** Stands still until it is turned; nothing here waits for it. */
export function createHandClock(nowMs = Date.UTC(2030, 0, 1)): HandClock {
  let now = nowMs;
  return {
    nowMs: () => now,
    nowSeconds: () => Math.floor(now / 1000),
    after: () => () => undefined,
    advance: (ms) => void (now += ms),
  };
}

export interface World {
  app: FastifyInstance;
  store: Store;
  auth: Auth;
  config: Config;
  clock: HandClock;
  gateway: Gateway;
  /** For what else a server runs beside these. */
  parts: Pick<JobsOptions, 'rooms' | 'inbox' | 'bus' | 'files' | 'log'> & { costs: Costs };
  /** Sessions whose sockets were closed. */
  revoked: string[];
  /** Lines of the log. */
  lines: string[];
  /** A request to our own host. */
  ask(options: InjectOptions): Promise<LightMyRequestResponse>;
  /** A POST of our own page. */
  post(url: string, body: object, options?: InjectOptions): Promise<LightMyRequestResponse>;
  close(): Promise<void>;
}

const SCAN_MS = 5_000;
export const PASSWORD = 'correct horse battery staple';
const asset = (text: string) => createAsset(Buffer.from(text), '.js');

const loader = createLoader(Buffer.from('(()=>{})();'.repeat(200)));

export const BUILT: Built = {
  loader,
  loaders: new Map([['1.2.3', loader]]),
  framePage:
    '<!doctype html><html lang="en"><head><title>Chat</title><script type="module" src="/frame/assets/index-1.js"></script></head><body></body></html>',
  frameTexts: { de: ['frame/assets/texts-3.js', 'frame/assets/de-4.js'] },
  operatorPage: '<!doctype html><html lang="en"><head><title>Workplace</title></head><body></body></html>',
  notices: createAsset(Buffer.from('preact 1.2.3 (MIT)\n'), '.txt'),
  frameAssets: new Map([['index-1.js', asset('frame()')]]),
  operatorAssets: new Map([['index-2.js', asset('operator()')]]),
};

/** One site `shop` of `http://shop.localhost`, one site `other` elsewhere, one site `empty` without origins, and operator Ann of every site. */
export async function createWorld({
  env = {},
  settings = {},
  clock = createHandClock(),
}: { env?: Environment; settings?: SettingsInput; clock?: HandClock } = {}): Promise<World> {
  const dataDir = await mkdtemp(join(tmpdir(), 'chat-http-'));
  const config = parseConfig({ DATA_DIR: dataDir, ...env });
  const { limits } = config;
  const store = await createSqliteStore({ file: config.databaseFile, foreignChangeMs: 60_000, clock });
  await store.transact([], async (tx) => {
    await tx.saveSite({
      key: 'shop',
      name: 'Shop',
      origins: ['http://shop.localhost', 'https://www.shop.example:8443'],
      settings: parseSettings(settings),
    });
    await tx.saveSite({ key: 'other', name: 'Other', origins: ['http://other.localhost'], settings: parseSettings(settings) });
    await tx.saveSite({ key: 'empty', name: 'Empty', origins: [], settings: parseSettings({}) });
    await tx.saveOperator(await ann());
  });
  const kept = keepLocks(store);
  const lines: string[] = [];
  const revoked: string[] = [];
  const log = createLog('debug', { write: (line) => void lines.push(line) });
  const auth = createAuth({ store: kept, clock, limits, delay: createLoginDelay({ store: kept, clock, limits: limits.login }) });
  const costs = createCosts({ clock, limits });
  const ledger = createLedger({ store: kept, clock, limits, log });
  const files = await createFiles({
    store: kept,
    clock,
    config,
    log,
    costs,
    ledger,
    scanner: config.scannerUrl === null ? null : createScanner(config.scannerUrl, SCAN_MS),
  });
  const onError = (error: unknown) => log.error({ err: error }, 'a listener failed');
  const bus = createLocalBus<Fact>({ onError });
  const feed = createFeed({ bus, store: kept, clock, log, onError });
  const rooms = createRooms({ store: kept, bus, clock, log, limits, mailer: { check: () => true }, fileLink: (file) => files.link(file) });
  const inbox = await createInbox({ store: kept, feed, clock, limits, log });
  const addresses = createAddresses({ trusted: config.trustProxy, clock, log });
  const gateway = createGateway({ store: kept, rooms, inbox, feed, clock, limits, config, addresses, log, auth, costs, ledger });
  const app = await createHttp({
    config,
    addresses,
    costs,
    store: kept,
    clock,
    auth,
    files,
    log,
    gateway,
    entrance: createEntrance({ addresses, clock, limits, log }),
    streams: createStreams(gateway),
    built: BUILT,
    revoke(session, operator) {
      revoked.push(session);
      gateway.revoke(session, operator);
    },
    isLeaving: () => false,
    isReady: async () => true,
  });
  const host = new URL(config.publicUrl).host;
  const ask = (options: InjectOptions) => app.inject({ ...options, headers: { host, ...options.headers } });
  return {
    app,
    store,
    auth,
    config,
    clock,
    gateway,
    parts: { rooms, inbox, bus, files, log, costs },
    revoked,
    lines,
    ask,
    post: (url, body, options = {}) =>
      ask({
        method: 'POST',
        url,
        payload: body,
        ...options,
        headers: { origin: config.publicUrl, 'sec-fetch-site': 'same-origin', ...options.headers },
      }),
    async close() {
      gateway.close();
      await app.close();
      await rooms.idle();
      inbox.close();
      await bus.close();
      await ledger.close();
      await store.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function ann(): Promise<Operator> {
  return {
    id: 'ann',
    email: 'ann@shop.example',
    card: { name: 'Ann', position: 'Support', avatar: null },
    sites: [],
    groups: [],
    passwordHash: await hashPassword(PASSWORD),
    isRevoked: false,
  };
}

/** The value of the one cookie that an answer sets, and the whole line. */
export function cookieOf(answer: LightMyRequestResponse): { pair: string; line: string } {
  const line = [answer.headers['set-cookie']].flat()[0] ?? '';
  return { pair: line.split(';')[0] ?? '', line };
}

/** `METHOD /path` of everything the router has, in the order of the alphabet. */
export function routesOf(app: FastifyInstance): string[] {
  const paths: string[] = [];
  const found: string[] = [];
  for (const line of app.printRoutes({ commonPrefix: false }).split('\n')) {
    const [, indent = '', segment = '', methods = ''] = /^([│├└─\s]*)(\S*)(?: \(([A-Z, ]+)\))?/.exec(line) ?? [];
    if (segment === '' && methods === '') continue;
    const depth = Math.round(indent.length / 4);
    paths.length = depth;
    paths[depth] = segment;
    const path = paths.join('').replace(/^\/\//, '/');
    for (const method of methods.split(', ')) if (method !== '' && method !== 'HEAD') found.push(`${method} ${path}`);
  }
  return [...new Set(found)].sort();
}
