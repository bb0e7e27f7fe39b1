/**
 * A line so slow that everything takes seconds: three of them there and back, and twenty kilobits in each. Not broken, so nothing
 * may be given up for broken.
 */
import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';
import { VisitorPage } from '../pages/visitor.ts';
import { layWire } from './proxy.ts';
import { expectAllSound, said, textsOf } from './said.ts';
import { browserOver } from './site.ts';

const ROUND_TRIP_MS = 3_000;
const BYTES_PER_SECOND = 20_000 / 8;
/** The whole chat, loader and extras included, comes over that line. */
const ARRIVES = { timeout: 90_000 };
/** What a person takes for at once; the line itself takes three seconds for any answer. */
const AT_ONCE = { timeout: 1_000, intervals: [50] };

/** Counts what the frame says on its sockets, by kind, and how often it asks for what. */
function listenTo(page: Page): { frames: Map<string, number>; requests: Map<string, number> } {
  const [frames, requests] = [new Map<string, number>(), new Map<string, number>()];
  const count = (counts: Map<string, number>, name: string): unknown => counts.set(name, (counts.get(name) ?? 0) + 1);
  page.on('request', (request) => count(requests, new URL(request.url()).pathname));
  page.on('websocket', (socket) => {
    count(requests, '/socket');
    socket.on('framesent', ({ payload }) => count(frames, /^\{"t":"(\w+)"/.exec(String(payload))?.[1] ?? 'unknown'));
  });
  return { frames, requests };
}

test('[fault 12] three seconds there and back at 20 kbit/s: one can write at once, and nothing is asked for again and again @campaign', async ({ world }) => {
  test.setTimeout(300_000);
  const operator = await world.operator();
  const wire = await layWire(world.system.port);
  wire.delay(ROUND_TRIP_MS / 2);
  wire.throttle(BYTES_PER_SECOND);
  const browser = await browserOver(wire, world.system);
  try {
    const page = await browser.newPage();
    const { frames, requests } = listenTo(page);
    const visitor = await new VisitorPage(page, `${world.system.shop}/${world.key}`).goto('recorder.html');
    await visitor.launcher.click(ARRIVES);
    await expect(visitor.box).toBeVisible();

    // From the first moment there is something to write in, what is written stands there, with the sign of what is on its way.
    const lines = [1, 2, 3, 4, 5].map((n) => `line ${n};`);
    for (const [at, line] of lines.entries()) {
      await visitor.say(line);
      await expect.poll(() => textsOf(visitor.log), AT_ONCE).toEqual(lines.slice(0, at + 1));
    }
    const sign = visitor.log.locator('svg path').last();
    const onItsWay = await sign.getAttribute('d');
    expect(said(world)).toEqual([]);
    await expect.poll(() => said(world), ARRIVES).toEqual(lines);
    await expect(sign).not.toHaveAttribute('d', onItsWay ?? '', { timeout: 20_000 });
    await operator.join();
    await operator.reply('an answer;');
    await expect.poll(() => textsOf(visitor.log), ARRIVES).toEqual([...lines, 'an answer;']);

    // More than the line carries while one waits for an answer: as long as anything comes, the connection is not given up.
    const long = [1, 2, 3, 4].map((n) => `${'ж'.repeat(1_500)} ${n};`);
    for (const line of long) await visitor.say(line);
    await expect.poll(() => said(world).slice(6), ARRIVES).toEqual(long);
    await expectAllSound(world, [visitor]);

    // The page's script is told that the server took long, and of no other trouble; nothing is fetched twice.
    expect((await page.evaluate(() => window.errors)).filter(({ code }) => code !== 'unreachable')).toEqual([]);
    expect([...requests].filter(([path, times]) => path.startsWith('/frame/') && times > 1)).toEqual([]);
    // One hello as nobody, one as who has written; and one more, should the line have been too full for a socket to open in time.
    expect(frames.get('hello')).toBeLessThanOrEqual(3);
    expect(requests.get('/socket')).toBeLessThanOrEqual(3);
  } finally {
    await browser.close();
    await wire.close();
  }
});
