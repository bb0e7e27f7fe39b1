/**
 * Several tabs of one visitor on one socket: the tab that has it goes, freezes or crashes, or several tabs believe that it is
 * theirs. The others go on, and the conversation stays whole.
 */
import type { Message } from '../../shared/chat.ts';
import { expect, test } from '../support/fixtures.ts';
import { layLine } from '../support/line.ts';
import type { VisitorPage } from '../support/pages/visitor.ts';
import { writingOf } from './pages.ts';
import { expectAllSound, said } from './said.ts';

/** A guard against waiting for ever; how soon is decided by clocks of the tests' own in shared/client. */
const WITHIN = { timeout: 30_000 };

const heard = async (tab: VisitorPage): Promise<string[]> => (await tab.told<Message>('sendmessage')).map(({ text }) => text);

/** Lets the chats of these tabs count their sockets; before they are opened. Returns how many each has open. */
async function watchSockets(tabs: readonly VisitorPage[]): Promise<() => Promise<number[]>> {
  for (const { page } of tabs)
    await page.addInitScript(() => {
      const sockets: WebSocket[] = [];
      window.WebSocket = new Proxy(WebSocket, {
        construct(target, [url]: [string]) {
          const socket = new target(url);
          sockets.push(socket);
          return socket;
        },
      });
      Object.assign(window, { countSockets: () => sockets.filter(({ readyState }) => readyState === WebSocket.OPEN).length });
    });
  const count = async ({ page }: VisitorPage): Promise<number> => {
    if (page.isClosed()) return 0;
    const frame = page.frames().find((each) => each.url().includes('/frame/'));
    return (await frame?.evaluate(() => (window as unknown as { countSockets(): number }).countSockets())) ?? 0;
  };
  return () => Promise.all(tabs.map(count));
}

/**
 * Lets the chat of this tab stand still as in a frozen page: nothing it waits for comes, until it is thawed. The driver's own command
 * for it does nothing to frames of other origins, and all chat frames of a browser share a process, which can't be stopped.
 */
async function freezable({ page }: VisitorPage): Promise<{ freeze(): Promise<void>; thaw(): Promise<void> }> {
  await page.addInitScript(() => {
    const late: (() => void)[] = [];
    let isFrozen = false;
    const later = (run: () => void): void => void (isFrozen ? late.push(run) : run());
    for (const { prototype } of [WebSocket, BroadcastChannel]) {
      const property = Object.getOwnPropertyDescriptor(prototype, 'onmessage');
      Object.defineProperty(prototype, 'onmessage', {
        set(handler: ((event: unknown) => void) | null) {
          property?.set?.call(this, handler && ((event: unknown) => later(() => handler(event))));
        },
      });
    }
    const { setTimeout } = window;
    Object.assign(window, {
      setTimeout: (run: () => void, ms: number) => setTimeout(() => later(run), ms),
      setFrozen(frozen: boolean) {
        isFrozen = frozen;
        for (const run of late.splice(0)) later(run);
      },
    });
  });
  const set = async (isFrozen: boolean): Promise<void> => {
    const frame = page.frames().find((each) => each.url().includes('/frame/'));
    await frame?.evaluate((isFrozen) => (window as unknown as { setFrozen(isFrozen: boolean): void }).setFrozen(isFrozen), isFrozen);
  };
  return { freeze: () => set(true), thaw: () => set(false) };
}

test('[TR.shared] [fault 31] ten tabs have one socket, and when the one that has it leaves, the others notice nothing', async ({
  world,
}) => {
  test.slow();
  const operator = await world.operator();
  const first = await world.stranger();
  const tabs = [first];
  for (let more = 0; more < 9; more += 1) tabs.push(await world.tab(first));
  const open = await watchSockets(tabs);
  const leaders = async (): Promise<number[]> => (await open()).filter((count) => count > 0);
  for (const tab of tabs) await tab.open();
  await first.done('startChat');
  await operator.join();
  for (const tab of tabs) await expect.poll(() => tab.call('isOnline')).toBe(true);
  expect(await open()).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);

  await operator.reply('to all;');
  for (const tab of tabs) await expect.poll(() => heard(tab)).toEqual(['to all;']);
  for (const tab of tabs) await tab.forget();

  // Leaves for another document, then for good: each time the next in line takes over.
  await first.open('recorder.html?again');
  await expect.poll(leaders).toEqual([1]);
  const leader = tabs[(await open()).indexOf(1)];
  expect(leader).not.toBe(first);
  const written = [await writingOf(leader as VisitorPage, 'the second leader')];
  await leader?.page.close();
  const left = tabs.filter((tab) => tab !== leader);
  await operator.reply('to those who stayed;');
  for (const tab of left) await expect.poll(async () => (await heard(tab)).at(-1), WITHIN).toBe('to those who stayed;');
  await left.at(-1)?.done('sendChatMessage', 'by the last;');
  for (const tab of left.slice(0, -1)) await expect.poll(async () => (await heard(tab)).at(-1)).toBe('by the last;');
  expect(await leaders()).toEqual([1]);
  for (const tab of left.slice(1)) expect(await tab.heard('connectionchange')).toEqual([]);
  await expectAllSound(world, left, written);
});

