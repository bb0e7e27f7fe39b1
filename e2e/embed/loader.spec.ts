/**
 * The loader as a customer's security department looks at it: that it is what the sources say, that it can be pinned, what it
 * holds none of, that nothing worth stealing passes through the page, and that it neither hides the page nor is disguised by it.
 */
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { buildElsewhere } from '../support/elsewhere.ts';
import { expect, test, type World } from '../support/fixtures.ts';
import { hostileFrame, type Hostile } from './hostile.ts';

declare const window: Window & Hostile & { wire: unknown[]; windowMessages: unknown[] };

const ROOT = new URL('../..', import.meta.url).pathname;
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
const hashOf = (bytes: Buffer | string): string => createHash('sha384').update(bytes).digest('base64');
const fetched = async (address: string): Promise<Buffer> => Buffer.from(await (await fetch(address)).arrayBuffer());

test('[A1] a second build of the sources elsewhere is equal to the served files, byte for byte', async ({ world }) => {
  test.slow();
  const parts = ['loader', 'frame', 'operator'] as const;
  const again = await buildElsewhere(parts);
  try {
    for (const part of parts) {
      const files = (folder: string): Record<string, string> =>
        Object.fromEntries(
          readdirSync(folder, { recursive: true, withFileTypes: true })
            .filter((entry) => entry.isFile())
            .map((entry) => [entry.name, hashOf(readFileSync(join(entry.parentPath, entry.name)))]),
        );
      expect(files(join(again.path, part)), part).toEqual(files(join(ROOT, 'dist', part)));
    }
    const hash = hashOf(readFileSync(join(again.path, 'loader/loader.js')));
    for (const address of ['loader.js', `loader/${version}.js`])
      expect(hashOf(await fetched(`${world.system.chat}/${address}`)), address).toBe(hash);
    for (const name of readdirSync(join(again.path, 'frame/assets')))
      expect(hashOf(await fetched(`${world.system.chat}/frame/assets/${name}`)), name).toBe(
        hashOf(readFileSync(join(again.path, 'frame/assets', name))),
      );
  } finally {
    again.remove();
  }
});

