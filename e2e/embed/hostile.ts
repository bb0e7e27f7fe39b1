/**
 * Two hostile documents for the tests of the bridge: a customer's page that embeds the real frame itself and writes on its
 * port what it likes, and a document that stands in for the frame and does the same to the real loader. What they say is
 * the tests' business.
 */
import type { Frame, Page } from '@playwright/test';
import { expect, type World } from '../support/fixtures.ts';

export interface Envelope {
  id?: unknown;
  type?: unknown;
  path?: unknown;
  argumentList?: unknown;
  name?: unknown;
  value?: unknown;
}

/** What the two hostile documents of `e2e/site` offer. */
export interface Hostile {
  greet(epoch?: string, versions?: number[]): unknown;
  call(id: string, name: string, ...args: unknown[]): Envelope;
  ask(...args: unknown[]): Promise<(Envelope & { value: { value: { code: string; message: string } } }) | undefined>;
  port: MessagePort;
  ports: MessagePort[];
  answers: Envelope[];
  wire: Envelope[];
  until(isSo: () => boolean): Promise<void>;
  welcome: Record<string, unknown>;
  polluted?: unknown;
  owned?: unknown;
  turns: number;
}
declare const window: Window & Hostile;

/** File of the document that stands in for the frame. */
export const HOSTILE_FRAME = new URL('../site/embed-hostile-frame.html', import.meta.url).pathname;

/** The hostile page, with the real frame's port in its hand and the welcome said. */
export async function hostilePage(world: World): Promise<{ page: Page; frame: Frame }> {
  const { page } = await (await world.stranger()).goto('embed-attacker.html');
  await page.evaluate(async () => {
    await window.greet();
    await window.ask(window.call('welcome', 'welcome', window.welcome));
  });
  const frame = page.frames().find((candidate) => candidate.url().startsWith(world.system.chat));
  if (frame === undefined) throw new Error('The frame is missing.');
  return { page, frame };
}

/** A page with the real loader, whose frame is the hostile document. */
export async function hostileFrame(world: World, path = 'recorder.html'): Promise<{ page: Page; frame: Frame }> {
  const { page } = await world.stranger();
  await page.route('**/frame/?site=*', (route) => route.fulfill({ path: HOSTILE_FRAME, contentType: 'text/html' }));
  await page.goto(`${world.system.shop}/${world.key}/${path}`);
  await expect.poll(() => page.frames().length).toBe(2);
  const frame = page.frames()[1] as Frame;
  await frame.waitForFunction(() => typeof window.greet === 'function');
  return { page, frame };
}
