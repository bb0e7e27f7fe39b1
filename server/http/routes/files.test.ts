/** Uploads and downloads over HTTP: who may, what comes back, and with which headers. */
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cookieOf, createWorld, PASSWORD, type World } from '../../testing/http-world.ts';

let world: World;
let access = '';
beforeAll(async () => {
  world = await createWorld({
    settings: { chat: { file: { max_size: 100_000, accept: ['.txt', '.bin', '.html', '.svg', '.pdf', 'image/*'] } } },
  });
  access = await visitorOf('shop');
});
afterAll(() => world.close());

async function visitorOf(site: string): Promise<string> {
  return (await world.post('/session', { site, create: true })).json().access;
}

interface Sent {
  site?: string;
  uid?: string;
  headers?: Record<string, string>;
}

const upload = (
  name: string,
  bytes: Buffer | string,
  { site = 'shop', uid = randomUUID(), headers = { authorization: `Bearer ${access}` } }: Sent = {},
) =>
  world.ask({
    method: 'POST',
    url: `/files?${new URLSearchParams({ site, uid, name })}`,
    payload: Buffer.from(bytes),
    headers: { 'content-type': 'application/octet-stream', ...headers },
  });

const fetchLink = (link: string) => world.ask({ url: link.replace(world.config.filesPublicUrl, '') });

