/**
 * Which greeting the loader accepts: only one from the document in our own iframe, from the chat's origin, in a message that
 * the browser itself has made. Every other greeting says all the right words, nonce included, and gets no answer.
 */
import type { Frame, Page } from '@playwright/test';
import { expect, test, type World } from '../support/fixtures.ts';
import { hostileFrame, HOSTILE_FRAME, type Hostile } from './hostile.ts';

declare const window: Window & Hostile & { stolen: unknown[]; heardByPage: string[] };

const EVIL = 'http://evil.localhost:9';

/** The real loader with a frame whose words are the test's, and an origin of strangers where the same document stands. */
async function stage(world: World): Promise<{ page: Page; frame: Frame; address: string }> {
  const { page, frame } = await hostileFrame(world);
  await page.route(`${EVIL}/**`, (route) => route.fulfill({ path: HOSTILE_FRAME, contentType: 'text/html' }));
  const address = await page.evaluate(() => (document.querySelector('iframe.callgear-widget') as HTMLIFrameElement).src);
  return { page, frame, address };
}

const isWelcome = (frame: Frame): Promise<boolean> => frame.evaluate(() => window.wire.some(({ path }) => String(path) === 'welcome'));

/** Sends our iframe to another address and waits for the document there. */
async function navigate(page: Page, address: string): Promise<Frame> {
  await page.evaluate((src) => void ((document.querySelector('iframe.callgear-widget') as HTMLIFrameElement).src = src), address);
  await expect.poll(() => page.frames().some((frame) => frame.url() === address)).toBe(true);
  const frame = page.frames().find((candidate) => candidate.url() === address) as Frame;
  await frame.waitForFunction(() => typeof window.greet === 'function');
  return frame;
}

/** One more iframe of the page, which is not the loader's. */
async function another(page: Page, address: string): Promise<Frame> {
  await page.evaluate((src) => {
    const other = document.createElement('iframe');
    other.className = 'another';
    other.src = src;
    document.body.append(other);
  }, address);
  await expect.poll(async () => page.locator('iframe.another').count()).toBe(1);
  const frame = (await (await page.locator('iframe.another').elementHandle())?.contentFrame()) as Frame;
  await frame.waitForFunction(() => typeof window.greet === 'function');
  return frame;
}

/** The real frame greets, and is answered: whatever was posted before it has been looked at by then. */
async function welcomes(frame: Frame, epoch: string): Promise<void> {
  await frame.evaluate(async (name) => {
    window.ports = [window.greet(name) as MessagePort];
    await window.until(() => window.wire.some(({ path }) => String(path) === 'welcome'));
    await window.ask(window.ports[0], { id: 'after' });
  }, epoch);
}

test('[B1] [BR.hello] the right source from a foreign origin: our iframe was sent elsewhere, and what stands there knows the nonce', async ({
  world,
}) => {
  const { page, frame, address } = await stage(world);
  await page.evaluate(() => {
    window.heardByPage = [];
    addEventListener('message', ({ origin, data }) => window.heardByPage.push(`${(data as { type: string }).type} ${origin}`));
  });
  await welcomes(frame, 'real');
  const foreign = await navigate(page, address.replace(world.system.chat, EVIL));
  await foreign.evaluate(() => {
    window.greet('real');
    for (let n = 0; n < 100; n += 1) window.greet(`foreign ${n}`);
  });
  await page.evaluate(() => void window.CallGear.UI.createWidget('consultant_chat').sendChatMessage('Not for strangers'));
  await expect
    .poll(() => page.evaluate((evil) => window.heardByPage.filter((heard) => heard === `callgear-hello ${evil}`).length, EVIL))
    .toBe(101);
  // All of them were heard by the page, so they were by the loader.
  expect(await foreign.evaluate(() => window.wire)).toEqual([]);

  // What was said meanwhile waits for the real one.
  const back = await navigate(page, address);
  await welcomes(back, 'again');
  await back.evaluate(() => window.until(() => window.wire.some(({ path }) => String(path) === 'send')));
  expect(await page.evaluate(() => window.errors)).toEqual([]);
});

