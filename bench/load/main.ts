/**
 * The load: one server process, two processes of clients, and what comes of it. Prints the limits it ran with, messages a
 * second, latencies, memory of a connection, the time to recover after every connection was cut at once, and whether anything
 * was lost or doubled. With `--ramp` the rate grows until the slowest hundredth takes too long.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { duration, median, quantile } from '../statistics.ts';
import { inspect } from './database.ts';
import { LOAD_LIMITS, startServer, type LoadServer } from './server.ts';
import type { Finished, Order, Ran, Report } from './words.ts';

export interface LoadOptions {
  visitors: number;
  /** Messages a second, of all clients together. */
  rate: number;
  seconds: number;
  operators: number;
  ramp: boolean;
  /** Cut all connections at once and see how long it takes until everybody is back. */
  cut: boolean;
  /** A folder for the server's processor profile. A killed server writes none: with a cut it is that of the recovery. */
  profile: string | undefined;
}

const SITE = 'load';
const PASSWORD = 'correct horse battery';
const PROCESSES = 2;
/** Visitors that one operator keeps open, as in the workplace. */
const OPEN = 30;
const AIM_MS = 250;
/** Within so many seconds everybody must have heard everything. */
const TOLD_WITHIN_S = 30;
const RAMP_SECONDS = 8;
const RAMP = 1.5;
const LEAST = 25;

interface Client {
  process: ChildProcess;
  /** Gives the order and waits for the answer to it. */
  ask<T extends Report['t']>(order: Order, answer: T): Promise<Extract<Report, { t: T }>>;
}