describe('POST /files', () => {
  it('[ME.sendFile] keeps a file byte for byte and says where it is', async () => {
    const bytes = randomBytes(70_000);
    const answer = await upload('data.bin', bytes);
    const file = answer.json();
    expect(answer.statusCode).toBe(201);
    expect(file).toEqual({
      file: expect.stringMatching(/^[0-9a-f]{32}$/),
      link: `http://localhost:8080/files/${file.file}/data.bin`,
      name: 'data.bin',
      size: 70_000,
      type: 'application/octet-stream',
    });
    const back = await fetchLink(file.link);
    expect(back.statusCode).toBe(200);
    expect(back.rawPayload.equals(bytes)).toBe(true);
    expect(await world.store.file(file.file)).toMatchObject({ site: 'shop', operator: null, name: 'data.bin' });
  });

  it('[E3] [ME.sendFile] gives back a name with whatever a person may write in it', async () => {
    const name = `50% "off" <now>? 'A|B'*.bin`;
    const file = (await upload(name, 'x')).json();
    expect(file.name).toBe(name);
    const back = await fetchLink(file.link);
    expect(back.statusCode).toBe(200);
    expect(back.headers['content-disposition']).toBe("attachment; filename*=UTF-8''50%25%20%22off%22%20%3Cnow%3E%3F%20%27A%7CB%27%2A.bin");
  });

  it('[ME.sendFile] gives the same file again for the same upload, and another for another', async () => {
    const uid = randomUUID();
    const [first, again] = [await upload('a.txt', 'one', { uid }), await upload('a.txt', 'one', { uid })];
    expect(again.json()).toEqual(first.json());
    expect((await upload('a.txt', 'one')).json().file).not.toBe(first.json().file);
    const other = await upload('a.txt', 'one', { uid, headers: { authorization: `Bearer ${await visitorOf('shop')}` } });
    expect(other.json().file).not.toBe(first.json().file);
  });

  it('[E1] [E2] makes images anew: shown inline, equal in size, without what else was in them', async () => {
    const given = await sharp({ create: { width: 64, height: 48, channels: 3, background: 'teal' } })
      .jpeg()
      .withExif({ IFD0: { Artist: 'SECRET' } })
      .toBuffer();
    const { link, type } = (await upload('фото.jpg', given)).json();
    const back = await fetchLink(link);
    const seen = await sharp(back.rawPayload).metadata();
    expect([type, seen.width, seen.height, seen.exif]).toEqual(['image/jpeg', 64, 48, undefined]);
    expect(back.headers).toMatchObject({
      'content-type': 'image/jpeg',
      'content-disposition': "inline; filename*=UTF-8''%D1%84%D0%BE%D1%82%D0%BE.jpg",
      'content-security-policy': "sandbox; default-src 'none'",
      'cross-origin-resource-policy': 'cross-origin',
      'access-control-allow-origin': '*',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    });
  });

  it('[E1] gives everything else as a download that runs nothing', async () => {
    for (const [name, text] of [
      ['page.html', '<script>alert(1)</script>'],
      ['pic.svg', '<svg onload="alert(1)"/>'],
      ['a.pdf', '%PDF-1.7\n'],
    ] as const) {
      const { link, type } = (await upload(name, text)).json();
      const { headers, body } = await fetchLink(link);
      expect(body).toBe(text);
      expect(type).toBe(name === 'a.pdf' ? 'application/pdf' : 'application/octet-stream');
      expect(headers).toMatchObject({
        'content-type': type,
        'content-disposition': `attachment; filename*=UTF-8''${name}`,
        'content-security-policy': "sandbox; default-src 'none'",
        'x-content-type-options': 'nosniff',
        'access-control-allow-origin': '*',
      });
    }
  });

  it('[BI.file] [FF.C7] refuses types that the site does not take, empty files and too large ones', async () => {
    const refusals = [
      [await upload('a.exe', 'MZ'), 415, 'file_refused'],
      [await upload('fake.png', 'no picture'), 415, 'file_refused'],
      [await upload('empty.txt', ''), 415, 'file_empty'],
      [await upload('large.bin', Buffer.alloc(100_001)), 413, 'file_too_large'],
      [await upload('a.txt', 'x', { uid: 'not-a-uuid' }), 400, 'invalid_argument'],
      [await upload('a.txt', 'x', { site: 'nowhere' }), 401, 'unauthorized'],
    ] as const;
    for (const [answer, status, code] of refusals) expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
    expect((await upload('just.bin', Buffer.alloc(100_000))).statusCode).toBe(201);
    expect(await readdir(join(world.config.dataDir, '.incoming'))).toEqual([]);
  });

  it('[D2] takes nothing from a client without a session, or with a session of another site', async () => {
    const elsewhere = await visitorOf('other');
    for (const headers of [
      {},
      { authorization: 'Bearer x' },
      { authorization: `Bearer ${elsewhere}` },
      { authorization: `Basic ${access}` },
    ]) {
      const answer = await upload('a.txt', 'x', { headers: headers as Record<string, string> });
      expect([answer.statusCode, answer.json().code]).toEqual([401, 'unauthorized']);
    }
  });

  it("[D9] takes an operator's with the token of the session, from our own page", async () => {
    const login = await world.post('/operator/login', { email: 'ann@shop.example', password: PASSWORD });
    const signedIn = { cookie: cookieOf(login).pair, origin: world.config.operatorUrl };
    const good = await upload('a.txt', 'x', { headers: { ...signedIn, 'x-csrf-token': login.json().csrf } });
    expect(good.statusCode).toBe(201);
    expect(await world.store.file(good.json().file)).toMatchObject({ visitor: null, operator: 'ann' });
    for (const headers of [
      signedIn,
      { ...signedIn, 'x-csrf-token': 'guess' },
      { ...signedIn, 'x-csrf-token': login.json().csrf, origin: 'http://evil.example' },
    ]) {
      expect((await upload('a.txt', 'x', { headers })).statusCode).toBe(403);
    }
  });

  it('[BI.file] is off where the site has switched it off', async () => {
    const off = await createWorld({ settings: { chat: { is_file_transfer: false } } });
    const token = (await off.post('/session', { site: 'shop', create: true })).json().access;
    const answer = await off.ask({
      method: 'POST',
      url: `/files?site=shop&uid=${randomUUID()}&name=a.txt`,
      payload: 'x',
      headers: { authorization: `Bearer ${token}` },
    });
    expect([answer.statusCode, answer.json().code]).toEqual([409, 'disabled']);
    await off.close();
  });
});

describe('a stream that lies about its length', () => {
  it('[E2] is counted, stopped at the limit, answered, and leaves nothing behind', async () => {
    await world.app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = world.app.server.address() as AddressInfo;
    const headers = { host: 'localhost:8080', authorization: `Bearer ${access}`, 'transfer-encoding': 'chunked' };
    const sending = httpRequest({ port, method: 'POST', path: `/files?site=shop&uid=${randomUUID()}&name=a.bin`, headers });
    const answered = once(sending, 'response');
    for (let i = 0; i < 40; i += 1) sending.write(randomBytes(10_000));
    sending.end();
    const [response] = await answered;
    expect(response.statusCode).toBe(413);
    expect(JSON.parse((await response.toArray()).join(''))).toMatchObject({ code: 'file_too_large' });

    const cut = httpRequest({ port, method: 'POST', path: `/files?site=shop&uid=${randomUUID()}&name=a.bin`, headers });
    cut.on('error', () => undefined);
    await new Promise<void>((resolve) => cut.write(randomBytes(10_000), () => resolve()));
    await expect.poll(() => readdir(join(world.config.dataDir, '.incoming')).then((names) => names.length)).toBe(1);
    cut.destroy();
    await expect.poll(() => readdir(join(world.config.dataDir, '.incoming')).then((names) => names.length)).toBe(0);
  });
});

