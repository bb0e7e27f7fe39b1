/**
 * Every table has its period: the table in PRIVACY.md names each one of the schema, and what it says will go is gone when all
 * periods have passed, with everything from which a text could be guessed. A table that is new fails here until it has both: a row
 * there, and something of it in this world.
 */
import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createAuth } from '../auth/auth.ts';
import { createFiles } from '../files/files.ts';
import { createInbox } from '../presence/inbox.ts';
import { createLoginDelay } from '../auth/login.ts';
import { createMailer } from '../mail/mailer.ts';
import { chatOf, createWorld, SITE, type World } from '../testing/room-world.ts';
import { createRetention } from './retention.ts';
import { Database } from '../store/driver.ts';

const YEARS_MS = 10 * 366 * 24 * 3_600_000;
const SAID = 'call me at +31 20 1234567';
const TOLD = 'answered by an operator';
const LEFT = { phone: '+31 20 7654321' };
const ADDRESS = 'vera@secret.example';
const STAYS = /^(for ever|until you remove it)$/;

/** Table → until when, as PRIVACY.md says it. */
const periods = new Map(
  [...readFileSync(new URL('../../PRIVACY.md', import.meta.url), 'utf8').matchAll(/^\| `(\w+)` \|[^|]*\| ([^|]+) \|$/gm)].map(
    ([, table = '', until = '']) => [table, until.trim()],
  ),
);

let world: World;
beforeEach(async () => void (world = await createWorld()));
afterEach(() => world.close());

function rows<T>(query: string): T[] {
  const db = new Database(world.file, { readonly: true });
  try {
    return db.prepare<[], T>(query).all();
  } finally {
    db.close();
  }
}
const tables = () =>
  rows<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name").map(
    ({ name }) => name,
  );
const filled = () => tables().filter((table) => rows(`SELECT 1 FROM "${table}" LIMIT 1`).length > 0);
const dump = () =>
  tables()
    .map((table) => JSON.stringify(rows(`SELECT * FROM "${table}"`)))
    .join('\n');

/** Something in every table, each by the way it comes there. */
async function fill(): Promise<void> {
  const { store, clock, limits } = world;
  const now = clock.nowSeconds();
  const vera = await world.addVisitor();
  const olga = await world.addOperator('Olga');
  const chat = chatOf(await world.visitor(vera, { kind: 'message.send', text: SAID, group: null }));
  await world.operator(olga, { kind: 'chat.join', chat });
  await world.operator(olga, { kind: 'message.send', chat, text: TOLD });
  await world.visitor(vera, { kind: 'card.set', card: { email: ADDRESS } });
  await world.visitor(vera, { kind: 'transcript.mail', address: ADDRESS });
  await world.visitor(vera, { kind: 'chat.close' });
  await world.page('page', { kind: 'request.send', request: LEFT });
  const request = (await store.requests(SITE, 1))[0]?.id ?? '';
  await world.operator(olga, { kind: 'request.done', request });
  const guest = await world.addVisitor();
  await world.operator(olga, { kind: 'visitor.invite', visitor: guest, text: 'Welcome, Vera' });
  const files = await createFiles({
    ...world,
    config: { dataDir: dirname(world.file), filesDir: join(dirname(world.file), 'files'), filesPublicUrl: 'https://files.example', limits },
  });
  await files.receive({
    site: SITE,
    owner: { visitor: vera },
    address: '192.0.2.1',
    uid: randomUUID(),
    name: 'secret.bin',
    bytes: Readable.from([Buffer.from('bytes')]),
    maxBytes: 100,
    accept: [],
    mayStill: () => Promise.resolve(true),
  });
  const entry = await world.ledger.begin('text', 'u', { site: SITE, visitor: vera, address: '192.0.2.1' });
  entry.keep(1);
  await world.ledger.save();
  const delay = createLoginDelay({ store, clock, limits: limits.login });
  await delay.take('olga@shop.example', '192.0.2.1');
  await createAuth({ store, clock, limits, delay }).enter(SITE);
  await store.transact([], async (tx) => {
    await tx.noteRefused(SITE, 'https://embedder.example', now);
    await tx.saveIdentityKey({ site: SITE, kid: 'k', alg: 'HS256', key: 'secret', createdAt: now });
    await tx.identify(SITE, 'keyed', vera, now);
    await tx.saveSession({ id: 's', tokenHash: 'h', site: SITE, visitor: vera, operator: null, csrf: '', expiresAt: now + 3600 });
    await tx.saveIdentityUse({ token: 'keyed', session: 's', proofs: [], endsMs: clock.nowMs() + 1 });
    await tx.saveConfirmation({
      site: SITE,
      visitor: vera,
      address: 'keyed',
      uid: 'u',
      tries: 0,
      endsMs: clock.nowMs() + 1,
      isConfirmed: true,
    });
    await tx.note({ date: now, site: SITE, operator: olga.id, visitor: vera, deed: 'open' });
    await tx.noteLost({ site: SITE, visitor: vera, chat, stored: null, claimed: 3, date: now }, { perVisitor: 9, most: 9 });
  });
}

