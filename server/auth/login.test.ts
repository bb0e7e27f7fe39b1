/**
 * That signing in takes the same way whether the account exists or not: one password is verified each time, with the
 * same effort, and the store is asked the same. Library and store are watched, not replaced.
 */
import { verify } from '@node-rs/argon2';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createWorld, type World } from '../testing/http-world.ts';
import { hashPassword } from './password.ts';

vi.mock('@node-rs/argon2', async (original) => {
  const library = await original<typeof import('@node-rs/argon2')>();
  return { ...library, verify: vi.fn(library.verify) };
});

let world: World;
beforeAll(async () => {
  world = await createWorld({ env: { LIMITS: JSON.stringify({ login: { tries: 10_000 } }) } });
  const ann = await world.store.operator('ann');
  if (ann === undefined) throw new Error('the world has no Ann');
  await world.store.transact([], (tx) => tx.saveOperator({ ...ann, id: 'bob', email: 'bob@shop.example', isRevoked: true }));
});
afterAll(() => world.close());
beforeEach(() => void vi.mocked(verify).mockClear());

const WAYS = { known: 'ann@shop.example', unknown: 'nobody@shop.example', revoked: 'bob@shop.example' };
const guess = (email: string) => world.auth.login(email, 'wrong', '198.51.100.1');

describe('a wrong password', () => {
  it('[D8] verifies a password once, with the same effort, for present, absent and revoked accounts', async () => {
    const efforts = new Set<string>();
    for (const [way, email] of Object.entries(WAYS)) {
      vi.mocked(verify).mockClear();
      expect(await guess(email), way).toEqual({ result: 'refused' });
      expect(
        vi.mocked(verify).mock.calls.map(([, password]) => password),
        way,
      ).toEqual(['wrong']);
      efforts.add(String(vi.mocked(verify).mock.calls[0]?.[0]).split('$').slice(1, 4).join(' '));
    }
    efforts.add((await hashPassword('x')).split('$').slice(1, 4).join(' '));
    expect([...efforts]).toEqual(['argon2id v=19 m=19456,t=2,p=1']);
  });

  it('[D8] asks the same of the store, in the same order, whose account it was tried on', async () => {
    const asked: string[] = [];
    const { store } = world;
    const watched = Object.entries(store).filter(([, method]) => typeof method === 'function');
    for (const [name, method] of watched)
      Object.assign(store, { [name]: (...given: unknown[]) => (asked.push(name), (method as (...given: unknown[]) => unknown)(...given)) });
    const ways = [];
    for (const [way, email] of Object.entries(WAYS)) {
      asked.length = 0;
      expect(await guess(email), way).toEqual({ result: 'refused' });
      ways.push(asked.join(' '));
    }
    Object.assign(store, Object.fromEntries(watched));
    expect(ways[0]).not.toBe('');
    expect(new Set(ways).size, ways.join(' | ')).toBe(1);
  });
});
