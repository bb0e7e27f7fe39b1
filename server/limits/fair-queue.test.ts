import { describe, expect, it } from 'vitest';
import { createFairQueue, type FairQueueOptions } from './fair-queue.ts';

/** Work that ends when the test says so. */
function world(options: FairQueueOptions) {
  const fair = createFairQueue(options);
  const begun: string[] = [];
  const ends = new Map<string, (error?: Error) => void>();
  const results: Promise<unknown>[] = [];
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  return {
    begun,
    run(name: string, ...who: string[]) {
      const work = () =>
        new Promise<string>((resolve, reject) => {
          begun.push(name);
          ends.set(name, (error) => (error === undefined ? resolve(name) : reject(error)));
        });
      results.push(fair.run(who, work).catch((error: Error) => error.message));
    },
    async end(name: string, error?: Error) {
      ends.get(name)?.(error);
      await turn();
    },
    results: () => Promise.all(results),
  };
}

describe('a fair queue', () => {
  it('[FF.A5] serves the first piece of a newcomer before the second of anybody', async () => {
    const { run, end, begun } = world({ atOnce: 1 });
    for (let i = 0; i < 20; i += 1) run(`a${i}`, 'a');
    run('b0', 'b');
    run('c0', 'c');
    run('c1', 'c');
    for (const name of ['a0', 'a1', 'b0', 'c0', 'a2', 'c1', 'a3']) await end(name);
    expect(begun).toEqual(['a0', 'a1', 'b0', 'c0', 'a2', 'c1', 'a3', 'a4']);
  });

  it('[FF.A5] takes turns within an address, too, among its visitors', async () => {
    const { run, end, begun } = world({ atOnce: 1 });
    run('first', 'z');
    for (let i = 0; i < 3; i += 1) run(`x${i}`, 'office', 'xenia');
    run('y0', 'office', 'yuri');
    run('home', 'home', 'zoe');
    for (const name of ['first', 'x0', 'home', 'y0', 'x1', 'x2']) await end(name);
    expect(begun).toEqual(['first', 'x0', 'home', 'y0', 'x1', 'x2']);
  });

  it('[FF.A5] runs no more of one key than it may have, and leaves the rest to others', async () => {
    const { run, end, begun } = world({ atOnce: 3, perKey: 1 });
    for (let i = 0; i < 4; i += 1) run(`a${i}`, 'a', `visitor ${i}`);
    expect(begun).toEqual(['a0']);
    run('b0', 'b', 'vera');
    expect(begun).toEqual(['a0', 'b0']);
    await end('a0');
    expect(begun).toEqual(['a0', 'b0', 'a1']);
  });

  it('[E2] runs a few pieces at a time, in their order, and goes on after a failure', async () => {
    const { run, end, begun, results } = world({ atOnce: 2 });
    for (const name of ['0', '1', '2', '3']) run(name, 'one');
    expect(begun).toEqual(['0', '1']);
    await end('0', new Error('first'));
    expect(begun).toEqual(['0', '1', '2']);
    for (const name of ['1', '2', '3']) await end(name);
    expect(await results()).toEqual(['first', '1', '2', '3']);
  });
});
