/**
 * The embed matrix: every kind of page the chat must work on, one entry each. `matrix.spec.ts` holds a conversation on each
 * of them; `npm run matrix` makes the table in docs/embedding.md from the results, in the order and words of this list.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { chromium, expect, firefox, type Browser, type Page } from '@playwright/test';
import { chromiumLaunch, firefoxLaunch } from '../support/browsers.ts';
import type { World } from '../support/fixtures.ts';
import { fillStorageHere } from '../support/full-storage.ts';
import type { VisitorPage } from '../support/pages/visitor.ts';
import type { Workplace } from '../support/pages/workplace.ts';
import type { Complaints } from './watch.ts';

export interface Stage {
  world: World;
  visitor: VisitorPage;
  operator: Workplace;
  complaints: Complaints;
  engine: string;
}

export interface Situation {
  /** For the table, in a customer's words. */
  name: string;
  /** Rules and attacks it shows, in brackets; the rest is shown by no rule's name. */
  rules: string;
  /** Address below the site, or what makes it. */
  page: string | ((world: World) => Promise<string>);
  /** In Firefox with every `npm test`, only with `npm run matrix`, or not: the reason stands in the table. */
  firefox: 'always' | 'matrix' | { not: string };
  /** In WebKit too, on `embed-watched.html` under these headers; see `webkit.spec.ts`. */
  webkit?: readonly string[];
  /** In Firefox the driver's clicks do not reach the frame of an isolated page: there the page's script speaks for the visitor. */
  isDeaf?: boolean;
  /** A browser of its own, where a setting of the browser is the situation. */
  launch?: (engine: string) => Promise<Browser>;
  /** Before the page is opened. */
  before?: (page: Page, world: World) => Promise<void>;
  /** The page stands inside this frame of the page that is opened. */
  within?: string;
  /** Complaints that belong to the situation. */
  isExpected?: RegExp;
  /** On the page, before anybody speaks. */
  onPage?: (stage: Stage) => Promise<void>;
  /** After the first words were exchanged. */
  after?: (stage: Stage) => Promise<void>;
}

const address = (page: string, given: [name: string, value: string][]): string => `${page}?${new URLSearchParams(given).toString()}`;
const withPolicy = (page: string, policy: string): string => address(page, [['csp', policy]]);
export const withHeaders = (page: string, ...headers: string[]): string =>
  address(
    page,
    headers.map((header) => ['header', header]),
  );

/** The element on the page. */
const element = (page: Page) => page.locator('iframe.callgear-widget');

