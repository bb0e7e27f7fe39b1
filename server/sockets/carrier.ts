/**
 * A carrier moves frames between one client and a connection. A WebSocket of `ws` is one; where a network refuses WebSockets, an
 * HTTP stream is another (`streams.ts`). Connections and gateway know this shape alone.
 */
import type { RawData } from 'ws';

/** One client's line. */
export interface Carrier {
  /** Bytes that were sent and that the peer has not read yet. */
  readonly bufferedAmount: number;
  readonly isPaused: boolean;
  /** Reads no more, so that the peer has to wait before it sends on. */
  pause(): void;
  resume(): void;
  /** @param onSent called when the text has left this process, or never will */
  send(text: string, onSent?: () => void): void;
  close(code: number, reason: string): void;
  /** Ends it without a word. */
  terminate(): void;
  on(event: 'message', listener: (data: RawData, isBinary: boolean) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  /** Emitted once, and last. The code is 1006 if the peer gave none. */
  on(event: 'close', listener: (code: number) => void): unknown;
  once(event: 'close', listener: () => void): unknown;
}

/** The text of a frame, however it came. */
export function toText(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8');
  return Buffer.isBuffer(data) ? data.toString('utf8') : Buffer.from(data).toString('utf8');
}
