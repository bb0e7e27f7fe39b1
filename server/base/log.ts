/**
 * The log: JSON lines on standard output, without what visitors write, without tokens, without addresses of people. What is
 * logged names things (route, site, code), never contents; redaction and scrubbing are the second line, for errors of
 * libraries that quote their input.
 */
import { pino, type DestinationStream, type Logger } from 'pino';
import type { LogLevel } from '../config.ts';

export type Log = Logger;

const SECRET_KEYS = [
  'access',
  'address',
  'authorization',
  'body',
  'cookie',
  'csrf',
  'draft',
  'email',
  'headers',
  'ip',
  'name',
  'password',
  'phone',
  'refresh',
  'text',
  'to',
  'token',
  'url',
];

/** Longer texts are cut: a library may quote all of its input. */
const SCRUBBED_MAX = 4_000;
/** Bytes that wait for a reader of the log who is slow. */
const BUFFERED_MAX = 4 * 1024 * 1024;

export function createLog(level: LogLevel, destination?: DestinationStream): Log {
  const options = {
    level,
    // Process id and host name say nothing here that the service manager does not know.
    base: undefined,
    redact: { paths: SECRET_KEYS.flatMap((key) => [key, `*.${key}`]), censor: '[redacted]' },
    serializers: { err: describeError, error: describeError },
  };
  return pino(options, destination ?? standardOutput());
}

/** Without room on its disk, or with nobody who reads, lines are lost and the server goes on. */
function standardOutput(): DestinationStream {
  const output = pino.destination({ dest: 1, sync: false, maxLength: BUFFERED_MAX });
  output.on('error', () => undefined);
  return output;
}

/** An error as it may stand in the log: kind, code, and its words without mail addresses and long random strings. */
export function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return { type: error.name, code, message: scrub(error.message), stack: scrub(error.stack ?? '') };
}

/** @example scrub('550 <a@b.example> unknown'); // '550 <[address]> unknown' */
export function scrub(text: string): string {
  // Word by word: a pattern with the @ in its middle would look at a long word once for each of its letters.
  const known = text.slice(0, SCRUBBED_MAX).replace(/[^\s<>"'(),;:]+/g, (word) => (/.@./.test(word) ? '[address]' : word));
  return known.replace(/[A-Za-z0-9_-]{40,}/g, '[token]');
}
