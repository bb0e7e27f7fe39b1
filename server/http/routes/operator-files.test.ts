/** An operator's route to a file: the server audits the access first, and refuses operators without the right to it. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { StoredFile } from '../../store/files.ts';
import { cookieOf, createWorld, PASSWORD, type World } from '../../testing/http-world.ts';

let world: World;
let [ann, eve] = ['', ''];
let visitor = '';
let access = '';
beforeAll(async () => {
  world = await createWorld();
  const operator = await world.store.operator('ann');
  if (operator === undefined) throw new Error('Ann is missing');
  await world.store.transact([], (tx) => tx.saveOperator({ ...operator, id: 'eve', email: 'eve@other.example', sites: ['other'] }));
  [ann, eve] = (await Promise.all(
    ['ann@shop.example', 'eve@other.example'].map(
      async (email) => cookieOf(await world.post('/operator/login', { email, password: PASSWORD })).pair,
    ),
  )) as [string, string];
  ({ visitor, access } = (await world.post('/session', { site: 'shop', create: true })).json<{ visitor: string; access: string }>());
});
afterAll(() => world.close());

const rows = async () =>
  (await world.store.audit({}, 100)).map(({ operator, deed, site, visitor: whose }) => [operator, deed, site, whose]);
const open = (id: string, name: string, headers: Record<string, string>) =>
  world.ask({ url: `/operator/files/${id}/${encodeURIComponent(name)}`, headers });

async function byVisitor(): Promise<{ file: string; link: string }> {
  const url = `/files?${new URLSearchParams({ site: 'shop', uid: randomUUID(), name: 'a b.txt' })}`;
  return (
    await world.ask({
      method: 'POST',
      url,
      payload: Buffer.from('x'),
      headers: { 'content-type': 'application/octet-stream', authorization: `Bearer ${access}` },
    })
  ).json();
}

/** A file that an operator has sent into the visitor's chat. */
async function byOperator(): Promise<StoredFile> {
  const file: StoredFile = {
    id: 'f'.repeat(32),
    site: 'shop',
    visitor: null,
    operator: 'ann',
    name: 'offer.pdf',
    type: 'application/pdf',
    size: 1,
    createdAt: 1,
    state: 'clean',
  };
  await world.store.transact([], async (tx) => {
    await tx.saveFile(file);
    const author = { kind: 'operator', id: 'ann', card: { name: 'Ann', position: null, avatar: null } } as const;
    const shown = { link: `http://localhost:8080/files/${file.id}/offer.pdf`, name: file.name, size: 1, type: file.type };
    const chat = await tx.createChat('shop', visitor);
    await tx.append(chat, { kind: 'message.added', uid: null, author, text: file.name, file: shown }, 2);
    await tx.noteSent(file, chat.summary.id);
  });
  return file;
}

it('[P9] an operator who opens a file of a chat leaves an audit row each time and is sent to its address', async () => {
  const { file, link } = await byVisitor();
  for (let time = 1; time <= 2; time += 1) {
    const answer = await open(file, 'a b.txt', { cookie: ann, 'sec-fetch-site': 'same-origin' });
    expect([answer.statusCode, answer.headers.location]).toEqual([302, link]);
    expect(await rows()).toEqual(Array(time).fill(['ann', 'file', 'shop', visitor]));
  }
  const own = await byOperator();
  expect((await open(own.id, own.name, { cookie: ann })).statusCode).toBe(302);
  expect(await rows()).toEqual(Array(3).fill(['ann', 'file', 'shop', visitor]));
});

it('[D2] [P9] nobody else gets there, and what was not read leaves no row', async () => {
  const { file } = await byVisitor();
  const before = await rows();
  const answers = await Promise.all([
    open(file, 'a b.txt', {}),
    open(file, 'a b.txt', { cookie: ann, 'sec-fetch-site': 'cross-site' }),
    open(file, 'a b.txt', { cookie: eve }),
    open(file, 'other.txt', { cookie: ann }),
    open('0'.repeat(32), 'a b.txt', { cookie: eve }),
  ]);
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([401, 403, 404, 404, 404]);
  expect(new Set(answers.slice(2).map(({ body }) => body)).size).toBe(1);
  expect(await rows()).toEqual(before);
});