describe('a day of one visitor', () => {
  const DAY_MS = 24 * 3600 * 1000;
  async function limited(file: object) {
    const own = await createWorld({
      env: { LIMITS: JSON.stringify({ file, timing: { accessMs: 2 * DAY_MS } }) },
      settings: { chat: { file: { accept: ['.bin'] } } },
    });
    const enter = async (): Promise<string> => (await own.post('/session', { site: 'shop', create: true })).json().access;
    const send = (token: string, bytes: Buffer, uid: string = randomUUID()) =>
      own.ask({
        method: 'POST',
        url: `/files?site=shop&uid=${uid}&name=a.bin`,
        payload: bytes,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' },
      });
    const onDisk = async (): Promise<string[]> =>
      [await readdir(join(own.config.dataDir, '.incoming')), await readdir(join(own.config.filesDir, 'shop')).catch(() => [])].flat();
    return { own, enter, send, onDisk };
  }
  const codeOf = (answer: { statusCode: number; json(): { code?: string } }) => [answer.statusCode, answer.json().code];

  it('[E2] a day holds so many files: one more is refused and leaves nothing; others are served', async () => {
    const { own, enter, send, onDisk } = await limited({ perVisitorDay: 3 });
    const ann = await enter();
    const uid = randomUUID();
    expect((await send(ann, Buffer.from('first'), uid)).statusCode).toBe(201);
    const answers = await Promise.all(Array.from({ length: 6 }, () => send(ann, Buffer.from('x'))));
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([201, 201, 429, 429, 429, 429]);
    expect(codeOf(await send(ann, Buffer.from('x')))).toEqual([429, 'rate_limited']);
    expect(await onDisk()).toHaveLength(3);
    // An upload whose answer was lost is no new one.
    expect((await send(ann, Buffer.from('first'), uid)).statusCode).toBe(201);
    expect((await send(await enter(), Buffer.from('x'))).statusCode).toBe(201);
    own.clock.advance(DAY_MS + 1_000);
    expect((await send(ann, Buffer.from('x'))).statusCode).toBe(201);
    await own.close();
  });

  it('[E2] holds so many bytes: what goes over is stopped while it arrives, and leaves nothing', async () => {
    const { own, enter, send, onDisk } = await limited({ bytesPerVisitorDay: 100_000 });
    const ann = await enter();
    expect((await send(ann, Buffer.alloc(60_000))).statusCode).toBe(201);
    expect(codeOf(await send(ann, Buffer.alloc(40_001)))).toEqual([429, 'rate_limited']);
    expect(await onDisk()).toHaveLength(1);
    expect((await send(ann, Buffer.alloc(40_000))).statusCode).toBe(201);
    // Full: not a byte more is read.
    expect(codeOf(await send(ann, Buffer.from('x')))).toEqual([429, 'rate_limited']);
    expect(await onDisk()).toHaveLength(2);
    await own.close();
  });
});