test('[fault 29] [TR.shared] the tab that leads is frozen, then crashes: another one leads within five seconds', async ({ world }) => {
  const operator = await world.operator();
  const first = await world.stranger();
  const [second, third] = [await world.tab(first), await world.tab(first)];
  const ice = await freezable(first);
  const open = await watchSockets([first, second, third]);
  for (const tab of [first, second, third]) await tab.open();
  await first.done('startChat');
  await operator.join();
  for (const tab of [second, third]) await tab.becomes('chat');
  expect(await open()).toEqual([1, 0, 0]);

  await ice.freeze();
  await operator.reply('while it is frozen;');
  for (const tab of [second, third]) await expect.poll(() => heard(tab), WITHIN).toEqual(['while it is frozen;']);
  await second.call('sendChatMessage', 'from the second;');
  await expect.poll(() => heard(third), WITHIN).toEqual(['while it is frozen;', 'from the second;']);
  expect((await open()).slice(1).sort()).toEqual([0, 1]);

  // Two believe that they lead, until the one that was frozen hears that it does not.
  await ice.thaw();
  await expect.poll(() => heard(first), WITHIN).toEqual(['while it is frozen;', 'from the second;']);
  await first.call('sendChatMessage', 'thawed;');
  await operator.reads('thawed;');
  const written = await writingOf(first, 'the first tab');

  await first.page.goto('chrome://crash').catch(() => undefined);
  await operator.reply('after the crash;');
  for (const tab of [second, third]) await expect.poll(async () => (await heard(tab)).at(-1), WITHIN).toBe('after the crash;');
  await third.call('sendChatMessage', 'from the third;');
  await expect.poll(async () => (await heard(second)).at(-1), WITHIN).toBe('from the third;');
  await expectAllSound(world, [second, third], [written]);
});

test('[fault 29] [TR.shared] the tab that leads goes away and comes back: one socket all the time @firefox', async ({ world }) => {
  const operator = await world.operator();
  const first = await world.stranger();
  const second = await world.tab(first);
  const open = await watchSockets([first, second]);
  await first.open();
  await second.open();
  await first.done('startChat');
  await operator.join();
  await second.becomes('chat');
  expect(await open()).toEqual([1, 0]);
  await first.page.goto('about:blank');
  await expect.poll(open).toEqual([0, 1]);
  await operator.reply('while it was put aside;');
  await expect.poll(() => heard(second), WITHIN).toEqual(['while it was put aside;']);
  await first.page.evaluate(() => history.back());
  await first.page.waitForFunction(() => window.isReady === true);
  await expect.poll(() => first.call('isOnline')).toBe(true);
  await first.call('sendChatMessage', 'back again;');
  await expect.poll(async () => (await heard(second)).at(-1)).toBe('back again;');
  expect(await open()).toEqual([0, 1]);
  await expectAllSound(world, [second]);
});

test('[TR.shared] a tab without a socket that is closed, sent elsewhere or loses its chat is gone for the server at once', async ({
  world,
}) => {
  const first = await world.stranger();
  let left = 0;
  first.page.on('websocket', (socket) =>
    socket.on('framesent', ({ payload }) => void (left += Number(String(payload).startsWith('{"t":"leave"')))),
  );
  await first.open();
  const goings: ((tab: VisitorPage) => Promise<unknown>)[] = [
    (tab) => tab.page.close(),
    (tab) => tab.page.goto('about:blank'),
    (tab) => tab.page.evaluate(() => document.querySelector('iframe')?.remove()),
  ];
  for (const [n, go] of goings.entries()) {
    const tab = await world.page(first);
    await expect.poll(() => tab.call('isOnline')).toBe(true);
    await go(tab);
    await expect.poll(() => left).toBe(n + 1);
  }
});

test('[fault 30] nothing is doubled when every tab gets the lock and believes that it leads alone', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  // Every tab that asks gets the lock, also while another holds it.
  await visitor.page.context().addInitScript(() => {
    Object.defineProperty(navigator, 'locks', {
      value: {
        request: async (name: string, ...rest: unknown[]) => (rest[rest.length - 1] as (lock: { name: string }) => unknown)({ name }),
      },
    });
  });
  const tabs = [await world.tab(visitor), await world.tab(visitor)] as const;
  const lines = [await layLine(tabs[0].page), await layLine(tabs[1].page)];
  for (const tab of tabs) await tab.open();
  for (const line of lines) await line.cut();
  for (const [at, tab] of tabs.entries()) {
    await expect.poll(() => tab.call('isOnline')).toBe(false);
    for (const n of [1, 2, 3]) await tab.call('sendChatMessage', `tab ${at + 1}, ${n};`);
    await expect.poll(async () => (await tab.heard('messagesent')).length).toBe(3);
  }

  const heir = await world.page(visitor);
  await expect.poll(() => said(world).length).toBe(6);
  for (const line of lines) line.mend();
  for (const tab of tabs) await tab.hears('messagedelivered', 3);
  await heir.done('sendChatMessage', 'the last;');
  await operator.reads('the last;');
  await expectAllSound(world, [visitor, heir, ...tabs]);
  expect(said(world)).toHaveLength(7);
});
