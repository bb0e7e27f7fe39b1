/** The data about a visitor, when it is stored and sent, and how it ends: read from browser storage, the line, the disk and the log. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setInterval } from 'node:timers/promises';
import type { Frame, Page, Request } from '@playwright/test';
import { expect, test, type World } from '../support/fixtures.ts';

/** The chat's document on a page. */
function chatOf(page: Page, world: World): Frame {
  const frame = page.frames().find((each) => each.url().startsWith(`${world.system.chat}/frame/`));
  if (frame === undefined) throw new Error('no chat on this page');
  return frame;
}

/** Everything this browser keeps for the chat within this site. */
async function stored(page: Page, world: World): Promise<string[]> {
  const inside = await chatOf(page, world).evaluate(async () => [
    ...Object.keys(localStorage),
    ...Object.keys(sessionStorage),
    ...(await indexedDB.databases()).map(({ name }) => name ?? ''),
    ...(await caches.keys()),
    document.cookie,
  ]);
  const cookies = (await page.context().cookies()).map(({ name }) => name);
  return [...inside, ...cookies].filter((name) => name !== '');
}

/** What the page's chat says to its server: requests, and frames of its sockets. */
function listen(page: Page) {
  const requests: Request[] = [];
  const said: string[] = [];
  let sockets = 0;
  page.on('request', (request) => requests.push(request));
  page.on('websocket', (socket) => {
    sockets += 1;
    socket.on('framesent', ({ payload }) => said.push(String(payload)));
  });
  return { requests, said, count: () => sockets };
}

/** Files under the server's directory that hold one of these texts, and the log if it does. */
function traces(world: World, texts: readonly string[]): string[] {
  const names = readdirSync(world.system.dataDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const found = names.flatMap((entry) => {
    const bytes = readFileSync(join(entry.parentPath, entry.name));
    return texts.filter((text) => bytes.includes(text)).map((text) => `${entry.name}: ${text}`);
  });
  return [...found, ...texts.filter((text) => world.system.output().includes(text)).map((text) => `log: ${text}`)];
}

interface Global {
  CallGear: { setConsent(isGiven: boolean): void; getVisitorId(): string | null };
}
const consent = (page: Page, isGiven: boolean) =>
  page.evaluate((given) => (window as unknown as Global).CallGear.setConsent(given), isGiven);
const idOf = (page: Page) => page.evaluate(() => (window as unknown as Global).CallGear.getVisitorId());

test('[P1] [P10] who only looks, opens and types leaves nothing and is nobody: no storage, no id, no host but ours', async ({ world }) => {
  const visitor = await world.stranger();
  const line = listen(visitor.page);
  // That something never happens has no condition to wait for: a page is looked at for ten seconds, once before it is opened and once after.
  const keepsNothing = async ({ page }: typeof visitor) => {
    const until = Date.now() + 10_000;
    for await (const _ of setInterval(500)) {
      expect(await stored(page, world)).toEqual([]);
      if (Date.now() > until) return;
    }
  };
  const tabs: string[] = [];
  for (let load = 0; load < 2; load += 1) {
    line.said.length = 0;
    await visitor.open();
    await expect.poll(() => line.said.filter((frame) => frame.includes('"hello"')).length).toBe(1);
    await visitor.hears('render');
    if (load === 0) await keepsNothing(visitor);
    await visitor.openChat();
    await visitor.box.fill('not sent');
    await visitor.call('closeChat');
    if (load === 1) await keepsNothing(visitor);
    expect(await stored(visitor.page, world)).toEqual([]);
    expect(await idOf(visitor.page)).toBeNull();
    const [hello] = line.said.map((frame) => JSON.parse(frame) as { t: string; tab?: string }).filter(({ t }) => t === 'hello');
    expect(hello).not.toHaveProperty('access');
    tabs.push(hello?.tab ?? '');
  }
  // The one random value there is does not outlive the page.
  expect(tabs[0]).not.toBe(tabs[1]);
  const ours = [world.system.chat, world.system.shop].map((origin) => new URL(origin).host);
  expect(line.requests.map((request) => new URL(request.url()).host).filter((host) => host !== '' && !ours.includes(host))).toEqual([]);
  const sent = await Promise.all(line.requests.map((request) => request.allHeaders()));
  expect(sent.flatMap((headers) => [headers['cookie'], headers['authorization']]).filter(Boolean)).toEqual([]);
});

test('[P2] an operator sees a draft without card numbers while it lasts; it is stored nowhere', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  const line = listen(visitor.page);
  await visitor.open();
  await visitor.becomes('chat');
  await visitor.openChat();
  const word = `unsent-${world.key}`;
  // A word between: digits at the end of the site's key would be hidden as the number's beginning.
  await visitor.box.pressSequentially(`${word} card 4111 1111 1111 1111`);
  await expect(visitor.frame.getByText('The operator can see what you type')).toBeVisible();
  await expect(operator.page.getByText(`${word} card •••• •••• •••• ••••`)).toBeVisible();
  expect(line.said.join('\n')).toContain(word);
  expect(line.said.join('\n')).not.toContain('4111 1111 1111 1111');
  await visitor.box.fill('');
  await expect(operator.page.getByText(word)).toHaveCount(0);
  await visitor.settled();
  expect(traces(world, [word])).toEqual([]);
  expect((await visitor.run((chat) => chat.getMessages())).length).toBe(0);

  await world.set('chat.is_typing_preview', false);
  line.said.length = 0;
  await visitor.box.pressSequentially('quietly');
  await visitor.settled();
  await expect(visitor.frame.getByText('The operator can see what you type')).toHaveCount(0);
  expect(line.said.filter((frame) => frame.includes('quietly'))).toEqual([]);
});