test('[A1] [LO.oneLine] the loader that is served reads no cookie, form or text, compiles nothing, and keeps no page out of the cache', async ({
  world,
}) => {
  const code = (await fetched(`${world.system.chat}/loader.js`)).toString();
  const none = {
    'cookies and storage': /\bcookie\b|localStorage|sessionStorage|indexedDB|caches\b/,
    'code from text': /\beval\b|\bFunction\s*\(|new Function|import\s*\(|setTimeout\(\s*["'`]|importScripts|document\.write/,
    'HTML from text': /innerHTML|outerHTML|insertAdjacentHTML|createContextualFragment|DOMParser|srcdoc|setHTML|parseFromString/,
    'what is typed and clicked on the page':
      /["'`](?:input|change|key(?:up|press)|paste|copy|submit|(?:mouse|pointer|touch)\w+|focus\w*|blur|beforeinput|composition\w+)["'`]/,
    // An envelope of the bridge has a value within its value; no field has.
    'forms and their values':
      /querySelector\w*\(\s*["'`](?!script\[data-site\])|getElements|\.forms\b|\.elements\b|FormData|\.value\b(?!\.value)\s*(?!=|}|\)|,|;)(?=\.)/,
    'listeners that cost the page its back/forward cache': /\bunload\b|beforeunload/,
    'requests of its own': /XMLHttpRequest|\bfetch\b|sendBeacon|WebSocket|EventSource|new Image|\bImage\(/,
    secrets: /access_?token|refresh_?token|Bearer|authorization/i,
    'scripts of others': /createElement\(\s*["'`](?!iframe|div|link)/,
    'messages to anybody': /postMessage\([^)]*["'`]\*["'`]/,
  };
  for (const [what, pattern] of Object.entries(none)) expect(pattern.exec(code)?.[0], what).toBeUndefined();
  // Two that it does hear, once each: the click on an element marked for the chat, and Escape where the chat was opened.
  expect(
    code
      .match(/["'`](?:click|keydown)["'`]/g)
      ?.map((name) => name.slice(1, -1))
      .sort(),
  ).toEqual(['click', 'keydown']);
  // The one link that it makes is the icon that a site has asked for.
  expect(code.match(/\brel\s*[:=]\s*["'`](\w+)["'`]/)?.[1]).toBe('icon');
  // A search that finds nothing in anything would find nothing here.
  expect(code).toContain('iframe');
  expect(code).toContain('addEventListener');
});

test('[A1] a page that pins another hash runs nothing of the loader, and goes on as if it had none', async ({ world }) => {
  const bytes = await fetched(`${world.system.chat}/loader/${version}.js`);
  const open = async (hash: string): Promise<Page> => {
    const { page } = await (await world.stranger()).goto(`embed-pinned.html?version=${version}&hash=${encodeURIComponent(hash)}`);
    await expect.poll(() => page.evaluate(() => document.readyState)).toBe('complete');
    return page;
  };
  // One byte more, as somebody who has got hold of the server would serve it.
  const refused = await open(hashOf(`${bytes.toString()} `));
  expect(await refused.evaluate(() => [typeof window.CallGear, document.querySelectorAll('iframe').length])).toEqual(['undefined', 0]);
  const accepted = await open(hashOf(bytes));
  await expect(accepted.locator('iframe.callgear-widget')).toHaveCount(1);

  // The bytes are changed and the hash is not.
  const { page } = await world.stranger();
  await page.route('**/loader/*.js', (route) =>
    route.fulfill({
      body: `${bytes.toString()};window.owned = 1`,
      contentType: 'text/javascript',
      headers: { 'access-control-allow-origin': '*' },
    }),
  );
  await page.goto(`${world.system.shop}/${world.key}/embed-pinned.html?version=${version}&hash=${encodeURIComponent(hashOf(bytes))}`);
  expect(await page.evaluate(() => [typeof window.CallGear, window.owned])).toEqual(['undefined', undefined]);
});

/** Writes down all that a page can see pass: both ends' words on any port, and window messages. Before any other script. */
function recordTraffic(): void {
  if (self !== top) return;
  const wire: unknown[] = [];
  const windowMessages: unknown[] = [];
  Object.assign(self, { wire, windowMessages });
  const post = MessagePort.prototype.postMessage;
  MessagePort.prototype.postMessage = function postMessage(...args: unknown[]) {
    wire.push(args[0]);
    return Reflect.apply(post, this, args) as undefined;
  };
  const hear = (event: Event): void => void wire.push((event as MessageEvent).data);
  const onmessage = Object.getOwnPropertyDescriptor(MessagePort.prototype, 'onmessage');
  Object.defineProperty(MessagePort.prototype, 'onmessage', {
    ...onmessage,
    set(this: MessagePort, listener: ((event: MessageEvent) => void) | null) {
      EventTarget.prototype.addEventListener.call(this, 'message', hear);
      onmessage?.set?.call(this, listener);
    },
  });
  addEventListener('message', ({ data }) => windowMessages.push(data), true);
}

/** Every text in what was recorded and in what the page can ask or find out, by itself. */
const everythingOn = (page: Page): Promise<string[]> =>
  page.evaluate(async () => {
    const texts: string[] = [];
    const seen = new Set<unknown>();
    const walk = (value: unknown): void => {
      if (typeof value === 'string') texts[texts.length] = value;
      if (typeof value !== 'object' || value === null || seen.has(value) || value instanceof Node) return;
      seen.add(value);
      for (const name of Object.getOwnPropertyNames(value)) {
        texts[texts.length] = name;
        walk((value as Record<string, unknown>)[name]);
      }
    };
    walk(window.wire);
    walk(window.windowMessages);
    const chat = window.CallGear.UI.getWidget('consultant_chat') as unknown as Record<string, () => unknown>;
    for (const name of Object.keys(chat)) if (/^(get|is|has)/.test(name)) walk(chat[name]?.());
    walk([
      window.CallGear.getVisitorId(),
      window.CallGear.getSessionId(),
      document.cookie,
      { ...localStorage },
      { ...sessionStorage },
      document.documentElement.outerHTML,
    ]);
    walk(performance.getEntriesByType('resource').map(({ name }) => name));
    return texts;
  });

/** Tokens that the server gives out or receives during one visit, no matter who may see them. */
function watchTokens(page: Page, tokens: Set<string>): Promise<unknown>[] {
  const reading: Promise<unknown>[] = [];
  page.on('response', (response) => {
    if (!response.url().endsWith('/session')) return;
    const read = async (): Promise<void> => {
      const headers = await response.allHeaders();
      const [, cookie] = /__Host-v-[^=]+=([^;]+)/.exec(headers['set-cookie'] ?? '') ?? [];
      const { access, refresh } = (await response.json().catch(() => ({}))) as { access?: string; refresh?: string };
      // And the end of each, which alone is secret.
      for (const token of [cookie, access, refresh])
        if (token !== undefined) for (const text of [token, token.split('.').at(-1) ?? token]) tokens.add(text);
    };
    reading.push(read().catch(() => undefined));
  });
  return reading;
}

test('[A4] [BR.rev] a page that patches and records everything never sees a token, also after a reload', async ({ world }) => {
  const operator = await world.operator();
  const visitor = await world.stranger();
  const { page } = visitor;
  const tokens = new Set<string>();
  const reading = watchTokens(page, tokens);
  await page.addInitScript(recordTraffic);
  const heard: string[] = [];

  await visitor.goto('embed-patched.html');
  await visitor.openChat();
  await visitor.say('Hello');
  await operator.join();
  await operator.reply('Good afternoon');
  await visitor.sees('Good afternoon');
  heard.push(...(await everythingOn(page)));
  // What a document was answered cannot be read any more when it is gone.
  await Promise.all(reading);
  await page.reload();
  await visitor.openChat();
  await visitor.sees('Good afternoon');
  await visitor.say('And again');
  await operator.reads('And again');
  await operator.reply('Yes');
  await visitor.sees('Yes');
  heard.push(...(await everythingOn(page)));

  await Promise.all(reading);
  for (const { value, name } of await page.context().cookies(world.system.chat)) if (name.startsWith('__Host-v-')) tokens.add(value);
  const frame = page.frames().find((candidate) => candidate.url().startsWith(world.system.chat));
  // What the frame itself keeps.
  for (const value of (await frame?.evaluate(() => Object.values({ ...localStorage }))) ?? []) {
    const { refresh } = (value.startsWith('{') ? JSON.parse(value) : { refresh: value }) as { refresh?: string };
    if (refresh !== undefined && refresh.length > 20) tokens.add(refresh);
  }
  expect([...tokens].filter((token) => token.split('.').length === 3).length, 'access tokens').toBeGreaterThan(0);
  expect([...tokens].filter((token) => /^[\w-]{43}$/.test(token)).length, 'secrets and signatures').toBeGreaterThan(1);
  // The recording is one: what was said is in it, and the page was patched.
  expect(heard.join('\n')).toContain('Good afternoon');
  expect(heard).toContain('callgear-hello');
  for (const token of tokens) expect(heard.filter((text) => text.includes(token))).toEqual([]);
  expect(heard.filter((text) => /eyJ[\w-]+\.[\w-]+\.[\w-]+/.test(text))).toEqual([]);

  // What the page has done to its own realm is no concern of the frame's.
  expect(await frame?.evaluate(() => [Object.keys(Object.prototype).length, Array.prototype.map.toString().includes('native')])).toEqual([
    0,
    true,
  ]);
});

/** What libraries, polyfills and monitoring scripts do to a page, one at a time: with all at once nobody could say which is survived. */
const PATCHES: Record<string, string> = {
  'Object.prototype with members that every envelope has':
    "for (const name of ['id', 'type', 'path', 'argumentList', 'nonce', 'epoch', 'versions', 'token', 'code']) Object.prototype[name] = 'junk';",
  'Object.prototype.then': 'Object.defineProperty(Object.prototype, "then", { value: undefined, writable: true, configurable: true });',
  'toJSON on everything':
    'Array.prototype.toJSON = function () { return this.slice(); }; String.prototype.toJSON = function () { return String(this); };',
  'an Array.prototype of somebody’s own':
    "for (const name of ['find', 'findIndex', 'filter', 'map', 'some', 'every', 'pop', 'shift', 'splice', 'slice', 'push', 'concat', 'includes', 'forEach', 'keys']) { const old = Array.prototype[name]; Array.prototype[name] = function () { return old.apply(this, arguments); }; }",
  'a Promise of somebody’s own': 'window.Promise = class Mine extends Promise {};',
  'timers that are wrapped':
    "for (const name of ['setTimeout', 'clearTimeout', 'setInterval', 'requestIdleCallback']) { const old = window[name]; window[name] = function () { return old.apply(window, arguments); }; }",
  'listeners that are wrapped':
    'const add = EventTarget.prototype.addEventListener; EventTarget.prototype.addEventListener = function (type, listener, options) { return add.call(this, type, typeof listener === "function" ? function (event) { return listener.call(this, event); } : listener, options); };',
  'createElement that decorates':
    'const make = document.createElement; document.createElement = function (name) { const element = make.apply(document, arguments); element.dataset.seen = "yes"; return element; };',
};

for (const [what, patch] of Object.entries(PATCHES))
  test(`[A4] a page has patched one thing: ${what}; somebody asks and somebody answers`, async ({ world }) => {
    const operator = await world.operator();
    const visitor = await world.stranger();
    const exceptions: string[] = [];
    visitor.page.on('pageerror', ({ message }) => exceptions.push(message));
    await visitor.page.addInitScript(`if (self === top) { ${patch} }`);
    await visitor.goto('recorder.html');
    await visitor.openChat();
    await visitor.say('Hello');
    await operator.join();
    await operator.reads('Hello');
    await operator.reply('Good afternoon');
    await visitor.sees('Good afternoon');
    expect(exceptions).toEqual([]);
  });

test('[A7] [BR.bounds] a frame covers a corner of the page at most, and nothing while it asks for no size', async ({ world }) => {
  const { page, frame } = await hostileFrame(world, 'plain.html');
  await page.setViewportSize({ width: 1920, height: 1500 });
  await frame.evaluate(() => void (window.ports = [window.greet('one') as MessagePort]));
  const wishes: [unknown, unknown][] = [
    [1e9, 1e9],
    [1e308, Infinity],
    [2 ** 31, 2 ** 32 + 5],
    ['100vw;top:0;left:0', '100vh'],
    ['100%', 'calc(100vw)'],
    [NaN, NaN],
    [-1e9, -1],
    [undefined, null],
    [{}, []],
    [['999px'], [1e9]],
    [true, false],
    [10n, 10n],
    [new Date(8e15), 1],
    [1.5, 0.1],
  ];
  for (const mode of ['panel', 'launcher', 'bubble', 'fullscreen', { toString: 'panel' }, null])
    for (const [width, height] of wishes) {
      await frame.evaluate(
        ([mode, width, height]) =>
          window.ask(
            window.ports[0],
            window.call('wish', 'ask', { type: 'place', mode, width, height, top: 0, left: 0, style: 'width:100vw' }),
          ),
        [mode, width, height],
      );
      const seen = await page.locator('iframe.callgear-widget').evaluate((element) => {
        const { width, height, position } = getComputedStyle(element);
        const { right, bottom } = element.getBoundingClientRect();
        return {
          isSmall: parseFloat(width) <= 999 && parseFloat(height) <= 999,
          isPixels: /^\d+px$/.test((element as HTMLElement).style.width),
          position,
          right: Math.round(innerWidth - right),
          bottom: Math.round(innerHeight - bottom),
        };
      });
      expect(seen, JSON.stringify([mode, String(width), String(height)])).toEqual({
        isSmall: true,
        isPixels: true,
        position: 'fixed',
        right: 0,
        bottom: 0,
      });
    }
  await frame.evaluate(() =>
    window.ask(window.ports[0], window.call('none', 'ask', { type: 'place', mode: 'hidden', width: 999, height: 999 })),
  );
  expect(await page.locator('iframe.callgear-widget').evaluate((element) => getComputedStyle(element).visibility)).toBe('hidden');
});

/** What a page can see at points all over it: our frame's share of them. */
const shareOf = (page: Page): Promise<number> =>
  page.evaluate(() => {
    let ours = 0;
    let all = 0;
    for (let x = 5; x < innerWidth; x += 20)
      for (let y = 5; y < innerHeight; y += 20) {
        all += 1;
        if (document.elementFromPoint(x, y)?.matches('iframe.callgear-widget') === true) ours += 1;
      }
    return ours / all;
  });

test('[A7] a closed chat takes only clicks on its button, and page styles cannot hide it under a bait', async ({ world }) => {
  const visitor = await world.stranger();
  const { page } = visitor;
  await visitor.goto('plain.html');
  await expect(visitor.launcher).toBeVisible();
  expect(await shareOf(page)).toBeLessThan(0.03);

  // The classic disguise: transparent, stretched, moved over or under something that one likes to click.
  await page.addStyleTag({
    content: `iframe, iframe.callgear-widget, html > iframe[class][title] { opacity: 0 !important; transform: scale(20) !important; clip-path: inset(0 0 90% 0) !important; filter: opacity(0) !important;
      pointer-events: none !important; position: absolute !important; inset: 0 !important; width: 100vw !important; height: 100vh !important; max-width: none !important; mix-blend-mode: screen !important; z-index: -1 !important;
      visibility: visible !important; mask: linear-gradient(transparent, transparent) !important; zoom: 5 !important; scale: 9 !important; translate: 50vw !important; rotate: 180deg !important; }`,
  });
  const styles = await page.locator('iframe.callgear-widget').evaluate((element) => {
    const { opacity, transform, clipPath, filter, pointerEvents, position, mixBlendMode, zIndex, maskImage, scale, translate, rotate } =
      getComputedStyle(element);
    const box = element.getBoundingClientRect();
    const [right, bottom] = [innerWidth - box.right, innerHeight - box.bottom].map(Math.round);
    return {
      opacity,
      transform,
      clipPath,
      filter,
      pointerEvents,
      position,
      mixBlendMode,
      zIndex,
      maskImage,
      scale,
      translate,
      rotate,
      right,
      bottom,
    };
  });
  expect(styles).toEqual({
    opacity: '1',
    transform: 'none',
    clipPath: 'none',
    filter: 'none',
    pointerEvents: 'auto',
    position: 'fixed',
    mixBlendMode: 'normal',
    zIndex: '2147483647',
    maskImage: 'none',
    scale: 'none',
    translate: '-100% -100%',
    rotate: 'none',
    right: 0,
    bottom: 0,
  });
  expect(await shareOf(page)).toBeLessThan(0.03);
  await visitor.openChat();
  await expect(visitor.box).toBeVisible();
  expect(await shareOf(page)).toBeLessThan(0.6);
});

test('[A7] no script of the page can press the frame’s buttons or read its document', async ({ world }) => {
  const visitor = await world.stranger();
  await visitor.goto('plain.html');
  await visitor.openChat();
  const refused = await visitor.page.evaluate(() => {
    const { contentWindow, contentDocument } = document.querySelector('iframe.callgear-widget') as HTMLIFrameElement;
    const tries: (() => unknown)[] = [
      () => (contentWindow as Window).document,
      () => (contentWindow as Window & { eval: (code: string) => unknown }).eval('1'),
      () => (contentWindow as Window).dispatchEvent(new MouseEvent('click')),
      () => (contentWindow as Window).localStorage,
      () => (contentWindow as Window).getSelection(),
      () => (contentWindow as Window).history.length,
    ];
    const names = tries.map((attempt) => {
      try {
        return String(attempt());
      } catch (error) {
        return (error as Error).name;
      }
    });
    return [contentDocument, ...names];
  });
  expect(refused).toEqual([null, ...Array<string>(6).fill('SecurityError')]);
});

/** Payloads made of what has been run as code or markup somewhere, at random but always the same. */
function payloads(count: number): string[] {
  let seed = 20_261_122;
  const random = (): number => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const pick = (list: readonly string[]): string => list[Math.floor(random() * list.length)] ?? '';
  const opening = [
    '{{',
    '${',
    '<%=',
    '#{',
    '<',
    '</',
    '<!--',
    '">',
    "'>",
    '`',
    '[[',
    '{%',
    '\\u003c',
    '&lt;',
    '&#60;',
    '<![CDATA[',
    '{{{',
    '@{',
    '$(',
    '%0a',
    '<svg/',
    '<math><',
  ];
  const middle = [
    'svg onload=owned=1',
    'img src=x onerror=owned=1',
    'script>owned=1',
    'constructor.constructor("owned=1")()',
    '__proto__.owned=1',
    'this.constructor.prototype',
    'a.b.c',
    'constructor["constructor"]',
    'iframe srcdoc="x"',
    'style>*{}',
    'a href=javascript:owned=1',
    'owned=1',
    'base href=//evil',
    'object data=x',
    'meta http-equiv=refresh',
    'toString.call',
    'prototype.polluted=1',
    'form action=x><input',
    'details open ontoggle=owned=1',
    'template><script>',
  ];
  const closing = [
    '}}',
    '}',
    '%>',
    '>',
    '/>',
    '-->',
    '"',
    "'",
    '`',
    ']]',
    '%}',
    '\\u003e',
    '&gt;',
    ']]>',
    '}}}',
    ')',
    '</script>',
    '</svg>',
  ];
  // One word each, told apart by a number: so it is found again as one, and none is folded into its neighbour.
  return Array.from({ length: count }, (_, n) => `${pick(opening)}${pick(middle)}${pick(closing)}#${n}`);
}

/** As many in one text as a message may have. */
function packed(all: readonly string[]): string[] {
  const texts: string[] = [];
  for (const payload of all) {
    const last = texts.length - 1;
    if (last >= 0 && `${texts[last]} ${payload}`.length <= 4_000) texts[last] += ` ${payload}`;
    else texts.push(payload);
  }
  return texts;
}

const unspaced = (text: string): string => text.replaceAll(/\s+/g, ' ');

test('[A6] [C3] ten thousand payloads are text, in the chat and in the workplace', async ({ world }) => {
  test.slow();
  const operator = await world.operator();
  const visitor = await world.visitor();
  const texts = packed(payloads(10_000));
  await visitor.openChat();
  expect(await visitor.done('sendChatMessage', 'First')).toBe('ok');
  await operator.join();
  const ends = await visitor.run(
    (chat, given) =>
      Promise.all(
        given.map((text) =>
          chat.promise['sendChatMessage']?.(text).then(
            () => 'ok',
            (error: { code: string }) => error.code,
          ),
        ),
      ),
    texts,
  );
  expect([...new Set(ends)]).toEqual(['ok']);
  await operator.reply('Last');
  await visitor.sees('Last');
  await operator.reads('Last');

  const shown = unspaced(await visitor.log.evaluate((log) => log.textContent ?? ''));
  const isWindowed = !shown.includes(unspaced(texts[0] ?? ''));
  // However much of a long conversation stands in the document: what stands there is whole.
  const expected = isWindowed ? texts.filter((text) => shown.includes(text.slice(text.lastIndexOf('#')))) : texts;
  expect(expected.length).toBeGreaterThan(50);
  expect(expected.filter((text) => !shown.includes(unspaced(text)))).toEqual([]);
  const read = unspaced(await operator.log.evaluate((log) => log.textContent ?? ''));
  const readable = texts.filter((text) => read.includes(text.slice(text.lastIndexOf('#'))));
  expect(readable.length).toBeGreaterThan(10);
  expect(readable.filter((text) => !read.includes(unspaced(text)))).toEqual([]);

  const places = [...visitor.page.frames(), ...operator.page.frames()];
  for (const place of places) {
    const traces = await place.evaluate(() => ({
      owned: [window.owned, window.polluted, Object.keys(Object.prototype).length],
      elements: document.querySelectorAll(
        '[role=log] :is(script, iframe, object, embed, form, style, base, meta, math, template, details, input), [role=log] [onload], [role=log] [onerror], [role=log] [ontoggle], [role=log] a[href^="javascript:" i]',
      ).length,
    }));
    expect(traces).toEqual({ owned: [undefined, undefined, 0], elements: 0 });
  }
});

test('[A6] what a page’s script hands in as settings and templates is text as well, and never compiled', async ({
  world,
}: {
  world: World;
}) => {
  const visitor = await world.visitor('recorder.html?headless');
  const titles = payloads(40).map((text) => text.slice(0, 60));
  for (const title of titles) {
    await visitor.page.evaluate((given) => {
      const chat = window.CallGear.UI.createWidget('consultant_chat', {
        template: given,
        tpl: given,
        settings: { chat: { title: given, h_position: given, v_position: given }, common: { banner_color: given } },
      });
      chat.render();
      chat.show();
    }, title);
    await expect(visitor.frame.getByText(title, { exact: true }).first()).toBeVisible();
    await visitor.page.evaluate(() => window.CallGear.UI.getWidget('consultant_chat')?.destroy());
  }
  for (const frame of visitor.page.frames())
    expect(
      await frame.evaluate(() => [
        window.owned,
        window.polluted,
        document.querySelectorAll('script:not([src]), svg[onload], img[onerror]').length,
      ]),
    ).toEqual([undefined, undefined, 0]);
});
