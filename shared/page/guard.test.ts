import { expose, wrap } from 'comlink';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ChatError, toErrorCode } from '../errors.ts';
import { callable, createBucket, guard } from './guard.ts';

interface Methods {
  add(a: number, b: number): number;
  fail(): void;
  refuse(): void;
  file(file: unknown): string;
}

/** Comlink behind the guard at one end, the raw port at the other: what an attacker in the page holds. */
function attacked({ size = 1000, isAllowed }: { size?: number; isAllowed?: () => boolean } = {}) {
  const { port1, port2 } = new MessageChannel();
  const called: unknown[][] = [];
  const guarded = guard(port1 as never, { calls: new Set(['add', 'fail', 'refuse', 'file']), size, toCode: toErrorCode, isAllowed });
  expose(
    callable<Methods>({
      add: (...args) => (called.push(args), args[0] + args[1]),
      fail() {
        throw new Error('at secret (/srv/app/session.ts:12:3)');
      },
      refuse() {
        throw new ChatError('too_long', 'at most 5');
      },
      file: (file) => Object.prototype.toString.call(file),
    }),
    guarded as never,
  );
  const answers: Record<string, unknown>[] = [];
  let sent = 0;
  port2.onmessage = ({ data }) => void answers.push(data);
  const ports = [port1, port2];
  return {
    called,
    guarded,
    port: port2,
    answers,
    close: () => ports.forEach((port) => port.close()),
    /** Sends raw messages and returns what came back, once a last call has been answered. */
    async send(...messages: unknown[]) {
      for (const message of messages) port2.postMessage(message);
      const last = `last ${++sent}`;
      port2.postMessage(call(last, 'add', 1, 1));
      while (!answers.some(({ id }) => id === last)) await new Promise((resolve) => setImmediate(resolve));
      return answers.filter(({ id }) => !String(id).startsWith('last'));
    },
  };
}
const call = (id: string, name: string, ...args: unknown[]) => ({
  id,
  type: 'APPLY',
  path: [name],
  argumentList: args.map((value) => ({ type: 'RAW', value })),
});
const codeOf = (answer: unknown) => (answer as { value: { value: { code: string } } }).value.value.code;

let end: ReturnType<typeof attacked>;
beforeEach(() => void (end = attacked()));
afterEach(() => end.close());

describe('calls', () => {
  test('[BR.guard] a call of a known name with plain arguments passes', async () => {
    expect(await end.send(call('1', 'add', 2, 3))).toEqual([{ id: '1', type: 'RAW', value: 5 }]);
  });

  test.each([
    [
      'runs code of the peer',
      { type: 'CONSTRUCT', path: ['constructor', 'constructor'], argumentList: [{ type: 'RAW', value: 'globalThis.owned = 1' }] },
    ],
    [
      'applies along a path',
      { type: 'APPLY', path: ['add', 'constructor'], argumentList: [{ type: 'RAW', value: 'globalThis.owned = 1' }] },
    ],
    ['pollutes a prototype', { type: 'SET', path: ['__proto__', 'polluted'], value: { type: 'RAW', value: 1 } }],
    ['overwrites a method', { type: 'SET', path: ['add'], value: { type: 'RAW', value: 1 } }],
    ['reads', { type: 'GET', path: ['add'] }],
    ['asks for an endpoint', { type: 'ENDPOINT' }],
    ['calls what is not there', { type: 'APPLY', path: ['constructor'], argumentList: [] }],
    ['calls the root', { type: 'APPLY', path: [], argumentList: [] }],
    ['calls by no array', { type: 'APPLY', path: { 0: 'add', length: 1 }, argumentList: [] }],
    ['hands over a proxy', { type: 'APPLY', path: ['add'], argumentList: [{ type: 'HANDLER', name: 'proxy', value: null }] }],
    [
      'throws by argument',
      { type: 'APPLY', path: ['add'], argumentList: [{ type: 'HANDLER', name: 'throw', value: { isError: false, value: 1 } }] },
    ],
    ['has too many arguments', call('x', 'add', 1, 2, 3, 4, 5)],
    ['has arguments that are no list', { type: 'APPLY', path: ['add'], argumentList: { length: 1 } }],
    ['is no type at all', { type: 'constructor', path: ['add'] }],
  ])('[BR.guard] an envelope that %s is answered not_callable', async (_what, envelope) => {
    const answers = await end.send({ ...envelope, id: 'x' });
    expect(answers.map(codeOf)).toEqual(['not_callable']);
    expect(end.called).toEqual([[1, 1]]);
    expect([({} as Record<string, unknown>)['polluted'], (globalThis as Record<string, unknown>)['owned']]).toEqual([undefined, undefined]);
  });

  test('[BR.guard] what has no usable id, or is no call, is dropped', async () => {
    const dropped = [
      null,
      5,
      'text',
      [],
      {},
      { ...call('', 'add'), id: 7 },
      call('i'.repeat(100), 'add'),
      { id: 'r', type: 'RAW', value: 1 },
      { id: 'h', type: 'HANDLER', name: 'proxy' },
    ];
    expect(await end.send(...dropped)).toEqual([]);
    expect(end.called).toEqual([[1, 1]]);
  });

  test('[BR.guard] RELEASE does not deafen', async () => {
    await end.send({ id: 'r', type: 'RELEASE' });
    expect(await end.send(call('2', 'add', 2, 2))).toContainEqual({ id: '2', type: 'RAW', value: 4 });
  });

  test('[BR.bounds] a call that is too large, or has no JSON, is refused; a file counts as nothing', async () => {
    const cyclic: Record<string, unknown> = {};
    cyclic['self'] = cyclic;
    const answers = await end.send(
      call('1', 'add', 'x'.repeat(1001)),
      call('2', 'add', cyclic),
      call('3', 'add', 1n),
      call('4', 'file', new Blob(['x'.repeat(5000)])),
    );
    expect(answers.slice(0, 3).map(codeOf)).toEqual(['too_long', 'too_long', 'too_long']);
    expect(answers[3]).toMatchObject({ id: '4', value: '[object Blob]' });
  });

  test('[BR.errors] an error crosses as a code and a message of ours, without stack and path', async () => {
    const answers = await end.send(call('1', 'fail'), call('2', 'refuse'));
    expect(answers).toEqual([
      { id: '1', type: 'HANDLER', name: 'throw', value: { isError: false, value: { code: 'internal', message: 'internal' } } },
      { id: '2', type: 'HANDLER', name: 'throw', value: { isError: false, value: { code: 'too_long', message: 'at most 5' } } },
    ]);
  });

  test('[BR.bounds] refused calls say rate_limited', async () => {
    end.close();
    end = attacked({ isAllowed: createBucket({ perSecond: 0, burst: 3 }) });
    const answers = await end.send(...[1, 2, 3, 4, 5].map((n) => call(String(n), 'add', 1, 1)));
    expect(answers.filter(({ type }) => type === 'HANDLER').map(codeOf)).toEqual(['rate_limited', 'rate_limited']);
    expect(end.called).toHaveLength(3);
  });
});

