/** Operators and visitors who vanish, chats that change hands, and what was refused: as both sides see it. */
import { expect, test, type World } from '../support/fixtures.ts';
import type { Workplace } from '../support/pages/workplace.ts';

const set = (world: World, path: string, value: unknown) => world.system.admin('site', 'set', world.key, path, JSON.stringify(value));
const number = (of: Workplace, count: number) => expect(of.page).toHaveTitle(count === 0 ? /^(?!\(\d)/ : new RegExp(`^\\(${count}\\)`));

test('[OP.lost] [FF.C1] an operator whose window is closed: both sides are told, then the visitor waits for somebody again', async ({
  world,
}) => {
  await set(world, 'absence.operator_seconds', 8);
  await set(world, 'chat.retention', {
    messages: [{ timeout: 1, text: 'Please wait' }],
    alternate_communication_way_timeout: 1,
    alternate_communication_way: 'chat',
  });
  const { visitor, operator } = await world.conversation();
  const colleague = await world.operator('Boris Second');
  await visitor.page.evaluate(() => (window as unknown as { CallGear: { openChatWindow(): void } }).CallGear.openChatWindow());
  await number(colleague, 0);
  await colleague.open('In chat');
  await operator.page.close();
  await expect(visitor.frame.getByText('is not connected right now')).toBeVisible();
  await expect(colleague.visitors('In chat')).toContainText('no connection');
  await colleague.sees('Waiting');
  await number(colleague, 1);
  await visitor.hears('operatorleave');
  expect((await visitor.hears('sendmessage')).payload).toMatchObject({ text: 'Please wait', sender: 'bot' });
  expect((await visitor.hears('showchatretentionaction')).payload).toEqual({ alternate_communication_way: 'chat' });
  await expect(visitor.frame.getByText('is not connected right now')).toBeHidden();
  await expect(colleague.log).toContainText('Olga Petrova had no connection: the visitor waits again');
  await colleague.join();
  expect((await visitor.hears('operatorjoined', 2)).payload).toMatchObject({ name: 'Boris Second' });
});

test('[OP.takeOver] [FF.C1] a colleague takes a running chat over; the page and the old operator hear of it', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  const colleague = await world.operator('Boris Second');
  await colleague.open('In chat');
  await colleague.button('Take over').click();
  await colleague.page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
  await colleague.button('Take over').click();
  await colleague.page.getByRole('dialog').getByRole('button', { name: 'Take this chat' }).click();
  await colleague.reply('Boris here');
  expect((await visitor.hears('sendmessage')).payload).toMatchObject({ from: 'Boris Second' });
  expect(await visitor.order('operatorjoined', 'operatorleave')).toEqual(['operatorjoined', 'operatorleave', 'operatorjoined']);
  await expect(operator.page.getByRole('main').getByRole('status', { name: 'Notices' })).toContainText(
    'Boris Second has taken this chat over',
  );
  await expect(operator.log).toContainText('Boris Second took this over from Olga Petrova');
  await expect(operator.button('Leave')).toBeHidden();
});

test('[OP.left] [FF.C2] a visitor who has left is marked, sinks and is in no number, until they are back', async ({ world }) => {
  const operator = await world.operator();
  const leaver = await world.visitor();
  await leaver.done('startChat');
  await number(operator, 1);
  const other = await world.visitor();
  await other.done('startChat');
  await expect(operator.visitors('Waiting')).toHaveCount(2);
  await number(operator, 2);
  const tab = await world.tab(leaver);
  await leaver.page.close();
  await number(operator, 1);
  await expect(operator.visitors().last()).toContainText('Left the site');
  const clock = operator.visitors('Left the site').locator('[id^=meta-]');
  const stands = await clock.textContent();
  // Somebody else's goes on.
  const runs = operator.visitors('Waiting').first().locator('[id^=meta-]');
  const before = await runs.textContent();
  await expect(runs).not.toHaveText(before ?? '');
  await expect(clock).toHaveText(stands ?? '');
  await tab.open();
  await number(operator, 2);
  await expect(operator.visitors('Left the site')).toHaveCount(0);
});

