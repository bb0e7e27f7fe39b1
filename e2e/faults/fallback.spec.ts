/** Networks that refuse WebSockets: the same conversation over HTTP, for the visitor and for the operator. */
import type { Page } from '@playwright/test';
import type { Message } from '../../shared/chat.ts';
import { expect, test } from '../support/fixtures.ts';
import { expectAllSound } from './said.ts';

/** Refuses every WebSocket of this page, as a proxy does that knows none; counts the streams it takes instead. */
async function refuseSockets(page: Page): Promise<{ refused: () => number; streams: () => number }> {
  let refused = 0;
  let streams = 0;
  await page.routeWebSocket(/\/socket/, (socket) => {
    refused += 1;
    void socket.close({ code: 1006 });
  });
  page.on('request', (request) => void (streams += Number(/\/stream$/.test(request.url()))));
  return { refused: () => refused, streams: () => streams };
}

test('[fault 23] [TR.fallback] WebSockets are refused: both ends talk over HTTP, through a reload and a restart of the server', async ({
  world,
}) => {
  const operator = await world.operator();
  const visitor = await world.stranger();
  const lines = [await refuseSockets(visitor.page), await refuseSockets(operator.page)];
  await operator.goOffline();
  await operator.page.reload();
  await operator.goOnline();

  await visitor.open();
  await visitor.done('startChat');
  await operator.join();
  await visitor.hears('operatorjoined');
  for (const n of [1, 2, 3]) await visitor.call('sendChatMessage', `visitor ${n}`);
  await operator.reads('visitor 3');
  await operator.reply('operator 1');
  await visitor.hears('sendmessage');

  await visitor.open();
  await visitor.hears('showhistory');
  await operator.reply('operator 2');
  await visitor.hears('sendmessage');

  await world.system.stopServer();
  await expect.poll(() => visitor.call('isOnline')).toBe(false);
  await visitor.call('sendChatMessage', 'while it was away');
  await world.system.startServer();
  await operator.reads('while it was away');
  await operator.reply('operator 3');
  await visitor.hears('sendmessage', 2);

  const said = ['visitor 1', 'visitor 2', 'visitor 3', 'operator 1', 'operator 2', 'while it was away', 'operator 3'];
  expect((await visitor.call<Message[]>('getMessages')).map(({ text }) => text)).toEqual(said);
  for (const text of said) await expect(operator.log.getByText(text, { exact: true })).toHaveCount(1);
  await expectAllSound(world, [visitor]);
  for (const { refused, streams } of lines) expect([refused() >= 2, streams() >= 1]).toEqual([true, true]);
});

test('[fault 23] [TR.fallback] where making a WebSocket throws, it counts as one that broke: both ends are there over HTTP as soon', async ({
  world,
}) => {
  const operator = await world.operator();
  const visitor = await world.stranger();
  const streams = { visitor: 0, operator: 0 };
  for (const [name, page] of [
    ['visitor', visitor.page],
    ['operator', operator.page],
  ] as const) {
    page.on('request', (request) => void (streams[name] += Number(/\/stream$/.test(request.url()))));
    await page.addInitScript(() => {
      window.WebSocket = class extends EventTarget {
        constructor() {
          super();
          throw new DOMException('Blocked.', 'SecurityError');
        }
      } as unknown as typeof WebSocket;
    });
  }
  await operator.goOffline();
  await operator.page.reload();
  await operator.goOnline();
  await visitor.open();
  await expect.poll(() => visitor.call('isOnline')).toBe(true);
  await visitor.done('startChat');
  await operator.join();
  await visitor.hears('operatorjoined');
  await visitor.call('sendChatMessage', 'over HTTP');
  await operator.reads('over HTTP');
  expect([streams.visitor >= 1, streams.operator >= 1]).toEqual([true, true]);
});

test("[fault 23] the visitor's page says nothing on the console of the policy, and keeps the stream it has found", async ({ world }) => {
  const visitor = await world.stranger();
  const { refused, streams } = await refuseSockets(visitor.page);
  await visitor.open();
  await expect.poll(() => visitor.call('isOnline')).toBe(true);
  expect(visitor.console.filter((line) => /policy|refused to/i.test(line))).toEqual([]);
  const before = refused();
  expect([before, streams()]).toEqual([2, 1]);
  await world.system.stopServer();
  await expect.poll(() => visitor.call('isOnline')).toBe(false);
  await world.system.startServer();
  await expect.poll(() => visitor.call('isOnline')).toBe(true);
  expect(streams()).toBeGreaterThan(1);
});

test('[fault 23] [TR.shared] five tabs without WebSockets share one stream, so that every tab can still speak', async ({ world }) => {
  const operator = await world.operator();
  const first = await world.stranger();
  const context = first.page.context();
  await context.routeWebSocket(/\/socket/, (socket) => void socket.close({ code: 1006 }));
  // A browser keeps six connections to a host: five streams would leave one for all that the pages have to ask.
  const streams = new Set<object>();
  context.on('request', (request) => void (/\/stream$/.test(request.url()) && streams.add(request)));
  context.on('requestfinished', (request) => void streams.delete(request));
  context.on('requestfailed', (request) => void streams.delete(request));
  await first.open();
  await first.done('startChat');
  await operator.join();
  const tabs = [first];
  for (let more = 0; more < 4; more += 1) tabs.push(await world.page(first));
  for (const tab of tabs) await expect.poll(() => tab.call('isOnline')).toBe(true);
  expect(streams.size).toBe(1);

  for (const [n, tab] of tabs.entries()) await tab.call('sendChatMessage', `tab ${n};`);
  for (const n of tabs.keys()) await operator.reads(`tab ${n};`);
  await operator.reply('heard;');
  for (const tab of tabs) await expect.poll(async () => (await tab.told<Message>('sendmessage')).at(-1)?.text).toBe('heard;');
  await expectAllSound(world, tabs);
});
