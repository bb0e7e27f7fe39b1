/**
 * The loopback in the Node tests: some hundred schedules, and servers and clients that are broken on purpose, each of which it
 * must find. `npm run loopback -- --schedules 10000` runs more. A failure prints its seed and the shortest schedule.
 */
import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import type { createOutbox as CreateOutbox } from '../../shared/client/outbox.ts';
import type { createCursors as CreateCursors } from '../../shared/client/cursors.ts';
import type { createMultiplex as CreateMultiplex } from '../../shared/client/multiplex.ts';
import type { Lock } from '../../server/store/locks.ts';
import type { Store, Transaction } from '../../server/store/store.ts';
import { createRunner, schedules, type Schedule, type Step } from './schedule.ts';

const SCHEDULES = 500;
/** More than any of the broken ones has ever needed. */
const TO_FIND = 1_000;

/** What once showed a fault, kept so that it is tried every time. */
const KEPT: Schedule[] = [
  // A page that was reloaded at once took over what the one before it had left, after it had ended itself.
  {
    pages: 1,
    isShared: false,
    isSettled: false,
    isShaky: false,
    seed: 0,
    steps: steps('say', 'reload!', 'reload', 'say', 'wait', 'wait', 'wait', 'wait'),
  },
  // A hello that waited on the leader's slow line came after the page's next one, on a line of its own, and took its connection.
  { pages: 2, isShared: true, isSettled: false, isShaky: false, seed: 0, steps: steps('reload', 'flow', 'reload', 'freeze', 'waitLong') },
  // The same on one page with lines of its own: the first hello was held up on a line that broke.
  { pages: 1, isShared: false, isSettled: false, isShaky: false, seed: 0, steps: steps('up', 'cut', 'wait', 'up', 'up', 'late') },
  // A server that dies while a new page waits for its answer.
  {
    pages: 1,
    isShared: false,
    isSettled: false,
    isShaky: false,
    seed: 0,
    steps: [...steps('diskSlow'), { what: 'clockBack', at: 1, isHasty: false }, ...steps('reload', 'kill', 'wait', 'wait')],
  },
];

/** With a `!` the next step comes in the same breath. */
function steps(...names: string[]): Step[] {
  return names.map((name) => ({ what: name.replace('!', '') as Step['what'], at: 0, isHasty: name.endsWith('!') }));
}

type Runner = ReturnType<typeof createRunner>;

afterEach(() => {
  vi.doUnmock('../../shared/client/cursors.ts');
  vi.doUnmock('../../shared/client/outbox.ts');
  vi.doUnmock('../../shared/client/multiplex.ts');
  vi.resetModules();
});

test('[SE.resume] [OB.once] [OB.stored] [OR.4] [fault 3] [fault 9] [fault 10] [fault 11] [fault 33] whatever wire, disks, clocks and server do, nothing is lost, doubled or out of order, and everybody sees it within a minute', async () => {
  const runner = createRunner();
  try {
    await fc.assert(
      fc.asyncProperty(schedules, (schedule) => runner.run(schedule)),
      { numRuns: SCHEDULES, examples: KEPT.map((schedule) => [schedule]) },
    );
  } finally {
    await runner.close();
  }
}, 180_000);

/** What is broken here is neither the bus nor what hears it. */
const steady = schedules.map((schedule) => ({ ...schedule, isShaky: false }));

/** What the loopback says of a build that is broken: the first invariant it sees violated. */
async function findIn(runner: Runner): Promise<string> {
  try {
    const { failed, errorInstance } = await fc.check(
      fc.asyncProperty(steady, (schedule) => runner.run(schedule)),
      { numRuns: TO_FIND, seed: 1, endOnFailure: true },
    );
    return failed && errorInstance instanceof Error ? errorInstance.message : 'nothing was found';
  } finally {
    await runner.close();
  }
}

/** The loopback over modules that are loaded anew, the mocked one among them. */
async function rebuilt(): Promise<Runner> {
  vi.resetModules();
  return (await import('./schedule.ts')).createRunner();
}

const withWork = (store: Store, wrap: (work: (tx: Transaction) => Promise<unknown>, tx: Transaction) => Promise<unknown>): Store => ({
  ...store,
  transact: <T>(locks: readonly Lock[], work: (tx: Transaction) => Promise<T>) =>
    store.transact(locks, (tx) => wrap(work, tx) as Promise<T>),
});

test('a server that answers before it commits is found', async () => {
  const hasty = (store: Store): Store => ({
    ...store,
    transact: <T>(locks: readonly Lock[], work: (tx: Transaction) => Promise<T>) =>
      new Promise<T>((resolve, reject) => {
        const committed = store.transact(locks, async (tx) => {
          resolve(await work(tx));
          // The commit takes its time.
          for (let turn = 0; turn < 100; turn += 1) await Promise.resolve();
        });
        committed.catch(reject);
      }),
  });
  expect(await findIn(createRunner({ wrapStore: hasty }))).toMatch(/I10/);
}, 60_000);

test('a server that does not remember what was done is found', async () => {
  const forgetful = (store: Store): Store =>
    withWork(store, (work, tx) =>
      work({
        ...tx,
        remembered: () => Promise.resolve(undefined),
        remember: () => Promise.resolve(),
        // The database would refuse the second one by itself.
        append: async (chat, event, date) => tx.append(chat, event, date).catch(() => tx.append(chat, { ...event, uid: null }, date)),
      }),
    );
  expect(await findIn(createRunner({ wrapStore: forgetful }))).toMatch(/I1/);
}, 60_000);

test('a client that applies events as they come is found', async () => {
  vi.doMock('../../shared/client/cursors.ts', async (importOriginal) => {
    const { createCursors } = await importOriginal<{ createCursors: typeof CreateCursors }>();
    const blind: typeof CreateCursors = (options) => {
      const cursors = createCursors(options);
      return Object.create(cursors, {
        take: { value: (event: Parameters<typeof cursors.take>[0]) => (cursors.set(event.chat, event.seq), [event]) },
      });
    };
    return { createCursors: blind };
  });
  expect(await findIn(await rebuilt())).toMatch(/I3/);
}, 60_000);

test('an outbox that forgets what was on its way when the connection broke is found', async () => {
  vi.doMock('../../shared/client/outbox.ts', async (importOriginal) => {
    const original = await importOriginal<{ createOutbox: typeof CreateOutbox }>();
    const careless: typeof CreateOutbox = (options) => {
      const outbox = original.createOutbox(options);
      const shut = (): void => {
        if (outbox.isWaiting) for (const { uid } of outbox.items) outbox.discard(uid);
        outbox.shut();
      };
      return Object.create(outbox, { shut: { value: shut } });
    };
    return { ...original, createOutbox: careless };
  });
  expect(await findIn(await rebuilt())).toMatch(/I1|I4/);
}, 60_000);

test('a leader that does not pass on the last frames of its followers is found', async () => {
  vi.doMock('../../shared/client/multiplex.ts', async (importOriginal) => {
    const original = await importOriginal<{ createMultiplex: typeof CreateMultiplex }>();
    const careless: typeof CreateMultiplex = (options) => {
      const multiplex = original.createMultiplex(options);
      return {
        ...multiplex,
        take: (data) =>
          typeof data === 'string' && data.startsWith('{"t":"evt"') && data.includes('"ride":') ? true : multiplex.take(data),
      };
    };
    return { ...original, createMultiplex: careless };
  });
  expect(await findIn(await rebuilt())).toMatch(/I3|I7|I9/);
}, 60_000);