export const SITUATIONS: readonly Situation[] = [
  {
    name: 'a page without any policy',
    rules: '[LO.oneLine]',
    page: 'plain.html',
    firefox: 'matrix',
    webkit: [],
  },
  {
    name: "`default-src 'none'` with the two words",
    rules: '[A2]',
    page: withPolicy('plain.html', "default-src 'none'; script-src CHAT; frame-src CHAT"),
    firefox: 'always',
    webkit: ["content-security-policy: default-src 'none'; script-src CHAT 'nonce-watch'; frame-src CHAT"],
  },
  {
    name: "nonce with `'strict-dynamic'` and nothing else",
    rules: '[A2]',
    page: withPolicy('embed-nonce.html', "script-src 'nonce-r4nd0m' 'strict-dynamic'; object-src 'none'; base-uri 'none'"),
    firefox: 'always',
  },
  {
    name: 'Trusted Types enforced, no policy allowed',
    rules: '[A2]',
    page: withPolicy('plain.html', "require-trusted-types-for 'script'; trusted-types 'none'"),
    firefox: 'matrix',
    webkit: ["content-security-policy: require-trusted-types-for 'script'; trusted-types 'none'"],
  },
  {
    name: 'COOP `same-origin` and COEP `require-corp`',
    rules: '[A3]',
    page: withHeaders('plain.html', 'cross-origin-opener-policy: same-origin', 'cross-origin-embedder-policy: require-corp'),
    firefox: 'always',
    webkit: ['cross-origin-opener-policy: same-origin', 'cross-origin-embedder-policy: require-corp'],
    isDeaf: true,
    onPage: async ({ visitor }) => expect(await visitor.page.evaluate(() => crossOriginIsolated)).toBe(true),
  },
  {
    name: 'COEP `credentialless`',
    rules: '[A3]',
    page: withHeaders('plain.html', 'cross-origin-opener-policy: same-origin', 'cross-origin-embedder-policy: credentialless'),
    firefox: 'matrix',
    isDeaf: true,
  },
  {
    name: 'inside an `<iframe credentialless>`',
    rules: '[A3]',
    page: 'embed-credentialless.html',
    within: 'iframe[title="Shop"]',
    firefox: { not: 'no such attribute' },
    onPage: async ({ visitor }) => {
      const inner = visitor.page.frames().find((frame) => frame.url().endsWith('/plain.html'));
      expect(await inner?.evaluate(() => (window as unknown as { credentialless: boolean }).credentialless)).toBe(true);
    },
  },
  {
    name: 'third-party storage blocked',
    rules: '',
    page: 'plain.html',
    firefox: 'matrix',
    launch: (engine) =>
      engine === 'firefox'
        ? launchFirefox(1)
        : chromium.launch({ ignoreDefaultArgs: false, ...chromiumLaunch({ isWhole: true, partitioned: false }) }),
    onPage: async ({ visitor, world }) => expect(await storageOf(visitor.page, world.system.chat)).toBe('SecurityError'),
  },
  {
    name: 'third-party storage partitioned',
    rules: '[C2]',
    page: 'plain.html',
    firefox: 'matrix',
    launch: (engine) => (engine === 'firefox' ? launchFirefox(5) : chromium.launch(chromiumLaunch({ isWhole: true }))),
    async after({ visitor, operator }) {
      // Who comes back to this site is known; a stranger's site is another matter, see the tests of the frame document.
      await visitor.page.reload();
      await visitor.openChat();
      await visitor.sees('Hello');
      await operator.reply('Welcome back');
      await visitor.sees('Welcome back');
    },
  },
  {
    name: 'storage full',
    rules: '',
    page: 'plain.html',
    firefox: 'always',
    before: fillStorage,
  },
  {
    name: "loader pinned by its hash (SRI), another version's beside it",
    rules: '[A1]',
    page: async ({ system }) => {
      const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };
      const bytes = await (await fetch(`${system.chat}/loader/${version}.js`)).arrayBuffer();
      const hash = (data: string | Buffer): string => createHash('sha384').update(data).digest('base64');
      return address('embed-pinned.html', [
        ['version', version],
        ['hash', hash(Buffer.from(bytes))],
        ['other', hash('another version')],
      ]);
    },
    firefox: 'matrix',
  },
  {
    name: 'added by a tag manager',
    rules: '[LO.oneLine]',
    page: withPolicy('embed-tag-manager.html', "script-src 'nonce-r4nd0m' 'strict-dynamic'; frame-src CHAT"),
    firefox: 'matrix',
  },
  {
    name: 'loader on the page twice',
    rules: '[LO.twice] [A5]',
    page: 'embed-twice.html',
    firefox: 'matrix',
    async after({ visitor, complaints }) {
      await expect(element(visitor.page)).toHaveCount(1);
      expect(complaints.warnings).toEqual([]);
    },
  },
  {
    name: "a second site's loader on the page",
    rules: '[LO.twice] [A5]',
    page: async (world) => address('embed-neighbour.html', [['other', (await world.neighbour()).key]]),
    firefox: 'matrix',
    async after({ visitor, complaints }) {
      await expect(element(visitor.page)).toHaveCount(1);
      expect(complaints.warnings).toHaveLength(1);
    },
  },
  {
    name: 'single-page application that replaces its body and routes',
    rules: '',
    page: 'embed-app.html',
    firefox: 'matrix',
    async after({ visitor, operator }) {
      const link = visitor.page.getByRole('button', { name: 'Next page' });
      for (const path of ['/page-1', '/page-2']) {
        await link.click();
        await expect(operator.page.getByText(path).first()).toBeVisible();
      }
      await expect(visitor.page.getByRole('heading', { name: 'Page 2' })).toBeVisible();
      await visitor.say('Still here');
      await operator.reads('Still here');
    },
  },
  {
    name: 'patched prototypes and promises',
    rules: '[A4]',
    page: 'embed-patched.html',
    firefox: 'matrix',
  },
  {
    name: '`<a id="CallGear">` and other clobbering names',
    rules: '[LO.foreign] [A5]',
    page: 'embed-clobbered.html',
    firefox: 'matrix',
  },
  {
    name: 'printing the page',
    rules: '',
    page: 'plain.html',
    firefox: { not: 'its driver prints without the events of printing' },
    async after({ visitor, operator }) {
      const { page } = visitor;
      // Listens after the loader does, so it sees what goes on paper.
      await page.evaluate(() =>
        addEventListener('beforeprint', () => {
          const frame = document.querySelector('iframe.callgear-widget');
          Object.assign(window, { onPaper: frame && getComputedStyle(frame).visibility });
        }),
      );
      await page.pdf();
      expect(await page.evaluate(() => (window as unknown as { onPaper: string }).onPaper)).toBe('hidden');
      await expect(visitor.box).toBeVisible();
      await visitor.say('Printed');
      await operator.reads('Printed');
    },
  },
  {
    name: 'right-to-left page',
    rules: '',
    page: 'embed-rtl.html',
    firefox: 'matrix',
    async after({ visitor }) {
      const box = await element(visitor.page).boundingBox();
      const { width, scroll } = await visitor.page.evaluate(() => ({ width: innerWidth, scroll: document.documentElement.scrollWidth }));
      expect(scroll).toBeLessThanOrEqual(width);
      expect((box?.x ?? -1) >= 0 && (box?.x ?? 0) + (box?.width ?? 0) <= width).toBe(true);
    },
  },
  {
    name: 'stylesheets and overlays that fight for the top',
    rules: '',
    page: 'embed-z-index.html',
    firefox: 'matrix',
  },
  {
    name: 'server out of reach at first, then back',
    rules: '[BI.server]',
    page: 'plain.html',
    firefox: 'matrix',
    // The browser's own lines about the network, and the one of ours that says why nobody answers.
    isExpected: /^console: (Failed to load resource|WebSocket connection|Cross-Origin Request Blocked|CallGear: no answer$)/,
    async before(page) {
      const isLate = Date.now() + 4_000;
      await page.route('**/session', (route) => (Date.now() < isLate ? route.abort() : route.continue()));
      await page.routeWebSocket(/\/socket$/, (socket) => (Date.now() < isLate ? socket.close() : void socket.connectToServer()));
    },
  },
];

