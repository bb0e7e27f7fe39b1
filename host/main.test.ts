import { afterEach, beforeEach, expect, test, vi } from 'vitest';

let errors: unknown[][];
let warnings: string[];
beforeEach(() => {
  vi.resetModules();
  vi.useFakeTimers();
  errors = [];
  warnings = [];
  vi.spyOn(console, 'error').mockImplementation((...args: unknown[]) => void errors.push(args));
  vi.spyOn(console, 'warn').mockImplementation((text: string) => void warnings.push(text));
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** Loads the loader into a page where these names are there already. Returns the page's window and what was put into it. */
async function load(early: Record<string, unknown>) {
  const inserted: { src: string }[] = [];
  const root = { lang: 'de', append: (child: never) => void inserted.push(child) };
  const createElement = () => ({ style: {}, isConnected: false });
  class Document extends EventTarget {
    get currentScript() {
      return { src: 'https://chat.test/loader.js', dataset: { site: 'shop' } };
    }
  }
  const document = Object.assign(new Document(), {
    documentElement: root,
    readyState: 'complete',
    title: '',
    createElement,
    querySelector: () => null,
    activeElement: null,
    location: { hostname: 'shop.test', origin: 'https://shop.test', pathname: '/' },
  });
  const window = Object.assign(new EventTarget(), { ...early, document, location: document.location });
  class Observer {
    observe() {}
    disconnect() {}
  }
  Object.assign(document, { defaultView: window });
  for (const [name, value] of Object.entries({
    window,
    document,
    Document,
    MutationObserver: Observer,
    ResizeObserver: Observer,
    addEventListener: window.addEventListener.bind(window),
  }))
    vi.stubGlobal(name, value);
  await import('./main.ts');
  vi.advanceTimersByTime(0);
  return { window: window as unknown as Window & Record<string, { UI: unknown; push: (item: unknown) => void }>, inserted };
}

test('[LO.queue] what nothing can be made of in an early queue is reported, the rest runs, and the chat begins', async () => {
  const ran: string[] = [];
  const { window, inserted } = await load({
    CallGear: [undefined, () => ran.push('first'), 'text', 5, () => ran.push('second')],
    __cs: ['openChatWindow', null, ['noSuchCommand']],
  });
  expect(ran).toEqual(['first', 'second']);
  expect([errors.length, warnings]).toEqual([5, [expect.stringContaining('noSuchCommand')]]);
  expect(inserted).toMatchObject([{ src: expect.stringContaining('https://chat.test/frame/?site=shop&lang=&page=de#n=') as string }]);
  expect(typeof window['CallGear']?.UI).toBe('object');
});

test('[LO.oneLine] a page that is never idle gets the chat all the same, a second after it has loaded', async () => {
  const requestIdleCallback = (run: () => void, { timeout }: IdleRequestOptions = {}) => void (timeout && setTimeout(run, timeout));
  const { inserted } = await load({ requestIdleCallback });
  expect(inserted).toHaveLength(0);
  vi.advanceTimersByTime(1_000);
  expect(inserted).toHaveLength(1);
});

test('[LO.queue] a function that throws in an early queue stops nothing', async () => {
  const ran: string[] = [];
  const { inserted } = await load({
    Comagic: [
      () => {
        throw new Error('a bug');
      },
      () => ran.push('after'),
    ],
  });
  expect([ran, errors.length, inserted.length]).toEqual([['after'], 1, 1]);
});

test('[FF.E12] [LO.stub] the documented stub works where the page has frozen what arrays inherit, and so does a queue that is frozen itself', async () => {
  const before = Object.getOwnPropertyDescriptors(Array.prototype) as unknown as PropertyDescriptorMap;
  const ran: string[] = [];
  const queue: unknown[] & { UI?: object } = [];
  queue.UI = { registerViewController: (_name: string, controller: unknown) => queue.push(controller) };
  queue.push(() => ran.push('stub'));
  const frozen = Object.freeze([() => ran.push('frozen')]);
  for (const name of ['push', 'splice', 'concat', 'filter', 'map'] as const)
    Object.defineProperty(Array.prototype, name, { writable: false });
  try {
    const { window } = await load({ CallGear: queue, __cs: frozen });
    expect([ran, window['CallGear'] === (queue as unknown), typeof Object(queue.UI).createWidget]).toEqual([
      ['stub', 'frozen'],
      false,
      'function',
    ]);
    // Who has kept the stub reaches us.
    queue.push(() => ran.push('later'));
    expect(ran).toEqual(['stub', 'frozen', 'later']);
  } finally {
    Object.defineProperties(Array.prototype, before);
  }
});

test('[FF.D8] [LO.older] `CallGearWidget` is the same object, with its own early queue, and a second loader knows it', async () => {
  const ran: string[] = [];
  const { window } = await load({ CallGearWidget: [() => ran.push('early')] });
  expect([window['CallGearWidget'], window['Comagic'], ran]).toEqual([window['CallGear'], window['CallGear'], ['early']]);
  vi.resetModules();
  const again = await load({ CallGear: { foreign: true }, Comagic: 5, CallGearWidget: window['CallGearWidget'] });
  expect([again.window['CallGear'], again.inserted, errors]).toEqual([{ foreign: true }, [], []]);
});

test('[FF.D8] [LO.foreign] a foreign `CallGearWidget` is left alone', async () => {
  const foreign = { open() {} };
  const { window } = await load({ CallGearWidget: foreign });
  expect([window['CallGearWidget'], errors]).toEqual([foreign, [[expect.stringContaining('taken: CallGearWidget')]]]);
});

/** A click on an element that bears this wish, or on something else. */
function click(wish: string | undefined, rest: object = {}): Event {
  const target = wish === undefined ? {} : { closest: () => ({ dataset: { callgear: wish } }) };
  const event = new Event('click', { cancelable: true });
  // `dispatchEvent` would put the window there.
  return Object.defineProperty(Object.assign(event, rest), 'target', { value: target });
}

test('[VI.wish] a click on an element that wishes for the chat is taken, and waits for the controller', async () => {
  const { window } = await load({});
  for (const wish of ['open', 'request', 'call']) {
    const event = click(wish);
    window.dispatchEvent(event);
    expect([wish, event.defaultPrevented]).toEqual([wish, true]);
  }
  expect([errors, warnings]).toEqual([[], []]);
});

test('[VI.wish] any other wish is one line on the console, calls nothing, and leaves the click alone', async () => {
  const { window } = await load({});
  for (const wish of ['setConsent', 'constructor', '__proto__', 'push', 'openChatWindow', '', 'OPEN']) {
    for (let n = 0; n < 2; n += 1) {
      const event = click(wish);
      window.dispatchEvent(event);
      expect(event.defaultPrevented).toBe(false);
    }
    expect(warnings.splice(0)).toEqual([expect.stringContaining(`data-callgear=${wish}`)]);
  }
  expect(errors).toEqual([]);
});

test('[VI.wish] clicks for a new tab or window, clicks that the page has taken and clicks on no element stay the page’s', async () => {
  const { window } = await load({});
  const taken = click('open');
  taken.preventDefault();
  const keys = ['ctrlKey', 'metaKey', 'shiftKey'].map((key) => click('open', { [key]: true }));
  const others = [...keys, click(undefined)];
  for (const event of [...others, taken]) window.dispatchEvent(event);
  expect(others.map(({ defaultPrevented }) => defaultPrevented)).toEqual([false, false, false, false]);
  expect([errors, warnings]).toEqual([[], []]);
});
