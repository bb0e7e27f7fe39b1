/** The outbox's storage before it is there. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createLazyStorage } from './lazy-storage.ts';
import type { OutboxStorage } from './storage.ts';

/** A storage that writes down what it is asked. */
function storage(): { asked: string[]; real: OutboxStorage<string> } {
  const asked: string[] = [];
  const note = (what: string) => (): Promise<void> => Promise.resolve(void asked.push(what));
  const real: OutboxStorage<string> = {
    put: ({ uid }) => note(`put ${uid}`)(),
    remove: (uid) => note(`remove ${uid}`)(),
    adopt: () => note('adopt')().then(() => []),
    clear: note('clear'),
    pause: () => void asked.push('pause'),
    resume: () => void asked.push('resume'),
    close: () => void asked.push('close'),
  };
  return { asked, real };
}

const item = (uid: string) => ({ uid, order: 1, command: '', failed: null });

describe('a storage that is still to come', () => {
  afterEach(() => void vi.useRealTimers());

  test('[VI.size] does what it was asked meanwhile, in order, once it is there', async () => {
    const { asked, real } = storage();
    let arrive = (_: OutboxStorage<string>): void => undefined;
    const lazy = createLazyStorage(() => new Promise<OutboxStorage<string>>((resolve) => (arrive = resolve)));
    const all = [lazy.put(item('a')), lazy.remove('a'), lazy.put(item('b')), lazy.adopt()];
    lazy.pause();
    expect(asked).toEqual([]);
    arrive(real);
    await Promise.all(all);
    expect(asked).toEqual(['pause', 'put a', 'remove a', 'put b', 'adopt']);
    lazy.resume();
    await lazy.clear();
    lazy.close();
    expect(asked.slice(5)).toEqual(['resume', 'clear', 'close']);
  });

  test('[VI.size] is asked for again while the network refuses it', async () => {
    vi.useFakeTimers();
    const { asked, real } = storage();
    let refusals = 2;
    const lazy = createLazyStorage(() => (refusals-- > 0 ? Promise.reject(new Error('offline')) : Promise.resolve(real)));
    const put = lazy.put(item('a'));
    await vi.advanceTimersByTimeAsync(5_000);
    await put;
    expect(asked).toEqual(['resume', 'put a']);
  });
});
