/** The feed over a store and a bus whose facts the test moves by hand, and over one that drops, doubles and reorders them. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { VisitorId } from '../../shared/chat.ts';
import { chatOf, createWorld, SITE, type World } from '../testing/room-world.ts';
import type { Bus } from './bus.ts';
import type { EventFact, Fact } from './facts.ts';
import { createFeed, type Feed } from './feed.ts';
import { createLocalBus } from './local.ts';

let world: World;
let wire: Bus<Fact>;
let feed: Feed;
let told: Fact[];
let ann: VisitorId;

const fail = (error: unknown) => {
  throw error;
};

beforeEach(async () => {
  world = await createWorld();
  wire = createLocalBus<Fact>({ onError: fail });
  feed = createFeed({ ...world, bus: wire, onError: fail });
  told = [];
  feed.subscribe((fact) => told.push(fact));
  ann = await world.addVisitor();
});
afterEach(async () => {
  feed.close();
  await wire.close();
  await world.close();
});

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
const say = (text: string) => world.visitor(ann, { kind: 'message.send', text, group: null });
/** What the rooms have told, which the test brings on in its own way. */
const events = () => world.facts.filter((fact): fact is EventFact => fact.t === 'event');
const bring = async (...facts: Fact[]) => {
  for (const fact of facts) wire.publish(fact);
  await settle();
};
const seqs = () => told.flatMap((fact) => (fact.t === 'event' ? [fact.event.seq] : []));
/** Waits until the store has answered. */
async function until(isDone: () => boolean): Promise<void> {
  while (!isDone()) await settle();
}
const at = (seq: number): EventFact => {
  const fact = events().find((each) => each.event.seq === seq);
  if (fact === undefined) throw new Error(`no event ${seq}`);
  return fact;
};
/** A chat with five events: its beginning and four messages. */
const talk = async () => {
  const chat = chatOf(await say('one'));
  for (const text of ['two', 'three', 'four']) await say(text);
  await settle();
  return chat;
};

describe('events of a chat', () => {
  it('are told in order and once, however they come', async () => {
    await talk();
    await bring(at(1), at(3), at(3), at(2), at(1), at(5), at(4), at(2));
    expect(seqs()).toEqual([1, 2, 3, 4, 5]);
  });

  it('that do not come are read from the store after a moment', async () => {
    await talk();
    await bring(at(1), at(4));
    world.clock.advance(29);
    await settle();
    expect(seqs()).toEqual([1]);
    world.clock.advance(1);
    await until(() => seqs().length > 1);
    expect(seqs()).toEqual([1, 2, 3, 4, 5]);
    await bring(at(5));
    expect(seqs()).toEqual([1, 2, 3, 4, 5]);
  });

  it('of a chat whose beginning was lost are told from the beginning', async () => {
    await talk();
    await bring(at(3));
    world.clock.advance(30);
    await until(() => seqs().length > 0);
    expect(seqs()).toEqual([1, 2, 3, 4, 5]);
  });

  it('that a catch-up has found are on their way, or are read', async () => {
    const chat = await talk();
    const record = await world.store.chat(SITE, chat);
    if (record === undefined) throw new Error('no chat');
    await bring(at(1), at(2));
    feed.reached(record, record.summary);
    await bring(at(3));
    expect(seqs()).toEqual([1, 2, 3]);
    world.clock.advance(30);
    await until(() => seqs().length > 3);
    expect(seqs()).toEqual([1, 2, 3, 4, 5]);
  });

  it('follow where the store stood when they were begun', async () => {
    const chat = await talk();
    const record = await world.store.chat(SITE, chat);
    if (record === undefined) throw new Error('no chat');
    feed.begin(record, record.summary);
    await say('five');
    await say('six');
    await settle();
    await bring(at(7), at(6));
    expect(seqs()).toEqual([6, 7]);
  });

  it('are read again when the store fails', async () => {
    await talk();
    let failures = 1;
    const failing = createFeed({
      ...world,
      bus: wire,
      onError: fail,
      store: { snapshot: (work) => (failures-- > 0 ? Promise.reject(new Error('busy')) : world.store.snapshot(work)) },
    });
    const heard: number[] = [];
    failing.subscribe((fact) => fact.t === 'event' && heard.push(fact.event.seq));
    await bring(at(1), at(3));
    world.clock.advance(30);
    await until(() => failures === 0);
    await settle();
    expect(heard).toEqual([1]);
    world.clock.advance(1_000);
    await until(() => heard.length > 1);
    expect(heard).toEqual([1, 2, 3, 4, 5]);
    failing.close();
  });

  it('of a chat that was lost whole come before those of the next one', async () => {
    const first = await talk();
    feed.reached({ site: SITE, visitor: ann }, null);
    await world.visitor(ann, { kind: 'chat.close' });
    const second = chatOf(await say('again'));
    await settle();
    await bring(...events().filter(({ event }) => event.chat === second));
    expect(seqs()).toEqual([]);
    world.clock.advance(30);
    await until(() => seqs().length >= 8);
    expect(told.map((fact) => fact.t === 'event' && fact.event.chat)).toEqual([...Array<string>(6).fill(first), second, second]);
  });

  it('of a chat whose end was lost come before those of the next one', async () => {
    const first = await talk();
    await bring(...events());
    await world.visitor(ann, { kind: 'chat.close' });
    const second = chatOf(await say('again'));
    await settle();
    await bring(...events().filter(({ event }) => event.chat === second));
    expect(seqs()).toEqual([1, 2, 3, 4, 5]);
    await bring(...events().filter(({ event }) => event.chat === first && event.seq === 6));
    expect(seqs()).toEqual([1, 2, 3, 4, 5, 6, 1, 2]);
  });

  it('of an erased visitor are not waited for', async () => {
    await talk();
    await bring(at(1), at(3));
    await world.store.transact([], (tx) => tx.eraseVisitor(SITE, ann));
    world.clock.advance(30);
    await until(() => feed.chats().length === 0);
    expect(seqs()).toEqual([1]);
  });
});

