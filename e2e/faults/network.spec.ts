/**
 * What befalls the network between a visitor and the server: it comes and goes, it is away for long, it is slow. People go on
 * writing meanwhile.
 */
import { expect, test } from '../support/fixtures.ts';
import { layLine } from '../support/line.ts';
import { expectAllSound, said, textsOf } from './said.ts';

/** The connection lives and is gone for about two seconds at a time, while both sides go on writing. */
for (const { name, ms } of [
  { name: 'for a while', ms: 15_000 },
  { name: 'for five minutes @campaign', ms: 300_000 },
])
  test(`[fault 13] a network that flaps every two seconds ${name} doubles nothing and is not stormed`, async ({ world }) => {
    test.setTimeout(ms + 90_000);
    const operator = await world.operator();
    const visitor = await world.stranger();
    const line = await layLine(visitor.page);
    await visitor.open();
    await visitor.done('startChat');
    await operator.join();
    await visitor.openChat();

    const mine: string[] = [];
    const theirs: string[] = [];
    const end = Date.now() + ms;
    let cuts = 0;
    let isUp = true;
    const flapping = setInterval(() => {
      if (isUp) void line.cut();
      else line.mend();
      cuts += isUp ? 1 : 0;
      isUp = !isUp;
    }, 2_000);
    try {
      for (let n = 1; Date.now() < end; n += 1) {
        await visitor.say(`visitor ${n};`);
        mine.push(`visitor ${n};`);
        await operator.reply(`operator ${n};`);
        theirs.push(`operator ${n};`);
      }
    } finally {
      clearInterval(flapping);
    }
    line.mend();

    await expect.poll(() => said(world).length, { timeout: 60_000 }).toBe(mine.length + theirs.length);
    const order = said(world);
    expect(order.filter((text) => text.startsWith('visitor'))).toEqual(mine);
    expect(order.filter((text) => text.startsWith('operator'))).toEqual(theirs);
    // Long conversations: the end of the list is in the document, all of it is in the page's copy or can be fetched.
    await expect
      .poll(async () => order.slice(-100).join() === (await textsOf(visitor.log)).slice(-100).join(), { timeout: 60_000 })
      .toBe(true);
    await expect.poll(async () => order.slice(-100).join() === (await textsOf(operator.log)).slice(-100).join()).toBe(true);
    const told = (await visitor.told<{ message_id: string }>('sendmessage')).map(({ message_id }) => message_id);
    expect(new Set(told).size).toBe(told.length);
    expect(told).toHaveLength(theirs.length);
    // A connection each time there was one to have, and no more: a lost acknowledgement is asked for by the next one.
    expect(line.sent.filter(({ t }) => t === 'hello').length).toBeLessThanOrEqual(2 * (cuts + 2));
    for (const text of mine)
      expect(line.sent.filter(({ t, items }) => t === 'send' && items?.some((item) => item.text === text)).length).toBeLessThanOrEqual(4);
    await expectAllSound(world, [visitor]);
  });

test('[fault 14] twenty messages that were written in ten minutes without a network arrive in their order', async ({ world }) => {
  const operator = await world.operator();
  const visitor = await world.stranger();
  const { page } = visitor;
  const line = await layLine(page);
  let isAway = false;
  await page.route(`${world.system.chat}/**`, (route) => (isAway ? route.abort('internetdisconnected') : route.fallback()));
  await page.clock.install();
  await visitor.open();
  await visitor.done('startChat');
  await operator.join();
  await visitor.openChat();

  isAway = true;
  await line.cut();
  await page.clock.fastForward(5_000);
  await expect(visitor.frame.getByText(/^(No connection|Connecting)/).first()).toBeVisible();
  const texts = Array.from({ length: 20 }, (_, n) => `written offline ${n + 1};`);
  for (const [n, text] of texts.entries()) {
    await visitor.say(text);
    if (n % 2 === 0) await page.clock.fastForward('01:00');
  }
  await expect.poll(() => textsOf(visitor.log)).toEqual(texts);
  expect(said(world)).toEqual([]);

  isAway = false;
  line.mend();
  await page.clock.fastForward('00:30');
  await expect.poll(() => said(world)).toEqual(texts);
  await expect.poll(() => textsOf(operator.log)).toEqual(texts);
  expect(await textsOf(visitor.log)).toEqual(texts);
  await expect.poll(async () => (await visitor.heard('messagedelivered')).length).toBe(20);
  await expectAllSound(world, [visitor]);
});
