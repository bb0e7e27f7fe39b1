/**
 * What the chat costs a shop's page, as its visitors and search engines measure it: the demonstration shop with and without the
 * one line, in turns, each time with an empty cache and the processor slowed down four times. Layout shift and largest contentful
 * paint by the browser's own observers, tasks by its trace, each with the owner of the script that ran in it.
 *
 * Either with the frame in a process of its own, as desktop browsers have it, or in the page's, as on small phones.
 */
import { chromium, type Browser, type CDPSession, type Page } from '@playwright/test';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { chromiumLaunch } from '../e2e/support/browsers.ts';
import type { System } from '../e2e/support/system.ts';
import type { Figure } from './figure.ts';
import { duration, median, quantile } from './statistics.ts';

const SLOWDOWN = 4;
const LOADS = 9;
/** A task that is longer keeps a visitor's click waiting, by the browsers' own measure. */
const LONG_MS = 50;
const SHOP = new URL('../demo', import.meta.url).pathname;
const LOADER_TAG = /<script async src="[^"]*\/loader\.js"[^>]*><\/script>/;
const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.svg': 'image/svg+xml',
};

interface Load {
  shift: number;
  /** What moved. */
  moved: string[];
  paint: number;
  /** Milliseconds of each task on the page's main thread, other programs' turns left out, and whose script ran in it. */
  tasks: Task[];
  slowdown: number;
}

interface Task {
  length: number;
  whose: 'loader' | 'frame' | 'other';
  /** What took longest in it, in the trace's words. */
  mostly: string;
}

interface TraceEvent {
  name: string;
  pid: number;
  tid: number;
  /** Microseconds. */
  ts: number;
  dur?: number;
  /** Of that, on the processor. */
  tdur?: number;
  args?: { data?: { url?: string; fileName?: string; scriptName?: string } };
}

