import { describe, expect, test } from 'vitest';
import { manualClock, flushPromises } from '../../shared/testing/clock-and-store.ts';
import type { ErrorCode } from '../../shared/errors.ts';
import type { Draft } from './draft.ts';
import { createLazyDraft, createLazyUploads } from './lazy.ts';
import type { Uploads } from './uploads.ts';

const FILE = { name: 'a.txt', size: 3, type: 'text/plain' };
const SHOWN = { uid: 'f1', name: 'a.txt', size: 3, loaded: 0, failed: null };

/** A part that arrives when the test says so, each try anew. */
function slow<T>(part: T) {
  const tries: { arrive(): void; fail(): void }[] = [];
  return {
    tries,
    load: () =>
      new Promise<T>((resolve, reject) => tries.push({ arrive: () => resolve(part), fail: () => reject(new Error('no network')) })),
  };
}

describe('files whose carrier is not here yet', () => {
  function begin() {
    const clock = manualClock();
    const carrier = slow({} as Uploads);
    const failed: ErrorCode[] = [];
    const handed: string[] = [];
    const uploads = createLazyUploads(
      carrier.load,
      clock.after,
      (_, code) => failed.push(code),
      (_, waiting) => handed.push(...waiting.keys()),
    );
    return { clock, carrier, uploads, handed, failed };
  }

  test('[ME.sendFile] a file shows at once and is passed on once, in the order given', async () => {
    const { carrier, uploads, handed } = begin();
    uploads.add('f1', FILE);
    uploads.add('f2', FILE);
    expect(uploads.list).toEqual([SHOWN, { ...SHOWN, uid: 'f2' }]);
    expect(uploads.list).toBe(uploads.list);
    expect(carrier.tries).toHaveLength(1);
    carrier.tries[0]?.arrive();
    await flushPromises();
    expect(handed).toEqual(['f1', 'f2']);
  });

  test('[ME.sendFile] a file that is discarded meanwhile is not passed on', async () => {
    const { carrier, uploads, handed } = begin();
    uploads.add('f1', FILE);
    expect([uploads.discard('f1'), uploads.discard('f1'), uploads.list.length]).toEqual([true, false, 0]);
    carrier.tries[0]?.arrive();
    await flushPromises();
    expect(handed).toEqual([]);
  });

  test('[ME.sendFile] the page fetches the carrier again for as long as a file waits', async () => {
    const { clock, carrier, uploads, handed } = begin();
    uploads.add('f1', FILE);
    carrier.tries[0]?.fail();
    await flushPromises();
    expect(uploads.list).toEqual([SHOWN]);
    await clock.pass(2_000);
    carrier.tries[1]?.fail();
    await flushPromises();
    uploads.clear();
    await clock.pass(10_000);
    expect(carrier.tries).toHaveLength(2);
    uploads.add('f3', FILE);
    carrier.tries[2]?.arrive();
    await flushPromises();
    expect(handed).toEqual(['f3']);
  });
});

test('[ME.chatTyping] before the preview is here the latest text counts, and a cleared one is not told', async () => {
  const clock = manualClock();
  const told: string[] = [];
  const part: Draft = { set: (text) => void told.push(text), clear: () => undefined, retry: () => undefined, close: () => undefined };
  const preview = slow(part);
  let here: Draft | undefined;
  const draft = createLazyDraft(preview.load, clock.after, (real) => (here = real));
  draft.set('H');
  draft.set('He');
  draft.clear();
  preview.tries[0]?.fail();
  await flushPromises();
  await clock.pass(10_000);
  expect(preview.tries).toHaveLength(1);
  draft.set('Yes');
  draft.set('Yes!');
  preview.tries[1]?.arrive();
  await flushPromises();
  expect([preview.tries.length, told, here === part]).toEqual([2, ['Yes!'], true]);
});
