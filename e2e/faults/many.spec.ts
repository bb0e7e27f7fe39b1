/**
 * Many at once, and many after each other: all lines cut in one moment, and visitors who come and go while memory and handles
 * stay what they were. Numbers are small here; the campaign has the large ones.
 */
import { readFileSync, rmSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { faultyBuild } from './builds.ts';
import { expectSound } from './checker.ts';
import { expect, test, until, type FaultWorld } from './world.ts';

for (const { count, title } of [
  { count: 100, title: '100' },
  { count: 2_000, title: '2,000 @campaign' },
]) {
  test(`[fault 46] all connections are cut at once: everybody is back (${title})`, async ({ start }) => {
    test.setTimeout(300_000);
    const world = await start({ timing: { client: { backoffMinMs: 500, backoffMaxMs: 30_000 } } });
    const wire = await world.wire();
    const { person, operator, visitor } = await world.conversation({ person: world.person('Vera', world.road(wire)) });
    const pages = [...person.pages];
    while (pages.length < count) {
      const next = Array.from({ length: Math.min(50, count - pages.length) }, (_, at) =>
        world.person(`visitor ${pages.length + at}`, world.road(wire)).page(),
      );
      for (const page of next) await page.online();
      pages.push(...next);
    }
    const since = Date.now();
    wire.cut();
    // Some had something on their way.
    pages.slice(0, 50).forEach((page, at) => page.say(`cut off in mid-sentence ${at}`));
    await until(() => pages.every((page) => page.backAfter(since) !== undefined), 'everybody is back', 240_000);
    const took = pages.map((page) => page.backAfter(since) ?? Infinity).sort((a, b) => a - b);
    const p99 = took[Math.floor(took.length * 0.99)] ?? Infinity;
    console.log(`${count} connections cut: half are back after ${took[count >> 1]} ms, 99 % after ${p99} ms, all after ${took.at(-1)} ms`);
    await operator.answer(visitor, 'all are here again');
    await expectSound(() => world.evidence());
  });
}

/** What the server holds, in its own words, after its garbage was collected. */
interface Held {
  heap: number;
  rss: number;
  handles: number;
}

const PROBE = 'held.json';

/** A server that says what it holds when it is sent SIGUSR2. */
function probed() {
  return faultyBuild([
    'run().catch(reportAndExit);',
    `run().catch(reportAndExit);
process.getBuiltinModule("node:v8").setFlagsFromString("--expose-gc");
const collect = process.getBuiltinModule("node:vm").runInNewContext("gc");
process.on("SIGUSR2", () => { collect(); setImmediate(() => { collect(); const { heapUsed, external, rss } = process.memoryUsage();
process.getBuiltinModule("node:fs").writeFileSync(process.env.DATA_DIR + "/${PROBE}", JSON.stringify({ heap: heapUsed + external, rss, handles: process.getBuiltinModule("node:fs").readdirSync("/proc/self/fd").length })); }); });`,
  ]);
}

async function heldBy({ system }: FaultWorld): Promise<Held> {
  const file = join(system.dataDir, PROBE);
  rmSync(file, { force: true });
  process.kill(system.pid() ?? 0, 'SIGUSR2');
  const text = await until(() => (existsSync(file) ? readFileSync(file, 'utf8') : undefined) || undefined, 'the server says what it holds');
  return JSON.parse(text) as Held;
}

for (const { early, visitors, minutes, title } of [
  { early: 150, visitors: 500, minutes: 0, title: '500 visitors' },
  { early: 1_500, visitors: 500, minutes: Number(process.env.SOAK_MINUTES ?? 10), title: 'for SOAK_MINUTES, 10 if not said @campaign' },
]) {
  test(`[fault 57] visitors come and go: memory and handles are flat (${title})`, async ({ start }) => {
    test.setTimeout(minutes * 60_000 + 180_000);
    const build = probed();
    try {
      const world = await start({ main: build.main, timing: { presenceGraceMs: 50 } });
      const operator = await world.operator();
      let number = 0;
      /** They come in dozens, say something, are answered in part, and leave. */
      const churn = async (count: number): Promise<void> => {
        for (let gone = 0; gone < count; gone += 10) {
          const people = Array.from({ length: 10 }, () => world.person(`visitor ${(number += 1)}`));
          const pages = people.map((person) => person.page());
          for (const page of pages) await page.online();
          for (const page of pages) page.say('just looking around');
          for (const page of pages) await page.sent();
          await operator.answer(pages[0]?.session.visitorId.value ?? '', 'welcome to the shop');
          await until(() => pages[0]?.session.messages.value.length === 2, 'the answer is shown');
          for (const page of pages) {
            page.session.closeChat({ via: 'api' });
            await until(() => page.session.state.value === 'available', 'the chat is over');
          }
          for (const person of people) world.leave(person);
          await until(() => operator.session.visitors.value.length === 0, 'all are gone');
        }
      };
      // Caches fill and code is compiled first; the last compilation takes more than a thousand visitors.
      await churn(early);
      const before = await heldBy(world);
      const end = Date.now() + minutes * 60_000;
      do await churn(visitors);
      while (Date.now() < end);
      const after = await heldBy(world);
      console.log(
        `${number} visitors: heap ${mb(before.heap)} → ${mb(after.heap)} MB, resident ${mb(before.rss)} → ${mb(after.rss)} MB, handles ${before.handles} → ${after.handles}`,
      );
      expect(after.handles).toBeLessThanOrEqual(before.handles + 2);
      await expectSound(() => world.evidence({ memory: { before: before.heap, after: after.heap } }));
    } finally {
      build.remove();
    }
  });
}

const mb = (bytes: number): string => (bytes / 1024 / 1024).toFixed(1);
