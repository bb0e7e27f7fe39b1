/** The scanner's protocol, and what becomes of files before, during and after its word. */
import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { createWorld as createHttpWorld } from '../testing/http-world.ts';
import { createInbox } from '../presence/inbox.ts';
import { createJobs } from '../jobs/jobs.ts';
import { createWorld, SITE, verdict } from '../testing/room-world.ts';
import { EICAR, startClamd } from '../testing/clamd-world.ts';
import { createFiles, fileKey } from './files.ts';
import { createScanner } from './scanner.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function daemon(path?: string) {
  const clamd = await startClamd(path);
  ends.push(() => clamd.stop());
  return clamd;
}

describe('[E4] the scanner', () => {
  it('is shown every byte, in pieces, and says what it has found', async () => {
    const clamd = await daemon();
    const scanner = createScanner(clamd.url, 5_000);
    const clean = randomBytes(300_000);
    // Across the border of two pieces.
    const infected = Buffer.concat([Buffer.alloc(64 * 1024 - 20), Buffer.from(EICAR)]);
    expect(await scanner.scan(clean)).toBeNull();
    expect(await scanner.scan(infected)).toBe('Eicar-Test-Signature');
    expect(await scanner.scan(Buffer.alloc(0))).toBeNull();
    expect(clamd.seen.map((bytes, at) => bytes.equals([clean, infected, Buffer.alloc(0)][at] ?? Buffer.alloc(0)))).toEqual([
      true,
      true,
      true,
    ]);
  });

  it('may listen on a socket of the machine', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'clamd-'));
    ends.push(() => rmSync(folder, { recursive: true }));
    const clamd = await daemon(join(folder, 'clamd.sock'));
    expect(await createScanner(clamd.url, 5_000).scan(Buffer.from(EICAR))).toBe('Eicar-Test-Signature');
  });

  it('that is down, silent or confused has said nothing', async () => {
    const clamd = await daemon();
    const scanner = createScanner(clamd.url, 5_000);
    clamd.manner = 'confused';
    await expect(scanner.scan(Buffer.from('x'))).rejects.toThrow('size limit exceeded');
    clamd.manner = 'silent';
    await expect(createScanner(clamd.url, 20).scan(Buffer.from('x'))).rejects.toThrow('too long');
    await clamd.stop();
    await expect(scanner.scan(Buffer.from('x'))).rejects.toThrow('ECONNREFUSED');
  });

  it('[FF.A1] that resets the connection, at once or in the middle of a file, has said nothing', async () => {
    for (const after of [-1, 0, 100_000]) {
      const server = createServer((socket) => {
        let count = 0;
        socket.on('error', () => undefined);
        if (after < 0) socket.resetAndDestroy();
        socket.on('data', (data: Buffer) => {
          count += data.length;
          if (count > after) socket.resetAndDestroy();
        });
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const scanner = createScanner(`clamd://127.0.0.1:${(server.address() as AddressInfo).port}`, 5_000);
      const asked = await Promise.allSettled(Array.from({ length: 10 }, () => scanner.scan(randomBytes(3_000_000))));
      expect(
        asked.map(({ status }) => status),
        String(after),
      ).toEqual(Array(10).fill('rejected'));
      await new Promise((resolve) => server.close(resolve));
    }
  });
});

/** Ann in a chat, files, and the jobs that ask again. */
async function createShop() {
  const clamd = await daemon();
  // Waiting visitors get no notices here, so the chats show only the scanner's results.
  const world = await createWorld({
    settings: { absence: { visitor_minutes: 0 }, chat: { retention: { messages: [], is_alternate_communication_way_enabled: false } } },
  });
  const filesDir = join(dirname(world.file), 'files');
  const config = { dataDir: dirname(world.file), filesDir, filesPublicUrl: 'https://files.example', limits: world.limits };
  const files = await createFiles({ ...world, config, scanner: createScanner(clamd.url, 5_000) });
  const rooms = world.rooms;
  const inbox = await createInbox(world);
  const jobs = createJobs({
    ...world,
    rooms,
    inbox,
    files,
    mailer: { transcript: () => Promise.resolve(), tidy: () => Promise.resolve() },
  });
  ends.push(async () => {
    inbox.close();
    await jobs.close();
    await world.close();
  });
  const ann = await world.addVisitor();
  const receive = (content: string) =>
    files.receive({
      site: SITE,
      owner: { visitor: ann },
      address: '192.0.2.1',
      uid: randomUUID(),
      name: 'a.bin',
      bytes: Readable.from([Buffer.from(content)]),
      maxBytes: 1_000,
      accept: [],
      mayStill: () => Promise.resolve(true),
    });
  return {
    ...world,
    clamd,
    files,
    ann,
    receive,
    pathOf: (file: { id: string }) => join(filesDir, fileKey({ site: SITE, id: file.id })),
    /** The response at the file's address. */
    async served(file: { id: string }) {
      const found = await files.open(file.id, 'a.bin');
      return found === undefined ? 'nothing' : found.bytes === null ? 'not yet' : Buffer.concat(await found.bytes.toArray()).toString();
    },
    send: (file: { id: string }) => world.visitor(ann, { kind: 'file.send', file: file.id }),
    /** Lets time pass and runs the jobs that are due. */
    async pass(seconds: number) {
      await jobs.idle();
      world.clock.advance(seconds * 1000);
      for (let i = 0; i < 4; i += 1) {
        await new Promise((resolve) => setImmediate(resolve));
        await jobs.idle();
        world.clock.advance(0);
      }
    },
  };
}

