/**
 * Two sites on one server: nothing done on one site changes anything that people of the other can see. Visitors and operators
 * run random operations on site A. Everyone on site B reads all of it before and after, over every route and socket; its
 * sockets hear nothing.
 */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { VisitorCommand } from '../../shared/wire/protocol.ts';
import { parseSettings } from '../../shared/settings.ts';
import type { OperatorCommand } from '../../shared/wire/workplace.ts';
import { createGatewayWorld, START, batch, operatorBatch, say, type GatewayWorld } from '../testing/gateway-world.ts';
import { randomId } from '../base/ids.ts';
import { OTHER_SITE, SITE, type Unsent } from '../testing/room-world.ts';
import type { Operator } from '../store/operators.ts';

let world: GatewayWorld;
beforeEach(
  async () =>
    void (world = await createGatewayWorld({
      limits: { rates: { messagesPerSecond: 1e6, messagesBurst: 1e6, connectionsPerAddress: 1e6 } },
    })),
);
afterEach(() => world.close());

/** A site with an operator at work and a visitor in a chat with some of everything. */
async function populate(site: string, operator: Operator) {
  const { access, visitor } = await world.enter(site);
  const client = await world.openVisitor();
  client.send(world.hello({ site, access }));
  await client.next('welcome');
  const work = await world.workplace(operator);
  work.send({ t: 'online', value: true });
  client.send(
    batch(
      START,
      say(`words of ${site}`),
      { kind: 'card.set', card: { name: `name at ${site}` } },
      { kind: 'request.send', request: { message: `request at ${site}` } },
    ),
  );
  const chat = (await client.next('ack')).result.chat ?? '';
  const file = randomId();
  await world.store.transact([], (tx) =>
    tx.saveFile({ id: file, site, visitor, operator: null, name: 'a.txt', type: 'text/plain', size: 1, createdAt: 1, state: 'clean' }),
  );
  work.send({ t: 'watch', visitor });
  await work.next('opened');
  const request = (await world.store.requestsOf(site, visitor))[0]?.id ?? '';
  await client.rest();
  await work.rest();
  return { site, access, visitor, client, work, chat, file, request, operator: operator.id };
}
type Populated = Awaited<ReturnType<typeof populate>>;

