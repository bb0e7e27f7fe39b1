/**
 * Conversations of ten thousand messages: what stays in the document, how far back one can read, and whether reading back is
 * true while more comes in. How fast such a conversation opens is measured in bench/long-chat.ts.
 */
import type { Locator } from '@playwright/test';
import { expect, test } from '../support/fixtures.ts';
import { VisitorPage } from '../support/pages/visitor.ts';
import { Workplace } from '../support/pages/workplace.ts';
import { startSystem } from '../support/system.ts';
import { FLOOD_LIMITS, createWriter } from './flood.ts';
import { textsOf } from './said.ts';
import { addSite, goOn } from './site.ts';

const MANY = 10_000;
const MOST_ROWS = 200;
const NUMBER = /^message (\d+);$/;

/** The numbers of the messages in a log, from the top. */
const numbersIn = async (log: Locator): Promise<number[]> => (await textsOf(log)).flatMap((text) => Number(NUMBER.exec(text)?.[1] ?? []));

/**
 * Scrolls up until `text` is there, as a thumb on the wheel does, and holds at every look that nothing is left out and that the
 * document holds one window only. Runs in the page: five hundred pages are many trips.
 */
async function scrollTo(log: Locator, text: string, mostRows: number): Promise<{ most: number; holes: string[] }> {
  return log.evaluate(
    async (box, { text, mostRows }) => {
      const seen = { most: 0, holes: [] as string[] };
      const end = Date.now() + 240_000;
      for (;;) {
        const drawn = (box as HTMLElement).innerText;
        const numbers = [...drawn.matchAll(/message (\d+);/g)].map(([, number]) => Number(number));
        const at = numbers.findIndex((number, index) => index > 0 && number !== (numbers[index - 1] ?? 0) + 1);
        if (at > 0) seen.holes.push(`${numbers[at]} after ${numbers[at - 1]}`);
        // Rows stand side by side, wherever in the list that is.
        for (const element of [box, ...box.querySelectorAll('*')])
          seen.most = Math.max(seen.most, [...element.children].filter((row) => row.textContent !== '').length);
        if (drawn.includes(text) || at > 0 || seen.most > mostRows || Date.now() > end) return seen;
        box.scrollTop = 0;
        await new Promise((resolve) => requestAnimationFrame(resolve));
      }
    },
    { text, mostRows },
  );
}

test(`[fault 47] a conversation of ${MANY} messages: 200 rows in the document, and back to the very first, for both @campaign`, async ({
  browser,
}) => {
  test.setTimeout(600_000);
  const system = await startSystem({ LIMITS: FLOOD_LIMITS });
  const context = await browser.newContext();
  try {
    const site = await addSite(system);
    await system.admin(
      'operator',
      'add',
      '--email',
      'olga@example.com',
      '--name',
      'Olga',
      '--site',
      site,
      '--password',
      'correct horse battery',
    );
    const writer = await createWriter(system.chat, system.shop, site);
    await writer.say(Array.from({ length: MANY }, (_, n) => `message ${n + 1};`));
    writer.close();

    const page = await context.newPage();
    await goOn(page, system, site, writer.refresh);
    const visitor = await new VisitorPage(page, `${system.shop}/${site}`).open();
    await visitor.openChat();
    await visitor.sees(`message ${MANY};`);
    const operator = await (
      await new Workplace(await context.newPage(), system.chat).signIn('olga@example.com', 'correct horse battery')
    ).goOnline();
    await operator.join();
    await operator.reads(`message ${MANY};`);

    for (const log of [visitor.log, operator.log]) {
      const { most, holes } = await scrollTo(log, 'message 1;', MOST_ROWS);
      expect(holes).toEqual([]);
      expect(most).toBeLessThanOrEqual(MOST_ROWS);
      expect((await numbersIn(log)).slice(0, 3)).toEqual([1, 2, 3]);
    }

    // From as far back as one can read, what one writes oneself is in sight at once.
    await visitor.say('Here I am');
    await expect(visitor.log.getByText('Here I am', { exact: true })).toBeInViewport();
    await expect(visitor.log.getByText(`message ${MANY};`, { exact: true })).toBeInViewport();
  } finally {
    await context.close();
    await system.close();
  }
});

test('[fault 48] reading back while fifty messages a second come in leaves nothing out and shows nothing twice', async ({ browser }) => {
  test.slow();
  const before = 600;
  const system = await startSystem({ LIMITS: FLOOD_LIMITS });
  const context = await browser.newContext();
  try {
    const site = await addSite(system);
    const writer = await createWriter(system.chat, system.shop, site);
    await writer.say(Array.from({ length: before }, (_, n) => `message ${n + 1};`));
    const page = await context.newPage();
    await goOn(page, system, site, writer.refresh);
    const visitor = await new VisitorPage(page, `${system.shop}/${site}`).open();
    await visitor.openChat();
    await visitor.sees(`message ${before};`);

    let count = before;
    const over = new AbortController();
    const pouring = (async () => {
      while (!over.signal.aborted) {
        const from = Date.now();
        await writer.say(Array.from({ length: 5 }, (_, n) => `message ${count + n + 1};`));
        count += 5;
        await new Promise((resolve) => setTimeout(resolve, Math.max(0, 100 - (Date.now() - from))));
      }
    })();
    // As a script pages, and as a person scrolls, at the same time.
    const [paged, scrolled] = await Promise.all([
      visitor.page.evaluate(async () => {
        const texts: string[] = [];
        while (!texts.includes('message 1;')) {
          const part = window.chat.getHistory();
          if (part) texts.push(...part.map(({ text }) => text));
          else await new Promise((resolve) => setTimeout(resolve, 10));
        }
        return texts;
      }),
      scrollTo(visitor.log, 'message 1;', MOST_ROWS),
    ]);
    over.abort();
    await pouring;
    writer.close();

    const numbers = paged.map((text) => Number(NUMBER.exec(text)?.[1]));
    expect(numbers).toEqual(numbers.map((_, at) => (numbers[0] ?? 0) - at));
    expect(numbers[numbers.length - 1]).toBe(1);
    expect(scrolled.holes).toEqual([]);
    expect(scrolled.most).toBeLessThanOrEqual(MOST_ROWS);
    expect(count).toBeGreaterThan(before);
    await expect.poll(() => visitor.run((chat) => chat.getMessages().at(-1)?.text)).toBe(`message ${count};`);
    const all = (await visitor.run((chat) => chat.getMessages())).map(({ text }) => Number(/\d+/.exec(text)?.[0]));
    expect(all).toEqual(all.map((_, at) => (all[0] ?? 0) + at));
  } finally {
    await context.close();
    await system.close();
  }
});
