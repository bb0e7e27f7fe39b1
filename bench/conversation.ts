/** Figures of a live conversation: how fast a query answers, and how long a message takes from the page to the operator's screen. */
import type { Browser } from '@playwright/test';
import { VisitorPage } from '../e2e/support/pages/visitor.ts';
import { Workplace } from '../e2e/support/pages/workplace.ts';
import type { System } from '../e2e/support/system.ts';
import type { Figure } from './main.ts';
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

/** Both pages run on one machine, so their clocks (`timeOrigin` + `now`) are one. */
export async function measureConversation(browser: Browser, system: System): Promise<Figure[]> {
  const operator = await new Workplace(await (await browser.newContext()).newPage(), system.chat).signIn(
    'first@example.com',
    'correct horse battery',
  );
  await operator.goOnline();
  const visitor = await visit(browser, system);
  await visitor.done('startChat');
  await operator.join();
  await operator.log.evaluate((log) => {
    const seen: Record<string, number> = {};
    (window as unknown as { seen: typeof seen }).seen = seen;
    new MutationObserver(() => {
      const text = /probe \d+;(?!.*probe \d)/s.exec(log.textContent ?? '')?.[0];
      if (text !== undefined) seen[text] ??= performance.timeOrigin + performance.now();
    }).observe(log, { childList: true, subtree: true, characterData: true });
  });
  const times: number[] = [];
  for (let n = 1; n <= 200; n += 1) {
    const from = await visitor.page.evaluate((text) => {
      const at = performance.timeOrigin + performance.now();
      (window as unknown as { chat: { sendChatMessage(text: string): void } }).chat.sendChatMessage(text);
      return at;
    }, `probe ${n};`);
    const seen = await operator.page.waitForFunction(
      (text) => (window as unknown as { seen: Record<string, number> }).seen[text],
      `probe ${n};`,
    );
    times.push(((await seen.jsonValue()) as number) - from);
  }
  await visitor.page.context().close();
  await operator.page.context().close();
  return [
    {
      what: "page's message on the operator's screen",
      value: `median ${duration(median(times))}, p99 ${duration(quantile(times, 0.99))} (${times.length} messages)`,
      aim: '',
    },
  ];
}