describe('what one network address sends', () => {
  const start = async (limits: object) => {
    const own = await createWorld({
      env: { LIMITS: JSON.stringify(limits) },
      settings: { chat: { file: { accept: ['.bin', 'image/*'] } } },
    });
    const enter = async (): Promise<string> => (await own.post('/session', { site: 'shop', create: true })).json().access;
    const send = async (token: string, bytes: Buffer, name = 'a.bin') => {
      const answer = await own.ask({
        method: 'POST',
        url: `/files?site=shop&uid=${randomUUID()}&name=${name}`,
        payload: bytes,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' },
      });
      return [answer.statusCode, answer.json().code];
    };
    return { own, enter, send };
  };

  it('[FF.A7] is counted together, also for parallel uploads: four visitors share one day', async () => {
    const { own, enter, send } = await start({ file: { bytesPerAddressDay: 300_000 } });
    const visitors = [await enter(), await enter(), await enter(), await enter()];
    const answers = await Promise.all(Array.from({ length: 12 }, (_, i) => send(visitors[i % 4] ?? '', Buffer.alloc(90_000))));
    const stored = answers.filter(([status]) => status === 201).length;
    expect(stored).toBeGreaterThan(0);
    expect(stored).toBeLessThanOrEqual(3);
    for (const [status, code] of answers.filter(([status]) => status !== 201)) expect([status, code]).toEqual([429, 'rate_limited']);
    const onDisk = await readdir(join(own.config.filesDir, 'shop'));
    expect([onDisk.length, await readdir(join(own.config.dataDir, '.incoming'))]).toEqual([stored, []]);
    await own.close();
  });

  it('[FF.A7] is not taken where it would leave too little room on the disk, which answers 507', async () => {
    const { own, enter, send } = await start({ file: { keepFreeBytes: Number.MAX_SAFE_INTEGER } });
    expect(await send(await enter(), Buffer.from('x'))).toEqual([507, 'storage_full']);
    expect(own.lines.join('')).toContain('file.keepFreeBytes');
    await own.close();
  });

  it('[FF.A5] has a bound of decoding time for pictures; other files do not wait for it', async () => {
    // Two milliseconds to begin with, and hardly any more.
    const { own, enter, send } = await start({ file: { decodeMsPerAddressMinute: 1 } });
    const picture = await sharp({ create: { width: 1_000, height: 1_000, channels: 3, background: { r: 9, g: 9, b: 9 } } })
      .webp()
      .toBuffer();
    const ann = await enter();
    expect(await send(ann, picture, 'a.webp')).toEqual([201, undefined]);
    expect(await send(ann, picture, 'a.webp')).toEqual([429, 'rate_limited']);
    expect(await send(await enter(), picture, 'a.webp')).toEqual([429, 'rate_limited']);
    expect(await send(ann, Buffer.from('hello'))).toEqual([201, undefined]);
    own.clock.advance(3 * 3600 * 1000);
    expect(await send(await enter(), picture, 'a.webp')).toEqual([201, undefined]);
    await own.close();
  });
});