test('[B1] [BR.hello] the right origin from a foreign source: a second frame of the chat’s origin that knows the nonce', async ({
  world,
}) => {
  const { page, frame, address } = await stage(world);
  const other = await another(page, address);
  await other.evaluate(() => void window.greet('other'));
  await welcomes(frame, 'real');
  await other.evaluate(() => void window.greet('other, later'));
  await frame.evaluate(() => window.ask(window.ports[0], { id: 'behind it' }));
  expect(await isWelcome(other)).toBe(false);
});

test('[B1] [BR.hello] a frame that is not there any more', async ({ world }) => {
  const { page, frame, address } = await stage(world);
  const other = await another(page, address);
  await page.evaluate(() => {
    window.heardByPage = [];
    addEventListener('message', ({ source, data }) =>
      window.heardByPage.push(source === null ? `nobody ${(data as { epoch: string }).epoch}` : 'somebody'),
    );
  });
  // The page takes it away with its hello on the way: who has sent that cannot be said then.
  await other.evaluate(() => {
    for (let n = 0; n < 50; n += 1) window.greet(`gone ${n}`);
  });
  await page.evaluate(() => document.querySelector('iframe.another')?.remove());
  await welcomes(frame, 'real');
  expect(await page.evaluate(() => window.errors)).toEqual([]);
  expect(await frame.evaluate(() => window.wire.filter(({ path }) => String(path) === 'welcome').length)).toBe(1);
});

test('[B1] [BR.hello] made-up events and replays: a page’s script repeats the real hello in every way it can', async ({ world }) => {
  const { page, frame } = await stage(world);
  await page.evaluate(() => {
    window.stolen = [];
    addEventListener(
      'message',
      ({ data, isTrusted }) => void (isTrusted && (data as { type?: string })?.type === 'callgear-hello' && window.stolen.push(data)),
    );
  });
  await welcomes(frame, 'real');
  const heard = await page.evaluate(async (chat) => {
    const ours = document.querySelector('iframe.callgear-widget') as HTMLIFrameElement;
    const [stolen] = window.stolen as { epoch: string }[];
    const heard: string[] = [];
    for (const epoch of [stolen?.epoch, 'another']) {
      const ends = (way: string) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => heard.push(`${way} ${epoch}`);
        return port2;
      };
      const data = { ...stolen, epoch };
      dispatchEvent(new MessageEvent('message', { source: ours.contentWindow, origin: chat, data, ports: [ends('synthetic')] }));
      const forged = new MessageEvent('message', { data, ports: [ends('forged')] });
      for (const [name, value] of Object.entries({ source: ours.contentWindow, origin: chat }))
        Object.defineProperty(forged, name, { value });
      try {
        Object.defineProperty(forged, 'isTrusted', { value: true });
      } catch {
        // The browser's own word cannot be put in its mouth.
      }
      dispatchEvent(forged);
      postMessage(data, '*', [ends('own window')]);
      await new Promise((resolve) => addEventListener('message', resolve, { once: true }));
    }
    return heard;
  }, world.system.chat);
  // The same frame says the same again, a hundred times.
  await frame.evaluate(async () => {
    for (let n = 0; n < 100; n += 1) window.greet('real');
    await window.ask(window.ports[0], { id: 'behind it' });
  });
  expect(heard).toEqual([]);
  expect(await frame.evaluate(() => window.wire.filter(({ path }) => String(path) === 'welcome').length)).toBe(1);
  expect(await page.evaluate(() => window.errors)).toEqual([]);
});

test('[B1] the real frame listens to no window message: whatever is posted at it with a port is left lying', async ({ world }) => {
  const visitor = await world.visitor();
  const answered = await visitor.page.evaluate(async () => {
    const { contentWindow, src } = document.querySelector('iframe.callgear-widget') as HTMLIFrameElement;
    const nonce = new URLSearchParams(new URL(src).hash.slice(1)).get('n');
    const heard: unknown[] = [];
    for (const data of [
      { type: 'callgear-hello', versions: [1], nonce, epoch: 'x' },
      { id: 'x', type: 'APPLY', path: ['ping'], argumentList: [] },
      { type: 'connect', url: 'http://evil.localhost:9/' },
      'init',
      null,
    ]) {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = ({ data: answer }) => heard.push(answer);
      contentWindow?.postMessage(data, '*', [port2]);
    }
    return heard;
  });
  // The real port still works, and its answer comes after all that was posted.
  await visitor.settled();
  expect(answered).toEqual([]);
  expect(visitor.page.frames().filter((frame) => frame.url().includes('evil'))).toEqual([]);
});