describe('[E4] a file', () => {
  it('that is clean is given out', async () => {
    const shop = await createShop();
    const file = await shop.receive('harmless');
    expect([file.state, await shop.served(file)]).toEqual(['clean', 'harmless']);
    expect(await shop.store.job(`scan:${file.id}`)).toBeUndefined();
  });

  it('that is refused never gets into a chat, and nothing of it stays', async () => {
    const shop = await createShop();
    await expect(shop.receive(EICAR)).rejects.toMatchObject({ code: 'file_unsafe' });
    const [file] = await shop.store.filesOf(SITE, shop.ann);
    if (file === undefined) throw new Error('no row');
    expect([file.state, await shop.served(file), existsSync(shop.pathOf(file))]).toEqual(['refused', 'nothing', false]);
    expect(verdict(await shop.send(file))).toBe('file_unsafe');
    expect(await shop.story(shop.ann)).toEqual([]);
    await shop.pass(3_600);
    expect(await shop.store.job(`scan:${file.id}`)).toBeUndefined();
  });

  it('that the scanner cannot look at is sent, not given out, and shown to it again', async () => {
    const shop = await createShop();
    await shop.clamd.stop();
    const file = await shop.receive('harmless');
    expect(verdict(await shop.send(file))).toBe('ack');
    await shop.pass(60);
    expect([(await shop.store.file(file.id))?.state, await shop.served(file)]).toEqual(['quarantined', 'not yet']);
    await shop.clamd.start();
    await shop.pass(3_600);
    expect([(await shop.store.file(file.id))?.state, await shop.served(file)]).toEqual(['clean', 'harmless']);
    expect(await shop.story(shop.ann)).toEqual(['chat.started', 'visitor: a.bin']);
  });

  it('that is refused after it was sent is gone, and the chat says so, once', async () => {
    const shop = await createShop();
    await shop.clamd.stop();
    const file = await shop.receive(EICAR);
    await shop.send(file);
    await shop.clamd.start();
    await shop.pass(60);
    expect([(await shop.store.file(file.id))?.state, await shop.served(file), existsSync(shop.pathOf(file))]).toEqual([
      'refused',
      'nothing',
      false,
    ]);
    expect(await shop.story(shop.ann)).toEqual([
      'chat.started',
      'visitor: a.bin',
      'bot: a.bin was refused by the malware scanner and cannot be opened.',
    ]);
    await shop.pass(86_400);
    expect(await shop.story(shop.ann)).toHaveLength(3);
  });

  it('is fetched in vain until then, and the answer says when to come back', async () => {
    const clamd = await daemon();
    await clamd.stop();
    const http = await createHttpWorld({ env: { SCANNER_URL: clamd.url } });
    ends.push(() => http.close());
    const access = (await http.post('/session', { site: 'shop', create: true })).json().access;
    const upload = (bytes: string) =>
      http.ask({
        method: 'POST',
        url: `/files?site=shop&uid=${randomUUID()}&name=a.bin`,
        payload: bytes,
        headers: { authorization: `Bearer ${access}`, 'content-type': 'application/octet-stream' },
      });
    const sent = await upload('harmless');
    expect(sent.statusCode).toBe(201);
    const back = await http.ask({ url: sent.json().link.replace(http.config.filesPublicUrl, '') });
    expect([back.statusCode, back.json().code, back.headers['retry-after']]).toEqual([503, 'unavailable', '30']);
    expect(back.body).not.toContain('harmless');
    await clamd.start();
    const refused = await upload(EICAR);
    expect([refused.statusCode, refused.json().code]).toEqual([415, 'file_unsafe']);
  });
});
