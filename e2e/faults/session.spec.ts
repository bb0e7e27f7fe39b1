/** What befalls a visitor's session: its renewal is lost on the way, or it is taken back in mid-chat. */
import { expect, test } from '../support/fixtures.ts';
import { VisitorPage } from '../support/pages/visitor.ts';
import { startSystem } from '../support/system.ts';
import { createServerClock } from './clock.ts';
import { readStored } from './database.ts';
import { addSite } from './site.ts';

const visitorId = (visitor: VisitorPage): Promise<string | null> => visitor.page.evaluate(() => window.CallGear.getVisitorId());

test('[fault 34] when the answer that carried a new token is lost, the visitor stays who they are', async ({ browser }) => {
  test.slow();
  const clock = createServerClock();
  const system = await startSystem(clock.env);
  const context = await browser.newContext();
  try {
    const site = await addSite(system);
    const page = await context.newPage();
    const visitor = await new VisitorPage(page, `${system.shop}/${site}`).open();
    await visitor.done('sendChatMessage', 'it is me;');
    const id = await visitorId(visitor);
    expect(id).not.toBe(null);
    const tokens: string[] = [];

    // A day later the token goes on; every other answer gets lost, cookie and all, after the server has given it.
    for (let day = 1; day <= 3; day += 1) {
      clock.shift(day * 25 * 3_600_000);
      let isLost = false;
      await page.route('**/session', async (route) => {
        if (isLost) return route.continue();
        isLost = true;
        const answer = (await (await route.fetch()).json()) as { refresh?: string };
        tokens.push(String(answer.refresh));
        await route.abort('connectionreset');
      });
      await visitor.open();
      await expect.poll(() => visitorId(visitor)).toBe(id);
      expect(isLost).toBe(true);
      // Bots speak too.
      expect((await visitor.run((chat) => chat.getMessages())).flatMap(({ text, sender }) => (sender === 'visitor' ? text : []))).toEqual([
        'it is me;',
        ...Array.from({ length: day - 1 }, (_, n) => `still me ${n + 1};`),
      ]);
      await visitor.done('sendChatMessage', `still me ${day};`);
      await page.unroute('**/session');
    }
    // It really went on: what was lost had been new.
    expect(new Set(tokens).size).toBe(3);
    const { chats } = readStored(system.dataDir, site);
    expect(new Set(chats.map((chat) => chat.visitor))).toEqual(new Set([id]));
  } finally {
    await context.close();
    await system.close();
  }
});

test('[fault 35] a visitor who is removed in mid-chat is out on all pages, and can begin anew', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  const second = await world.page(visitor);
  await visitor.done('sendChatMessage', 'forget me;');
  await operator.reads('forget me;');
  const id = await visitorId(visitor);
  await world.system.admin('visitor', 'erase', String(id));
  for (const page of [visitor, second]) {
    await expect.poll(() => visitorId(page)).toBe(null);
    expect(await page.state()).toBe('available');
    expect(await page.run((chat) => chat.getMessages())).toEqual([]);
  }
  expect(readStored(world.system.dataDir, world.key).events).toEqual([]);

  await visitor.openChat();
  await visitor.say('somebody new;');
  await operator.join();
  await operator.reads('somebody new;');
  expect(await visitorId(visitor)).not.toBe(id);
});