export async function main(options: LoadOptions, clientScript: string): Promise<boolean> {
  const flags = options.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${options.profile}`];
  const server = await startServer(flags);
  const clients: Client[] = [];
  try {
    await server.admin('site', 'add', '--key', SITE, '--name', 'Load', '--origin', 'https://shop.example');
    const accounts = Array.from({ length: options.operators }, (_, at) => ({ email: `operator${at}@example.com`, password: PASSWORD }));
    for (const { email } of accounts)
      await server.admin(
        'operator',
        'add',
        '--email',
        email,
        '--name',
        email,
        '--position',
        'Sales',
        '--site',
        SITE,
        '--password',
        PASSWORD,
      );
    console.log(
      `Node ${process.version}, ${availableParallelism()} processors; server: ulimit -n ${server.openFiles()}, LIMITS=${JSON.stringify(LOAD_LIMITS)}`,
    );
    console.log(
      `${options.visitors} visitors who have acted, ${options.operators} operators with up to ${OPEN} of them open, in ${PROCESSES} processes`,
    );

    for (let at = 0; at < PROCESSES; at += 1) clients.push(await startClient(clientScript));
    const idleMb = server.residentMb();
    const connected = await Promise.all(
      clients.map(({ ask }, at) =>
        ask(
          {
            t: 'connect',
            plan: {
              chat: server.chat,
              port: server.port,
              site: SITE,
              visitors: share(options.visitors, at),
              operators: accounts.filter((_, index) => index % PROCESSES === at),
              open: openEach(options),
            },
          },
          'connected',
        ),
      ),
    );
    await pause(5_000);
    const fullMb = server.residentMb();
    console.log(`connected, each with one message, in ${Math.max(...connected.map(({ seconds }) => seconds)).toFixed(1)} s`);
    console.log(
      `memory: idle ${idleMb.toFixed(0)} MB, full ${fullMb.toFixed(0)} MB: ${(((fullMb - idleMb) * 1024) / options.visitors).toFixed(1)} KB for each connection`,
    );

    const slowest = await runAt(server, clients, options.rate, options.seconds);
    if (slowest > AIM_MS) console.log(`the aim, p99 below ${AIM_MS} ms, is missed at ${options.rate}/s`);
    if (options.ramp) await ramp(server, clients, slowest > AIM_MS ? 0 : options.rate);
    if (options.cut) await cut(server, clients);

    let finished = await askAll(clients);
    let found = inspect(server.database, finished);
    // What was said last is still on its way to the other side.
    for (let tries = 0; found.behind > 0 && tries < TOLD_WITHIN_S; tries += 1) {
      await pause(1_000);
      finished = await askAll(clients);
      found = inspect(server.database, finished);
    }
    await server.stop();
    found = inspect(server.database, finished);
    const unanswered = finished.reduce((sum, { open }) => sum + open.length, 0);
    const refused = finished.reduce((sum, each) => sum + each.refused, 0);
    const acked = finished.reduce((sum, each) => sum + each.acked.length, 0);
    console.log(
      `database: ${acked} acknowledged, ${found.messages} stored; lost ${found.lost}, doubled ${found.doubled}, chats with holes ${found.holes}, chats not fully told ${found.behind}, refused ${refused}, unanswered ${unanswered}`,
    );
    return found.lost + found.doubled + found.holes + found.behind + refused + unanswered === 0;
  } finally {
    for (const client of clients) client.process.disconnect();
    await server.stop();
    server.remove();
  }
}

const askAll = (clients: readonly Client[]): Promise<Finished[]> => Promise.all(clients.map(({ ask }) => ask({ t: 'finish' }, 'finished')));
const share = (total: number, at: number): number => Math.floor((total + at) / PROCESSES);
const openEach = ({ visitors, operators }: LoadOptions): number => Math.min(OPEN, Math.floor(visitors / Math.max(1, operators)));
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function runAt(server: LoadServer, clients: readonly Client[], rate: number, seconds: number): Promise<number> {
  const cpuBefore = server.cpuSeconds();
  const from = performance.now();
  const parts = await Promise.all(clients.map(({ ask }) => ask({ t: 'run', rate: rate / PROCESSES, seconds }, 'ran')));
  const took = (performance.now() - from) / 1000;
  const all: Ran = {
    acks: parts.flatMap(({ acks }) => acks),
    others: parts.flatMap(({ others }) => others),
    given: parts.reduce((sum, { given }) => sum + given, 0),
  };
  const p99 = quantile(all.acks, 0.99);
  console.log(
    `${rate}/s for ${seconds} s: ${(all.acks.length / took).toFixed(0)} durable a second; sent → acknowledged ${describe(all.acks)}; sent → other side ${describe(all.others)}; ` +
      `server ${(((server.cpuSeconds() - cpuBefore) / took) * 100).toFixed(0)} % of a processor, ${server.residentMb().toFixed(0)} MB`,
  );
  return Math.max(p99, quantile(all.others, 0.99));
}

const describe = (times: readonly number[]): string =>
  `median ${duration(median(times))}, p95 ${duration(quantile(times, 0.95))}, p99 ${duration(quantile(times, 0.99))}`;

/** Where the knee is: the last rate at which the slowest hundredth stays below the aim. `good` does already; 0 when nothing does yet. */
async function ramp(server: LoadServer, clients: readonly Client[], good: number): Promise<void> {
  for (let last = good, rate = good === 0 ? LEAST : Math.round(good * RAMP); rate < 20_000; last = rate, rate = Math.round(rate * RAMP)) {
    if ((await runAt(server, clients, rate, RAMP_SECONDS)) <= AIM_MS) continue;
    console.log(`knee: p99 stays below ${AIM_MS} ms up to ${last}/s, not at ${rate}/s`);
    return;
  }
}

async function cut(server: LoadServer, clients: readonly Client[]): Promise<void> {
  const fromMs = Number(process.hrtime.bigint()) / 1e6;
  const cpuLost = performance.now();
  const asked = clients.map(({ ask }) => ask({ t: 'recover', fromMs }, 'recovered'));
  await server.killAndStart();
  const startedMs = performance.now() - cpuLost;
  const parts = await Promise.all(asked);
  const back = parts.flatMap(({ backMs }) => backMs);
  console.log(
    `all cut at once (server killed, ready again after ${duration(startedMs)}): back after median ${duration(median(back))}, p99 ${duration(quantile(back, 0.99))}, ` +
      `last ${duration(Math.max(...back))}; everything answered after ${duration(Math.max(...parts.map(({ settledMs }) => settledMs)))}; server used ${server.cpuSeconds().toFixed(1)} s of processor`,
  );
}

async function startClient(script: string): Promise<Client> {
  const child = fork(script, ['--client'], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const reports: Report[] = [];
  let hear = (): void => undefined;
  child.on('message', (report: Report) => {
    reports.push(report);
    hear();
  });
  child.on('exit', () => {
    reports.push({ t: 'failed', why: 'a process of clients has ended' });
    hear();
  });
  const client: Client = {
    process: child,
    async ask(order, answer) {
      child.send(order);
      return next(answer);
    },
  };
  async function next<T extends Report['t']>(t: T): Promise<Extract<Report, { t: T }>> {
    for (;;) {
      const report = reports.shift();
      if (report?.t === 'failed') throw new Error(report.why);
      if (report !== undefined && isOf(report, t)) return report;
      await new Promise<void>((resolve) => (hear = resolve));
    }
  }
  await Promise.race([next('ready'), once(child, 'error').then(([error]) => Promise.reject(error as Error))]);
  return client;
}

function isOf<T extends Report['t']>(report: Report, t: T): report is Extract<Report, { t: T }> {
  return report.t === t;
}
