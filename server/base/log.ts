/**
 * The log: JSON lines on standard output, without the words of visitors, without tokens, without addresses of people. A line names
 * things (route, site, code), never contents. Redaction and scrubbing are the second line of defence, for errors of libraries that
 * quote their input.
 */
import { pino, type DestinationStream, type Logger } from 'pino';

/** Where everything is logged. */
export type Log = Logger;

/** Levels of the log, the gravest first. */
export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

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
/** Bytes that wait for a slow reader of the log. */
const BUFFERED_MAX = 4 * 1024 * 1024;

/** Makes the log. @param destination instead of standard output */
export function createLog(level: LogLevel, destination?: DestinationStream): Log {
  const options = {
    level,
    // Process id and host name say nothing here that the service manager does not know.
    base: null,
    redact: { paths: SECRET_KEYS.flatMap((key) => [key, `*.${key}`]), censor: '[redacted]' },
    serializers: { err: describeError, error: describeError },
  };
  return pino(options, destination ?? standardOutput());
}

/** When the disk is full, or nobody reads, lines are lost and the server goes on. */
function standardOutput(): DestinationStream {
  const output = pino.destination({ dest: 1, sync: false, maxLength: BUFFERED_MAX });
  output.on('error', () => undefined);
  return output;
}

/** An error as the log shows it: kind, code, and its words without mail addresses and long random strings. */
function describeError(error: unknown): Record<string, unknown> {
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