/** `cookieBehavior`: 1 blocks all that is third-party, 5 partitions it. */
function launchFirefox(cookieBehavior: number): Promise<Browser> {
  const { channel, launchOptions } = firefoxLaunch() ?? { launchOptions: {} };
  return firefox.launch({
    ...launchOptions,
    ...(channel !== undefined && { channel }),
    firefoxUserPrefs: { ...launchOptions.firefoxUserPrefs, 'network.cookie.cookieBehavior': cookieBehavior },
  });
}

async function storageOf(page: Page, chat: string): Promise<string> {
  const frame = page.frames().find((candidate) => candidate.url().startsWith(chat));
  return (
    frame?.evaluate(() => {
      try {
        return `${localStorage.length} kept`;
      } catch (error) {
        return (error as Error).name;
      }
    }) ?? 'no frame'
  );
}

/** The chat's storage has no room for one more byte, and its database says so. */
async function fillStorage(page: Page, { system }: World): Promise<void> {
  await page.addInitScript(`if (location.origin === ${JSON.stringify(system.chat)}) (${fillStorageHere.toString()})();`);
}

/** Rows of the table whose tests need more than this list can say; they stand in a file of their own. */
export const ELSEWHERE: readonly Pick<Situation, 'name' | 'firefox'>[] = [
  { name: 'out of the back/forward cache', firefox: { not: 'its driver switches that cache off' } },
  ...[
    'a document that React 18 hydrates',
    'a document that React 18 makes anew, for a difference of its own',
    'a document that React 19 hydrates',
    'a document that React 19 makes anew, for a difference of its own',
    'pages among which Turbo goes, with a new body each time',
    'a root that is replaced',
    'a document that is written anew (`document.open`)',
    'a root with transform, effects or containment',
    'in a drawer that slides in',
    'in a scroller under a sticky header',
    'in a dialog',
    'in a list that throws its box away and brings it back',
    'over a popover',
    'in an element that fills the screen',
    'under a modal dialog',
  ].map((name) => ({ name, firefox: 'matrix' as const })),
];
