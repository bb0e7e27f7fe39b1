import { afterEach, expect, test } from 'vitest';
import type { HostMethods } from '../shared/page/bridge.ts';
import { createPort, type Port } from './port.ts';

const ends: { close(): void }[] = [];
afterEach(() => ends.splice(0).forEach((end) => end.close()));

/** The page's end of a port, and a peer without manners at the other. */
function attacked() {
  const { port1, port2 } = new MessageChannel();
  const called: string[] = [];
  const note = (name: string) => () => void called.push(name);
  const methods: HostMethods = { snapshot: note('snapshot'), update: note('update'), ask: note('ask') };
  const port: Port = createPort(port1, methods);
  const answers: { id: unknown; type: unknown; path: unknown }[] = [];
  port2.onmessage = ({ data }) => void answers.push(data);
  ends.push(port1, port2);
  return {
    port,
    peer: port2,
    called,
    answers,
    /** Real ports deliver in order: what was posted before has been taken when this is answered. */
    async settled() {
      const id = `last ${Math.random()}`;
      port2.postMessage({ id, type: 'APPLY', path: ['ask'], argumentList: [] });
      while (!answers.some((answer) => answer.id === id)) await new Promise((resolve) => setImmediate(resolve));
      called.pop();
      return answers.filter((answer) => !String(answer.id).startsWith('last'));
    },
  };
}

test.each([
  [
    'a constructor',
    { type: 'CONSTRUCT', path: ['constructor', 'constructor'], argumentList: [{ type: 'RAW', value: 'globalThis.owned = 1' }] },
  ],
  ['a path', { type: 'APPLY', path: ['ask', 'constructor'], argumentList: [] }],
  ['a write', { type: 'SET', path: ['__proto__', 'polluted'], value: { type: 'RAW', value: 1 } }],
  ['a read', { type: 'GET', path: ['ask'] }],
  ['an endpoint', { type: 'ENDPOINT', path: [] }],
  ['a member of every object', { type: 'APPLY', path: ['constructor'], argumentList: [] }],
  ['the root', { type: 'APPLY', path: [], argumentList: [] }],
  ['a release', { type: 'RELEASE' }],
  ['a reply that nobody awaits', { type: 'RAW', value: 1 }],
])('[BR.guard] [B2] the page’s end neither carries out nor answers %s', async (_what, envelope) => {
  const { peer, settled, called } = attacked();
  peer.postMessage({ id: 'x', ...envelope });
  expect(await settled()).toEqual([]);
  expect(called).toEqual([]);
  expect([({} as Record<string, unknown>)['polluted'], (globalThis as Record<string, unknown>)['owned']]).toEqual([undefined, undefined]);
});

test('[BR.errors] [B4] a refusal that is not in words of ours becomes an internal one', async () => {
  const { port, peer, answers } = attacked();
  const failed = port._peer.ping().catch((failure: unknown) => failure);
  while (answers.length === 0) await new Promise((resolve) => setImmediate(resolve));
  peer.postMessage({
    id: answers[0]?.id,
    type: 'HANDLER',
    name: 'throw',
    value: { isError: true, value: { code: '/srv/app.ts:12', message: { toString: 'no function' }.toString } },
  });
  expect(await failed).toMatchObject({ code: 'internal' });
});

test.each([
  [{ toString: 1, valueOf: 1 }],
  [null],
  [5],
  [['internal']],
  [{ code: { toString: 1, valueOf: 1 }, message: { toString: 1, valueOf: 1 } }],
  [{ code: 'x'.repeat(1e6) + '/', message: 10n }],
])('[BR.errors] [B2] [B4] a refusal that is no text (%#) throws nothing into the page', async (value) => {
  const { port, peer, answers } = attacked();
  const failed = port._peer.ping().catch((failure: unknown) => failure);
  while (answers.length === 0) await new Promise((resolve) => setImmediate(resolve));
  peer.postMessage({ id: answers[0]?.id, type: 'HANDLER', name: 'throw', value: { isError: true, value } });
  expect(await failed).toEqual({ code: 'internal', message: '' });
});

test('[BR.guard] [B2] [B3] 100,000 random envelopes change nothing on the page', async () => {
  const { port, peer, settled, called } = attacked();
  let seed = 11;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const pick = (list: unknown[]) => list[Math.floor(random() * list.length)];
  const values = [
    undefined,
    null,
    0,
    NaN,
    '',
    'ask',
    'update',
    '__proto__',
    'constructor',
    [],
    {},
    ['ask'],
    ['update'],
    ['snapshot'],
    ['__proto__'],
    ['constructor', 'prototype', 'polluted'],
    { length: 1, 0: 'ask' },
    [{ type: 'RAW', value: 1 }],
    [{ type: 'RAW', value: JSON.parse('{"__proto__": {"polluted": 1}}') }],
    [{ type: 'HANDLER', name: 'proxy' }],
    'APPLY',
    'APPLY',
    'SET',
    'GET',
    'CONSTRUCT',
    'ENDPOINT',
    'RELEASE',
    'RAW',
    'HANDLER',
    'throw',
    10n,
    new Map(),
  ];
  let settledCalls = 0;
  for (let n = 0; n < 100_000; n += 1) {
    if (n % 1_000 === 0) void port._peer.ping().finally(() => (settledCalls += 1));
    peer.postMessage({
      id: pick(values),
      type: pick(values),
      path: pick(values),
      argumentList: pick(values),
      name: pick(values),
      value: pick(values),
    });
  }
  await settled();
  expect(new Set(called)).toEqual(new Set(['ask', 'update', 'snapshot']));
  // No id was guessed: nothing that the page waits for was answered.
  expect(settledCalls).toBe(0);
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
}, 60_000);
