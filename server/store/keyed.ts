/**
 * What is stored only to be known again, and not to be read: a hash that nobody can compute without the installation's secret.
 * A hash without a key is no such thing where the text is short: whoever has the database tries all telephone numbers.
 */
import { createHmac } from 'node:crypto';

/** @param about what for, first of all, so that the same text is something else at another place */
export function keyed(secret: Uint8Array, ...about: readonly string[]): string {
  return createHmac('sha256', secret).update(JSON.stringify(about)).digest('base64url');
}
