/**
 * How a page connects once its network has broken a WebSocket: with another one or, where they are refused, over HTTP with the
 * browser's own requests. Fetched only then.
 *
 * A browser keeps six connections to a host where they are HTTP/1.1, and six streams would leave none for what the pages have
 * to say. So there are three places for streams: a page without one waits, and one that is looked at takes another's.
 */
import { createCarriers, type Open } from '../shared/client/carriers.ts';
import { openStream, type Posting } from '../shared/client/stream.ts';
import type { Socket, SocketListener } from '../shared/transport.ts';
import { clock, openSocket } from './browser.ts';

export function createFallback(): Open {
  return createCarriers({
    clock,
    openSocket: (listener) => openSocket('/socket', listener),
    openStream: openInPlace,
    refusals: 1,
  });
}

const PLACES = ['callgear-stream-1', 'callgear-stream-2', 'callgear-stream-3'];
/** What a browser says of a connection that broke: it will be tried again. */
const BROKEN = 1006;

function openInPlace(listener: SocketListener): Socket {
  let stream: Socket | undefined;
  let isOver = false;
  let leavePlace = (): void => undefined;

  function leave(): void {
    isOver = true;
    leavePlace();
    stream?.close();
  }

  function end(code: number): void {
    if (isOver) return;
    leave();
    listener.close(code);
  }

  /** Resolves when the place is free again. */
  async function stay(): Promise<void> {
    if (isOver) return;
    stream = openStream('/stream', post, { ...listener, close: end });
    await new Promise<void>((resolve) => (leavePlace = resolve));
  }

  withPlace(stay).then(() => end(BROKEN), () => end(BROKEN));
  return { send: (text) => stream?.send(text), close: leave };
}

/** Resolves when `stay` has, or at once if there is no place for it; rejects when the place is taken by another page. */
async function withPlace(stay: () => Promise<void>): Promise<void> {
  const locks = (navigator as { locks?: LockManager }).locks;
  if (locks === undefined) return stay();
  for (const place of PLACES) {
    const wasFree = await locks.request(place, { ifAvailable: true }, async (lock) => {
      if (lock !== null) await stay();
      return lock !== null;
    });
    if (wasFree) return;
  }
  const [place = ''] = PLACES.splice(0, 1);
  PLACES.push(place);
  if (document.visibilityState === 'visible') await locks.request(place, { steal: true }, stay);
}

function post(path: string, request: { headers: Record<string, string>; body?: string }): Posting {
  const abort = new AbortController();
  const answer = fetch(path, { method: 'POST', signal: abort.signal, ...request });
  let reader: ReadableStreamDefaultReader<string> | undefined;
  return {
    status: answer.then(({ status }) => status),
    async read() {
      reader ??= (await answer).body?.pipeThrough(new TextDecoderStream()).getReader();
      return (await reader?.read())?.value;
    },
    cancel: () => abort.abort(),
  };
}