/** Everything that the visitor and the operator of a site see when they connect anew, and their stored data. */
async function seenAt(there: Populated, operator: Operator): Promise<string> {
  const page = await world.openVisitor();
  page.send(world.hello({ site: there.site, access: there.access }));
  const work = await world.workplace(operator);
  work.send({ t: 'watch', visitor: there.visitor });
  work.send({ t: 'history', n: 1, visitor: there.visitor, before: null });
  // The list as it is stands in the welcome; the reader's own arrival may be told after it or before.
  const seen = [await page.next('welcome'), await page.rest(), work.welcome, (await work.rest()).filter(({ t }) => t !== 'visitor')];
  await Promise.all([page.close(), work.close()]);
  const stored = [
    await world.store.site(there.site),
    await world.store.groups(there.site),
    await world.store.visitor(there.site, there.visitor),
    await world.store.chatsOf(there.site, there.visitor),
    await world.store.eventsAfter(there.site, there.chat, 0, 1_000),
    await world.store.requests(there.site, 100),
    await world.store.filesOf(there.site, null),
    await world.store.identityKeys(there.site),
  ];
  return JSON.stringify([seen, stored]).replace(/"(conn|serverTime|since|pages|tab)":("[^"]*"|\d+)/g, '"$1":*');
}

const pick = fc.nat({ max: 1_000 });

it('[F2] whatever is done on one site, the other sees and hears nothing of it', async () => {
  const [olga, boris] = [await world.addOperator('Olga', [SITE]), await world.addOperator('Boris', [OTHER_SITE])];
  const b = await populate(OTHER_SITE, boris);
  await Promise.all([b.client.rest(), b.work.rest()]);
  /** Waits for the news of the reader's own coming and going; from here on any news could only come from site A. */
  const settled = async () => {
    await expect.poll(() => world.inbox.item(b.visitor)?.pages).toBe(1);
    await Promise.all([b.client.rest(), b.work.rest()]);
  };
  const before = await seenAt(b, boris);
  await settled();

  let operations = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(pick, pick, fc.string()), { minLength: 5, maxLength: 25 }), async (steps) => {
      const a = await populate(SITE, olga);
      for (const [what, whose, text] of steps) {
        operations += 1;
        // Ids of the other site as often as one's own.
        const ids = whose % 2 === 0 ? a : b;
        const words = text.trim() === '' ? 'x' : text.replaceAll('\0', '');
        const visitorCommands: Unsent<VisitorCommand>[] = [
          START,
          say(words),
          { kind: 'chat.close' },
          { kind: 'file.send', file: ids.file },
          { kind: 'invite.accept' },
          { kind: 'rating.set', mark: 5 },
          { kind: 'card.set', card: { name: words } },
          { kind: 'request.send', request: { message: words } },
          { kind: 'messages.read', chat: ids.chat, seq: 9 },
          { kind: 'transcript.mail', address: 'x@shop.example' },
        ];
        const operatorCommands: Unsent<OperatorCommand>[] = [
          { kind: 'message.send', chat: ids.chat, text: words },
          { kind: 'chat.join', chat: ids.chat },
          { kind: 'chat.leave', chat: ids.chat },
          { kind: 'chat.close', chat: ids.chat },
          { kind: 'chat.transfer', chat: ids.chat, operator: ids.operator },
          { kind: 'visitor.invite', visitor: ids.visitor, text: words },
          { kind: 'invite.withdraw', visitor: ids.visitor },
          { kind: 'messages.read', chat: ids.chat, seq: 9 },
          { kind: 'request.done', request: ids.request },
          { kind: 'file.send', chat: ids.chat, file: ids.file },
        ];
        const others = [
          () => a.client.send({ t: 'sync', chat: ids.chat, after: 0 }),
          () => a.client.send({ t: 'typing', text: words }),
          () => a.client.send({ t: 'history', n: 1, before: { chat: ids.chat, seq: 99 } }),
          () => a.work.send({ t: 'watch', visitor: ids.visitor }),
          () => a.work.send({ t: 'unwatch', visitor: ids.visitor }),
          () => a.work.send({ t: 'sync', chat: ids.chat, after: 0 }),
          () => a.work.send({ t: 'history', n: 2, visitor: ids.visitor, before: null }),
          () => a.work.send({ t: 'typing', chat: ids.chat }),
          () => a.work.send({ t: 'online', value: whose % 4 < 2 }),
          () =>
            world.store
              .transact([], (tx) =>
                tx.saveSite({
                  key: SITE,
                  name: SITE,
                  origins: ['https://shop.example'],
                  settings: parseSettings({ chat: { title: words.slice(0, 20) } }),
                }),
              )
              .then(() => world.gateway.siteChanged()),
          () => void a.client.send(batch({ kind: 'chat.close' }, { uid: randomUUID(), ...START })),
        ];
        const all = [
          ...visitorCommands.map((command) => () => a.client.send(batch(command))),
          ...operatorCommands.map((command) => () => a.work.send(operatorBatch(command))),
          ...others,
        ];
        await all[what % all.length]?.();
      }
      const heard = JSON.stringify([await a.client.rest(), await a.work.rest()]);
      for (const foreign of [`words of ${OTHER_SITE}`, `name at ${OTHER_SITE}`, `request at ${OTHER_SITE}`])
        expect(heard).not.toContain(foreign);
      await Promise.all([a.client.close(), a.work.close()]);
      const told = [...(await b.client.rest()), ...(await b.work.rest())].filter(({ t }) => t !== 'ping');
      expect(told).toEqual([]);
      expect(await seenAt(b, boris)).toBe(before);
      await settled();
    }),
    { numRuns: 40 },
  );
  expect(operations).toBeGreaterThan(300);
}, 60_000);