test('[P3] the visitor sees whom they talk to, and that a text written by nobody is automatic', async ({ world }) => {
  await world.set('chat.retention.messages', [{ timeout: 0, text: 'Please hold the line' }]);
  const operator = await world.operator('Olga Petrova', { position: 'Consultant' });
  const visitor = await world.visitor();
  await visitor.openChat();
  await visitor.done('startChat');
  await visitor.sees('Please hold the line');
  await expect(visitor.log).toContainText('Automatic message');
  await operator.join();
  await operator.reply('Here I am');
  await visitor.sees('Here I am');
  await expect(visitor.log).toContainText('Olga Petrova');
  await expect(visitor.frame.getByText('Olga Petrova · Consultant')).toBeVisible();
});

test('[P4] [P6] [P10] a conversation holds no address and no browser, and erasing leaves nothing of it', async ({ world }) => {
  const operator = await world.operator();
  const visitor = await world.stranger();
  const line = listen(visitor.page);
  await visitor.open(`recorder.html?token=query-${world.key}#hash-${world.key}`);
  const [text, reply, name, email, file] = ['text', 'reply', 'name', 'mail', 'file'].map((what) => `${what}-${world.key}`) as [
    string,
    string,
    string,
    string,
    string,
  ];
  await visitor.run((chat, card) => chat.setVisitorCard(card), { name, email: `${email}@example.com` });
  expect(await visitor.done('sendChatMessage', text)).toBe('ok');
  await operator.join();
  await operator.reply(reply);
  await visitor.page
    .getByLabel("Page's file")
    .setInputFiles({ name: `${file}.txt`, mimeType: 'text/plain', buffer: Buffer.from(`inside-${world.key}`) });
  await visitor.run((chat) => chat.sendFile(document.querySelector('input[type=file]')));
  await expect(operator.log.getByText(`${file}.txt`)).toBeVisible();
  await visitor.call('sendChatByMail', `${email}@example.com`);
  await visitor.hears('sendchatbymail');
  const id = String(await idOf(visitor.page));
  const before = (await visitor.run((chat) => chat.getMessages())).map(({ message_id: message, chat_id: chat }) => `${message} ${chat}`);

  const browser = await visitor.page.evaluate(() => navigator.userAgent);
  expect(traces(world, [`query-${world.key}`, `hash-${world.key}`, browser, `${world.key}/recorder.html`])).toEqual([]);
  // The search finds the texts while they are there, except those that are in a mail or nowhere.
  expect(new Set(traces(world, [text, reply, name, `inside-${world.key}`]).map((line) => line.split(': ')[1])).size).toBe(4);

  await world.system.admin('visitor', 'erase', id);
  await visitor.becomes('available');
  await expect(operator.log.getByText(text)).toHaveCount(0);
  expect(traces(world, [text, reply, name, email, file, `inside-${world.key}`, id])).toEqual([]);

  expect(await visitor.done('sendChatMessage', 'somebody new')).toBe('ok');
  expect(await idOf(visitor.page)).not.toBe(id);
  const after = (await visitor.run((chat) => chat.getMessages())).map(({ message_id: message, chat_id: chat }) => `${message} ${chat}`);
  expect(after).toHaveLength(1);
  expect(before).not.toContain(after[0]);
  const ours = [world.system.chat, world.system.shop].map((origin) => new URL(origin).host);
  expect(line.requests.map((request) => new URL(request.url()).host).filter((host) => host !== '' && !ours.includes(host))).toEqual([]);
});

