import { expect, test } from 'vitest';
import { flushPromises } from '../testing/clock-and-store.ts';
import { openStream, type Posting } from './stream.ts';

/** A request as the test answers it. */
interface Request extends Posting {
  path: string;
  headers: Record<string, string>;
  body: string | undefined;
  answer(status: number): void;
  fail(): void;
  say(piece: string | undefined): void;
  isCancelled: boolean;
}

function world() {
  const requests: Request[] = [];
  const told: string[] = [];
  const socket = openStream(
    '/stream',
    (path, { headers, body }) => {
      let answer: Request['answer'] = () => undefined;
      let fail: Request['fail'] = () => undefined;
      const pieces: (string | undefined)[] = [];
      let look = (): void => undefined;
      const request: Request = {
        path,
        headers,
        body,
        isCancelled: false,
        status: new Promise((resolve, reject) => ([answer, fail] = [resolve, () => reject(new Error('network'))])),
        answer: (status) => answer(status),
        fail: () => fail(),
        say(piece) {
          pieces.push(piece);
          look();
        },
        async read() {
          while (pieces.length === 0) await new Promise<void>((resolve) => (look = resolve));
          return pieces.shift();
        },
        cancel: () => void (request.isCancelled = true),
      };
      requests.push(request);
      return request;
    },
    {
      open: () => void told.push('open'),
      message: (data) => void told.push(String(data)),
      close: (code) => void told.push(`closed ${code}`),
    },
  );
  const down = requests[0]!;
  const open = async () => {
    down.answer(200);
    down.say('event: open\ndata: id-1\n\n');
    await flushPromises();
  };
  return { socket, requests, down, told, open, up: () => requests.slice(1) };
}

test('[TR.fallback] events are frames, however they are cut on the way', async () => {
  const { down, told, open } = world();
  await open();
  for (const piece of ['data: {"t":"a"}\n\ndata: {"t"', ':"b"}\n', '\ndata: {"t":"c"}\n\n']) down.say(piece);
  await flushPromises();
  expect(told).toEqual(['open', '{"t":"a"}', '{"t":"b"}', '{"t":"c"}']);
});

test('[TR.fallback] frames go up in their order, one request at a time, under the stream’s name in a header', async () => {
  const { socket, open, up } = world();
  await open();
  for (const text of ['1', '2', '3']) socket.send(text);
  expect(up().map(({ path, headers, body }) => [path, headers['x-stream'], body])).toEqual([['/stream/frames', 'id-1', '1']]);
  up()[0]!.answer(204);
  await flushPromises();
  expect(up()[1]?.body).toBe('2\n3');
});

test('[TR.fallback] a request holds no more than the server takes, whatever characters it has', async () => {
  const { socket, open, up } = world();
  await open();
  socket.send('first');
  for (let at = 0; at < 5; at += 1) socket.send('€'.repeat(10_000));
  for (let at = 0; at < 5; at += 1) {
    up().at(-1)!.answer(204);
    await flushPromises();
  }
  expect(up().map(({ body }) => body!.length)).toEqual([5, 20_001, 20_001, 10_000]);
  expect(Math.max(...up().map(({ body }) => Buffer.byteLength(body!)))).toBeLessThanOrEqual(64 * 1024);
});

test('[TR.fallback] the stream reports the server’s close code once, and nothing after it', async () => {
  const { down, told, open, socket, up } = world();
  await open();
  down.say('event: close\ndata: 4401\n\ndata: late\n\n');
  down.say(undefined);
  await flushPromises();
  socket.send('late');
  expect([told, down.isCancelled, up()]).toEqual([['open', 'closed 4401'], true, []]);
});

test.each([
  ['a refusal', (down: Request) => down.answer(429)],
  ['a network that fails', (down: Request) => down.fail()],
  ['an end without a word', (down: Request) => (down.answer(200), down.say(undefined))],
])('[TR.fallback] %s is a broken connection', async (_, happen) => {
  const { down, told } = world();
  happen(down);
  await flushPromises();
  expect(told).toEqual(['closed 1006']);
});

test('[TR.fallback] frames that were not taken break the connection: the outbox above sends them again', async () => {
  const { socket, open, up, told, down } = world();
  await open();
  socket.send('1');
  up()[0]!.answer(404);
  await flushPromises();
  expect([told, down.isCancelled]).toEqual([['open', 'closed 1006'], true]);
});

test('[TR.fallback] closed from here it cancels its requests and tells nothing more', async () => {
  const { socket, open, up, told, down } = world();
  await open();
  socket.send('1');
  socket.close();
  up()[0]!.fail();
  down.say('data: late\n\n');
  await flushPromises();
  expect([told, down.isCancelled, up()[0]!.isCancelled]).toEqual([['open'], true, true]);
});
