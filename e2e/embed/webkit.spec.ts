/**
 * The embed matrix in the system's WebKit, where there is one: the visitor is here, the operator in Chromium. The driver runs
 * nothing before a page's own scripts, so the page itself writes down what it has to complain about, under a nonce that the policy
 * names beside its words. What the frame's own policy refuses is written down from the first look into it.
 */
import { webkitLaunch } from '../support/browsers.ts';
import { expect, test } from '../support/fixtures.ts';
import { startWebKit, type WebKit } from '../support/webdriver.ts';
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

/** What becomes of the page after the first words, and what the page must find then. The rest of the kind is in `place.spec.ts`. */
const CHANGES: Record<string, { change: string; holds?: string }> = {
  'a root that is replaced': {
    change:
      "const root = document.createElement('html'); root.append(document.createElement('body')); document.replaceChild(root, document.documentElement)",
  },
  'a document that is written anew (`document.open`)': {
    change: "document.open(); document.write('<!doctype html><h1>Written anew</h1>'); document.close()",
  },
  'a root with transform, effects or containment': {
    change: "document.documentElement.style.transform = 'translateY(300px)'",
    holds:
      "const { right, bottom } = document.querySelector('iframe').getBoundingClientRect(); return Math.round(right) === document.documentElement.clientWidth && Math.round(bottom) === innerHeight",
  },
  'over a popover': {
    change:
      "const over = document.createElement('div'); over.popover = 'manual'; over.style.cssText = 'inset:0;width:100vw;height:100vh'; document.body.append(over); over.showPopover()",
    holds:
      "const { left, top } = document.querySelector('iframe').getBoundingClientRect(); return document.elementFromPoint(left + 40, top + 40).tagName === 'IFRAME'",
  },
  'in a drawer that slides in': {
    // No browser of this engine moves it without loading it anew yet.
    change: `const drawer = document.createElement('div'); drawer.style.cssText = 'height:600px;width:400px;transform:translateX(300px);transition:transform .3s'; document.body.append(drawer);
      const chat = CallGear.UI.createWidget('consultant_chat', {}); chat.render(drawer); chat.show(); setTimeout(() => (drawer.style.transform = 'none'), 100)`,
    holds: `const frame = document.querySelector('iframe').getBoundingClientRect(), box = document.querySelector('div.callgear-widget')?.getBoundingClientRect();
      return document.querySelectorAll('iframe').length === 1 && frame.left === 8 && frame.left === box.left && frame.width === box.width`,
  },
};

for (const [name, { change, holds = 'return true' }] of Object.entries(CHANGES))
  test(`embed: ${name}`, async ({ world }) => {
    const webkit = await start();
    try {
      const operator = await world.operator();
      await webkit.goto(`${world.system.shop}/${world.key}/embed-watched.html`);
      await openChat(webkit);
      await say(webkit, 'Hello');
      await operator.join();
      await operator.reads('Hello');
      await webkit.leave();
      await webkit.run(change);
      await expect.poll(() => webkit.run<boolean>(holds)).toBe(true);
      const inside = (): Promise<string> =>
        webkit
          .enter(FRAME)
          .then(() => read(webkit))
          .catch(() => '');
      await expect.poll(inside).toContain('Hello');
      await operator.reply('Still there');
      await expect.poll(inside).toContain('Still there');
    } finally {
      await webkit.close();
    }
  });

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
