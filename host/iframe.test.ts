import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createFrameView } from './iframe.ts';

/** What the observers were told to do, to be done by hand, and what each of them observes now. */
const observers = new Map<object, { run: () => void; targets: Set<unknown> }>();
beforeEach(() => {
  observers.clear();
  class Observer {
    constructor(run: () => void) {
      observers.set(this, { run, targets: new Set() });
    }
    observe = (target: unknown) => void observers.get(this)!.targets.add(target);
    disconnect = () => observers.get(this)!.targets.clear();
  }
  vi.stubGlobal('MutationObserver', Observer);
  vi.stubGlobal('ResizeObserver', Observer);
});
afterEach(() => void vi.unstubAllGlobals());
const watched = () => new Set([...observers.values()].flatMap(({ targets }) => [...targets]));

/** A page of that width, as far as the iframe needs one. */
function page({ isPhone = false } = {}) {
  const appended: Record<string, unknown>[] = [];
  const root = {
    append(child: Record<string, unknown>) {
      child['isConnected'] = true;
      appended.push(child);
    },
  };
  const createElement = () => {
    const styles: Record<string, string> = {};
    const element: Record<string, unknown> = {
      styles,
      attributes: {} as Record<string, string>,
      style: {
        setProperty(name: string, value: string, priority: string) {
          if (name === 'all') for (const key of Object.keys(styles)) delete styles[key];
          styles[name] = value + (priority === 'important' ? '!' : '');
        },
      },
      setAttribute: (name: string, value: string) => void ((element['attributes'] as Record<string, string>)[name] = value),
      remove: () => (element['isConnected'] = false),
      contentWindow: {},
    };
    return element;
  };
  const visualViewport = Object.assign(new EventTarget(), { scale: 1, height: 700, offsetTop: 0 });
  const window = Object.assign(new EventTarget(), { matchMedia: () => ({ matches: isPhone }), visualViewport });
  const listeners = new Map<string, number>();
  for (const [prefix, target] of [['', window], ['viewport ', visualViewport]] as const) {
    const add = target.addEventListener.bind(target);
    target.addEventListener = (name: string, listener: EventListener, options: { signal: AbortSignal }) => {
      const count = (by: number) => listeners.set(prefix + name, (listeners.get(prefix + name) ?? 0) + by);
      count(1);
      options.signal.addEventListener('abort', () => count(-1));
      add(name, listener, options);
    };
  }
  const document = { defaultView: window, documentElement: root, body: {}, location: { hostname: 'shop.test' }, createElement };
  const view = createFrameView(document as never, 'https://chat.test/frame/?site=shop', () => {});
  const element = () => view._element() as unknown as { styles: Record<string, string>; attributes: Record<string, string>; src: string; title: string; isConnected: boolean };
  const fire = (name: string) => void window.dispatchEvent(new Event(name));
  /** Names that are listened to now. */
  const heard = () => [...listeners].flatMap(([name, count]) => (count > 0 ? [name] : []));
  /** The page has removed something: whoever watches for that is told. */
  const putBack = () => {
    for (const { run, targets } of observers.values()) if (targets.has(root)) run();
  };
  return { view, appended, element, document, fire, heard, putBack, visualViewport };
}
const inCorner = { _isDrawn: true, _isLeft: false, _isTop: false };

test('[LO.oneLine] one iframe, named, sandboxed, outside of body, with nothing in a style attribute', () => {
  const { view, appended, element } = page();
  view._insert('#n=1');
  expect(appended).toHaveLength(1);
  expect(element()).toMatchObject({ title: 'Chat with shop.test', src: 'https://chat.test/frame/?site=shop#n=1', allow: '', referrerPolicy: 'strict-origin' });
  expect(element().attributes).toEqual({ sandbox: 'allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox allow-downloads allow-modals' });
  expect(element().styles).toMatchObject({ position: 'fixed!', 'z-index': '2147483647!', visibility: 'hidden!' });
});

test('[LO.headless] what is not drawn cannot be seen, whatever size the frame asks for', () => {
  const { view, element } = page();
  view._insert('');
  view._place({ type: 'place', mode: 'panel', width: 400, height: 600 });
  expect(element().styles['visibility']).toBe('hidden!');
  view._room(inCorner);
  expect(element().styles).toMatchObject({ visibility: 'visible!', width: '400px!', height: '600px!', right: '0px!', bottom: '0px!' });
  view._room({ ...inCorner, _isLeft: true, _isTop: true });
  expect(element().styles).toMatchObject({ left: '0px!', top: '0px!' });
  expect(element().styles).not.toHaveProperty('right');
});

test.each([[1e9], [Infinity], [NaN], [-5], ['100vw;top:0'], [{}], [12.7]])('[BR.bounds] a size of %s is clamped to a whole number', (size) => {
  const { view, element } = page();
  view._insert('');
  view._room(inCorner);
  view._place({ type: 'place', mode: 'panel', width: size as number, height: 10 });
  expect(Number(/^(\d{1,3})px!$/.exec(element().styles['width']!)?.[1])).toBeLessThanOrEqual(999);
});