test('[OP.arrival] [FF.C3] a chat that is handed over says so, and counts until it is opened', async ({ world }) => {
  const { operator } = await world.conversation();
  const colleague = await world.operator('Boris Second');
  await operator.button('Transfer').click();
  await operator.page.getByRole('button', { name: /Boris Second/ }).click();
  await expect(colleague.visitors('In chat')).toContainText('Olga Petrova handed this over');
  await number(colleague, 1);
  await colleague.page.reload();
  await number(colleague, 1);
  await colleague.open('In chat');
  await number(colleague, 0);
  await expect(colleague.visitors('In chat')).not.toContainText('handed this over');
  await expect(colleague.log).toContainText('Olga Petrova handed this over to Boris Second');
});

test('[OP.notices] [FF.C7] the loser of a race reads who has the chat, above the reply and in that chat alone; it ends by itself', async ({
  world,
}) => {
  const winner = await world.operator('Anna First');
  const loser = await world.operator('Boris Second');
  const [one, two] = [await world.visitor(), await world.visitor()];
  await one.call('sendChatMessage', 'I am one');
  await two.call('sendChatMessage', 'I am two');
  // What the server says reaches the loser late: the race is lost before it is seen.
  let isHeld = false;
  const held: (() => void)[] = [];
  await loser.page.routeWebSocket('**/operator/socket', (socket) => {
    const server = socket.connectToServer();
    server.onMessage((message) => (isHeld ? void held.push(() => socket.send(message)) : socket.send(message)));
  });
  await loser.page.reload();
  await expect(loser.visitors('Waiting')).toHaveCount(2);
  const open = (of: Workplace, text: string) => of.visitors().filter({ hasText: text }).getByRole('button').first().click();
  await open(loser, 'I am one');
  await expect(loser.button('Join')).toBeEnabled();
  isHeld = true;
  await open(winner, 'I am one');
  await winner.button('Join').click();
  await expect(winner.button('Leave')).toBeVisible();
  await loser.page.getByRole('textbox', { name: 'Reply' }).fill('Hello');
  await loser.button('Send').click();
  await expect.poll(() => held.length).toBeGreaterThan(2);
  isHeld = false;
  for (const say of held) say();
  const notices = loser.page.getByRole('main').getByRole('status', { name: 'Notices' });
  await expect(notices).toContainText('You could not join: Anna First has this chat now.');
  await expect(loser.log).toContainText('Not sent. Anna First has this chat now.');
  await open(loser, 'I am two');
  await expect(notices).toBeEmpty();
  await open(loser, 'I am one');
  await expect(notices).toContainText('Anna First has this chat now.');
  const box = await notices.boundingBox();
  const foot = await loser.page.getByText('Anna First has this chat.', { exact: true }).boundingBox();
  expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual(foot?.y ?? 0);
  await expect(notices).toBeEmpty({ timeout: 30_000 });
});

test('[FF.C7] an operator reads why an empty file or a picture of too many pixels is refused', async ({ world }) => {
  const { operator } = await world.conversation();
  const attach = async (file: { name: string; mimeType: string; buffer: Buffer }) => {
    const chooser = operator.page.waitForEvent('filechooser');
    await operator.button('Attach file').click();
    await (await chooser).setFiles(file);
  };
  await attach({ name: 'empty.txt', mimeType: 'text/plain', buffer: Buffer.alloc(0) });
  await expect(operator.log).toContainText('Not sent. The file is empty.');
  const { default: sharp } = await import('sharp');
  const buffer = await sharp({ create: { width: 9_000, height: 6_000, channels: 3, background: 'black' } })
    .png({ compressionLevel: 9 })
    .toBuffer();
  await attach({ name: 'huge.png', mimeType: 'image/png', buffer });
  await expect(operator.log).toContainText('the picture has too many pixels', { ignoreCase: true });
});
