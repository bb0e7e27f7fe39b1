/**
 * Passwords of operators: how they are kept and checked. Only the argon2id hash is ever stored; guessing is slowed down
 * elsewhere (`auth.ts`).
 */
import { randomBytes } from 'node:crypto';
import { hash, verify, type Options } from '@node-rs/argon2';

/** What OWASP recommends first (19 MiB, two passes, one lane): some 30 ms here. The library's own algorithm is argon2id. */
const OPTIONS: Options = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Checked for an e-mail nobody has, so that the answer takes as long as for one that exists. Of random bytes, forgotten. */
const DECOY = '$argon2id$v=19$m=19456,t=2,p=1$cPyyqfgt2BhDT2wRq9+ybw$5xSS+VqEnKaRxm+xnwdHV+eKOtlVf1sOpyWBaTVhu2Q';

export function hashPassword(password: string): Promise<string> {
  return hash(password, OPTIONS);
}

/** `undefined` as hash (no such operator) takes the same time and is always false. A hash that can't be read is false. */
export async function verifyPassword(passwordHash: string | undefined, password: string): Promise<boolean> {
  try {
    const isRight = await verify(passwordHash ?? DECOY, password);
    return isRight && passwordHash !== undefined;
  } catch {
    return false;
  }
}

/** 96 bits of chance that can be read aloud and selected with a double click. */
export function generatePassword(): string {
  return randomBytes(12).toString('hex');
}