describe('an upload on a line of its own', () => {
  async function line(own: World, token: string, length: number, signedIn = `Authorization: Bearer ${token}`, uid: string = randomUUID()) {
    if (!own.app.server.listening) await own.app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = own.app.server.address() as AddressInfo;
    const socket = connect(port, '127.0.0.1');
    let heard = '';
    socket.on('data', (data: Buffer) => (heard += data.toString()));
    socket.on('error', () => undefined);
    // Not `once(socket, 'close')`: that fails when a write meets the reset, which is one way to be closed.
    const closed = new Promise<void>((done) => socket.once('close', () => done()));
    await once(socket, 'connect');
    socket.write(
      `POST /files?site=shop&uid=${uid}&name=a.bin HTTP/1.1\r\nHost: localhost:8080\r\n${signedIn}\r\nContent-Type: application/octet-stream\r\nContent-Length: ${length}\r\n\r\n`,
    );
    return { socket, closed, heard: () => heard };
  }
  const start = async (timing: object = {}, file: object = {}) => {
    const own = await createWorld({
      env: { LIMITS: JSON.stringify({ timing, file }) },
      settings: { chat: { file: { accept: ['.bin'] } } },
    });
    return { own, token: (await own.post('/session', { site: 'shop', create: true })).json().access as string };
  };
  const left = async (own: World): Promise<string[]> =>
    [await readdir(join(own.config.dataDir, '.incoming')), await readdir(join(own.config.filesDir, 'shop')).catch(() => [])].flat();

  it('[E2] [D6] that trickles is ended by time, however often a byte comes, and leaves nothing', async () => {
    const { own, token } = await start({ requestMs: 400 });
    const { socket, closed } = await line(own, token, 100_000);
    const drip = setInterval(() => socket.write('x'), 20);
    await closed;
    clearInterval(drip);
    expect(socket.bytesWritten).toBeLessThan(100_000);
    await expect.poll(() => left(own)).toEqual([]);
    await own.close();
  });

  it('[E2] that says more than it sends is no file when the line ends, nor when it waits', async () => {
    for (const isGoing of [true, false]) {
      const { own, token } = await start(isGoing ? {} : { requestMs: 400 });
      const { socket, closed } = await line(own, token, 1_000);
      socket.write('x'.repeat(500));
      await expect.poll(async () => (await left(own)).length > 0 || !isGoing).toBe(true);
      if (isGoing) socket.destroy();
      await closed;
      await expect.poll(() => left(own)).toEqual([]);
      await own.close();
    }
  });

  const answerOf = (heard: string) => [heard.slice(9, 12), /"code":"(\w+)"/.exec(heard)?.[1]];

  it('[D4] [D2] of a visitor who is signed out, erased, or whose site is closed before its last byte, is no file', async () => {
    const gone: ((own: World, session: string, visitor: string) => Promise<unknown>)[] = [
      (own, session) => own.auth.end(session),
      (own, _, visitor) => own.store.transact([], (tx) => tx.eraseVisitor('shop', visitor)),
      (own) => own.store.transact([], (tx) => tx.removeSite('shop')),
      (own) =>
        own.store.transact([], async (tx) => {
          const site = await tx.site('shop');
          if (site !== undefined) await tx.saveSite({ ...site, origins: [] });
        }),
    ];
    for (const end of gone) {
      const { own } = await start();
      const { access: token, session, visitor } = (await own.post('/session', { site: 'shop', create: true })).json();
      const { socket, heard } = await line(own, token, 1_000);
      socket.write('x'.repeat(500));
      await expect.poll(async () => (await left(own)).length).toBe(1);
      await end(own, session, visitor);
      socket.write('x'.repeat(500));
      await expect.poll(() => answerOf(heard())).toEqual(['401', 'unauthorized']);
      expect(await left(own)).toEqual([]);
      expect(await own.store.filesOf('shop', null)).toEqual([]);
      expect(await own.store.jobsOf('shop', visitor)).toEqual([]);
      socket.destroy();
      await own.close();
    }
  });

  it('[D4] [F3] of an operator who is dismissed before its last byte is no file', async () => {
    const { own } = await start();
    const login = await own.post('/operator/login', { email: 'ann@shop.example', password: PASSWORD });
    const signedIn = `Cookie: ${cookieOf(login).pair}\r\nOrigin: ${own.config.operatorUrl}\r\nX-CSRF-Token: ${login.json().csrf}`;
    const { socket, heard } = await line(own, '', 1_000, signedIn);
    socket.write('x'.repeat(500));
    await expect.poll(async () => (await left(own)).length).toBe(1);
    const ann = await own.store.operator('ann');
    await own.store.transact([], (tx) => tx.saveOperator({ ...ann!, isRevoked: true }));
    socket.write('x'.repeat(500));
    await expect.poll(() => answerOf(heard())).toEqual(['401', 'unauthorized']);
    expect(await left(own)).toEqual([]);
    expect(await own.store.filesOf('shop', null)).toEqual([]);
    socket.destroy();
    await own.close();
  });

  it('[fault 54] [E2] that is cut off in its middle gives back its part of the day: the same again is the one file', async () => {
    const { own, token } = await start({}, { perVisitorDay: 1, bytesPerVisitorDay: 1_000 });
    const uid = randomUUID();
    const send = (bytes: Buffer) =>
      own.ask({
        method: 'POST',
        url: `/files?site=shop&uid=${uid}&name=a.bin`,
        payload: bytes,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' },
      });
    for (let cut = 0; cut < 3; cut += 1) {
      const { socket, closed } = await line(own, token, 900, undefined, uid);
      socket.write('x'.repeat(450));
      await expect.poll(async () => (await left(own)).length).toBe(1);
      socket.destroy();
      await closed;
      await expect.poll(() => left(own)).toEqual([]);
    }
    const bytes = randomBytes(900);
    const first = await send(bytes);
    expect([first.statusCode, first.json()]).toEqual([201, expect.objectContaining({ size: 900 })]);
    expect((await send(bytes)).json()).toEqual(first.json());
    expect(await own.store.filesOf('shop', null)).toHaveLength(1);
    expect(await left(own)).toEqual([first.json().file]);
    await own.close();
  });

  it('[fault 54] [E2] an upload whose cut the server has not noticed blocks neither its repetition nor its own end', async () => {
    const { own, token } = await start({}, { perVisitorDay: 1, bytesPerVisitorDay: 1_000 });
    const uid = randomUUID();
    const hanging = await line(own, token, 900, undefined, uid);
    hanging.socket.write('x'.repeat(450));
    await expect.poll(async () => (await left(own)).length).toBe(1);
    // Another file would be one too many, while that one may still arrive.
    const other = await own.ask({
      method: 'POST',
      url: `/files?site=shop&uid=${randomUUID()}&name=a.bin`,
      payload: 'x',
      headers: { authorization: `Bearer ${token}` },
    });
    expect(other.json().code).toBe('rate_limited');
    const again = await line(own, token, 900, undefined, uid);
    again.socket.write('y'.repeat(900));
    await expect.poll(() => answerOf(again.heard())[0]).toBe('201');
    // Nor does what still comes of the first count, or become anything.
    hanging.socket.write('x'.repeat(450));
    await expect.poll(() => answerOf(hanging.heard())).toEqual(['500', 'upload_failed']);
    expect(await left(own)).toHaveLength(1);
    const [file] = await own.store.filesOf('shop', null);
    expect((await own.ask({ url: `/files/${file?.id}/${file?.name}` })).body).toBe('y'.repeat(900));
    for (const { socket } of [hanging, again]) socket.destroy();
    await own.close();
  });

  it('[fault 42] [E2] that cannot be written down leaves no bytes that nobody would ever find', async () => {
    const { own, token } = await start();
    const { transact } = own.store;
    own.store.transact = () => Promise.reject(new Error('the disk has gone'));
    const answer = await own.ask({
      method: 'POST',
      url: `/files?site=shop&uid=${randomUUID()}&name=a.bin`,
      payload: 'bytes',
      headers: { authorization: `Bearer ${token}` },
    });
    own.store.transact = transact;
    expect(answer.statusCode).toBe(500);
    expect(await left(own)).toEqual([]);
    await own.close();
  });

  it('[E2] that says less than it sends is a file of what it said; the rest is no request', async () => {
    const { own, token } = await start();
    const { socket, closed, heard } = await line(own, token, 5);
    socket.write(`12345${'x'.repeat(200)}`);
    await closed;
    const answers = heard().split(/(?=HTTP\/1\.1 )/);
    expect(answers.map((answer) => answer.slice(9, 12)).filter((status) => status !== '400')).toEqual(answers.length > 1 ? ['201'] : []);
    expect(answers.at(-1)).toMatch(/^HTTP\/1\.1 400 /);
    const stored = await readdir(join(own.config.filesDir, 'shop')).catch(() => []);
    for (const file of stored) expect((await own.store.file(file))?.size).toBe(5);
    expect(stored.length).toBeLessThanOrEqual(1);
    expect(await readdir(join(own.config.dataDir, '.incoming'))).toEqual([]);
    await own.close();
  });
});

