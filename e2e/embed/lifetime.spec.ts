/**
 * The chat leaves nothing behind: the loader replaces frames that die, and pages, frames and bridges that came and went a
 * thousand times leave the page as it was. `npm test` does sixty rounds, `npm run matrix` the thousand.
 */
import type { CDPSession, Page } from '@playwright/test';
import { expect, test } from '../support/fixtures.ts';

const ROUNDS = process.env['MATRIX'] === 'whole' ? 1_000 : 60;
/** A round takes well under a second. */
const ROUND_MS = 3_000;

interface Counts {
  heap: number;
  listeners: number;
  nodes: number;
  documents: number;
}

async function count(client: CDPSession): Promise<Counts> {
  for (let n = 0; n < 3; n += 1) await client.send('HeapProfiler.collectGarbage');
  const { metrics } = await client.send('Performance.getMetrics');
  const value = (name: string): number => metrics.find((metric) => metric.name === name)?.value ?? 0;
  return { heap: value('JSHeapUsedSize'), listeners: value('JSEventListeners'), nodes: value('Nodes'), documents: value('Documents') };
}

async function measured(page: Page): Promise<CDPSession> {
  const client = await page.context().newCDPSession(page);
  await client.send('Performance.enable');
  return client;
}

function expectFlat(before: Counts, after: Counts): void {
  expect(after.documents - before.documents, 'documents').toBeLessThan(4);
  expect(after.listeners - before.listeners, 'listeners').toBeLessThan(20);
  expect(after.nodes - before.nodes, 'nodes').toBeLessThan(200);
  expect(after.heap / before.heap, `heap of ${before.heap} became ${after.heap}`).toBeLessThan(1.25);
}

test('[BR.reload] [B5] the frame’s process dies: the page’s script goes on meanwhile, and the conversation afterwards', async ({
  world,
}) => {
  test.slow();
  const { visitor, operator } = await world.conversation();
  const { page } = visitor;
  const frame = page.frames().find((candidate) => candidate.url().startsWith(world.system.chat));
  if (frame === undefined) throw new Error('The frame is missing.');
  const victim = await page.context().newCDPSession(frame);
  // The driver takes the whole page for crashed. It is not, and is asked past the driver.
  const client = await page.context().newCDPSession(page);
  const ask = async <T>(script: () => T): Promise<T> =>
    (await client.send('Runtime.evaluate', { expression: `(${script.toString()})()`, awaitPromise: true, returnByValue: true })).result
      .value as T;
  const before = await ask(() => (document.querySelector('iframe.callgear-widget') as HTMLIFrameElement).src);

  const hasCrashed = new Promise<void>((resolve) => page.once('crash', () => resolve()));
  // Nobody is left to answer this.
  victim.send('Page.crash').catch(() => undefined);
  await hasCrashed;

  const meanwhile = await ask(() => {
    const sent = window.chat.sendChatMessage('While it was dead');
    window.chat.chatTyping('still');
    window.chat.hide();
    window.chat.show();
    return [
      window.chat.getState(),
      window.chat.getOperatorVcard()?.name,
      sent !== false && sent.text,
      window.chat.getMessages().length > 0,
      window.errors.length,
    ];
  });
  expect(meanwhile).toEqual(['chat', 'Olga Petrova', 'While it was dead', true, 0]);

  // Ten seconds of waiting for the answer, two questions of five whether anybody is there, and one before the new frame.
  await expect(operator.log.getByText('While it was dead', { exact: true })).toBeVisible({ timeout: 60_000 });
  expect(await ask(() => window.chat.promise['sendChatMessage']?.('And after').then(() => 'ok'))).toBe('ok');
  await operator.reads('And after');
  await operator.reply('Welcome back');
  await expect
    .poll(() => ask(() => window.heard.filter(({ name }) => name === 'sendmessage').map(({ payload }) => payload.text)))
    .toContain('Welcome back');
  expect(await ask(() => [document.querySelectorAll('iframe.callgear-widget').length, window.errors.length])).toEqual([1, 0]);
  expect(await ask(() => (document.querySelector('iframe.callgear-widget') as HTMLIFrameElement).src)).not.toBe(before);
});

