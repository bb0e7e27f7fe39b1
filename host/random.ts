/**
 * Unguessable names. `crypto.randomUUID` is missing on plain-http pages, `getRandomValues` is everywhere.
 */

/** A version 4 UUID: the idempotency key of a message or command. Each 0, 1 and 8 becomes random hex; the 8 keeps its top bit. */
export function uuid(): string {
  // All at once: each call of the generator costs as much as the rest of this.
  const random = crypto.getRandomValues(new Uint8Array(31));
  let at = 0;
  return '10000000-1000-4000-8000-100000000000'.replace(/[018]/g, (digit) =>
    (+digit ^ (random[at++]! & (15 >> (+digit / 4)))).toString(16),
  );
}
