/** What a visitor's browser tells of itself without being asked is not kept: whence, with what, from which network. */
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { CHAT, batch, createGatewayWorld, say } from '../testing/gateway-world.ts';

it('[P4] the database and its log hold no query, browser or address; operators see pages without query', async () => {
  const world = await createGatewayWorld();
  const { access, visitor } = await world.enter();
  const ann = await world.openVisitor({
    origin: CHAT,
    'user-agent': 'Mozilla/Secret 77',
    referer: 'https://search.example/?q=embarrassing',
    'x-forwarded-for': '203.0.113.77',
  });
  ann.send(world.hello({ access, page: { url: 'https://shop.example/cart?token=SECRETQUERY#SECRETHASH', title: 'Shop' } }));
  await ann.next('welcome');
  ann.send(batch(say('words that are kept'), { kind: 'card.set', card: { name: 'Ann' } }));
  await ann.next('ack');
  await ann.next('ack');
  const work = await world.workplace(await world.addOperator('Olga'));
  expect(work.welcome.visitors.map(({ page }) => page.url)).toEqual(['https://shop.example/cart']);
  work.send({ t: 'watch', visitor });
  await work.next('opened');
  const folder = dirname(world.file);
  const bytes = Buffer.concat(
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => readFileSync(join(folder, name))),
  );
  expect(bytes.includes('words that are kept')).toBe(true);
  for (const trace of ['SECRETQUERY', 'SECRETHASH', 'Mozilla', 'embarrassing', '203.0.113.77', '127.0.0.1', '::1', 'shop.example/cart'])
    expect([trace, bytes.includes(trace)]).toEqual([trace, false]);
  await world.close();
});
