/** Opaque ids and tokens of the server: chance that nobody can guess, in characters that need no escaping anywhere. */
import { randomBytes } from 'node:crypto';

/** 128 bits as 22 characters of `A-Za-z0-9_-`. */
export function randomId(): string {
  return randomBytes(16).toString('base64url');
}
