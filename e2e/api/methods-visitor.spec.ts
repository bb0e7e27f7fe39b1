/** Methods about the two persons: the visitor's card, what a site requires of it, and the operator's card. */
import sharp from 'sharp';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '../support/fixtures.ts';
import { layLine } from '../support/line.ts';

const REQUIRED = [
  { name: 'name', is_required: true, title: 'Name' },
  { name: 'email', is_required: true, title: 'Email' },
  { name: 'phone', is_required: false, title: 'Phone' },
];

test('[ME.getVisitorCard] [ME.setVisitorCard] the card is changed before the method returns, and kept @firefox', async ({ world }) => {
  const operator = await world.operator();
  const visitor = await world.visitor();
  const cards = await visitor.run((chat) => {
    const before = chat.getVisitorCard();
    chat.setVisitorCard({ name: 'Vera', email: 'vera@example.com', phone: '+47 1' });
    return [before, chat.getVisitorCard()];
  });
  const card = { name: 'Vera', email: ['vera@example.com'], phone: ['+47 1'] };
  expect(cards).toEqual([{}, card]);
  await visitor.settled();
  await visitor.open();
  expect(await visitor.call('getVisitorCard')).toEqual(card);
  await operator.open('On site');
  await expect(operator.page.getByText('vera@example.com').first()).toBeVisible();
});

test('[ME.setVisitorCard] the name is replaced, e-mail and phone are added if new, the newest five stay', async ({ world }) => {
  const visitor = await world.visitor();
  const card = await visitor.run((chat) => {
    for (const n of [1, 2, 3, 4, 5, 6, 6]) chat.setVisitorCard({ name: `Name ${n}`, email: `${n}@example.com`, phone: `+${n}` });
    chat.setVisitorCard({});
    return chat.getVisitorCard();
  });
  const five = [2, 3, 4, 5, 6];
  const expected = { name: 'Name 6', email: five.map((n) => `${n}@example.com`), phone: five.map((n) => `+${n}`) };
  expect(card).toEqual(expected);
  await visitor.settled();
  const other = await world.page(visitor);
  expect(await other.call('getVisitorCard')).toEqual(expected);
});

test('[ME.setVisitorCard] a malformed address is an error and changes nothing: not on this page, not on another, not for the operator', async ({
  world,
}) => {
  await world.set('chat.fields', REQUIRED);
  const operator = await world.operator();
  const visitor = await world.visitor();
  const state = () => visitor.run((chat) => [chat.getVisitorCard(), chat.getRequiredInfo()]);
  expect(await visitor.done('setVisitorCard', { phone: '+47 1' })).toBe('ok');
  const before = await state();
  for (const email of ['vera@', 'vera', 'vera@a.example, eve@b.example', `${'v'.repeat(300)}@example.com`]) {
    expect(await visitor.done('setVisitorCard', { name: 'Mistyped', email })).toBe('invalid_argument');
    await expect.poll(state).toEqual(before);
  }
  expect(await visitor.done('setVisitorCard', { name: 'N'.repeat(300) })).toBe('invalid_argument');
  await expect.poll(state).toEqual(before);
  await visitor.run(() =>
    (window.CallGear as unknown as { addVisitorInfo(info: object, callback: (outcome: unknown) => void): void }).addVisitorInfo(
      { email: 'vera@' },
      (outcome) => void window.notes.push(outcome),
    ),
  );
  await expect.poll(() => visitor.page.evaluate(() => window.notes)).toEqual([{ success: false }]);
  await expect.poll(state).toEqual(before);
  expect((await visitor.told<{ code: string; command: string }>('error')).map(({ code, command }) => `${code} ${command}`)).toEqual([
    ...Array<string>(5).fill('invalid_argument setVisitorCard'),
    'invalid_argument addVisitorInfo',
  ]);

  await visitor.settled();
  expect(await (await world.page(visitor)).call('getVisitorCard')).toEqual({ phone: ['+47 1'] });
  await operator.open('On site');
  await expect(operator.page.getByText('+47 1').first()).toBeVisible();
  await expect(operator.page.locator('body')).not.toContainText('Mistyped');
});