async function purge(): Promise<void> {
  const mailer = createMailer({
    ...world,
    config: { smtpUrl: null, mailFrom: 'chat@shop.example', dataDir: dirname(world.file), publicUrl: 'https://chat.example' },
  });
  const inbox = await createInbox(world);
  const files = await createFiles({
    ...world,
    config: {
      dataDir: dirname(world.file),
      filesDir: join(dirname(world.file), 'files'),
      filesPublicUrl: 'https://files.example',
      limits: world.limits,
    },
  });
  const retention = createRetention({ ...world, inbox, files, mailer, everyMs: 3_600_000 });
  await retention.idle();
  // What was kept for the sake of something that has gone in this run goes in the next.
  world.clock.advance(3_600_000);
  await new Promise((resolve) => setImmediate(resolve));
  await retention.idle();
  retention.close();
  inbox.close();
  mailer.close();
}

it('[FF.A8] [ST.periods] every table has its row in the table of periods', () => {
  expect([...periods.keys()].sort()).toEqual(tables());
});

it('[FF.A8] [ST.periods] when all periods have passed, only what the installation itself is made of is left', async () => {
  await fill();
  expect(filled()).toEqual(tables());
  // Sessions of these tests never end; those of people do.
  await world.store.transact([], (tx) => tx.removeSessionsOf({ operator: 'id-of-olga' }));
  for (const { visitor } of rows<{ visitor: string | null }>('SELECT visitor FROM session WHERE expires_at > 3000000000'))
    if (visitor !== null) await world.store.transact([], (tx) => tx.removeSessionsOf({ visitor }));
  world.clock.advance(YEARS_MS);
  await purge();
  expect(filled()).toEqual(
    [...periods]
      .filter(([, until]) => STAYS.test(until))
      .map(([table]) => table)
      .sort(),
  );
  for (const trace of [SAID, TOLD, LEFT.phone, ADDRESS, 'secret.bin', 'Welcome', 'embedder.example'])
    expect([trace, dump().includes(trace)]).toEqual([trace, false]);
});

it('[FF.A8] nothing that is stored can be computed from a text without the secret', async () => {
  await fill();
  const guesses = [SAID, TOLD, LEFT.phone, ADDRESS, 'olga@shop.example', '192.0.2.1'].flatMap((text) => [
    text,
    // As a command, its members sorted as it was hashed before there was a key.
    JSON.stringify([
      ['group', null],
      ['kind', 'message.send'],
      ['text', text],
    ]),
    JSON.stringify([
      ['address', text],
      ['kind', 'transcript.mail'],
    ]),
    JSON.stringify([
      ['kind', 'request.send'],
      ['request', [['phone', text]]],
    ]),
    JSON.stringify([
      ['card', [['email', text]]],
      ['kind', 'card.set'],
    ]),
    JSON.stringify(['mail', 'ip', text]),
    JSON.stringify(['mail', 'address', text]),
    JSON.stringify(['login', text]),
  ]);
  const stored = dump();
  for (const guess of guesses) {
    for (const algorithm of ['sha256', 'sha1', 'md5']) {
      const digest = createHash(algorithm).update(guess).digest();
      for (const form of ['hex', 'base64', 'base64url'] as const)
        expect([guess, stored.includes(digest.toString(form))]).toEqual([guess, false]);
    }
  }
});

it('[FF.A8] [ST.uid] a command is known again for as long as what was said with it is kept, and no longer', async () => {
  const vera = await world.addVisitor();
  const command = { kind: 'message.send', text: SAID, group: null, uid: randomUUID() } as const;
  await world.visitor(vera, command);
  const days = async (count: number) => {
    world.clock.advance(count * 86_400_000);
    await purge();
  };
  await days(364);
  expect((await world.visitor(vera, command)).answer).toMatchObject({ t: 'ack', dup: true });
  expect(rows('SELECT 1 FROM command')).toHaveLength(1);
  await days(2);
  expect(rows('SELECT 1 FROM command')).toHaveLength(0);
});

it('[FF.A8] a page whose visitor has not acted leaves nothing that is remembered, but for its request', async () => {
  await world.page('page', { kind: 'invite.reject' });
  await world.page('page', { kind: 'chat.close' });
  expect(rows('SELECT 1 FROM command')).toHaveLength(0);
  const request = { kind: 'request.send', request: LEFT, uid: randomUUID() } as const;
  await world.page('page', request);
  expect((await world.page('page', request)).answer).toMatchObject({ t: 'ack', dup: true });
  expect(rows('SELECT 1 FROM command')).toHaveLength(1);
});