describe('GET /files', () => {
  it('[D2] gives the same answer for a missing file, a wrong name and a nonsense address', async () => {
    const { file, link } = (await upload('a.txt', 'x')).json();
    expect((await fetchLink(link)).statusCode).toBe(200);
    const answers = await Promise.all(
      [
        `/files/${'0'.repeat(32)}/a.txt`,
        `/files/${file}/b.txt`,
        `/files/${file}/`,
        `/files/${file}`,
        '/files/..%2f..%2fchat.sqlite/a',
        `/files/shop%2f${file}/a.txt`,
      ].map((url) => world.ask({ url })),
    );
    for (const answer of answers)
      expect([answer.statusCode, answer.body]).toEqual([404, '{"code":"not_found","message":"There is nothing here."}']);
  });
});

describe('GET /avatars', () => {
  it('shows pictures of that folder and nothing else', async () => {
    await mkdir(world.config.avatarsDir, { recursive: true });
    await writeFile(join(world.config.avatarsDir, 'ann-1.png'), 'png');
    await writeFile(join(world.config.avatarsDir, 'note.txt'), 'txt');
    const answer = await world.ask({ url: '/avatars/ann-1.png' });
    expect([answer.statusCode, answer.body]).toEqual([200, 'png']);
    expect(answer.headers).toMatchObject({
      'content-type': 'image/png',
      'cross-origin-resource-policy': 'cross-origin',
      'access-control-allow-origin': '*',
    });
    for (const url of ['/avatars/note.txt', '/avatars/none.png', '/avatars/..%2fchat.sqlite', '/avatars/..%2fx.png', '/avatars/']) {
      expect((await world.ask({ url })).statusCode, url).toBe(404);
    }
  });
});

