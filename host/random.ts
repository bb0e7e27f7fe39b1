/**
 * Unguessable names. `crypto.randomUUID` is missing on plain-http pages, `getRandomValues` is everywhere.
 */

/** A version 4 UUID: the idempotency key of a message or command. Each 0 becomes random hex; 4 and 8 say which kind it is. */
export function uuid(): string {
  return '00000000-0000-4000-8000-000000000000'.replace(/0/g, () => (crypto.getRandomValues(new Uint8Array(1))[0]! & 15).toString(16));
}
