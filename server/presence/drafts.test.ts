import { describe, expect, it } from 'vitest';
import { createDrafts } from './drafts.ts';
import { createHandClock } from '../testing/room-world.ts';

function open() {
  const clock = createHandClock();
  const told: string[] = [];
  const drafts = createDrafts({ clock, perSecond: 2, onDraft: (_, text) => told.push(text) });
  return { clock, told, drafts };
}

describe('drafts', () => {
  it('are passed on twice a second at most, the last one always', () => {
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

  it('[P2] hide long numbers of every sender', () => {
    const { told, drafts } = open();
    drafts.set('ann', 'my card 4111 1111 1111 1111');
    expect([drafts.get('ann'), told]).toEqual(['my card •••• •••• •••• ••••', ['my card •••• •••• •••• ••••']]);
  });
});
