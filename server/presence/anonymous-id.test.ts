import { expect, it } from 'vitest';
import { randomId } from '../base/ids.ts';
import { anonymousId } from './anonymous-id.ts';

const secret = Buffer.alloc(32, 1);

it('is one for each site and tab, whoever computes it, and looks like any other id', () => {
  const id = anonymousId(secret, 'shop', 'tab');
  expect(anonymousId(Buffer.from(secret), 'shop', 'tab')).toBe(id);
  const others = [anonymousId(secret, 'shop', 'tab2'), anonymousId(secret, 'shopt', 'ab'), anonymousId(Buffer.alloc(32), 'shop', 'tab')];
  expect(new Set([id, ...others]).size).toBe(4);
  expect(id).toMatch(/^[\w-]{22}$/);
  expect(id).toHaveLength(randomId().length);
});
