/** Figures of a live conversation: how fast a query answers, and how long a message takes from the page to the operator's screen. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from '@playwright/test';
import { VisitorPage } from '../e2e/support/pages/visitor.ts';
import { Workplace } from '../e2e/support/pages/workplace.ts';
import { startSystem, type System } from '../e2e/support/system.ts';
import type { Figure } from './figure.ts';
import { between, gather, STATIONS, watchContext, watchLog, type Notes } from './stations.ts';
import { duration, median, quantile } from './statistics.ts';

const QUERIES = ['getState', 'isChatAvailable', 'hasHistory', 'getOperatorVcard', 'getUnreadCounter'];

const visit = async (browser: Browser, system: System): Promise<VisitorPage> =>
  new VisitorPage(await (await browser.newContext()).newPage(), `${system.shop}/bench`).open('recorder.html?listen=');

export async function measureQueries(browser: Browser, system: System): Promise<Figure[]> {
  const visitor = await visit(browser, system);
  const perCall = await visitor.page.evaluate((queries) => {
    const { chat } = window as unknown as { chat: Record<string, () => unknown> };
    const rounds = 100_000;
    return queries.map((name) => {
      const query = chat[name] as () => unknown;
      for (let warm = 0; warm < rounds / 10; warm += 1) query();
      const from = performance.now();
      for (let round = 0; round < rounds; round += 1) query();
      return (performance.now() - from) / rounds;
    });
  }, QUERIES);
  await visitor.page.context().close();
  return QUERIES.map((name, index) => ({ what: `${name}()`, value: duration(perCall[index] ?? Number.NaN), aim: '< 2 µs' }));
}

/** Messages of one run, and what lies between an answer and the next one: a person is slower still. */
const MESSAGES = 200;
const PAUSE_MS = 30;

/**
 * One message after the other, from the page's call to the operator's screen, and the stations between. The page itself sends the next
 * one when the last has arrived: no driver speaks to either page meanwhile.
 */
export async function measureConversation(browser: Browser): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'chat-marks-'));
  const marks = join(folder, 'marks.json');
  const preload = new URL('server-marks.mjs', import.meta.url).href;
  const system = await startSystem({ NODE_OPTIONS: `--import ${preload}`, BENCH_MARKS: marks });
  try {
    await system.admin('site', 'add', '--key', 'bench', '--name', 'Bench', '--origin', system.shop);
    const [theirs, ours] = [await browser.newContext(), await browser.newContext()];
    for (const context of [theirs, ours]) await watchContext(context);
    const operator = await new Workplace(await theirs.newPage(), system.chat).signIn('first@example.com', 'correct horse battery');
    await operator.goOnline();
    const visitor = await new VisitorPage(await ours.newPage(), `${system.shop}/bench`).open('recorder.html?listen=messagedelivered');
    await visitor.done('startChat');
    await operator.join();
    await watchLog(operator.log);
    await visitor.page.evaluate(converse, [MESSAGES, PAUSE_MS] as const);
    await operator.log.getByText(`probe ${MESSAGES};`).waitFor();
    await system.stopServer();
    const notes = await gather(visitor.page, operator.page, marks);
    for (const context of [theirs, ours]) await context.close();
    return toFigures(notes);
  } finally {
    await system.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs in the page. */
async function converse([messages, pauseMs]: readonly [number, number]): Promise<void> {
  const { chat, stations } = window as unknown as {
    chat: { once(name: string, listener: () => void): void; sendChatMessage(text: string): void };
    stations: [string, string, number][];
  };
  for (let n = 1; n <= messages; n += 1) {
    const delivered = new Promise<void>((resolve) => chat.once('messagedelivered', resolve));
    stations.push([`probe ${n};`, 'called', performance.timeOrigin + performance.now()]);
    chat.sendChatMessage(`probe ${n};`);
    await delivered;
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

function toFigures(notes: Notes): Figure[] {
  const figure = (what: string, values: readonly number[], aim = ''): Figure => {
    const value = `median ${duration(median(values))}, p99 ${duration(quantile(values, 0.99))}`;
    return { what: values.length === MESSAGES ? what : `${what} (${values.length} of ${MESSAGES})`, value, aim };
  };
  return [
    figure("page's message on the operator's screen", between(notes, 'called', 'shown'), '15 ms, 40 ms'),
    ...STATIONS.map(({ name, from, to }) => figure(`… ${name}`, between(notes, from, to))),
    figure('beside it: the outbox’s write', between(notes, 'store asked', 'stored')),
  ];
}
