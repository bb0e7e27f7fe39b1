/** Uploads that go wrong: cut in the middle, said twice, of another size or kind than they say. One attachment or a clean error. */
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, test, type World } from '../support/fixtures.ts';
import { VisitorPage } from '../support/pages/visitor.ts';
import { layWire } from './proxy.ts';
import { said } from './said.ts';
import { browserOver } from './site.ts';
import { Database } from '../../server/store/driver.ts';

/** How many files of the site the database knows. */
function filesOf({ system, key }: World): number {
  const database = new Database(join(system.dataDir, 'chat.sqlite'), { readonly: true });
  try {
    return Number(database.prepare('SELECT count(*) FROM file WHERE site = ?').pluck().get(key));
  } finally {
    database.close();
  }
}

/** Everything that lies in the server's folder of files, of all sites. */
function onDisk({ system }: World): string[] {
  const folder = join(system.dataDir, 'files');
  return existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ name }) => name)
    : [];
}

test('[fault 54] an upload that is cut in the middle fails cleanly, and tried again it is one whole file', async ({ world }) => {
  const wire = await layWire(world.system.port);
  const browser = await browserOver(wire, world.system);
  try {
    const operator = await world.operator();
    const visitor = await new VisitorPage(await browser.newPage(), `${world.system.shop}/${world.key}`).open();
    await visitor.done('startChat');
    await operator.join();
    await visitor.openChat();
    const before = onDisk(world);
    const bytes = randomBytes(400_000);
    await visitor.page.getByLabel("Page's file").setInputFiles({ name: 'plan.bin', mimeType: 'application/octet-stream', buffer: bytes });
    wire.cutAfter('up', 200_000);
    wire.cutNext('up', { let: 200_000 });
    await visitor.run((chat) => chat.sendFile(document.querySelector('input[type=file]')));
    expect((await visitor.hears('messagefailed')).payload).toMatchObject({ reason: 'upload_failed' });
    expect(said(world)).toEqual([]);
    expect(filesOf(world)).toBe(0);
    await expect.poll(() => onDisk(world)).toEqual(before);

    wire.cutAfter('up', Infinity);
    await expect.poll(() => visitor.call('isReadyForFileTransfer')).toBe(true);
    await visitor.frame.getByRole('button', { name: 'Retry' }).click();
    const { payload } = await visitor.hears('sendmessage');
    const arrived = await fetch(String(payload['fx_link']));
    expect(Buffer.from(await arrived.arrayBuffer()).equals(bytes)).toBe(true);
    await operator.reads('plan.bin');
    expect(said(world)).toHaveLength(1);
    expect(filesOf(world)).toBe(1);
    expect(await visitor.told('sendmessage')).toHaveLength(1);
  } finally {
    await browser.close();
    await wire.close();
  }
});

test('[fault 54] the same upload twice is one file; one that lies about size or kind is refused, and nothing of it stays', async ({
  world,
}) => {
  const { chat, port } = world.system;
  const answer = await fetch(`${chat}/session`, {
    method: 'POST',
    headers: { origin: chat, 'content-type': 'application/json' },
    body: JSON.stringify({ site: world.key, create: true }),
  });
  const { access } = (await answer.json()) as { access: string };
  const path = (uid: string, name: string) => `/files?site=${world.key}&uid=${uid}&name=${name}`;
  const headers = { origin: chat, authorization: `Bearer ${access}`, 'content-type': 'application/octet-stream' };
  const upload = (uid: string, name: string, body: string) => fetch(chat + path(uid, name), { method: 'POST', headers, body });
  const before = onDisk(world);

  const uid = randomUUID();
  const [first, second] = await Promise.all([upload(uid, 'note.txt', 'the same'), upload(uid, 'note.txt', 'the same')]);
  const third = await upload(uid, 'note.txt', 'the same');
  const files = await Promise.all(
    [first, second, third].map(async (each) => ({ status: each.status, file: ((await each.json()) as { file?: string }).file })),
  );
  const taken = files.filter(({ status }) => status === 201);
  expect(taken.length).toBeGreaterThan(0);
  expect(new Set(taken.map(({ file }) => file)).size).toBe(1);
  for (const { status } of files) expect([201, 409, 429, 503]).toContain(status);
  expect(filesOf(world)).toBe(1);

  // Says 100,000 bytes, sends half, and goes.
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const lines = Object.entries({ host: new URL(chat).host, ...headers, 'content-length': '100000' }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  socket.write(`POST ${path(randomUUID(), 'half.bin')} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
  socket.write(randomBytes(50_000));
  await expect.poll(() => socket.bytesWritten).toBeGreaterThan(50_000);
  socket.resetAndDestroy();

  await world.set('chat.file.accept', ['.png']);
  const lie = await upload(randomUUID(), 'picture.png', '<script>alert(1)</script>');
  expect(lie.ok).toBe(false);
  expect(await lie.json()).toMatchObject({ code: 'file_refused' });
  expect(filesOf(world)).toBe(1);
  await expect.poll(() => onDisk(world).length).toBe(before.length + 1);
});
