/**
 * The browser's own time, chance and sockets in the shapes that `shared/client` asks for. Nothing here decides anything.
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

/** `crypto.randomUUID` is missing wherever an ancestor is plain http. */
function makeUid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return hex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** 128 bits of chance as hexadecimal. */
export function makeId(): string {
  return hex(crypto.getRandomValues(new Uint8Array(16)));
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Longer than three trips over the slowest link that the chat is made for. */
const OPENS_WITHIN_MS = 8_000;

/** A WebSocket to a path of our own origin. One that does not open in time closes as a broken connection. */
export function openSocket(path: string, listener: SocketListener): Socket {
  let socket: WebSocket;
  try {
    socket = new WebSocket(location.origin.replace(/^http/, 'ws') + path);
  } catch {
    // Some blockers replace WebSocket by code that throws: to us a broken connection, reported as late as any other.
    return { send: () => undefined, close: clock.after(0, () => listener.close(1006)) };
  }
  socket.onopen = () => listener.open();
  socket.onmessage = (event) => listener.message(event.data);
  // Where a network swallows the handshake, the socket would connect for ever.
  setTimeout(() => socket.readyState === WebSocket.CONNECTING && socket.close(), OPENS_WITHIN_MS);
  socket.onclose = (event) => listener.close(event.code);
  return {
    send: (text) => socket.send(text),
    close() {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    },
  };
}