test(`[BR.destroy] ${ROUNDS} pages with loader, bridge, frame and a call, made and destroyed, leave heap, listeners and documents as they were @chromium`, async ({
  world,
  browserName,
}) => {
  test.skip(browserName !== 'chromium', 'Heap and listeners are counted by Chromium.');
  test.setTimeout(60_000 + ROUNDS * ROUND_MS);
  await world.operator();
  const { page } = await (await world.stranger()).goto('embed-bare.html');
  const client = await measured(page);
  const rounds = (times: number): Promise<number> =>
    page.evaluate(
      async ([address, times]) => {
        let answered = 0;
        for (let n = 0; n < times; n += 1) {
          const inner = document.createElement('iframe');
          inner.src = address;
          document.body.append(inner);
          await new Promise((resolve) => (inner.onload = resolve));
          const shop = inner.contentWindow as Window & typeof globalThis;
          while (shop.isReady !== true) await new Promise((resolve) => setTimeout(resolve, 5));
          // Before anybody acts there is nothing to send; that the session has accepted a call is answered all the same.
          await shop.chat.promise['chatTyping']?.(`round ${n}`);
          answered += 1;
          inner.remove();
        }
        return answered;
      },
      [`${world.system.shop}/${world.key}/recorder.html`, times] as const,
    );
  await rounds(10);
  const before = await count(client);
  expect(await rounds(ROUNDS)).toBe(ROUNDS);
  expectFlat(before, await count(client));
});

test(`[BR.destroy] [BR.reload] ${ROUNDS} frames that one page takes away and gets back leave it as it was, and calls of a second end under forced collection @chromium`, async ({
  world,
  browserName,
}) => {
  test.skip(browserName !== 'chromium', 'Heap and listeners are counted by Chromium.');
  test.setTimeout(120_000 + ROUNDS * ROUND_MS);
  const visitor = await world.stranger();
  const { page } = visitor;
  let delay = 0;
  await page.routeWebSocket(/\/socket$/, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((data) => void (delay === 0 ? socket.send(data) : setTimeout(() => socket.send(data), delay)));
  });
  await visitor.open();
  const client = await measured(page);
  const rounds = (times: number): Promise<number> =>
    page.evaluate(async (times) => {
      const notes = window as unknown as { skew?: () => void };
      if (notes.skew === undefined) {
        const now = Date.now.bind(Date);
        let ahead = 0;
        Date.now = () => now() + ahead;
        // More than three new frames a minute would be an unstable one.
        notes.skew = () => void (ahead += 61_000);
      }
      let answered = 0;
      for (let n = 0; n < times; n += 1) {
        notes.skew();
        const greeted = new Promise((resolve) => addEventListener('message', resolve, { once: true }));
        // The loader puts it back, and the browser loads it anew. What was told the old one may fail.
        document.querySelector('iframe.callgear-widget')?.remove();
        const told = window.chat.promise['chatTyping']?.(`round ${n}`).catch(() => undefined);
        await greeted;
        await told;
        answered += 1;
        await window.chat.promise['chatTyping']?.(`round ${n}, again`);
      }
      return answered;
    }, times);
  await rounds(10);
  const before = await count(client);
  expect(await rounds(ROUNDS)).toBe(ROUNDS);
  expectFlat(before, await count(client));
  await expect(page.locator('iframe.callgear-widget')).toHaveCount(1);
  expect(await page.evaluate(() => window.errors)).toEqual([]);

  // Somebody must hold on to a pending call, in both processes, however long it takes.
  const frame = page.frames().find((candidate) => candidate.url().startsWith(world.system.chat));
  if (frame === undefined) throw new Error('The frame is missing.');
  const inner = await page.context().newCDPSession(frame);
  expect(await visitor.done('setVisitorCard', { name: 'Vera' })).toBe('ok');
  delay = 1_000;
  for (let n = 0; n < 5; n += 1) {
    const done = visitor.done('setVisitorCard', { name: `Vera ${n}` });
    let collections = 0;
    const collect = async (): Promise<string | undefined> => {
      await Promise.all([client.send('HeapProfiler.collectGarbage'), inner.send('HeapProfiler.collectGarbage')]);
      collections += 1;
      return undefined;
    };
    while ((await Promise.race([done, collect()])) === undefined);
    expect(await done).toBe('ok');
    expect(collections).toBeGreaterThan(1);
  }
});
