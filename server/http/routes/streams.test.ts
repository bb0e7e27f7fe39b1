import { randomUUID } from 'node:crypto';
import { request as ask, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { CLOSE, PROTOCOL_VERSION } from '../../../shared/wire/protocol.ts';
import { createWorld, type World } from '../../testing/http-world.ts';
import { createHandClock } from '../../testing/room-world.ts';

const worlds: { world: World; port: number }[] = [];
const open: IncomingMessage[] = [];

afterEach(async () => {
  for (const answer of open.splice(0)) answer.destroy();
  for (const { world } of worlds.splice(0)) await world.close();
});

/** A server on a port, and requests to it as raw as they come. */
async function serve(limits: object = {}) {
  const clock = createHandClock(Date.UTC(2030, 0, 1));
  const world = await createWorld({ env: { LIMITS: JSON.stringify(limits) }, clock });
  const address = await world.app.listen({ host: '127.0.0.1', port: 0 });
  const port = Number(new URL(address).port);
  worlds.push({ world, port });
  const { host, origin } = new URL(world.config.publicUrl);

  const post = (path: string, headers: OutgoingHttpHeaders = {}, body = ''): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const request = ask({ port, path, method: 'POST', headers: { host, origin, ...headers } }, (answer) => {
        open.push(answer);
        resolve(answer);
      });
      request.on('error', reject);
      request.end(body);
    });
  const statusOf = async (path: string, headers?: OutgoingHttpHeaders, body?: string) => {
    const answer = await post(path, headers, body);
    answer.resume();
    return answer.statusCode;
  };

  /** An open stream, with everything it has said. */
  const stream = async (path = '/stream', headers: OutgoingHttpHeaders = {}) => {
    const answer = await post(path, headers);
    let text = '';
    let look = (): void => undefined;
    answer
      .setEncoding('utf8')
      .on('data', (piece: string) => {
        text += piece;
        look();
      })
      .on('error', () => undefined);
    const ended = new Promise<void>((resolve) => answer.on('close', () => resolve()));
    const says = async (what: string | RegExp): Promise<string> => {
      for (;;) {
        const match = text.match(what);
        if (match !== null) return match[1] ?? match[0];
        await new Promise<void>((resolve) => (look = resolve));
      }
    };
    const id = await says(/^event: open\ndata: ([A-Za-z0-9_-]{22})\n\n/);
    const send = (...frames: (object | string)[]) =>
      statusOf(
        `${path}/frames`,
        { ...FRAMES, 'x-stream': id },
        frames.map((frame) => (typeof frame === 'string' ? frame : JSON.stringify(frame))).join('\n'),
      );
    return { answer, id, says, send, ended };
  };
  return { ...world, clock, port, post, statusOf, stream };
}

const FRAMES = { 'content-type': 'application/x-ndjson' };
const hello = (change: object = {}) => ({
  t: 'hello',
  v: PROTOCOL_VERSION,
  site: 'shop',
  tab: randomUUID(),
  page: { url: 'http://shop.localhost/', title: '' },
  isInvitable: true,
  cursors: {},
  ...change,
});
const say = (text: string) => ({ t: 'send', items: [{ uid: randomUUID(), kind: 'message.send', text, group: null }] });

describe('[TR.fallback] the same conversation over HTTP', () => {
  it('welcomes, carries commands up and events down, and answers them in order', async () => {
    const { stream, auth } = await serve();
    const { access } = await auth.enter('shop');
    const [one, two] = [await stream(), await stream()];
    for (const page of [one, two]) {
      expect(await page.send(hello({ access }))).toBe(204);
      await page.says('"t":"welcome"');
    }
    expect(await one.send(say('first'), say('second'))).toBe(204);
    await one.says(/"t":"ack".*[^]*"t":"ack"/);
    await two.says(/"text":"first"[^]*"text":"second"/);
  });

  it('serves a workplace by its cookie', async () => {
    const { stream, post } = await serve();
    const login = await post(
      '/operator/login',
      { 'content-type': 'application/json' },
      JSON.stringify({ email: 'ann@shop.example', password: 'correct horse battery staple' }),
    );
    const cookie = String(login.headers['set-cookie']).split(';')[0]!;
    let body = '';
    for await (const piece of login) body += String(piece);
    const { csrf } = JSON.parse(body) as { csrf: string };
    const workplace = await stream('/operator/stream', { cookie });
    await workplace.send({ t: 'hello', v: PROTOCOL_VERSION, csrf, tab: randomUUID(), watching: [] });
    await workplace.says('"t":"welcome"');
  });

  it('is never stored or held back by what stands between', async () => {
    const { stream } = await serve();
    const { answer } = await stream();
    expect([
      answer.headers['content-type'],
      answer.headers['cache-control'],
      answer.headers['x-accel-buffering'],
      answer.headers['access-control-allow-origin'],
    ]).toEqual(['text/event-stream; charset=utf-8', 'no-store', 'no', undefined]);
  });
});