test('[ME.setVisitorCard] the callback comes once, later', async ({ world }) => {
  const visitor = await world.visitor();
  const isLater = await visitor.run((chat) => {
    chat.setVisitorCard({ name: 'Vera' }, () => window.notes.push('callback'));
    return window.notes.length === 0;
  });
  expect(isLater).toBe(true);
  await expect.poll(() => visitor.page.evaluate(() => window.notes)).toEqual(['callback']);
  await visitor.settled();
  expect(await visitor.page.evaluate(() => window.notes)).toEqual(['callback']);
});

test('[ME.getRequiredInfo] [ME.setVisitorCard] what the site requires and the card lacks, in the same statement', async ({ world }) => {
  await world.set('chat.fields', REQUIRED);
  const visitor = await world.visitor();
  const required = await visitor.run((chat) => {
    const seen = [chat.getRequiredInfo()];
    chat.setVisitorCard({ name: 'Vera' });
    seen.push(chat.getRequiredInfo());
    chat.setVisitorCard({ email: 'vera@example.com' });
    return [...seen, chat.getRequiredInfo()];
  });
  expect(required).toEqual([['name', 'email'], ['email'], []]);
  await visitor.settled();
  await visitor.open();
  expect(await visitor.call('getRequiredInfo')).toEqual([]);
});

test('[ME.getRequiredInfo] a site that requires nothing has an empty list', async ({ world }) => {
  const visitor = await world.visitor();
  expect(await visitor.call('getRequiredInfo')).toEqual([]);
});

test('[ME.getVisitorCard] a card belongs to its visitor alone', async ({ world }) => {
  const first = await world.visitor();
  await first.done('setVisitorCard', { name: 'Vera', email: 'vera@example.com' });
  const second = await world.visitor();
  await second.done('setVisitorCard', { email: 'vera@example.com' });
  await second.open();
  expect(await second.run((chat) => [chat.getVisitorCard(), chat.getHistory()])).toEqual([{ email: ['vera@example.com'] }, false]);
});

test('[ME.setVisitorCard] the mirror changes also while the server is out of reach', async ({ world }) => {
  const visitor = await world.stranger();
  const line = await layLine(visitor.page);
  await visitor.open();
  await visitor.done('setVisitorCard', { name: 'V.' });
  await line.cut();
  await expect.poll(() => visitor.call('isOnline')).toBe(false);
  expect(await visitor.run((chat) => (chat.setVisitorCard({ name: 'Vera' }), chat.getVisitorCard()))).toEqual({ name: 'Vera' });
  line.mend();
  await visitor.settled();
  await visitor.open();
  expect(await visitor.call('getVisitorCard')).toMatchObject({ name: 'Vera' });
});

test('[ME.getOperatorVcard] the operator of the current chat, or null', async ({ world }) => {
  const operator = await world.operator('Olga Petrova', { position: 'Chief of tea' });
  const visitor = await world.visitor();
  await visitor.done('startChat');
  expect(await visitor.call('getOperatorVcard')).toBeNull();
  await operator.join();
  await visitor.hears('operatorjoined');
  expect(await visitor.call('getOperatorVcard')).toEqual({ name: 'Olga Petrova', position: 'Chief of tea', avatar: null });
  await visitor.done('closeChat');
  expect(await visitor.call('getOperatorVcard')).toBeNull();
});

test('[MS.links] [ME.getOperatorVcard] the avatar is an address that the page can show, without cookies', async ({ world }) => {
  const picture = join(world.system.dataDir, `${world.key}.png`);
  writeFileSync(
    picture,
    await sharp({ create: { width: 8, height: 8, channels: 3, background: '#2a6df4' } })
      .png()
      .toBuffer(),
  );
  const operator = await world.operator('Olga Petrova', { avatar: picture });
  const visitor = await world.visitor();
  await visitor.done('startChat');
  await operator.join();
  const { payload } = await visitor.hears('operatorjoined');
  expect(payload['avatar']).toMatch(/^http:\/\/localhost:\d+\//);
  const width = await visitor.page.evaluate(async (src) => {
    const image = new Image();
    image.src = src;
    await image.decode();
    return image.naturalWidth;
  }, String(payload['avatar']));
  expect(width).toBeGreaterThan(0);
  expect((await fetch(String(payload['avatar']))).headers.get('content-type')).toMatch(/^image\//);
  await operator.reply('Hello');
  expect((await visitor.hears('sendmessage')).payload['operator_info']).toEqual(payload);
});