/** `isTogether`: page and frame share one process, so what runs in the frame is felt on the page. */
export async function measureVitals(system: System, isTogether: boolean): Promise<Figure[]> {
  const server = await serveShop(system.chat);
  const shop = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    await system.admin('site', 'origin', 'add', 'bench', shop);
    return isTogether
      ? await measureIn('one process', ['--disable-site-isolation-trials'], shop, system.chat)
      : await measureIn('frame apart', [], shop, system.chat);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

async function measureIn(where: string, switches: string[], shop: string, chat: string): Promise<Figure[]> {
  const options = chromiumLaunch({ isWhole: true });
  const browser = await chromium.launch({ ...options, args: [...(options.args ?? []), ...switches] });
  const withChat: Load[] = [];
  const without: Load[] = [];
  try {
    // The first pair warms the machine up and is not counted.
    for (let n = 0; n <= LOADS; n += 1) {
      const pair = { withChat: await load(browser, `${shop}/`, chat), without: await load(browser, `${shop}/?bare`, chat) };
      if (n === 0) continue;
      withChat.push(pair.withChat);
      without.push(pair.without);
    }
  } finally {
    await browser.close();
  }
  return [
    { what: `${where}: layout shift with / without`, value: `${shifts(withChat)} / ${shifts(without)}, worst of ${LOADS}`, aim: 'no more' },
    {
      what: `${where}: largest contentful paint with / without`,
      value: compare(withChat, without, (one) => one.paint),
      aim: 'within noise',
    },
    {
      what: `${where}: tasks over ${LONG_MS} ms a load, with / without`,
      value: `${longTasks(withChat)} / ${longTasks(without)}`,
      aim: 'no more',
    },
    { what: `${where}: longest task with the loader`, value: spread(withChat, 'loader'), aim: `≤ ${LONG_MS} ms` },
    ...(withChat.some((one) => longest(one, 'frame') !== undefined)
      ? [{ what: `${where}: longest task with the frame`, value: spread(withChat, 'frame'), aim: `≤ ${LONG_MS} ms` }]
      : []),
    { what: `${where}: slowdown as measured`, value: `${median(withChat.map((one) => one.slowdown)).toFixed(1)} ×`, aim: '' },
  ];
}

/** One visit of somebody new: the page, the chat's launcher where there is one, and what the browser observed until then. */
async function load(browser: Browser, url: string, chat: string): Promise<Load> {
  const context = await browser.newContext();
  const page = await context.newPage();
  const client = await context.newCDPSession(page);
  try {
    // Another page of that origin first, so that the process which is slowed down is the one that shows the shop.
    await page.goto(new URL('/blank', url).href);
    const usual = await spin(page);
    await client.send('Emulation.setCPUThrottlingRate', { rate: SLOWDOWN });
    const slowdown = (await spin(page)) / usual;
    const trace = await startTrace(client);
    await page.goto(url);
    if (!url.endsWith('?bare')) await page.frameLocator('iframe.callgear-widget').getByRole('button', { name: 'Open chat' }).waitFor();
    // What was put off until the page is idle is over now, with and without the chat.
    await page.evaluate(() => new Promise((resolve) => requestIdleCallback(() => requestAnimationFrame(() => setTimeout(resolve)))));
    return { ...(await observed(page)), slowdown, tasks: tasksOf(await trace(), url, chat) };
  } finally {
    await context.close();
  }
}

/** Time of a fixed piece of work. */
function spin(page: Page): Promise<number> {
  return page.evaluate(() => {
    const from = performance.now();
    let sum = 0;
    for (let n = 0; n < 2e7; n += 1) sum += n % 7;
    return sum > 0 ? performance.now() - from : 0;
  });
}

/** What the page's observers have kept since it began. */
function observed(page: Page): Promise<Pick<Load, 'shift' | 'moved' | 'paint'>> {
  return page.evaluate(async () => {
    const kept = (type: string): Promise<PerformanceEntry[]> =>
      new Promise((resolve) => {
        const entries: PerformanceEntry[] = [];
        new PerformanceObserver((list) => entries.push(...list.getEntries())).observe({ type, buffered: true });
        setTimeout(() => resolve(entries), 100);
      });
    const shifts = (await kept('layout-shift')) as (PerformanceEntry & { value: number; sources: { node: Element | null }[] })[];
    const paints = await kept('largest-contentful-paint');
    const nameOf = (node: Element | null): string =>
      node === null ? 'something gone' : `${node.nodeName.toLowerCase()}.${node.className}`;
    return {
      shift: shifts.reduce((sum, { value }) => sum + value, 0),
      moved: shifts.flatMap(({ sources }) => sources.map(({ node }) => nameOf(node))),
      paint: paints.at(-1)?.startTime ?? Number.NaN,
    };
  });
}

async function startTrace(client: CDPSession): Promise<() => Promise<TraceEvent[]>> {
  const events: TraceEvent[] = [];
  client.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])));
  await client.send('Tracing.start', { categories: 'toplevel,devtools.timeline,v8', transferMode: 'ReportEvents' });
  return async () => {
    const done = new Promise((resolve) => client.once('Tracing.tracingComplete', resolve));
    await client.send('Tracing.end');
    await done;
    return events;
  };
}

const TASKS = ['ThreadControllerImpl::RunTask', 'RunTask'];
/** What only says that a task runs something. */
const WRAPPERS = [...TASKS, 'SimpleWatcher::OnHandleReady', 'Receive mojo message', 'ThreadPool_RunTask', 'BlinkScheduler_RunTask'];
const SCRIPTS = ['EvaluateScript', 'FunctionCall', 'v8.compile', 'v8.compileModule', 'v8.evaluateModule'];

