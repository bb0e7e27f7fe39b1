/**
 * A socket over HTTP, for networks that let no WebSocket through. Frames come down as server-sent events in one long answer.
 * They go up in requests, one after the other, each with as many frames as have gathered meanwhile. It reports its end as a
 * WebSocket does: with the server's code or as a broken connection. Keeps nothing and repeats nothing.
 */
import { FRAME_BYTES } from '../limits.ts';
import type { Socket, SocketListener } from './transport.ts';

/** One POST of the browser's. Its promises reject when the network fails or it is cancelled. */
export interface Posting {
  status: Promise<number>;
  /** The next piece of the answer; `undefined` when it is over. */
  read(): Promise<string | undefined>;
  cancel(): void;
}

export type Post = (path: string, request: { headers: Record<string, string>; body?: string }) => Posting;

/** What a browser says of a connection that broke. */
const BROKEN = 1006;

/**
 * Opens a stream at `path` of our own origin; frames go to `path/frames`.
 *
 * @example
 * const socket = openStream('/stream', post, listener);
 */
export function openStream(path: string, post: Post, listener: SocketListener): Socket {
  const down = post(path, { headers: {} });
  let up: Posting | undefined;
  /** The server's id for this stream. A client that knows it may send here, so no URL contains it. */
  let id = '';
  let waiting: string[] = [];
  let isOver = false;

  function leave(): void {
    isOver = true;
    waiting = [];
    down.cancel();
    up?.cancel();
  }

  function end(code: number): void {
    if (isOver) return;
    leave();
    listener.close(code);
  }

  async function listen(): Promise<void> {
    if ((await down.status) !== 200) return;
    let text = '';
    for (let piece = await down.read(); piece !== undefined; piece = await down.read()) {
      const events = (text + piece).split('\n\n');
      text = events.pop() ?? '';
      for (const event of events) if (!isOver) hear(event);
    }
  }

  /** Our own server writes them: at most a name, then one line of data. */
  function hear(event: string): void {
    const [, name = 'message', data = ''] = /^(?:event: (\w+)\n)?data: (.*)$/.exec(event) ?? [];
    if (name === 'close') end(Number(data));
    else if (name === 'message') listener.message(data);
    else if (name === 'open') {
      id = data;
      listener.open();
    }
  }

  async function pump(): Promise<void> {
    if (up !== undefined) return;
    for (let body = nextBody(); body !== undefined; body = nextBody()) {
      up = post(`${path}/frames`, { headers: { 'content-type': 'application/x-ndjson', 'x-stream': id }, body });
      if ((await up.status) !== 204) return end(BROKEN);
    }
    up = undefined;
  }

  /** As many frames as surely fit: no character takes more than three bytes for each of its units. */
  function nextBody(): string | undefined {
    let body = waiting.shift();
    while (body !== undefined && waiting[0] !== undefined && (body.length + 1 + waiting[0].length) * 3 <= FRAME_BYTES)
      body += `\n${waiting.shift()}`;
    return body;
  }

  listen().then(
    () => end(BROKEN),
    () => end(BROKEN),
  );
  return {
    send(text) {
      if (isOver) return;
      waiting.push(text);
      pump().catch(() => end(BROKEN));
    },
    close: leave,
  };
}
