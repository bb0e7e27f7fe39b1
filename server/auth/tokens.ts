/** Secrets and ids: made by chance, kept as a hash, compared without telling. What a token means is decided elsewhere. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 128 bits of chance, in characters that a command line takes as an argument without ado. */
export function newId(): string {
  return randomBytes(16).toString('hex');
}

/** 256 bits of chance. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** Compares secrets without telling by time how much of them is right. */
export function isSameSecret(a: string, b: string): boolean {
  return timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest());
}
