/** What befalls the browser's storage: refused, full, emptied, a private window's, taken back by the visitor. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Frame, type Page } from '@playwright/test';
import { chromiumLaunch } from '../support/browsers.ts';
import { expect, test, type World } from '../support/fixtures.ts';
import { fillStorageHere } from '../support/full-storage.ts';
import { layLine } from '../support/line.ts';
import { VisitorPage } from '../support/pages/visitor.ts';
import { readStored } from './database.ts';
import { expectAllSound, said, textsOf } from './said.ts';

function chatIn(page: Page, { system }: World): Frame {
  const frame = page.frames().find((each) => each.url().startsWith(system.chat));
  if (frame === undefined) throw new Error('The page has no frame of the chat.');
  return frame;
}

/** What the browser keeps for the chat on this page. */
const kept = (page: Page, world: World): Promise<{ local: number; session: number; databases: number }> =>
  chatIn(page, world).evaluate(async () => ({
    local: localStorage.length,
    session: sessionStorage.length,
    databases: (await indexedDB.databases()).length,
  }));

const texts = async (visitor: VisitorPage): Promise<string[]> => (await visitor.run((chat) => chat.getMessages())).map(({ text }) => text);

test('[fault 24] where storage is refused there is a conversation all the same, a notice, and nothing of it on the next page', async ({
  world,
}) => {
  // As somebody has it who has told the browser to keep nothing of any site.
  const profile = mkdtempSync(join(tmpdir(), 'chat-profile-'));
  mkdirSync(join(profile, 'Default'));
  writeFileSync(join(profile, 'Default/Preferences'), JSON.stringify({ profile: { default_content_setting_values: { cookies: 2 } } }));
  const browser = await chromium.launchPersistentContext(profile, chromiumLaunch({ isWhole: true }));
  try {
    const operator = await world.operator();
    const visitor = await new VisitorPage(await browser.newPage(), `${world.system.shop}/${world.key}`).open();
    expect(
      await chatIn(visitor.page, world).evaluate(() => {
        try {
          return String(localStorage.length);
        } catch (error) {
          return (error as Error).name;
        }
      }),
    ).toBe('SecurityError');
    await visitor.openChat();
    await visitor.say('is this kept?;');
    await operator.join();
    await operator.reply('as long as you stay;');
    await visitor.sees('as long as you stay;');
    await expect(visitor.frame.getByText(/does not let us save this chat/)).toBeVisible();
    await expectAllSound(world, [visitor]);

    await visitor.open();
    expect(await texts(visitor)).toEqual([]);
    expect(await visitor.page.evaluate(() => window.CallGear.getVisitorId())).toBe(null);
    await visitor.done('sendChatMessage', 'somebody new;');
    await expect.poll(() => said(world)).toContain('somebody new;');
    expect(new Set(readStored(world.system.dataDir, world.key).chats.map((chat) => chat.visitor)).size).toBe(2);
  } finally {
    await browser.close();
    rmSync(profile, { recursive: true, force: true });
  }
});

test('[fault 25] storage that fills up in the middle of sending stops no message', async ({ world }) => {
  const operator = await world.operator();
  const visitor = await world.stranger();
  const line = await layLine(visitor.page);
  await visitor.open();
  await visitor.done('sendChatMessage', 'there is room;');
  await operator.join();
  await visitor.openChat();
  await chatIn(visitor.page, world).evaluate(fillStorageHere);
  await visitor.say('no room;');
  await operator.reads('no room;');

  await line.cut();
  await expect.poll(() => visitor.call('isOnline')).toBe(false);
  for (const text of ['nor a network;', 'at all;']) await visitor.say(text);
  await expect.poll(() => textsOf(visitor.log)).toEqual(['there is room;', 'no room;', 'nor a network;', 'at all;']);
  await expect(visitor.frame.getByText(/does not let us save this chat/)).toBeVisible();
  line.mend();
  await expect.poll(() => textsOf(operator.log)).toEqual(['there is room;', 'no room;', 'nor a network;', 'at all;']);
  // Still full: the next message would be lost as well, so the notice stays.
  await expect(visitor.frame.getByText(/does not let us save this chat/)).toHaveCount(1);
  await expectAllSound(world, [visitor]);
});

