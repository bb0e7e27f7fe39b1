/**
 * How a page connects once its network has broken a WebSocket: with another one or, where they are refused, over HTTP with the
 * browser's own requests. Fetched only then.
 */
import { createCarriers, type Open } from '../../shared/client/carriers.ts';
import { openStream, type Posting } from '../../shared/client/stream.ts';
import { clock, openSocket } from './browser.ts';

export function createFallback(): Open {
  return createCarriers({
    clock,
    openSocket: (listener) => openSocket('/socket', listener),
    openStream: (listener) => openStream('/stream', post, listener),
    refusals: 1,
  });
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
