/**
 * The embed matrix in the system's WebKit, where there is one: the visitor is here, the operator in Chromium. The driver runs
 * nothing before a page's own scripts, so the page itself writes down what it has to complain about, under a nonce that the policy
 * names beside its words. What the frame's own policy refuses is written down from the first look into it.
 */
import { webkitLaunch } from '../browsers.ts';
import { expect, test } from '../fixtures.ts';
import { startWebKit, type WebKit } from '../webdriver.ts';
import { SITUATIONS, withHeaders } from './situations.ts';

const FRAME = 'iframe[title^="Chat"]';
const LOG = '[role="log"][aria-label="Messages"]';
const WATCH = `
  if (window.refused === undefined) {
    window.refused = [];
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) => refused.push(effectiveDirective + ' refused ' + blockedURI));
  }`;

for (const { name, rules, webkit: headers } of SITUATIONS) {
  if (headers === undefined) continue;
  test(`${rules} embed: ${name}`.trim(), async ({ world }) => {
    const webkit = await start();
    try {
      const operator = await world.operator();
      await webkit.goto(`${world.system.shop}/${world.key}/${withHeaders('embed-watched.html', ...headers)}`);
      await openChat(webkit);
      await say(webkit, 'Hello');
      await operator.join();
      await operator.reads('Hello');
      await operator.reply('Good afternoon');
      await expect.poll(() => read(webkit)).toContain('Good afternoon');

      expect(await webkit.run('return refused')).toEqual([]);
      await webkit.leave();
      const complaints = await webkit.run<string[]>('return complaints');
      // The page's own icon, which its own policy refuses, is not about the chat.
      expect(complaints.filter((complaint) => !complaint.includes('/favicon.ico'))).toEqual([]);
    } finally {
      await webkit.close();
    }
  });
}

async function start(): Promise<WebKit> {
  const found = webkitLaunch();
  if (found === undefined) throw new Error('WebKit was here when the tests were listed, and is gone.');
  const webkit = await startWebKit(found);
  test.info().annotations.push({ type: 'engine', description: webkit.version });
  return webkit;
}

/** Ends inside the frame. */
async function openChat(webkit: WebKit): Promise<void> {
  await expect(async () => {
    await webkit.enter(FRAME);
    await webkit.run(WATCH);
    await webkit.click('button[aria-label="Open chat"]');
  }).toPass();
  await expect.poll(() => webkit.run<boolean>(`return document.querySelector('button[aria-label="Close chat"]') !== null`)).toBe(true);
}

async function say(webkit: WebKit, text: string): Promise<void> {
  await expect(() => webkit.type('textarea[aria-label="Message"]', text)).toPass();
  await webkit.click('button[aria-label="Send"]');
}

const read = (webkit: WebKit): Promise<string> => webkit.run(`return document.querySelector('${LOG}').innerText`);