test('[fault 26] storage that is emptied while the page is open: the page goes on and keeps anew; the next one is nobody', async ({
  world,
}) => {
  const operator = await world.operator();
  const visitor = await world.stranger();
  const { page } = visitor;
  const line = await layLine(page);
  await visitor.open();
  await visitor.done('sendChatMessage', 'before;');
  await operator.join();
  await empty(page, world);
  expect(await kept(page, world)).toMatchObject({ local: 0, databases: 0 });

  await visitor.done('sendChatMessage', 'after;');
  await operator.reads('after;');
  await line.cut();
  await expect.poll(() => visitor.call('isOnline')).toBe(false);
  await visitor.call('sendChatMessage', 'kept anew;');
  await expect.poll(() => kept(page, world)).toMatchObject({ databases: 1 });
  line.mend();
  await operator.reads('kept anew;');
  await expectAllSound(world, [visitor]);

  await empty(page, world);
  await visitor.open();
  expect(await texts(visitor)).toEqual([]);
  await visitor.done('sendChatMessage', 'who am I?;');
  expect(await texts(visitor)).toEqual(['who am I?;']);
  expect(new Set(readStored(world.system.dataDir, world.key).chats.map((chat) => chat.visitor)).size).toBe(2);
});

test('[fault 27] a private window is a new visitor each time, who sees nobody else’s words', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  await visitor.done('sendChatMessage', 'my secret;');
  await operator.reads('my secret;');
  const id = await visitor.page.evaluate(() => window.CallGear.getVisitorId());
  await visitor.page.context().close();

  const again = await world.visitor();
  expect(await again.page.evaluate(() => window.CallGear.getVisitorId())).toBe(null);
  expect(await texts(again)).toEqual([]);
  expect(await again.call('hasHistory')).toBe(false);
  await again.done('sendChatMessage', 'hello;');
  expect(await texts(again)).toEqual(['hello;']);
  expect(await again.page.evaluate(() => window.CallGear.getVisitorId())).not.toBe(id);
  await expectAllSound(world, [again]);
});

test('[fault 56] withdrawing consent in mid-chat wipes stored data and disconnects all pages', async ({ world }) => {
  const operator = await world.operator();
  const visitor = await world.stranger();
  const other = await world.tab(visitor);
  const open = new Set<unknown>();
  for (const { page } of [visitor, other])
    page.on('websocket', (socket) => {
      open.add(socket);
      socket.on('close', () => open.delete(socket));
    });
  await visitor.open();
  await visitor.done('sendChatMessage', 'remember me;');
  await operator.join();
  await other.open();
  await other.openChat();
  await other.sees('remember me;');
  await other.box.fill('and this');
  await expect.poll(() => open.size).toBe(1);
  expect(await kept(other.page, world)).toMatchObject({ databases: 1 });

  await visitor.page.evaluate(() => (window.CallGear as unknown as { setConsent(isGiven: boolean): void }).setConsent(false));
  for (const tab of [visitor, other]) {
    await expect.poll(() => tab.page.evaluate(() => window.CallGear.getVisitorId())).toBe(null);
    await expect.poll(() => texts(tab)).toEqual([]);
    await expect.poll(() => kept(tab.page, world)).toEqual({ local: 0, session: 0, databases: 0 });
  }
  await expect.poll(() => open.size).toBe(0);
  await expect.poll(async () => (await visitor.page.context().cookies(world.system.chat)).length).toBe(0);
  await expect(other.box).toHaveValue('');
  await expect(other.log.getByText('remember me;')).toHaveCount(0);
});

/** As the browser's own "clear site data" does it, for the chat on this page: everything that is kept, cookies too. */
async function empty(page: Page, world: World): Promise<void> {
  const client = await page.context().newCDPSession(chatIn(page, world));
  const { frameTree } = await client.send('Page.getFrameTree');
  const { storageKey } = await client.send('Storage.getStorageKeyForFrame', { frameId: frameTree.frame.id });
  await client.send('Storage.clearDataForStorageKey', { storageKey, storageTypes: 'all' });
  await page.context().clearCookies();
  await client.detach();
}