describe('[D1] the stream routes over HTTP', () => {
  it('open to our own origin alone, stream and frames alike', async () => {
    const { statusOf, stream } = await serve();
    const { id, says, send } = await stream();
    for (const path of ['/stream', '/operator/stream', '/stream/frames']) {
      const headers = path.endsWith('frames') ? { ...FRAMES, 'x-stream': id } : {};
      for (const origin of ['https://evil.example', 'null', ''])
        expect([path, origin, await statusOf(path, { ...headers, origin })]).toEqual([path, origin, 403]);
      expect([path, await statusOf(path, { ...headers, 'sec-fetch-site': 'same-site' })]).toEqual([path, 403]);
    }
    await send(hello());
    await says('"t":"welcome"');
  });

  it('take frames for one’s own stream only: an unknown name, another route’s and none look absent', async () => {
    const { statusOf, stream } = await serve();
    const { id } = await stream();
    const frame = JSON.stringify(hello());
    expect(await statusOf('/stream/frames', { ...FRAMES, 'x-stream': 'x'.repeat(22) }, frame)).toBe(404);
    expect(await statusOf('/stream/frames', FRAMES, frame)).toBe(404);
    expect(await statusOf('/operator/stream/frames', { ...FRAMES, 'x-stream': id }, frame)).toBe(404);
    expect(await statusOf(`/stream/frames?x-stream=${id}`, FRAMES, frame)).toBe(404);
  });

  it('believe no token in a stream’s name: hello says who it is, and a wrong one closes', async () => {
    const { stream } = await serve();
    const { send, says, ended } = await stream();
    await send(hello({ access: 'nonsense' }));
    await says('event: close\ndata: 4401');
    await ended;
    expect(await send(say('more'))).toBe(404);
  });

  it('take no form of another page: JSON lines or nothing', async () => {
    const { statusOf, stream } = await serve();
    const { id } = await stream();
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/json']) {
      expect([type, await statusOf('/stream/frames', { 'content-type': type, 'x-stream': id }, '{}')]).toEqual([type, 415]);
    }
  });
});

describe('[D6] limits over HTTP', () => {
  it('refuses a body over 64 KB, and takes one below', async () => {
    const { statusOf, stream } = await serve();
    const { id, send, says } = await stream();
    expect(await statusOf('/stream/frames', { ...FRAMES, 'x-stream': id }, 'x'.repeat(64 * 1024 + 1))).toBe(413);
    await send(hello());
    await says('"t":"welcome"');
  });

  it('closes 4408 without a hello, 4400 at a frame that is none', async () => {
    const { stream, clock } = await serve();
    const silent = await stream();
    clock.advance(5_000);
    await silent.says(`event: close\ndata: ${CLOSE.helloTimeout}`);
    await silent.ended;
    const rude = await stream();
    await rude.send('{"t":"hello"');
    await rude.says(`event: close\ndata: ${CLOSE.badFrame}`);
  });

  it('pings, and drops a client that is silent for a minute', async () => {
    const { stream, clock } = await serve();
    const { send, says, ended } = await stream();
    await send(hello());
    await says('"t":"welcome"');
    clock.advance(25_000);
    await says('"t":"ping"');
    await send({ t: 'pong' });
    clock.advance(50_000);
    expect(await send({ t: 'pong' })).toBe(204);
    for (let beat = 0; beat < 4; beat += 1) clock.advance(25_000);
    await ended;
  });

  it('closes a stream whose sender does not wait for the answer before', async () => {
    const { stream, clock } = await serve();
    const { send, says } = await stream();
    await send(hello());
    await says('"t":"welcome"');
    // More than is read at once: the first request waits for its turn.
    const first = send(...Array.from({ length: 500 }, () => ({ t: 'pong' })));
    const second = send({ t: 'pong' });
    await says(`event: close\ndata: ${CLOSE.badFrame}`);
    clock.advance(1_000);
    expect((await Promise.all([first, second])).sort()).toEqual([404, 409]);
  });
});

describe('[D7] floods over HTTP', () => {
  it('counts streams with the sockets of one address', async () => {
    const { stream, statusOf } = await serve({ rates: { connectionsPerAddress: 2 } });
    const one = await stream();
    await stream();
    expect(await statusOf('/stream')).toBe(429);
    one.answer.destroy();
    await expect.poll(() => statusOf('/stream')).toBe(200);
  });

  it('makes a sender wait who says more than is read', async () => {
    const { stream, clock } = await serve();
    const { send, says } = await stream();
    await send(hello());
    await says('"t":"welcome"');
    let isAnswered = false;
    const flood = send(...Array.from({ length: 600 }, () => ({ t: 'pong' }))).then((status) => {
      isAnswered = true;
      return status;
    });
    await expect
      .poll(
        async () => {
          clock.advance(100);
          await new Promise((resolve) => setImmediate(resolve));
          return isAnswered;
        },
        { interval: 1 },
      )
      .toBe(true);
    expect(await flood).toBe(204);
  });
});

describe('[TR.fallback] the end of a server', () => {
  it('says goodbye, closes with 1012, and lets no new stream in', async () => {
    const { stream, statusOf, gateway } = await serve();
    const { send, says, ended } = await stream();
    await send(hello());
    await says('"t":"welcome"');
    const going = gateway.goaway();
    await says('"t":"goaway"');
    expect(await statusOf('/stream')).toBe(503);
    await says(`event: close\ndata: ${CLOSE.restart}`);
    await ended;
    await going;
  });
});
