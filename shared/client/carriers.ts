/**
 * Which carrier a connection gets: a WebSocket, or a stream over HTTP where WebSockets are refused. Remembers in memory only
 * what this page has met, and tries the WebSocket again after a while.
 *
 * A WebSocket counts as refused when it breaks without having brought a frame. From the second such in a row the same attempt
 * goes on over HTTP: if that opens where the other did not, the network is to blame and not the server, and the next attempts
 * begin with the stream.
 */
import type { Socket, SocketListener } from './transport.ts';
import type { Clock } from './platform.ts';

export type Open = (listener: SocketListener) => Socket;

export interface CarriersOptions {
  clock: Clock;
  /** Has to end by itself when it does not open. */
  openSocket: Open;
  openStream: Open;
  /** What has been refused before anyone asked here. */
  refusals?: number;
}

const ENOUGH = 2;
const AGAIN_AFTER_MS = 600_000;
/** What a browser says of a connection that broke; any other code was said by our server. */
const BROKEN = 1006;

/** Returns what opens a connection by the carrier that serves. Its listener may hear `open` again: a second carrier took over. */
export function createCarriers({ clock, openSocket, openStream, refusals = 0 }: CarriersOptions): Open {
  let streamsUntil = 0;

  return (listener) => {
    let carrier: Socket;

    function bySocket(): Socket {
      let isProven = false;
      return openSocket({
        ...listener,
        message(data) {
          isProven = true;
          refusals = 0;
          listener.message(data);
        },
        close(code) {
          if (isProven || code !== BROKEN) return listener.close(code);
          refusals += 1;
          if (refusals < ENOUGH) return listener.close(code);
          carrier = byStream();
        },
      });
    }

    function byStream(): Socket {
      let hasOpened = false;
      return openStream({
        ...listener,
        open() {
          hasOpened = true;
          streamsUntil = clock.now() + AGAIN_AFTER_MS;
          listener.open();
        },
        close(code) {
          if (!hasOpened) streamsUntil = 0;
          listener.close(code);
        },
      });
    }

    carrier = clock.now() < streamsUntil ? byStream() : bySocket();
    return { send: (text) => carrier.send(text), close: () => carrier.close() };
  };
}
