/** What befalls a visitor's session: its renewal is lost on the way, or it is taken back in mid-chat. */
import { expect, test } from '../fixtures.ts';
import type { VisitorPage } from '../pages/visitor.ts';
import { readStored } from './database.ts';

const visitorId = (visitor: VisitorPage): Promise<string | null> => visitor.page.evaluate(() => window.CallGear.getVisitorId());

test('[fault 35] a visitor who is removed in mid-chat is out within two seconds on all pages, and can begin anew', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  const second = await world.page(visitor);
  await visitor.done('sendChatMessage', 'forget me;');
  await operator.reads('forget me;');
  const id = await visitorId(visitor);
  await world.system.admin('visitor', 'erase', String(id));
  for (const page of [visitor, second]) {
    await expect.poll(() => visitorId(page), { timeout: 2_000 }).toBe(null);
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
