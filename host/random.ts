/**
 * Unguessable names. `crypto.randomUUID` is missing on plain-http pages, `getRandomValues` is everywhere.
 */

/** A version 4 UUID: the idempotency key of a message or command. Each 0 and 1 becomes random hex; 4 and 8 say which kind it is. */
export function uuid(): string {
  return '10000000-1000-4000-8000-100000000000'.replace(/0|1/g, () => (crypto.getRandomValues(new Uint8Array(1))[0]! & 15).toString(16));
}
