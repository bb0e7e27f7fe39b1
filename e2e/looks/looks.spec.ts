/**
 * Every state of the visitor's interface under every look, driven by real operators. `npm test` measures them in the usual brand;
 * `npm run pictures` does the same in all brands and takes pictures. A journey passes through the states that follow each other.
 */
import type { Page, WebSocketRoute } from '@playwright/test';
import sharp from 'sharp';
import { expect, test, type World } from '../support/fixtures.ts';
import type { VisitorPage } from '../support/pages/visitor.ts';
import type { Workplace } from '../support/pages/workplace.ts';
import { BRANDS, FOLDER, LOOKS, apply, isWanted, type Brand } from './looks.ts';
import { shows } from './shown.ts';

const brands = (FOLDER === undefined ? ['usual'] : Object.keys(BRANDS).filter((name) => isWanted('brand', name))) as Brand[];
const IN_CHAT = ['Close chat', 'Message', 'Send'];

/** Runs a journey in each brand. */
function journey(
  title: string,
  run: (world: World, look: (visitor: VisitorPage, state: string, ...inSight: string[]) => Promise<void>) => Promise<void>,
): void {
  for (const brand of brands)
    test(`[UI.looks] ${title}, ${brand} brand`, async ({ world }) => {
      test.slow();
      // A picture takes its time on a busy machine.
      if (FOLDER !== undefined) test.setTimeout(20 * 60_000);
      await world.set('common.banner_color', BRANDS[brand]);
      await world.set('common.privacy_url', 'https://shop.example/privacy');
      await run(world, (visitor, state, ...inSight) => shows(visitor, state, { inSight, brand }));
    });
}

/** Sends what is shown formatted, so that it cannot be read again as it was written. */
async function write(operator: Workplace, text: string): Promise<void> {
  await operator.page.getByRole('textbox', { name: 'Reply' }).fill(text);
  await operator.button('Send').click();
  await expect(operator.page.getByRole('textbox', { name: 'Reply' })).toHaveValue('');
}

async function stranger(world: World): Promise<VisitorPage> {
  const visitor = await (await world.stranger()).goto('plain.html');
  await apply(visitor.page, LOOKS[0]!);
  return visitor;
}

journey('nobody is there: launcher, first view, form with mistakes, form sent', async (world, look) => {
  const visitor = await stranger(world);
  const { frame } = visitor;
  await expect(visitor.launcher).toBeVisible();
  await look(visitor, 'launcher, away', 'Open chat');
  await visitor.openChat();
  await look(visitor, 'first view, away', ...IN_CHAT);
  await frame.getByRole('button', { name: 'Leave a message' }).click();
  await frame.getByRole('button', { name: 'Send' }).click();
  await look(visitor, 'form with mistakes', 'Close chat');
  await frame.getByRole('textbox', { name: /Email/ }).fill('vera@example.com');
  await frame.getByRole('textbox', { name: /Message/ }).fill('Do you ship to Norway?');
  await frame.getByRole('button', { name: 'Send' }).click();
  await expect(frame.getByRole('textbox', { name: /Email/ })).toBeHidden();
  await look(visitor, 'form sent', 'Close chat');
});

