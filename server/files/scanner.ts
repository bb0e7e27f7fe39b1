/**
 * Asks a malware scanner (ClamAV's daemon, over TCP or its local socket) about one file, by the daemon's own INSTREAM command:
 * pieces with their length before them, a piece of length nothing at the end, one line as the answer.
 *
 * It only asks. `files.ts` decides what happens to a file during and after the scan.
 */
import { createConnection, type Socket } from 'node:net';

export interface Scanner {
  /**
   * `null` if nothing was found, else the daemon's name for what was.
   *
   * Rejects when the daemon could not say: it is down, too slow, or answers something else.
   */
  scan(bytes: Buffer): Promise<string | null>;
}

/** Bytes in one piece; the daemon's own clients take as much. */
const PIECE = 64 * 1024;
/** An answer is one short line: a service that sends more is no scanner. */
const ANSWER_MAX = 4_096;

/**
 * @param url `clamd://host:port`, or `clamd:///path/to/clamd.sock`
 * @param timeoutMs for the whole of one question
 */
export function createScanner(url: string, timeoutMs: number): Scanner {
  const { hostname, port, pathname } = new URL(url);
  // Brackets around an IPv6 address belong to the URL.
  const host = hostname.replace(/^\[|\]$/g, '');
  const connect = () =>
    host === '' ? createConnection({ path: decodeURIComponent(pathname) }) : createConnection({ host, port: Number(port) });
  return { scan: async (bytes) => verdictOf(await ask(connect(), bytes, timeoutMs)) };
}

function ask(socket: Socket, bytes: Buffer, timeoutMs: number): Promise<string> {
  return new Promise<string>((resolve, reject) => {
    let answer = '';
    const timer = setTimeout(() => socket.destroy(new Error('The scanner took too long.')), timeoutMs);
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      answer += text;
      if (answer.includes('\0') || answer.length > ANSWER_MAX) socket.destroy();
    });
    socket.on('error', reject);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(answer);
    });
    socket.on('connect', () => send(socket, bytes));
  });
}

function send(socket: Socket, bytes: Buffer): void {
  // `z`: both commands and answers end with a zero byte.
  socket.write('zINSTREAM\0');
  for (let at = 0; at < bytes.length; at += PIECE) {
    const piece = bytes.subarray(at, at + PIECE);
    socket.write(lengthOf(piece.length));
    socket.write(piece);
  }
  socket.write(lengthOf(0));
}

function lengthOf(count: number): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(count);
  return length;
}

function verdictOf(answer: string): string | null {
  const line = answer.split('\0')[0]?.trim() ?? '';
  if (line === 'stream: OK') return null;
  const found = /^stream: (.+) FOUND$/.exec(line)?.[1];
  if (found === undefined) throw new Error(`The scanner answered ${JSON.stringify(line.slice(0, 200))}.`);
  return found;
}
