/**
 * A hash for texts that are stored only to be recognised: nobody can compute it without the installation's secret. A hash
 * without a key would not hide a short text: a thief of the database could try all telephone numbers.
 */
import { createHmac } from 'node:crypto';

/** @param about what for, first of all, so that the same text is something else at another place */
export function keyed(secret: Uint8Array, ...about: readonly string[]): string {
  return createHmac('sha256', secret).update(JSON.stringify(about)).digest('base64url');
}
