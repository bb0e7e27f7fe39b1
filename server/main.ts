/**
 * The server's composition root: the only file that constructs. Reads the configuration, claims the data directory, plugs the
 * parts together, opens the ports, says where everything is, and takes it all down again in order. Decides nothing.
 */
import './process/umask.ts';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import { createAddresses } from './network/address.ts';
import { readBuilt } from './http/assets.ts';
import { createAuth } from './auth/auth.ts';
import { createLocalBus } from './bus/local.ts';
import { systemClock } from './base/clock.ts';
import { ConfigError, isLocal, readConfig, type Config, type PortVariable } from './config.ts';
import { createCosts } from './limits/costs.ts';
import { DataDirInUse, claimDataDir } from './process/data-dir.ts';
import { createDemo } from './process/demo.ts';
import { createHosts } from './http/hosts.ts';
import { createEntrance } from './network/entrance.ts';
import type { Fact } from './bus/facts.ts';
import { createFeed } from './bus/feed.ts';
import { createFiles } from './files/files.ts';
import { createScanner } from './files/scanner.ts';
import { endpointOf } from './sockets/endpoint.ts';
import { createGateway } from './sockets/gateway.ts';
import { createHttp } from './http/http.ts';
import { createInbox } from './presence/inbox.ts';
import { createJobs } from './jobs/jobs.ts';
import { archiveBuilt } from './http/asset-archive.ts';
import { runProcess } from './process/lifecycle.ts';
import { createLedger } from './limits/ledger.ts';
import { PortTaken, holdPort, listen, type HeldPort } from './process/listen.ts';
import { createLog, type Log } from './base/log.ts';
import { createLoginDelay } from './auth/login.ts';
import { createMailer } from './mail/mailer.ts';
import { createMetrics } from './monitor/metrics.ts';
import { guardOutput } from './base/output.ts';
import { keepPrivate } from './process/private.ts';
import { createRooms } from './room/room.ts';
import { seedStore, type Seeded } from './process/seed.ts';
import { createStreams } from './sockets/streams.ts';
import { openStore, storeFault } from './store/open.ts';
import { UnusableDatabase } from './store/unusable.ts';
import { NewerDatabase } from './store/migrate.ts';

/** From dist/server/main.js: the built files beside it, the shop in the sources. */
const DIST = fileURLToPath(new URL('..', import.meta.url));
const DEMO = fileURLToPath(new URL('../../demo', import.meta.url));

/** Of a stopping server: requests that are under way get so long beyond what the sockets had. */
const CLOSE_MS = 3_000;
/** The same for the parts around them: jobs, files, the database. */
const STOP_MS = 10_000;
/** A scanner that takes longer for one file is asked again later. */
const SCAN_MS = 60_000;

/** The ports that the server has chosen by itself. */
type HeldPorts = Map<PortVariable, HeldPort>;

