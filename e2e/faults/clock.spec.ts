/** Clocks that jump: the visitor's by a day, both ways, and the server's by an hour. Order is nobody's clock's business. */
import { expect, test } from '../support/fixtures.ts';
import { layLine } from '../support/line.ts';
import { createServerClock } from './clock.ts';
import { readStored } from './database.ts';
import { expectAllSound, said, textsOf } from './said.ts';
import { ask } from './wire.ts';
import { limits, test as faultTest, until } from './world.ts';
import { expectSound } from './checker.ts';

const DAY = 24 * 3_600_000;

test('[fault 33] a visitor’s clock that jumps by a day changes neither order nor times', async ({ world }) => {
  const operator = await world.operator();
  const visitor = await world.stranger();
  const { page } = visitor;
  const line = await layLine(page);
  await visitor.open();
  await visitor.done('startChat');
  await operator.join();
  await visitor.openChat();
  const order: string[] = [];
  for (const [when, ms] of [
    ['now', 0],
    ['tomorrow', DAY],
    ['yesterday', -DAY],
  ] as const) {
    await page.clock.setSystemTime(Date.now() + ms);
    await visitor.say(`asked ${when};`);
    await operator.reads(`asked ${when};`);
    await operator.reply(`answered ${when};`);
    await visitor.sees(`answered ${when};`);
    order.push(`asked ${when};`, `answered ${when};`);
  }
  expect(await textsOf(visitor.log)).toEqual(order);
  const dates = (await visitor.run((chat) => chat.getMessages())).map(({ date }) => date);
  for (const date of dates) expect(Math.abs(date - Date.now() / 1000)).toBeLessThan(60);
  expect(dates).toEqual([...dates].sort((a, b) => a - b));

  // Written tomorrow, sent after the clock was put right, on another page: still before what was written later.
  await line.cut();
  await expect.poll(() => visitor.call('isOnline')).toBe(false);
  await page.clock.setSystemTime(Date.now() + DAY);
  await visitor.say('written first;');
  await expect.poll(() => textsOf(visitor.log)).toEqual([...order, 'written first;']);
  await page.clock.setSystemTime(Date.now());
  await visitor.open();
  await visitor.openChat();
  await visitor.sees('written first;');
  await visitor.say('written second;');
  order.push('written first;', 'written second;');
  line.mend();
  await expect.poll(() => said(world)).toEqual(order);
  await expect.poll(() => textsOf(operator.log)).toEqual(order);
  await expectAllSound(world, [visitor]);
});

faultTest('[fault 33] a server’s clock that goes back an hour changes no order', async ({ start }) => {
  const clock = createServerClock();
  const world = await start({ env: clock.env });
  const { person, operator, visitor } = await world.conversation();
  const [page] = person.pages;
  for (const [name, ms] of [
    ['an hour back', -3_600_000],
    ['right again', 0],
  ] as const) {
    clock.shift(ms);
    page?.say(`asked with the clock ${name}`);
    await page?.sent();
    await operator.answer(visitor, `answered with the clock ${name}`);
    await until(
      () => readStored(world.system.dataDir, world.site).events.some(({ text }) => text === `answered with the clock ${name}`),
      'the answer is stored',
    );
  }
  // Also to those who come only now.
  const late = person.page();
  await late.online();
  await until(
    () => late.session.messages.value.some(({ text }) => text === 'answered with the clock right again'),
    'the second page shows everything',
  );
  await expectSound(() => world.evidence());
  const { events } = readStored(world.system.dataDir, world.site);
  const spoken = events.flatMap(({ text, author_kind }) =>
    text !== null && author_kind !== 'system' && author_kind !== 'bot' ? text : [],
  );
  expect(late.session.messages.value.flatMap(({ text }) => (spoken.includes(text) ? text : []))).toEqual(spoken);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, at) => at + 1));
});

for (const { rounds, title } of [
  { rounds: 20, title: 'for some seconds' },
  { rounds: 600, title: 'for minutes @campaign' },
]) {
  faultTest(
    `[fault 62] a server’s clock that is 400 days ahead ${title}, also while it starts, removes nothing and locks nobody out`,
    async ({ start }) => {
      faultTest.setTimeout(600_000);
      const AHEAD = 400 * DAY;
      const clock = createServerClock();
      const login = { tries: 5, firstDelayMs: 1_000, maxDelayMs: 900_000 };
      const env = { ...clock.env, LIMITS: JSON.stringify({ ...(JSON.parse(limits({ timing: { purgeMs: 50 } })) as object), login }) };
      const world = await start({ env });
      const account = await world.account();
      const { system } = world;
      const { person, operator } = await world.conversation();
      const [page] = person.pages;
      const texts = () => readStored(system.dataDir, world.site).events.flatMap(({ text }) => text ?? []);
      const signIn = (password: string) =>
        ask(world.road(), '/operator/login', { email: account.email, password }).then(
          () => true,
          () => false,
        );
      /** Each round is longer than it takes until the next purge is due. */
      const rest = () => new Promise((resolve) => setTimeout(resolve, 100));

      clock.shift(AHEAD);
      for (let round = 0; round < rounds; round += 1) {
        page?.say(`said ahead of time, number ${round}`);
        await page?.sent();
        await rest();
      }
      for (let tries = 0; tries < 8; tries += 1) expect(await signIn('not this one')).toBe(false);
      clock.shift(0);
      page?.say('said in time');
      await page?.sent();
      // Nobody ever said anything at another time than now.
      for (const { date } of page?.session.messages.value ?? []) expect(Math.abs(date - Date.now() / 1_000)).toBeLessThan(600);
      const before = texts();
      expect(before.length).toBeGreaterThan(rounds);

      // Nobody is there when it starts ahead of time, and again in time.
      page?.kill();
      operator.close();
      for (const ms of [AHEAD, 0]) {
        await system.stopServer();
        clock.shift(ms);
        await system.startServer();
        for (let round = 0; round < rounds; round += 1) {
          expect((await fetch(`${system.chat}/readyz`)).status).toBe(200);
          await rest();
        }
      }
      const gone = () => before.filter((text) => !texts().includes(text));
      expect(gone()).toEqual([]);
      // Eight wrong passwords are waited for in seconds, as ever, and not in days.
      await until(() => signIn(account.password), 'the operator may sign in', 60_000);
      const again = person.page();
      await again.online();
      again.say('and here I am again');
      await again.sent();
      expect([gone(), texts().includes('and here I am again')]).toEqual([[], true]);
      await until(
        () => again.session.messages.value.some(({ text }) => text === 'said ahead of time, number 0'),
        'the page shows what was said',
      );
    },
  );
}
