/**
 * Connections over HTTP for networks that refuse WebSockets, with the browser's own requests.
 */
import { openStream, type Posting } from '../../shared/client/stream.ts';
import type { Socket, SocketListener } from '../../shared/client/transport.ts';

/** A stream at a path of our own origin. */
export function openStreamAt(path: string, listener: SocketListener): Socket {
  return openStream(path, post, listener);
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
