/**
 * Every state of the visitor's interface under every look, driven by real operators. `npm test` measures them in the usual brand;
 * `npm run pictures` does the same in all brands and takes pictures. A journey passes through the states that follow each other.
 */
import { expect, test, type World } from '../support/fixtures.ts';
import type { VisitorPage } from '../support/pages/visitor.ts';
import { BRANDS, LOOKS, apply, type Brand } from './looks.ts';
import { shows } from './shown.ts';

const brands = (process.env.PICTURES === undefined ? ['usual'] : Object.keys(BRANDS)) as Brand[];
const IN_CHAT = ['Close chat', 'Message', 'Send'];

/** Runs a journey in each brand. */
function journey(
  title: string,
  run: (world: World, look: (visitor: VisitorPage, state: string, ...inSight: string[]) => Promise<void>) => Promise<void>,
): void {
  for (const brand of brands)
    test(`[UI.looks] ${title}, ${brand} brand`, async ({ world }) => {
      test.slow();
      await world.set('common.banner_color', BRANDS[brand]);
      await world.set('common.privacy_url', 'https://shop.example/privacy');
      await run(world, (visitor, state, ...inSight) => shows(visitor, state, { inSight, brand }));
    });
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
  await operator.reply('Good day! The **Guji Highland** is what I would take:');
  await operator.reply('- jasmine\n- ripe apricot\n- a little bergamot');
  await visitor.say('👍');
  await operator.reply('See www.example.com/guji or [our guide](https://shop.example/guide).');
  await visitor.sees('👍');
  await look(visitor, 'talking', ...IN_CHAT);
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
    ['name', 'email', 'phone'].map((name) => ({ name, is_required: true, title: '' })),
  );
  const other = await stranger(world);
  await other.openChat();
  await expect(other.frame.getByRole('group', { name: 'Your details' })).toBeVisible();
  await other.frame.getByRole('button', { name: 'Start chat' }).click();
  await look(other, 'details with mistakes', 'Close chat');
});
