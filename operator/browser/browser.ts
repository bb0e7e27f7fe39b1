/**
 * The browser's own clock, randomness and socket in the small shapes that a session takes.
 */
import type { Chance, Clock } from '../../shared/client/platform.ts';
import type { Socket, SocketListener } from '../../shared/client/transport.ts';

export const clock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

export const chance: Chance = {
  uid: makeUid,
  fraction: () => Math.random(),
};

/** A UUIDv4 by hand: `randomUUID` is missing on plain http, `getRandomValues` is not. */
function makeUid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** Longer than three round trips over the slowest link that the chat supports. */
const OPENS_WITHIN_MS = 8_000;

/** A WebSocket to `path` on the host that served this page. */
export function openSocket(path: string, listener: SocketListener): Socket {
  let socket: WebSocket;
  try {
    socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${path}`);
  } catch {
    // Some blockers replace the class with one that throws: to us a connection that broke, reported as late as any.
    const timer = setTimeout(() => listener.close(1006));
    return { send: () => undefined, close: () => clearTimeout(timer) };
  }
  socket.onopen = () => listener.open();
  socket.onmessage = ({ data }) => listener.message(data);
  // Some networks swallow the connection: it would stay as it is for ever.
  setTimeout(() => socket.readyState === WebSocket.CONNECTING && socket.close(), OPENS_WITHIN_MS);
  socket.onclose = ({ code }) => listener.close(code);
  return {
    send: (text) => socket.send(text),
    close() {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    },
  };
}
