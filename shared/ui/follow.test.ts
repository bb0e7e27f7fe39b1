import { describe, expect, test } from 'vitest';
import { followsEnd, isResized, standOf, type Stand } from './follow.ts';

const NEAR = 48;

/** A list in a browser's box: clamps as one does, and hears of its scrolling after its content has been drawn. */
function list() {
  const box = { scrollTop: 0, scrollHeight: 1_000, clientHeight: 400 };
  const clamp = (): void => void (box.scrollTop = Math.max(0, Math.min(box.scrollTop, box.scrollHeight - box.clientHeight)));
  let isFollowing = true;
  let before: Stand = standOf(box);
  const pin = (): void => {
    if (isFollowing) box.scrollTop = box.scrollHeight;
    clamp();
    before = standOf(box);
  };
  pin();
  return {
    box,
    /** Its size or that of its content changes, and nobody has looked at it yet. */
    resize(change: Partial<Pick<Stand, 'scrollHeight' | 'clientHeight'>>) {
      Object.assign(box, change);
      clamp();
    },
    /** The browser reports a scroll, no matter who caused it. */
    hear() {
      isFollowing = followsEnd(isFollowing, before, box, NEAR);
      if (isResized(before, box)) pin();
      before = standOf(box);
    },
    scroll(by: number) {
      box.scrollTop += by;
      clamp();
      this.hear();
    },
    gap: () => box.scrollHeight - box.scrollTop - box.clientHeight,
    isFollowing: () => isFollowing,
  };
}

describe('a list that follows its end', () => {
  test('[FF.E15] a notice that takes room before the browser reports an earlier scroll does not stop it', () => {
    const it = list();
    for (let reply = 0; reply < 20; reply += 1) {
      it.resize({ scrollHeight: it.box.scrollHeight + 60 });
      it.hear();
      it.resize({ clientHeight: reply % 2 === 0 ? 348 : 400 });
      it.hear();
      expect([it.isFollowing(), it.gap()]).toEqual([true, 0]);
    }
  });

  test.each([
    ['a keyboard takes half of it', { clientHeight: 120 }],
    ['a picture is loaded', { scrollHeight: 1_300 }],
    ['a row becomes smaller while the composer grows', { scrollHeight: 940, clientHeight: 200 }],
    ['the window grows', { clientHeight: 900 }],
  ])('[FF.E15] %s: still followed, and at the end', (_, change) => {
    const it = list();
    it.resize(change);
    it.hear();
    expect([it.isFollowing(), it.gap() <= 0]).toEqual([true, true]);
  });

  test('[FF.E15] a reader who scrolls up is left alone, whatever comes or changes its size, until they come back', () => {
    const it = list();
    it.scroll(-200);
    expect(it.isFollowing()).toBe(false);
    it.resize({ scrollHeight: 1_500 });
    it.hear();
    it.resize({ clientHeight: 348 });
    it.hear();
    expect([it.isFollowing(), it.box.scrollTop]).toEqual([false, 400]);
    it.scroll(10_000);
    expect(it.isFollowing()).toBe(true);
  });

  test('[FF.E15] a few pixels are not leaving', () => {
    const it = list();
    it.scroll(-20);
    expect(it.isFollowing()).toBe(true);
  });
});