describe('read markers', () => {
  it('never go back, and come after the events they were set after', async () => {
    const olga = await world.addOperator('Olga');
    const chat = await talk();
    await world.operator(olga, { kind: 'messages.read', chat, seq: 3 });
    await world.operator(olga, { kind: 'messages.read', chat, seq: 5 });
    await settle();
    const [three, five] = world.facts.filter((fact) => fact.t === 'read');
    if (three === undefined || five === undefined) throw new Error('no markers');
    await bring(at(1), at(2), five, three);
    expect(told.some(({ t }) => t === 'read')).toBe(false);
    await bring(at(3), at(4), at(5), three, five);
    expect(told.flatMap((fact) => (fact.t === 'read' ? [[fact.byOperator, fact.unread]] : []))).toEqual([[5, 0]]);
    expect(told.at(-1)?.t).toBe('read');
  });

  it('that were lost are read from the store', async () => {
    const olga = await world.addOperator('Olga');
    const chat = await talk();
    await bring(...events());
    await world.operator(olga, { kind: 'messages.read', chat, seq: 4 });
    const record = await world.store.chat(SITE, chat);
    if (record === undefined) throw new Error('no chat');
    feed.reached(record, record.summary);
    world.clock.advance(30);
    await until(() => told.at(-1)?.t === 'read');
    expect(told.at(-1)).toMatchObject({ t: 'read', chat, byOperator: 4, byVisitor: 0, unread: 1 });
  });
});

it('whatever becomes of facts on their way, every event is told once, in order, once the store was compared', async () => {
  const olga = await world.addOperator('Olga');
  const chat = await talk();
  await world.operator(olga, { kind: 'messages.read', chat, seq: 3 });
  await say('five');
  await world.operator(olga, { kind: 'chat.close', chat });
  await settle();
  const sent = world.facts.filter(({ t }) => t === 'event' || t === 'read');
  const record = await world.store.chat(SITE, chat);
  if (record === undefined) throw new Error('no chat');
  const journeys = fc.array(fc.record({ which: fc.nat({ max: sent.length - 1 }), waitMs: fc.constantFrom(0, 0, 10, 40) }), {
    maxLength: 20,
  });
  await fc.assert(
    fc.asyncProperty(journeys, async (steps) => {
      const bus = createLocalBus<Fact>({ onError: fail });
      const own = createFeed({ ...world, bus, onError: fail });
      const heard: Fact[] = [];
      own.subscribe((fact) => heard.push(fact));
      // Somebody hears the chat begin; else a closed chat is nobody's news.
      const [first] = sent;
      if (first !== undefined) bus.publish(first);
      await settle();
      for (const { which, waitMs } of steps) {
        const fact = sent[which];
        if (fact !== undefined) bus.publish(fact);
        world.clock.advance(waitMs);
        await settle();
      }
      own.reached(record, record.summary);
      world.clock.advance(30);
      const last = () => heard.flatMap((fact) => (fact.t === 'event' ? [fact.event.seq] : [])).at(-1);
      const marker = () => heard.flatMap((fact) => (fact.t === 'read' ? [fact.byOperator] : [])).at(-1);
      while (last() !== record.summary.lastSeq || marker() !== record.summary.readByOperator) {
        await settle();
        own.reached(record, record.summary);
        world.clock.advance(30);
      }
      expect(heard.flatMap((fact) => (fact.t === 'event' ? [fact.event.seq] : []))).toEqual(
        Array.from({ length: record.summary.lastSeq }, (_, place) => place + 1),
      );
      own.close();
      await bus.close();
    }),
    { numRuns: 100 },
  );
});
