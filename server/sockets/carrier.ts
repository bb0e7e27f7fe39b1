/**
 * What carries frames between one client and a connection. A WebSocket of `ws` is one as it is; where WebSockets are refused
 * an HTTP stream is another (`streams.ts`). Connections, and the gateway with them, know this shape and nothing of the difference.
 */
import type { RawData } from 'ws';

export interface Carrier {
  /** Bytes that were sent and that the peer has not taken yet. */
  readonly bufferedAmount: number;
  readonly isPaused: boolean;
  /** Reads no more, so that a peer who sends on is made to wait. */
  pause(): void;
  resume(): void;
  /** @param onSent called when the text has left this process, or never will */
  send(text: string, onSent?: () => void): void;
  close(code: number, reason: string): void;
  /** Ends it without a word. */
  terminate(): void;
  on(event: 'message', listener: (data: RawData, isBinary: boolean) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  /** Said once, and last; 1006 where the peer gave no code. */
  on(event: 'close', listener: (code: number) => void): unknown;
  once(event: 'close', listener: () => void): unknown;
}

/** The text of a frame, however it came. */
export function toText(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8');
  return Buffer.isBuffer(data) ? data.toString('utf8') : Buffer.from(data).toString('utf8');
}
