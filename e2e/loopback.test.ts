/**
 * Sessions × gateway, rooms and store over a wire that loses, repeats and delays, by chance: whatever happens on the way, in
 * the end everybody sees the same conversation. A failure prints the seed and the shortest schedule that shows it.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createGatewayWorld, type GatewayWorld } from '../server/gateway-world.ts';
import { SITE } from '../server/room-world.ts';
import type { Operator } from '../server/store/store.ts';
import type { ChatEvent } from '../shared/chat.ts';
import { toMessage } from '../shared/timeline.ts';
import { createPage, type Page } from './loopback.ts';

const API = { via: 'api' } as const;
/** A few seconds' worth; more of them is a matter of patience. */
const SCHEDULES = 150;

let world: GatewayWorld;
let anna: Operator;
beforeAll(async () => {
  world = await createGatewayWorld({ limits: { rates: { messagesPerSecond: 10_000, messagesBurst: 10_000, connectionsPerAddress: 10_000 } } });
  anna = await world.addOperator('Anna');
});
afterAll(() => world.close());

const step = fc.record({
  page: fc.nat({ max: 1 }),
  what: fc.oneof(
    { weight: 5, arbitrary: fc.constant('say') },
    { weight: 12, arbitrary: fc.constantFrom('up', 'down') },
    { weight: 5, arbitrary: fc.constantFrom('up twice', 'down twice') },
    { weight: 3, arbitrary: fc.constantFrom('cut', 'late') },
    { weight: 2, arbitrary: fc.constant('lose') },
    { weight: 4, arbitrary: fc.constant('operator says') },
    { weight: 1, arbitrary: fc.constantFrom('operator joins', 'start', 'close') },
    { weight: 2, arbitrary: fc.constant('wait') },
  ),
});

/** What the operators say is in the open chat; without one they say nothing. */
async function operatorActs(visitor: string, kind: 'message.send' | 'chat.join', text: string): Promise<void> {
  const chat = await world.store.lastChatOf(SITE, visitor);
  if (chat?.summary.isOpen !== true) return;
  await world.operator(anna, kind === 'chat.join' ? { kind, chat: chat.summary.id } : { kind, chat: chat.summary.id, text });
}

async function pass(page: Page, ms: number): Promise<void> {
  world.clock.advance(ms);
  await page.clock.pass(ms);
}

/** Lets everything through until nothing is left to say. */
async function heal(pages: readonly Page[]): Promise<void> {
  let quiet = 0;
  for (let round = 0; round < 400 && quiet < 8; round += 1) {
    for (const page of pages) {
      for (let turn = 0; turn < 20; turn += 1) {
        await page.up();
        await page.down();
      }
      await page.collect();
    }
    if (pages.every((page) => page.isQuiet)) quiet += 1;
    for (const page of pages) await pass(page, 1_000);
  }
  expect(pages.map((page) => page.isQuiet)).toEqual(pages.map(() => true));
}

/** Every event of the visitor's chats, as stored: found by what the pages and the store itself name. */
async function stored(visitor: string): Promise<ChatEvent[][]> {
  const { items } = await world.store.history(SITE, visitor, null, 1_000);
  const last = await world.store.lastChatOf(SITE, visitor);
  const ids = new Set([...items.map(({ chat }) => chat), ...(last === undefined ? [] : [last.summary.id])]);
  return Promise.all([...ids].map((id) => world.eventsOf(id)));
}

test('[SE.resume] [OB.once] [OR.4] whatever the wire does, visitor, other page and store end with one timeline, each message once, in order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.boolean(), fc.array(step, { minLength: 10, maxLength: 60 }), async (isSettled, schedule) => {
      const grant = await world.enter();
      const { visitor } = grant;
      const pages = [createPage({ world, visitor: grant }), createPage({ world, visitor: grant })];
      const said: string[][] = [[], []];
      let count = 0;
      try {
        if (isSettled) await heal(pages);
        for (const { page: at, what } of schedule) {
          const page = pages[at];
          const own = said[at];
          if (page === undefined || own === undefined) continue;
          if (what === 'say' && count < 18) {
            count += 1;
            const sent = page.session.send(`message ${count}`, null, API);
            if (sent?.uid) own.push(sent.uid);
          }
          if (what === 'up') await page.up();
          if (what === 'up twice') await page.up(2);
          if (what === 'down') await page.down();
          if (what === 'down twice') await page.down(2);
          if (what === 'cut') await page.cut();
          if (what === 'late') await page.late();
          if (what === 'lose') page.lose();
          if (what === 'start') page.session.start(null, API);
          if (what === 'close') page.session.closeChat(API);
          if (what === 'operator says' && count < 18) await operatorActs(visitor, 'message.send', `answer ${(count += 1)}`);
          if (what === 'operator joins') await operatorActs(visitor, 'chat.join', '');
          if (what === 'wait') await pass(page, 500);
          for (const each of pages) await each.collect();
        }
        await heal(pages);
        for (const page of pages) await page.late();
        await heal(pages);

        const chats = await stored(visitor);
        const { items } = await world.store.history(SITE, visitor, null, 1_000);
        const messages = items.map(toMessage);
        for (const events of chats) expect(events.map(({ seq }) => seq)).toEqual(events.map((_, at) => at + 1));
        for (const [at, page] of pages.entries()) {
          expect(page.session.messages.value.map(({ message_id, uid, text }) => [message_id, uid, text])).toEqual(messages.map(({ message_id, uid, text }) => [message_id, uid, text]));
          // Each once, and in the order in which this page said them.
          expect(messages.flatMap(({ uid }) => (uid !== null && said[at]?.includes(uid) ? [uid] : []))).toEqual(said[at]);
          const told = page.events.flatMap((event) => (event.name === 'sendmessage' ? [event.message.message_id] : []));
          expect(told).toEqual(messages.map(({ message_id }) => message_id).filter((id) => told.includes(id)));
          const delivered = page.events.flatMap((event) => (event.name === 'messagedelivered' ? [event.uid] : []));
          expect(delivered).toEqual(said[at]);
          const last = await world.store.lastChatOf(SITE, visitor);
          expect([page.session.state.value, page.session.operator.value?.name]).toEqual(
            last?.summary.isOpen === true ? ['chat', last.summary.operator?.card.name] : ['available', undefined],
          );
        }
      } finally {
        for (const page of pages) page.close();
      }
    }),
    { numRuns: SCHEDULES },
  );
}, 120_000);