test('[P8] consent can be demanded, and withdrawing it wipes the device and ends the session in all tabs', async ({ world }) => {
  await world.set('consent', 'required');
  const visitor = await world.stranger();
  const line = listen(visitor.page);
  await visitor.open();
  await visitor.openChat();
  expect([line.count(), await stored(visitor.page, world)]).toEqual([0, []]);
  expect(line.requests.filter((request) => new URL(request.url()).pathname.startsWith('/session'))).toEqual([]);
  await consent(visitor.page, true);
  expect(await visitor.done('sendChatMessage', 'agreed')).toBe('ok');
  const second = await world.page(visitor);
  await consent(second.page, true);
  await second.becomes('chat');
  const key = `callgear-${world.key}`;
  const refresh = String(await chatOf(visitor.page, world).evaluate((name) => localStorage.getItem(name), key));
  expect(refresh.length).toBeGreaterThan(20);
  const whoIs = async () => {
    const answer = await fetch(`${world.system.chat}/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: world.system.chat },
      body: JSON.stringify({ site: world.key, create: false, refresh }),
    });
    return ((await answer.json()) as { visitor: string | null }).visitor;
  };

  await consent(visitor.page, false);
  for (const each of [visitor, second]) {
    await each.becomes('available');
    await expect.poll(() => stored(each.page, world)).toEqual([]);
    expect(await idOf(each.page)).toBeNull();
  }
  await expect.poll(whoIs).toBeNull();
  // After a new consent the visitor is a new one.
  await consent(visitor.page, true);
  expect(await visitor.done('sendChatMessage', 'again')).toBe('ok');
  expect((await visitor.run((chat) => chat.getMessages())).map((message) => message.text)).toEqual(['again']);
});

test('[P8] a draft that an earlier page has kept goes with the consent, also from a page that draws no chat', async ({ world }) => {
  const visitor = await world.visitor();
  await visitor.done('startChat');
  await visitor.openChat();
  await visitor.box.fill('begun, never sent');
  const drafts = async () => (await stored(visitor.page, world)).filter((name) => name.startsWith('callgear-draft'));
  await expect.poll(drafts).toHaveLength(1);
  await visitor.open('recorder.html?headless');
  await visitor.becomes('chat');
  expect(await drafts()).toHaveLength(1);
  await consent(visitor.page, false);
  await visitor.becomes('available');
  await expect.poll(() => stored(visitor.page, world)).toEqual([]);
});