journey('a conversation: first view, waiting, joined, talking, menu, left alone, ended', async (world, look) => {
  await world.set('chat.is_consultant_operator_rating', true);
  const operator = await world.operator('Eva Lindqvist', { position: 'Head roaster' });
  const visitor = await stranger(world);
  const { frame } = visitor;
  await expect(visitor.launcher).toBeVisible();
  await look(visitor, 'launcher', 'Open chat');
  await visitor.openChat();
  await look(visitor, 'first view', ...IN_CHAT);
  await visitor.say('Hello, which of your coffees is good for filter?');
  await operator.sees('Waiting');
  await look(visitor, 'waiting', ...IN_CHAT);
  await operator.join();
  await write(operator, 'Good day! The **Guji Highland** is what I would take:');
  await write(operator, '- jasmine\n- ripe apricot\n- a little bergamot');
  await visitor.say('👍');
  await write(operator, 'See www.example.com/guji or [our guide](https://shop.example/guide).');
  await expect(visitor.log.getByRole('link', { name: /our guide/ })).toBeVisible();
  await visitor.sees('👍');
  await look(visitor, 'talking', ...IN_CHAT);
  await visitor.openMenu();
  await look(visitor, 'menu', 'Close chat');
  await frame.getByRole('button', { name: 'End chat' }).click();
  await look(visitor, 'menu, end of the chat', 'Close chat');
  await frame.getByRole('button', { name: 'Keep chatting' }).click();
  await visitor.choose('Email transcript');
  await look(visitor, 'transcript by mail', 'Close chat');
  await frame.getByRole('button', { name: 'Cancel' }).click();
  for (let n = 0; n < 12; n += 1)
    await operator.reply(`A long story about roasting, part ${n + 1}: it takes patience, heat, and somebody who listens.`);
  await visitor.sees('A long story about roasting, part 12: it takes patience, heat, and somebody who listens.');
  await look(visitor, 'long conversation', ...IN_CHAT);
  await visitor.box.fill('A draft that is long enough to take more than one line of the composer, so that it has to grow. '.repeat(3));
  await look(visitor, 'long draft', ...IN_CHAT);
  await visitor.box.fill('');
  await frame.getByRole('button', { name: 'Close chat' }).click();
  await operator.reply('Are you still there?');
  await expect(visitor.launcher).toBeVisible();
  await look(visitor, 'unread', 'Open chat');
  await visitor.openChat();
  await operator.button('Leave').click();
  await operator.sees('Waiting');
  await look(visitor, 'left alone', ...IN_CHAT);
  await operator.join();
  await operator.closeChat();
  await expect(frame.getByRole('group', { name: 'Rate the operator' })).toBeVisible();
  await look(visitor, 'ended', 'Close chat');
});

journey('details are asked for, then an invitation beside the launcher and in the panel', async (world, look) => {
  const operator = await world.operator('Tom Berg');
  const visitor = await stranger(world);
  await expect(visitor.launcher).toBeVisible();
  await operator.open('On site');
  await operator.invite('Hello! We have just roasted the new harvest. May I help you to choose one?');
  await expect(visitor.frame.getByRole('button', { name: 'Decline invitation' })).toBeVisible();
  await look(visitor, 'invitation', 'Decline invitation', 'Open chat');
  await visitor.launcher.click();
  await look(visitor, 'invitation in the panel', 'Close chat');
  await world.set(
    'chat.fields',
    ['name', 'email', 'phone'].map((name) => ({ name, is_required: true, title: `Your ${name}` })),
  );
  const other = await stranger(world);
  await other.openChat();
  await expect(other.frame.getByRole('group', { name: 'Your details' })).toBeVisible();
  await other.frame.getByRole('button', { name: 'Start chat' }).click();
  await look(other, 'details with mistakes', 'Close chat');
});

journey('files: previews that wait, a tall and a wide picture, a document, one that is refused, the viewer', async (world, look) => {
  await world.set('chat.file', { max_size: 200_000, accept: [] });
  const operator = await world.operator('Mia Chen');
  const visitor = await stranger(world);
  const { frame } = visitor;
  await visitor.openChat();
  await visitor.say('Here is what I have got');
  await operator.join();
  const files = [
    await picture('receipt.png', 300, 900),
    await picture('shelf.png', 900, 300),
    paper('a-contract-with-a-very-long-name-of-august-2026.pdf'),
  ];
  await frame.locator('input[type=file]').setInputFiles(files);
  await expect(frame.getByRole('button', { name: /^Remove/ })).toHaveCount(3);
  await look(visitor, 'files that wait', ...IN_CHAT);
  await frame.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(frame.getByText('a-contract-with', { exact: false }).first()).toBeVisible();
  await expect(frame.getByRole('log').locator('img[src*="/files/"]')).toHaveCount(2);
  await look(visitor, 'pictures', ...IN_CHAT);
  await frame.getByRole('log').locator('img[src*="/files/"]').first().click();
  await expect(frame.getByRole('button', { name: 'Close picture' })).toBeVisible();
  await look(visitor, 'viewer', 'Close picture');
  await frame.getByRole('button', { name: 'Close picture' }).click();
  await frame.locator('input[type=file]').setInputFiles([{ ...paper('too-large.pdf'), buffer: Buffer.alloc(300_000, 'x') }]);
  await expect(frame.getByText(/too-large.pdf/).first()).toBeVisible();
  await look(visitor, 'a refused file', ...IN_CHAT);
});