test('[WI.render] over a box of the page it has that place and size, and nothing where the box has none', () => {
  const { view, element, document } = page({ isPhone: true });
  let rect = { left: 10, top: 20, width: 300, height: 400 };
  const box = { getBoundingClientRect: () => rect } as HTMLElement;
  view._insert('');
  view._place({ type: 'place', mode: 'panel', width: 1, height: 1 });
  view._room({ ...inCorner, _box: box });
  expect(element().styles).toMatchObject({ visibility: 'visible!', left: '10px!', top: '20px!', width: '300px!', height: '400px!' });
  expect(watched()).toEqual(new Set([document.documentElement, box, document.body]));
  rect = { left: 0, top: 0, width: 0, height: 0 };
  view._room({ ...inCorner, _box: box });
  expect(element().styles['visibility']).toBe('hidden!');
  view._room(inCorner);
  expect(watched()).toEqual(new Set([document.documentElement]));
});

test('[LO.launcher] on a phone the open chat has the whole screen, the launcher has not', () => {
  const { view, element } = page({ isPhone: true });
  view._insert('');
  view._room(inCorner);
  view._place({ type: 'place', mode: 'launcher', width: 80, height: 80 });
  expect(element().styles['width']).toBe('80px!');
  view._place({ type: 'place', mode: 'panel', width: 400, height: 600 });
  expect(element().styles).toMatchObject({ width: '100%!', height: '700px!', top: '0px!' });
});

test('[WI.putBack] an iframe that a framework removed comes back; one of ours that was replaced does not', () => {
  const { view, appended, element, putBack } = page();
  view._insert('#1');
  const first = element();
  (first as unknown as { remove(): void }).remove();
  putBack();
  expect([appended.length, first.isConnected]).toEqual([2, true]);
  view._insert('#2');
  putBack();
  expect([appended.length, first.isConnected, element().src.slice(-2)]).toEqual([3, false, '#2']);
  view._remove();
  putBack();
  expect(appended).toHaveLength(3);
});

test('is not on the page’s paper, and there again afterwards', () => {
  const { view, element, fire } = page();
  view._insert('#n');
  view._room(inCorner);
  view._place({ type: 'place', mode: 'launcher', width: 80, height: 80 });
  fire('beforeprint');
  const onPaper = element().styles['visibility'];
  fire('afterprint');
  expect([onPaper, element().styles['visibility']]).toEqual(['hidden!', 'visible!']);
});

test('[LO.oneLine] its scheme is its document’s, whatever the page’s is: it would be painted opaque otherwise', () => {
  const { view, element } = page();
  view._insert('');
  expect(element().styles['color-scheme']).toBe('light!');
});

test('[LO.launcher] on a phone the open chat ends where the keyboard begins, and only then the keyboard is listened for', () => {
  const { view, element, heard, visualViewport } = page({ isPhone: true });
  view._insert('');
  view._room(inCorner);
  view._place({ type: 'place', mode: 'launcher', width: 80, height: 80 });
  expect(heard()).not.toContain('viewport resize');
  view._place({ type: 'place', mode: 'panel', width: 400, height: 600 });
  expect(heard()).toEqual(expect.arrayContaining(['viewport resize', 'viewport scroll']));
  Object.assign(visualViewport, { height: 400, offsetTop: 30 });
  visualViewport.dispatchEvent(new Event('resize'));
  expect(element().styles).toMatchObject({ width: '100%!', height: '400px!', left: '0px!', top: '30px!' });
  Object.assign(visualViewport, { scale: 2, height: 350, offsetTop: 90 });
  visualViewport.dispatchEvent(new Event('resize'));
  expect(element().styles).toMatchObject({ height: '100%!', top: '0px!' });
  view._place({ type: 'place', mode: 'launcher', width: 80, height: 80 });
  expect(heard()).not.toContain('viewport resize');
});

test('[BR.destroy] a thousand frames that came and went leave neither listener nor observer behind', () => {
  const { view, heard, element } = page({ isPhone: true });
  const box = { getBoundingClientRect: () => ({ left: 0, top: 0, width: 9, height: 9 }) } as HTMLElement;
  for (let n = 0; n < 1000; n++) {
    view._insert('#' + n);
    view._place({ type: 'place', mode: 'panel', width: 1, height: 1 });
    view._room({ ...inCorner, _box: box });
    view._room(inCorner);
    view._remove();
    view._place({ type: 'place', mode: 'launcher', width: 1, height: 1 });
  }
  expect([heard(), watched().size, element()]).toEqual([[], 0, undefined]);
});

test('[A7] [BR.bounds] ten thousand wishes for a size end between nothing and 999 pixels, in whole pixels, and nowhere but in the corner', () => {
  const { view, element } = page();
  view._insert('#');
  view._room(inCorner);
  let seed = 7;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const odd = [1e9, 1e308, -1e9, Infinity, -Infinity, NaN, 2 ** 31, 2 ** 32 + 5, '100vw', '100vw;top:0', '1e9', 'calc(100%)', '', null, undefined, {}, [], [1e9], ['50px'], true, new Date(8e15)];
  for (let n = 0; n < 10_000; n += 1) {
    const wish = () => (random() < 0.5 ? odd[Math.floor(random() * odd.length)] : (random() - 0.5) * 10 ** Math.floor(random() * 20)) as number;
    view._place({ type: 'place', mode: ['panel', 'launcher', 'bubble', 'everything'][n % 4] as 'panel', width: wish(), height: wish(), top: 0, position: 'static' } as never);
    const { styles } = element();
    for (const name of ['width', 'height']) {
      expect(styles[name]).toMatch(/^\d{1,3}px!$/);
    }
    expect([styles['position'], styles['right'], styles['bottom'], styles['top'], styles['left']]).toEqual(['fixed!', '0px!', '0px!', undefined, undefined]);
  }
});
