import { describe, expect, it } from 'vitest';
import { generatePassword, hashPassword, verifyPassword } from './password.ts';

describe('passwords', () => {
  it('keeps an argon2id hash that only the same password opens', async () => {
    const kept = await hashPassword('correct horse');
    expect(kept).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(kept).not.toContain('correct horse');
    expect(await verifyPassword(kept, 'correct horse')).toBe(true);
    expect(await verifyPassword(kept, 'Correct horse')).toBe(false);
  });

  it('refuses an absent or broken hash without throwing', async () => {
    expect(await verifyPassword(undefined, '')).toBe(false);
    expect(await verifyPassword('', 'x')).toBe(false);
    expect(await verifyPassword('no hash', 'x')).toBe(false);
  });

  it('generates a different one each time', () => {
    expect(generatePassword()).toMatch(/^[0-9a-f]{24}$/);
    expect(generatePassword()).not.toBe(generatePassword());
  });
});
