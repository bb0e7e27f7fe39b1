/**
 * Lines so slow that everything takes seconds, down to three there and back with twenty kilobits in each. They are not broken, so
 * nothing may be given up for broken.
 */
import type { Page } from '@playwright/test';
import { expect, test } from '../support/fixtures.ts';
import { VisitorPage } from '../support/pages/visitor.ts';
import { layWire } from './proxy.ts';
import { expectAllSound, said, textsOf } from './said.ts';
import { browserOver } from './site.ts';

const LINES = [
  { name: '1 s there and back at 100 kbit/s', roundTripMs: 1_000, bytesPerSecond: 100_000 / 8 },
  { name: '3 s there and back at 20 kbit/s @campaign', roundTripMs: 3_000, bytesPerSecond: 20_000 / 8 },
];
/** The whole chat, loader and extras included, comes over that line. */
const ARRIVES = { timeout: 90_000 };

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

for (const { name, roundTripMs, bytesPerSecond } of LINES)
  test(`[fault 12] ${name}: one can write at once, and nothing is asked for again and again`, async ({ world }) => {
    test.setTimeout(300_000);
    const operator = await world.operator();
    const wire = await layWire(world.system.port);
    wire.delay(roundTripMs / 2);
    wire.throttle(bytesPerSecond);
    const browser = await browserOver(wire, world.system);
    try {
      const page = await browser.newPage();
      const { frames, requests } = listenTo(page);
      const visitor = await new VisitorPage(page, `${world.system.shop}/${world.key}`).goto('recorder.html');
      await visitor.launcher.click(ARRIVES);
      await expect(visitor.box).toBeVisible();

      // As soon as the visitor can write, their messages appear, marked as being on their way.
      const lines = [1, 2, 3, 4, 5].map((n) => `line ${n};`);
      // Before any of it can have been answered: the line is held meanwhile.
      const sign = visitor.log.locator('svg path').last();
      wire.hold(true);
      for (const [at, line] of lines.entries()) {
        await visitor.say(line);
        await expect.poll(() => textsOf(visitor.log)).toEqual(lines.slice(0, at + 1));
      }
      const onItsWay = await sign.getAttribute('d');
      expect(said(world)).toEqual([]);
      wire.hold(false);
      await expect.poll(() => said(world), ARRIVES).toEqual(lines);
      await expect(sign).not.toHaveAttribute('d', onItsWay ?? '', ARRIVES);
      await operator.join();
      await operator.reply('an answer;');
      await expect.poll(() => textsOf(visitor.log), ARRIVES).toEqual([...lines, 'an answer;']);

      // As much as one may write, four times, and each as a draft before: on the slower line it is full for more than ten seconds.
      const paragraphs = [1, 2, 3, 4].map((n) => `${'ж'.repeat(4_000)} ${n};`);
      for (const line of paragraphs) await visitor.say(line);
      await expect.poll(() => said(world).slice(6), ARRIVES).toEqual(paragraphs);
      await expectAllSound(world, [visitor]);

      // The page's script hears that the server took long, and of no other trouble; nothing is fetched twice.
      expect((await page.evaluate(() => window.errors)).filter(({ code }) => code !== 'unreachable')).toEqual([]);
      expect([...requests].filter(([path, times]) => path.startsWith('/frame/') && times > 1)).toEqual([]);
      // One hello as nobody and one as who has written. A connection that was given up would be made again every ten seconds; once it
      // may be, while the line is too full of the interface for a socket to open in time.
      expect(frames.get('hello')).toBeLessThanOrEqual(3);
      expect(requests.get('/socket')).toBeLessThanOrEqual(3);
    } finally {
      await browser.close();
      await wire.close();
    }
  });
