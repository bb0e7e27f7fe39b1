/**
 * Composition root of the loader: finds its own script, puts `CallGear` on the page, replays what was asked before, and lets
 * the chat begin once the page is idle. Everything else is made here and handed to who needs it.
 *
 * Touches nothing of the page but four names, one iframe, and the backdrop that the browser would draw behind it.
 */
import { createBridge } from './bridge.ts';
import { define } from './define.ts';
import { BRAND, createFacade } from './facade.ts';
import { createFrameView } from './iframe.ts';
import { createPage } from './page.ts';
import { attempt, warn } from './report.ts';

/** A page that takes longer than this to load gets the chat before it has. */
const LOAD_MS = 10_000;
/** One that is never idle after this. On a busy machine a browser may not find a page idle for minutes. */
const IDLE_MS = 1_000;

const names = window as unknown as Record<string, Record<string | symbol, unknown> | undefined>;
/** An own property, and no element that only bears the name as its id. */
const own = (name: string) => ({}).hasOwnProperty.call(names, name) && !names[name]?.nodeType ? names[name] : undefined;

// Asked of the prototype: markup like <img name="currentScript"> would answer in the document's place, and bring an address.
const current = Object.getOwnPropertyDescriptor(Document.prototype, 'currentScript')!.get!.call(document);
const script = (current || document.querySelector('script[data-site]')) as HTMLScriptElement;
const { origin, searchParams } = new URL(script.src);
const site = script.dataset.site || searchParams.get('site') || '';
/** The names of the one object; the vendor's manual uses them all. */
const NAMES = ['CallGear', 'CallGearWidget', 'Comagic'];
const earlier = NAMES.map((name) => own(name)?.[BRAND]).find(Boolean);

if (!earlier) start();
else if (earlier !== site) warn(earlier + ' is loaded, not ' + site);

function start(): void {
  const frame = createFrameView(
    document,
    // The frame finds the first of these that it speaks, after the site's setting.
    () =>
      origin +
      '/frame/?' +
      new URLSearchParams({
        site,
        lang: page._language,
        page: document.documentElement?.lang,
      }),
    () => page._bridge._probe(),
    () => page._bridge._open(),
  );
  const page = createPage(document, frame, script.dataset.controller !== 'own', (handlers) =>
    createBridge(window, origin, frame, handlers),
  );
  page._language = script.dataset.lang || '';
  const facade = createFacade(page, site);

  const taken = [];
  for (const name of [...NAMES, '__cs']) {
    const ours = name === '__cs' ? { push: facade.push } : facade;
    const theirs = own(name);
    // A stub keeps its queue in `q`.
    const queue = theirs && (theirs.q || theirs);
    if (queue && !Array.isArray(queue)) {
      taken.push(name);
      continue;
    }
    names[name] = ours;
    if (theirs) {
      const early = [...(queue as unknown[])];
      // Who holds the old queue reaches us too, unless it is frozen.
      attempt(() => define(theirs, ours));
      // One by one: what nothing can be made of is reported, and the rest runs.
      for (const item of early) attempt(() => facade.push(item));
    }
  }
  if (taken.length) console.error('CallGear: taken: ' + taken);

  // After `load`, because an iframe inserted before would hold that event back; idle, because the page goes first.
  let isBegun = false;
  const begin = () => {
    if (isBegun) return;
    isBegun = true;
    page._controllers._onLoad();
    ((names['requestIdleCallback'] || setTimeout) as typeof requestIdleCallback)(page._bridge._open, { timeout: IDLE_MS });
  };
  if (document.readyState === 'complete') begin();
  addEventListener('load', begin);
  setTimeout(begin, LOAD_MS);
  // The event has neither number nor picture, so nothing is shown.
  addEventListener('pagehide', page._badge as () => void);
  // In the capturing phase: whoever follows links on the page finds this one taken.
  addEventListener(
    'click',
    (event) => {
      const wish = (event.target as Element).closest?.<HTMLElement>('[data-callgear]')?.dataset.callgear;
      // A link that is wanted in a tab of its own is the browser's.
      if (wish === undefined || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
      const name = { __proto__: null, open: 'openChatWindow', request: 'openSiteRequestPanel', call: 'openSitePhonePanel' }[wish];
      if (name) event.preventDefault();
      facade.push([name || 'data-callgear=' + wish]);
    },
    true,
  );
  addEventListener('keydown', page._onKey);
  // Single-page applications. Where the browser does not tell every step, at least those through history.
  addEventListener('popstate', page._tellPage);
  (names['navigation'] as EventTarget | undefined)?.addEventListener('navigatesuccess', page._tellPage);
}