describe('replies', () => {
  /** Our end calls; the attacker answers with `reply`, given the id, then with the truth. */
  async function answered(reply: (id: string) => unknown): Promise<unknown> {
    const remote = wrap<{ ask(): string }>(end.guarded as never);
    const seen: string[] = [];
    end.port.onmessage = ({ data }) => {
      if (seen.push(data.id) > 1) return;
      end.port.postMessage(reply(data.id));
      end.port.postMessage({ id: data.id, type: 'RAW', value: 'truth' });
    };
    return remote.ask().then(
      (value) => value,
      (error: unknown) => error,
    );
  }

  test('[BR.guard] a plain reply to an awaited id passes, once', async () => {
    expect(await answered((id) => ({ id, type: 'RAW', value: 'first' }))).toBe('first');
  });

  test.each([
    ['a proxy', (id: string) => ({ id, type: 'HANDLER', name: 'proxy', value: null })],
    ['a call', (id: string) => call(id, 'add', 1, 1)],
    ['another id', () => ({ id: 'other', type: 'RAW', value: 'lie' })],
    ['nothing known', (id: string) => ({ id, type: 'HANDLER', name: 'toString', value: null })],
  ])('[BR.guard] a reply with %s never reaches the caller', async (_what, reply) => {
    expect(await answered(reply)).toBe('truth');
  });

  test('[BR.errors] a thrown reply is cut down to code and message', async () => {
    const lie = { message: 'm'.repeat(999), name: 'Evil', stack: 'at page', code: 'made_up', extra: 1 };
    const error = await answered((id) => ({ id, type: 'HANDLER', name: 'throw', value: { isError: true, value: lie } }));
    expect(error).toEqual({ code: 'internal', message: 'internal' });
  });
});

test('[BR.guard] 20,000 envelopes made of the same parts change nothing', async () => {
  const pick = (list: unknown[]) => list[Math.floor(random() * list.length)];
  let seed = 7;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const values = [
    undefined,
    null,
    0,
    '',
    'add',
    '__proto__',
    'constructor',
    [],
    {},
    ['add'],
    ['__proto__'],
    ['constructor', 'prototype'],
    [{ type: 'RAW', value: 1 }],
    [{ type: 'HANDLER', name: 'throw', value: {} }],
    'APPLY',
    'SET',
    'GET',
    'CONSTRUCT',
    'RAW',
    'HANDLER',
    'throw',
    'id',
  ];
  for (let n = 0; n < 20_000; n++) {
    end.port.postMessage({
      id: pick(values),
      type: pick(values),
      path: pick(values),
      argumentList: pick(values),
      name: pick(values),
      value: pick(values),
    });
  }
  await end.send();
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(end.called.every((args) => args.length < 3)).toBe(true);
  expect(await end.send(call('after', 'add', 2, 2))).toContainEqual({ id: 'after', type: 'RAW', value: 4 });
});

test('[BR.guard] after close nothing passes', async () => {
  end.guarded.close();
  end.port.postMessage(call('1', 'add', 1, 1));
  // What was posted before has arrived when ten later round trips of another channel have.
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => port1.postMessage('back');
  for (let n = 0; n < 10; n += 1) {
    const back = new Promise((resolve) => (port2.onmessage = resolve));
    port2.postMessage('there');
    await back;
  }
  port1.close();
  expect(end.called).toEqual([]);
});

describe('createBucket', () => {
  test('[BR.bounds] once empty it stays shut until half full', () => {
    let time = 0;
    const isAllowed = createBucket({ perSecond: 50, burst: 100, now: () => time });
    const allowed = (count: number) => Array.from({ length: count }, isAllowed).filter(Boolean).length;
    expect(allowed(150)).toBe(100);
    time = 900;
    expect(allowed(1)).toBe(0);
    time = 1_001;
    expect(allowed(100)).toBe(50);
  });

  test('[BR.bounds] a clock set back gives nothing', () => {
    let time = 1_000;
    const isAllowed = createBucket({ perSecond: 50, burst: 1, now: () => time });
    isAllowed();
    time = 0;
    expect(isAllowed()).toBe(false);
  });
});

test('[BR.guard] callable() has no prototype and cannot be changed', () => {
  const object = callable({ add: () => 1 });
  expect([Object.getPrototypeOf(object), Object.isFrozen(object)]).toEqual([null, true]);
});