journey('a long wait: another way is offered, a call is requested', async (world, look) => {
  await world.set('chat.retention', {
    messages: [],
    is_alternate_communication_way_enabled: true,
    alternate_communication_way_timeout: 0,
    alternate_communication_way: 'sitephone',
  });
  const visitor = await stranger(world);
  const { frame } = visitor;
  await visitor.openChat();
  await visitor.say('Is anybody there?');
  await expect(frame.getByRole('button', { name: 'Request a call' })).toBeVisible();
  await look(visitor, 'another way', ...IN_CHAT);
  await frame.getByRole('button', { name: 'Request a call' }).click();
  await look(visitor, 'request of a call', 'Close chat');
  await frame.getByRole('textbox', { name: 'Phone' }).fill('+43 1 2345678');
  await frame.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(frame.getByText('We will call you as soon as we can.')).toBeVisible();
  await look(visitor, 'call requested', 'Close chat');
  await frame.getByRole('button', { name: 'Back to the chat' }).click();
  await look(visitor, 'chat with a call requested', ...IN_CHAT);
});

journey('a consent that the site requires', async (world, look) => {
  await world.set('consent', 'required');
  const visitor = await stranger(world);
  await visitor.openChat();
  await expect(visitor.frame.getByRole('button', { name: 'Agree and chat' })).toBeVisible();
  await look(visitor, 'consent', 'Close chat', 'Agree and chat');
});

journey('first view with questions, the emoji, the larger window, the list of chats, the line cut', async (world, look) => {
  await world.set('chat.questions', ['Where is my order?', 'Do you ship abroad?', 'Which coffee is right for me?']);
  const operator = await world.operator('Eva Lindqvist');
  await world.operator('Tom Berg');
  const visitor = await world.stranger();
  const { frame, page } = visitor;
  const line = await holdLine(page);
  await visitor.goto('plain.html');
  await apply(page, LOOKS[0]!);
  await visitor.openChat();
  await expect(frame.getByRole('button', { name: 'Do you ship abroad?' })).toBeVisible();
  await look(visitor, 'first view with questions', ...IN_CHAT);
  await frame.getByRole('button', { name: 'Emoji' }).click();
  await expect(
    frame
      .getByRole('searchbox')
      .or(frame.getByRole('textbox', { name: 'Search emoji' }))
      .first(),
  ).toBeVisible();
  await expect(frame.getByRole('gridcell').first()).toBeVisible();
  await look(visitor, 'emoji', 'Close chat');
  await page.keyboard.press('Escape');
  await frame.getByRole('button', { name: 'Do you ship abroad?' }).click();
  await operator.join();
  await operator.reply('Yes, to all of Europe.');
  await operator.closeChat();
  await visitor.say('And to Japan?');
  await operator.join();
  await visitor.openMenu();
  await frame.getByRole('button', { name: 'Language' }).click();
  await look(visitor, 'menu, languages', 'Close chat');
  await page.keyboard.press('Escape');
  await visitor.choose('Your chats');
  await look(visitor, 'list of chats', 'Close chat');
  await frame.getByRole('button', { name: 'Back to the chat' }).click();
  await visitor.choose('Larger window');
  await look(visitor, 'larger window', ...IN_CHAT);
  line.cut();
  await expect(frame.getByText(/^No connection|^Connecting/).first()).toBeVisible();
  await look(visitor, 'line cut', ...IN_CHAT);
});

/** Every connection of the page to the server, to be cut: a browser that is set offline keeps its sockets. */
async function holdLine(page: Page): Promise<{ cut(): void }> {
  let isCut = false;
  const sockets: WebSocketRoute[] = [];
  await page.routeWebSocket(/\/socket$/, (socket) => {
    if (isCut) return void socket.close();
    socket.connectToServer();
    sockets.push(socket);
  });
  await page.route(/\/(session|stream)/, (route) => (isCut ? route.abort() : route.fallback()));
  return {
    cut() {
      isCut = true;
      for (const socket of sockets) void socket.close();
    },
  };
}

/** A picture of that size in two colours, so that its edges can be seen. */
async function picture(name: string, width: number, height: number): Promise<{ name: string; mimeType: string; buffer: Buffer }> {
  const middle = { create: { width: Math.round(width / 2), height: Math.round(height / 2), channels: 3 as const, background: '#0d5c63' } };
  const buffer = await sharp({ create: { width, height, channels: 3, background: '#f0a95b' } })
    .composite([{ input: await sharp(middle).png().toBuffer() }])
    .png()
    .toBuffer();
  return { name, mimeType: 'image/png', buffer };
}

function paper(name: string): { name: string; mimeType: string; buffer: Buffer } {
  return { name, mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4\n') };
}