describe('what uploads try', () => {
  const pixel = () => sharp({ create: { width: 8, height: 8, channels: 3, background: 'teal' } });

  it('[E1] polyglots are what their bytes are, and pictures lose whatever is not a picture', async () => {
    const page = '<script>alert(1)</script>';
    const gifar = Buffer.concat([await pixel().gif().toBuffer(), Buffer.from('PK\u0003\u0004 a jar'), Buffer.from(page)]);
    const jpeg = Buffer.concat([
      await pixel()
        .jpeg()
        .withExif({ IFD0: { Artist: page } })
        .toBuffer(),
      Buffer.from(page),
    ]);
    for (const [name, bytes, type] of [
      ['a.gif', gifar, 'image/gif'],
      ['b.jpg', jpeg, 'image/jpeg'],
    ] as const) {
      const sent = (await upload(name, bytes)).json();
      const back = await fetchLink(sent.link);
      expect([
        sent.type,
        back.headers['content-type'],
        back.rawPayload.includes('script'),
        back.rawPayload.includes('PK\u0003\u0004'),
      ]).toEqual([type, type, false, false]);
    }
    for (const [name, bytes] of [
      ['page.html;.bin', page],
      ['a.svg', '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'],
      ['utf7.txt', '+ADw-script+AD4-alert(1)+ADw-/script+AD4-'],
      ['y.html', `%PDF-1.4\n${page}`],
    ] as const) {
      const sent = (await upload(name, bytes)).json();
      const { headers, body } = await fetchLink(sent.link);
      expect(body).toBe(bytes);
      expect(headers['content-type']).not.toMatch(/html|svg|xml|javascript|image/);
      expect(headers).toMatchObject({
        'content-disposition': expect.stringMatching(/^attachment;/),
        'x-content-type-options': 'nosniff',
        'content-security-policy': "sandbox; default-src 'none'",
      });
    }
    // Under the name of a picture and without being one, or with a picture's first bytes alone, it is refused.
    expect((await upload('x.html', `GIF89a/*${page}`)).statusCode).toBe(415);
    for (const bytes of ['<svg xmlns="http://www.w3.org/2000/svg"/>', page]) expect((await upload('a.png', bytes)).statusCode).toBe(415);
  });

  it('[E2] a picture of 58 KB and 60 million pixels, real or claimed, is refused before it is decoded', async () => {
    const bomb = await sharp({ create: { width: 20_000, height: 3_000, channels: 3, background: 'black' } })
      .toColourspace('b-w')
      .png({ compressionLevel: 9 })
      .toBuffer();
    const header = Buffer.from('89504e470d0a1a0a0000000d494844520000ffff0000ffff08060000000000000049444154', 'hex');
    /** In megabytes, as the library counts what it took; the most there ever was. */
    const high = () => sharp.cache().memory.high;
    const before = high();
    for (let i = 0; i < 5; i += 1) {
      expect((await upload('bomb.png', bomb)).json().code).toBe('picture_too_large');
      expect((await upload('bomb.png', Buffer.concat([header, randomBytes(2_000)]))).json().code).toBe('file_damaged');
    }
    expect(high()).toBe(before);
    // Without the limit it would have been seen.
    await sharp(bomb, { limitInputPixels: false }).png().toBuffer();
    expect(high()).toBeGreaterThan(before);
  });

  it('[E3] names that go elsewhere, hide or impersonate become names', async () => {
    const shown = {
      '../../etc/passwd.txt': '_.._etc_passwd.txt',
      '..\\..\\boot.txt': '_.._boot.txt',
      'CON.txt': '_CON.txt',
      'a\u202Egpj.txt': 'agpj.txt',
      'a\r\nSet-Cookie: x=1.txt': 'aSet-Cookie_ x=1.txt',
      '\u2066a\u2069\u0000.txt': 'a.txt',
    };
    for (const [name, expected] of Object.entries(shown)) {
      const answer = await upload(name, 'x');
      const sent = answer.json();
      expect([answer.statusCode, sent.name], JSON.stringify(name)).toEqual([201, expected]);
      const back = await fetchLink(sent.link);
      expect([back.statusCode, back.headers['set-cookie'], back.headers['content-disposition']]).toEqual([
        200,
        undefined,
        `attachment; filename*=UTF-8''${encodeURIComponent(expected)}`,
      ]);
    }
    expect((await upload(`${'n'.repeat(10_000)}.txt`, 'x')).json().name).toHaveLength(120);
    // On disk a file is called by its id, whatever people call it.
    for (const name of await readdir(join(world.config.filesDir, 'shop'))) expect(name).toMatch(/^[0-9a-f]{32}$/);
  });
});