async function start(config: Config, held: HeldPorts, log: Log): Promise<() => Promise<void>> {
  const { limits } = config;
  const clock = systemClock;
  const stops: (() => unknown)[] = [];
  let seeded: Seeded = {};
  const stop = async () => {
    for (let next = stops.pop(); next !== undefined; next = stops.pop()) await next();
  };

  try {
    keepPrivate(config, (line) => log.warn(line));
    const claim = claimDataDir(config.dataDir);
    stops.push(claim);
    const built = archiveBuilt(readBuilt(DIST, __VERSION__), { dataDir: config.dataDir, nowSeconds: clock.nowSeconds(), log });
    const onTrouble = (reason: string | null) =>
      reason === null ? log.info('the database can be written to again') : log.error(`nothing can be stored: ${reason}`);
    const store = await openStore(config, {
      foreignChangeMs: limits.timing.foreignChangeMs,
      clock,
      server: { isHeld: claim.isHeld, onTrouble },
    });
    stops.push(() => store.close());
    seeded = await seedStore(store, config);

    const onError = (error: unknown) => log.error({ err: error }, 'a listener of the bus failed');
    const bus = createLocalBus<Fact>({ onError });
    stops.push(() => bus.close());
    const feed = createFeed({ bus, store, clock, log, onError });
    stops.push(() => feed.close());
    const mailer = createMailer({ store, config, log });
    stops.push(() => mailer.close());
    const scanner = config.scannerUrl === null ? null : createScanner(config.scannerUrl, SCAN_MS);
    const costs = createCosts({ clock, limits });
    const ledger = createLedger({ store, clock, limits, log });
    stops.push(() => ledger.close());
    const files = await createFiles({ store, clock, config, log, costs, ledger, scanner });
    const metrics = config.metricsPort === 0 ? undefined : createMetrics({ bus });
    stops.push(() => metrics?.close());
    const plainRooms = createRooms({ store, bus, clock, log, limits, mailer, fileLink: (file) => files.link(file) });
    stops.push(() => plainRooms.idle());
    const rooms = metrics?.measured(plainRooms) ?? plainRooms;
    const inbox = await createInbox({ store, feed, clock, limits, log });
    stops.push(() => inbox.close());
    const auth = createAuth({ store, clock, limits, delay: createLoginDelay({ store, clock, limits: limits.login }) });
    const addresses = createAddresses({ trusted: config.trustProxy, clock, log });
    const gateway = createGateway({ store, rooms, inbox, feed, clock, limits, config, addresses, log, auth, costs, ledger });
    stops.push(() => gateway.close());
    metrics?.countConnections(gateway.connections);
    const jobs = createJobs({ store, rooms, inbox, bus, clock, limits, log, mailer, files });
    stops.push(() => jobs.close());
    stops.push(store.onForeignChange(() => void gateway.siteChanged()));

    let isLeaving = false;
    let isStopping = false;
    const entrance = createEntrance({ addresses, clock, limits, log });
    const http = await createHttp({
      config,
      addresses,
      entrance,
      costs,
      store,
      clock,
      auth,
      files,
      built,
      log,
      gateway,
      streams: createStreams(gateway),
      revoke: (session, operator) => gateway.revoke(session, operator),
      isLeaving: () => isLeaving,
      isReady: async () =>
        !isStopping &&
        (await Promise.all([store.isOpen(''), store.isWritable()]).then(
          ([, isWritable]) => isWritable,
          () => false,
        )),
    });
    const hosts = createHosts(config);
    entrance.guard(http.server, {
      has(request) {
        const endpoint =
          request.method === 'GET' && request.headers.upgrade?.toLowerCase() === 'websocket' ? endpointOf(request) : undefined;
        return endpoint !== undefined && hosts.rolesOf(request.headers.host).has(endpoint);
      },
      upgrade: (request, socket, head) => gateway.upgrade(request, socket, head),
    });
    stops.push(await open(http, 'PORT', config.port, held, config));

    const demo = config.demoPort === 0 ? undefined : await createDemo({ folder: DEMO, chat: config.publicUrl, timing: limits.timing });
    if (demo !== undefined) {
      entrance.guard(demo.server);
      stops.push(await open(demo, 'DEMO_PORT', config.demoPort, held, config));
    }

    if (metrics !== undefined) stops.push(await open(await metrics.app(), 'METRICS_PORT', config.metricsPort, held, config));

    // First of all when stopping: let the balancer notice, say goodbye, and let running work finish.
    stops.push(async () => {
      isLeaving = true;
      await new Promise<void>((resolve) => void clock.after(limits.timing.leaveMs, resolve));
      isStopping = true;
      await gateway.goaway();
    });
    announce(config, held, seeded, demo !== undefined);
    return stop;
  } catch (error) {
    // The account is made, and nobody will ever show its password again.
    if (seeded.password !== undefined) process.stdout.write(`The first operator was made${signIn(config, seeded.password)}\n`);
    await stop();
    throw storeFault(error, config);
  }
}

/** Opens the ports of `app`. Returns what closes it. */
async function open(
  app: FastifyInstance,
  variable: PortVariable,
  port: number,
  held: HeldPorts,
  config: Config,
): Promise<() => Promise<void>> {
  const alsoLoopback6 = config.host === '127.0.0.1' && isLocal(new URL(config.publicUrl).hostname);
  const closeSecond = await listen({ server: app.server, host: config.host, port, held: held.get(variable), variable, alsoLoopback6 });
  return async () => {
    closeSecond();
    const closed = app.close();
    const cut = systemClock.after(CLOSE_MS, () => app.server.closeAllConnections());
    await closed;
    cut();
  };
}

function announce(config: Config, held: HeldPorts, seeded: Seeded, hasShop: boolean): void {
  const own = held.has('PORT') ? `Listening  ${config.host}:${config.port}\n` : '';
  const shop = hasShop ? `Shop       http://127.0.0.1:${config.demoPort}/\n` : '';
  const account = seeded.password === undefined ? '' : signIn(config, seeded.password);
  const metrics = config.metricsPort === 0 ? '' : `Metrics    http://${config.host}:${config.metricsPort}/metrics\n`;
  process.stdout.write(
    `${own}${metrics}Chat       ${config.publicUrl}/loader.js\n${shop}Workplace  ${config.operatorUrl}/operator/${account}\n`,
  );
}

function signIn(config: Config, password: string): string {
  return `   (sign in as ${config.operatorEmail} / password ${password} — shown once)`;
}

/** What a person can put right gets one line; anything else is ours and comes with its stack. */
function reportAndExit(error: unknown): never {
  const isExpected =
    error instanceof ConfigError ||
    error instanceof DataDirInUse ||
    error instanceof PortTaken ||
    error instanceof NewerDatabase ||
    error instanceof UnusableDatabase;
  process.stderr.write(`${isExpected ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
}

async function run(): Promise<void> {
  guardOutput();
  const wanted = readConfig();
  const held: HeldPorts = new Map();
  for (const variable of wanted.openChoices) held.set(variable, await holdPort(wanted.host, variable));
  const config = readConfig(Object.fromEntries([...held].map(([variable, { port }]) => [variable, String(port)])));
  const log = createLog(config.logLevel);
  const graceMs = config.limits.timing.leaveMs + config.limits.timing.drainMs + CLOSE_MS + STOP_MS;
  await runProcess({ start: () => start(config, held, log), log, graceMs, fail: reportAndExit });
}

run().catch(reportAndExit);