/** The tasks of the thread that parsed the page, each with the owner of its script; our own before anybody else. */
function tasksOf(events: readonly TraceEvent[], page: string, chat: string): Load['tasks'] {
  const parse = events.find(
    ({ name, args }) => name === 'ParseHTML' && (args as { beginData?: { url?: string } } | undefined)?.beginData?.url === page,
  );
  if (parse === undefined) throw new Error('The trace knows nothing of the page.');
  const here = events.filter(({ pid, tid }) => pid === parse.pid && tid === parse.tid);
  const scripts = here
    .filter(({ name }) => SCRIPTS.includes(name))
    .map(({ ts, args }) => ({ ts, url: args?.data?.url ?? args?.data?.fileName ?? args?.data?.scriptName ?? '' }));
  const tasks = here.filter(({ name, dur }) => TASKS.includes(name) && dur !== undefined);
  if (tasks.length === 0) throw new Error('The trace has no tasks: this Chromium calls them by another name.');
  return tasks.map(({ ts, dur = 0, tdur = dur }) => {
    const urls = scripts.filter((script) => script.ts >= ts && script.ts <= ts + dur).map(({ url }) => url);
    const whose = urls.some((url) => url.startsWith(`${chat}/loader`))
      ? 'loader'
      : urls.some((url) => url.startsWith(chat))
        ? 'frame'
        : 'other';
    // Thousands are short, and nobody asks of those.
    const inside =
      whose === 'other' && tdur < LONG_MS * 1000 ? [] : here.filter((event) => event.ts > ts && event.ts + (event.dur ?? 0) <= ts + dur);
    const [mostly] = inside.filter(({ name }) => !WRAPPERS.includes(name)).sort((a, b) => (b.dur ?? 0) - (a.dur ?? 0));
    return { length: tdur / 1000, whose, mostly: mostly?.name ?? 'nothing named' };
  });
}

/** How many a load has in the mean, and whose they are and what they mostly do. */
function longTasks(loads: readonly Load[]): string {
  const long = loads.flatMap(({ tasks }) => tasks.filter(({ length }) => length > LONG_MS));
  const names = [...new Set(long.map(({ whose, mostly }) => `${whose}: ${mostly}`))];
  return `${(long.length / loads.length).toFixed(1)}${names.length === 0 ? '' : ` (${names.join(', ')})`}`;
}

const longest = ({ tasks }: Load, whose: Task['whose']): Task | undefined =>
  tasks.filter((task) => task.whose === whose).sort((a, b) => b.length - a.length)[0];

function spread(loads: readonly Load[], whose: Task['whose']): string {
  const found = loads.map((one) => longest(one, whose)).filter((task) => task !== undefined);
  const [worst] = [...found].sort((a, b) => b.length - a.length);
  return `median ${duration(median(found.map(({ length }) => length)))}, worst ${duration(worst?.length ?? 0)} (${worst?.mostly ?? 'none'})`;
}

/** The worst, and what moved in any of them. */
function shifts(loads: readonly Load[]): string {
  const moved = [...new Set(loads.flatMap((one) => one.moved))];
  return `${Math.max(...loads.map(({ shift }) => shift)).toFixed(4)}${moved.length === 0 ? '' : ` (${moved.join(', ')})`}`;
}

/** Both medians, their ratio, and how far apart the middle halves of each series lie by themselves. */
function compare(withChat: readonly Load[], without: readonly Load[], value: (load: Load) => number): string {
  const [one, other] = [withChat.map(value), without.map(value)];
  const noise = (values: readonly number[]): string => `±${((quantile(values, 0.75) - quantile(values, 0.25)) / 2).toFixed(0)}`;
  return `${median(one).toFixed(0)} ${noise(one)} / ${median(other).toFixed(0)} ${noise(other)} ms = ${(median(one) / median(other)).toFixed(2)} ×`;
}

/** The shop's files; with `?bare` its page without the chat's line. */
async function serveShop(chat: string): Promise<Server> {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://shop');
    if (pathname === '/blank') return void response.setHeader('content-type', 'text/html').end('<!doctype html><title>Blank</title>');
    const name = pathname === '/' ? 'index.html' : pathname.slice(1);
    const type = TYPES[extname(name)];
    if (type === undefined || name.includes('/')) return void response.writeHead(404).end();
    const file = readFileSync(join(SHOP, name), 'utf8');
    if (name === 'index.html' && !LOADER_TAG.test(file)) throw new Error('The shop has no line of the chat any more.');
    const line = searchParams.has('bare') ? '' : `<script async src="${chat}/loader.js" data-site="bench"></script>`;
    response.setHeader('content-type', type).end(file.replace(LOADER_TAG, line));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
