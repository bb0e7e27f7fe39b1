import { describe, expect, it } from 'vitest';
import { createDrafts, maskNumbers } from './drafts.ts';
import { createHandClock } from './room-world.ts';

function open() {
  const clock = createHandClock();
  const told: string[] = [];
  const drafts = createDrafts({ clock, perSecond: 2, onDraft: (_, text) => told.push(text) });
  return { clock, told, drafts };
}

describe('drafts', () => {
  it('are told twice a second at most, the last one always', () => {
    const { clock, told, drafts } = open();
    for (let i = 0; i < 1000; i += 1) {
      drafts.set('ann', `text ${i}`);
      clock.advance(1);
    }
    clock.advance(1000);
    expect(told).toEqual(['text 0', 'text 499', 'text 999']);
  });

  it('are gone ten seconds after the last key', () => {
    const { clock, told, drafts } = open();
    drafts.set('ann', 'hm');
    clock.advance(9_999);
    expect(drafts.get('ann')).toBe('hm');
    clock.advance(1);
    expect([drafts.get('ann'), told]).toEqual(['', ['hm', '']]);
  });

  it('that were cleared are not told afterwards', () => {
    const { clock, told, drafts } = open();
    drafts.set('ann', 'a');
    drafts.set('ann', 'ab');
    drafts.clear('ann');
    clock.advance(20_000);
    expect(told).toEqual(['a', '']);
  });

  it('hide what looks like a card or an account', () => {
    expect(maskNumbers('4111 1111 1111 1111')).toBe('•••• •••• •••• ••••');
    expect(maskNumbers('4111-1111-1111')).toBe('••••-••••-••••');
    expect(maskNumbers('pay DE89 3704 0044 0532 0130 00 now')).toBe('pay •••• •••• •••• •••• •••• •• now');
    expect(maskNumbers('gb29nwbk60161331926819')).toBe('•'.repeat(22));
  });

  it('leave ordinary numbers and words', () => {
    for (const text of ['call +44 20 7946 0958', 'order 12345678, 3 pcs', 'at 10:30 on 2026-11-22', 'AB12 some text here']) expect(maskNumbers(text)).toBe(text);
  });

  it('take no time over hostile text', () => {
    const started = performance.now();
    for (const text of ['1 '.repeat(4096), 'AA11 '.repeat(1600), '1'.repeat(8192), 'A1'.repeat(4096)]) maskNumbers(text);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
