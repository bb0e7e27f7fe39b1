/** Who a visitor is, said by the customer's own server: two devices of one person, and people who only claim to be somebody. */
import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { expect, test, type World } from '../support/fixtures.ts';
import type { VisitorPage } from '../support/pages/visitor.ts';

interface Identified {
  CallGear: { identify(jwt: string): Promise<unknown>; getVisitorId(): string | null; getSessionId(): string | null };
}

/** Gives the site a key and returns what the customer's server would do with it. */
async function signer({ system, key }: World): Promise<(sub: string) => Promise<string>> {
  const printed = await system.admin('site', 'key', 'add', key, '--id', 'k1');
  const secret = new TextEncoder().encode(printed.trim().split('\n').at(-1));
  return (sub) =>
    new SignJWT({ jti: randomUUID() })
      .setProtectedHeader({ alg: 'HS256', kid: 'k1' })
      .setSubject(sub)
      .setAudience(key)
      .setExpirationTime('2m')
      .sign(secret);
}

const identify = ({ page }: VisitorPage, token: string): Promise<string> =>
  page.evaluate(
    (jwt) =>
      (window as unknown as Identified).CallGear.identify(jwt).then(
        () => 'ok',
        (error: { code: string }) => error.code,
      ),
    token,
  );
const visitorId = ({ page }: VisitorPage): Promise<string | null> =>
  page.evaluate(() => (window as unknown as Identified).CallGear.getVisitorId());
const texts = async (visitor: VisitorPage): Promise<string[]> =>
  (await visitor.call<{ text: string }[]>('getMessages')).map(({ text }) => text);

test('[D3] [LO.identify] two devices of one person have one conversation, and a reload is still that person @firefox', async ({
  world,
}) => {
  const sign = await signer(world);
  const { visitor: phone, operator } = await world.conversation();
  await phone.call('sendChatMessage', 'from the phone');
  await operator.reads('from the phone');
  expect(await identify(phone, await sign('customer 7'))).toBe('ok');
  await expect.poll(() => texts(phone)).toEqual(['from the phone']);

  const laptop = await world.visitor();
  expect(await identify(laptop, await sign('customer 7'))).toBe('ok');
  await laptop.becomes('chat');
  expect(await texts(laptop)).toEqual(['from the phone']);
  expect(await visitorId(laptop)).toBe(await visitorId(phone));

  await laptop.call('sendChatMessage', 'from the laptop');
  await expect.poll(() => texts(phone)).toEqual(['from the phone', 'from the laptop']);
  await operator.reply('I see both');
  for (const device of [phone, laptop]) await expect.poll(() => texts(device)).toContain('I see both');

  await laptop.open();
  await expect.poll(() => texts(laptop)).toEqual(['from the phone', 'from the laptop', 'I see both']);
  expect(await identify(laptop, await sign('customer 7'))).toBe('ok');
  expect(await visitorId(laptop)).toBe(await visitorId(phone));
});

test("[D3] who only says so sees nothing: a card with another's address, a token that was used, a token of nobody", async ({ world }) => {
  const sign = await signer(world);
  const { visitor: victim, operator } = await world.conversation();
  await victim.run((chat) => chat.setVisitorCard({ name: 'Vera', email: 'vera@example.com', phone: '+47 1' }));
  await victim.call('sendChatMessage', 'my secret');
  await operator.reads('my secret');
  const token = await sign('vera');
  expect(await identify(victim, token)).toBe('ok');

  const thief = await world.visitor();
  await thief.run((chat) => chat.setVisitorCard({ name: 'Vera', email: 'vera@example.com', phone: '+47 1' }));
  await thief.settled();
  expect(await identify(thief, token)).toBe('unauthorized');
  expect(await identify(thief, `${token.split('.').slice(0, 2).join('.')}.`)).toBe('unauthorized');
  await thief.open();
  expect(await thief.call('getHistory')).toBe(false);
  expect(await visitorId(thief)).not.toBe(await visitorId(victim));
  expect(await victim.call('getVisitorCard')).toEqual({ name: 'Vera', email: ['vera@example.com'], phone: ['+47 1'] });
});

test('[D3] [LO.identify] an answer that was lost on its way is asked for again and given; the used token helps nobody else', async ({
  world,
}) => {
  const sign = await signer(world);
  const [visitor, thief] = [await world.visitor(), await world.visitor()];
  let lost = 0;
  await visitor.page.route('**/session/identity', async (route) => {
    if (lost === 2) return route.continue();
    lost += 1;
    // Carried out by the server; nothing of the answer reaches the browser, not even the cookie.
    await fetch(route.request().url(), {
      method: 'POST',
      headers: { ...(await route.request().allHeaders()) },
      body: route.request().postData(),
    });
    return route.abort('connectionreset');
  });
  const token = await sign('customer 9');
  expect(await identify(visitor, token)).toBe('ok');
  expect(lost).toBe(2);
  expect(await identify(thief, token)).toBe('unauthorized');
  await visitor.call('sendChatMessage', 'I am customer 9');
  const other = await world.visitor();
  expect(await identify(other, await sign('customer 9'))).toBe('ok');
  await expect.poll(() => texts(other)).toEqual(['I am customer 9']);
});

test('[D3] another person on the same device sees nothing of the one before', async ({ world }) => {
  const sign = await signer(world);
  const { visitor, operator } = await world.conversation();
  expect(await identify(visitor, await sign('ann'))).toBe('ok');
  await visitor.call('sendChatMessage', 'Ann was here');
  await operator.reads('Ann was here');

  expect(await identify(visitor, await sign('bob'))).toBe('ok');
  await visitor.becomes('available');
  await expect.poll(() => texts(visitor)).toEqual([]);
  await visitor.open();
  expect(await visitor.call('getHistory')).toBe(false);

  expect(await identify(visitor, await sign('ann'))).toBe('ok');
  await visitor.becomes('chat');
  await expect.poll(() => texts(visitor)).toEqual(['Ann was here']);
});
