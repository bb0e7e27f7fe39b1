import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Place } from '../shared/page/bridge.ts';
import { createFrameView } from './iframe.ts';

/**
 * A page as far as the iframe needs one: nodes that know their parent, observers that are run by hand. How browsers behave around
 * it is shown in e2e/embed/place.spec.ts; here is what it asks them for.
 */
const observers = new Map<object, { run: (entries: object[]) => void; targets: Set<unknown> }>();
beforeEach(() => {
  observers.clear();
  class Observer {
    constructor(run: (entries: object[]) => void) {
      observers.set(this, { run, targets: new Set() });
    }
    observe = (target: unknown) => void observers.get(this)!.targets.add(target);
    disconnect = () => observers.get(this)!.targets.clear();
  }
  vi.stubGlobal('MutationObserver', Observer);
  vi.stubGlobal('ResizeObserver', Observer);
  vi.stubGlobal(
    'CSSStyleSheet',
    class {
      rules: string[] = [];
      insertRule = (rule: string) => void this.rules.push(rule);
    },
  );
  vi.stubGlobal('queueMicrotask', (run: () => void) => run());
  vi.useFakeTimers();
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

class Node {
  parentNode: Node | null = null;
  children: Node[] = [];
  popovers: boolean[] = [];
  style = { cssText: '' };
  contentWindow = {};
  offsetTop = 700;
  moved = 0;
  readonly name: string;
  readonly canMove: boolean;
  constructor(name: string, canMove = true) {
    this.name = name;
    this.canMove = canMove;
  }
  get isConnected(): boolean {
    return this.name === 'document' || (this.parentNode?.isConnected ?? false);
  }
  append(child: Node): void {
    child.remove();
    child.parentNode = this;
    this.children.push(child);
  }
  get moveBefore(): ((child: Node) => void) | undefined {
    return this.canMove ? this.move : undefined;
  }
  move(child: Node): void {
    if (!child.isConnected) throw new Error('HierarchyRequestError');
    this.append(child);
    child.moved += 1;
  }
  remove(): void {
    if (this.parentNode) this.parentNode.children = this.parentNode.children.filter((other) => other !== this);
    this.parentNode = null;
  }
  togglePopover(isShown: boolean): void {
    if (!this.isConnected) throw new Error('InvalidStateError');
    this.popovers.push(isShown);
  }
}

/** A page of that width. */
function page({ isPhone = false, canMove = true } = {}) {
  const [root, body] = [new Node('html', canMove), new Node('body', canMove)];
  const visualViewport = Object.assign(new EventTarget(), { scale: 1, height: 700, offsetTop: 0 });
  const window = Object.assign(new EventTarget(), { matchMedia: () => ({ matches: isPhone }), visualViewport });
  let dialog: Node | null = null;
  const document = Object.assign(new EventTarget(), new Node('document'), {
    isConnected: true,
    defaultView: window,
    documentElement: root,
    body,
    fullscreenElement: null as Node | null,
    adoptedStyleSheets: [] as { rules: string[] }[],
    location: { hostname: 'shop.test' },
    createElement: () => new Node('iframe', canMove),
    querySelector: () => dialog,
  });
  root.parentNode = document as unknown as Node;
  root.append(body);
  const gone = vi.fn();
  const view = createFrameView(
    document as never,
    () => 'https://chat.test/frame/?site=shop',
    () => {},
    gone,
  );
  const element = () => view._element() as unknown as Node & Record<'src' | 'title' | 'sandbox' | 'referrerPolicy', string>;
  const styles = () =>
    Object.fromEntries(
      element()
        .style.cssText.split(';')
        .filter(Boolean)
        .map((rule) => rule.split(/:(.*)/s).slice(0, 2) as [string, string]),
    );
  const fire = (name: string) => void window.dispatchEvent(new Event(name));
  /** Runs the observers that watch for changes. */
  const look = () => {
    for (const { run } of observers.values()) run([]);
  };
  const cover = (over: Node | null) => {
    dialog = over;
    look();
  };
  const place = (mode: string, width: unknown = 400, height: unknown = 600, rest: object = {}) =>
    view._place({ mode, width, height, ...rest } as Place);
  return { view, element, styles, document, root, body, fire, look, cover, place, gone, visualViewport };
}
const watched = () => new Set([...observers.values()].flatMap(({ targets }) => [...targets]));

test('[LO.oneLine] one iframe, named, sandboxed, last in <body>, with nothing in a style attribute of its own', () => {
  const { view, element, styles, body } = page();
  view._insert('#n=1');
  expect(body.children).toEqual([element()]);
  expect(element()).toMatchObject({
    title: 'Chat',
    src: 'https://chat.test/frame/?site=shop#n=1',
    referrerPolicy: 'strict-origin',
    sandbox: 'allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox allow-downloads allow-modals',
  });
  expect(styles()).toMatchObject({
    all: 'initial!important',
    position: 'fixed!important',
    'z-index': '2147483647!important',
    visibility: 'hidden!important',
  });
});

test('[LO.oneLine] the frame says whom one chats with', () => {
  const { view, element, place } = page();
  view._insert('');
  place('launcher', 80, 80, { title: 'Tea & Co' });
  expect(element().title).toBe('Tea & Co');
});

test('[BR.bounds] a title has a bound, and a place whose title is no text is refused as a whole', () => {
  const { view, element, styles, place } = page();
  view._insert('');
  view._room(true);
  place('panel', 400, 600, { title: 'T'.repeat(5000) });
  expect(element().title).toBe('T'.repeat(999));
  for (const title of [{}, [], { toString: 5 }, true])
    expect(() => place('panel', 100, 100, { title }), JSON.stringify(title)).toThrow(TypeError);
  expect(styles()['width']).toBe('400px!important');
  place('panel', 400, 600);
  expect(element().title).toBe('Chat');
});

test('[LO.headless] a frame that draws nothing cannot be seen, whatever size it asks for', () => {
  const { view, styles, place } = page();
  view._insert('');
  place('panel');
  expect(styles()['visibility']).toBe('hidden!important');
  view._room(true);
  expect(styles()).toMatchObject({ all: 'initial!important', width: '400px!important', height: '600px!important' });
  expect(styles()).not.toHaveProperty('visibility');
});

test.each([
  [{}, '100%', '100%'],
  [{ isLeft: true }, '0%', '100%'],
  [{ isTop: true }, '100%', '0%'],
  [{ isLeft: true, isTop: true }, '0%', '0%'],
])('[FF.E14] [FF.D10] in the corner that the frame draws for, %j, growing inwards from a point that stays', (corner, left, top) => {
  const { view, styles, place } = page();
  view._insert('');
  view._room(true);
  for (const size of [80, 600]) {
    place('panel', size, size, corner);
    expect(styles()).toMatchObject({
      left: `${left}!important`,
      top: `${top}!important`,
      translate: `calc(0px - ${left}) calc(0px - ${top})!important`,
      width: `${size}px!important`,
    });
  }
});

test('[VI.launcher] it keeps from its corner as far as the frame asks, in whole pixels, whatever it sends', () => {
  const { view, styles, place } = page();
  view._insert('');
  view._room(true);
  place('launcher', 80, 80, { x: -40, y: -24 });
  expect(styles()['translate']).toBe('calc(-40px - 100%) calc(-24px - 100%)!important');
  place('launcher', 80, 80, { isLeft: true, isTop: true, x: 40, y: 24 });
  expect(styles()['translate']).toBe('calc(40px - 0%) calc(24px - 0%)!important');
  for (const hostile of ['1px;top:0', {}, NaN, null, '9px) url(//evil.example']) {
    place('launcher', 80, 80, { x: hostile, y: hostile } as never);
    expect(styles()['translate']).toBe('calc(0px - 100%) calc(0px - 100%)!important');
  }
  place('panel');
  expect(styles()['translate']).toBe('calc(0px - 100%) calc(0px - 100%)!important');
});

test.each([[1e9], [Infinity], [NaN], [-5], ['100vw;top:0'], [{}], [12.7]])(
  '[BR.bounds] a size of %s is clamped to a whole number',
  (size) => {
    const { view, styles, place } = page();
    view._insert('');
    view._room(true);
    place('panel', size, 10);
    expect(Number(/^(\d{1,3})px!important$/.exec(styles()['width']!)?.[1])).toBeLessThanOrEqual(999);
  },
);

test('[A7] [BR.bounds] ten thousand wishes for a place end between nothing and 999 pixels, in whole pixels, and nowhere but in the corner', () => {
  const { view, styles, place } = page();
  view._insert('#');
  view._room(true);
  let seed = 7;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const odd: unknown[] = [
    1e9,
    1e308,
    -1e9,
    Infinity,
    -Infinity,
    NaN,
    2 ** 31,
    2 ** 32 + 5,
    '100vw',
    '100vw;top:0',
    '1e9',
    'calc(100%)',
    '',
    null,
    undefined,
    {},
    [],
    [1e9],
    ['50px'],
    true,
    new Date(8e15),
    10n,
    { toString: 'no function' },
  ];
  for (let n = 0; n < 10_000; n += 1) {
    const wish = () => (random() < 0.5 ? odd[Math.floor(random() * odd.length)] : (random() - 0.5) * 10 ** Math.floor(random() * 20));
    try {
      place(['panel', 'launcher', 'bubble', 'everything'][n % 4]!, wish(), wish(), {
        top: 0,
        position: 'static',
        name: wish(),
        isLeft: n % 3,
      });
    } catch {
      // Refused; what was said before holds.
    }
    const { position, width, height, left, top } = styles();
    for (const size of [width, height]) expect(size).toMatch(/^\d{1,3}px!important$/);
    expect([position, top]).toEqual(['fixed!important', '100%!important']);
    expect(left).toMatch(/^(0|100)%!important$/);
    // Nothing it has asked for stops the page.
    view._room(false);
    view._room(true);
  }
});

test('[WI.render] [FF.E3] it fills a box of the page as a child of it, seen when the box is, and comes back when the box is gone', () => {
  const { view, element, styles, place, body, look } = page({ isPhone: true });
  const box = new Node('box');
  body.append(box);
  view._insert('');
  place('panel', 1, 1);
  view._room(true, box as never);
  expect([element().parentNode, element().moved]).toEqual([box, 1]);
  // Of what is unset, `z-index` is `auto`: nothing after it may say otherwise.
  expect(styles()).not.toHaveProperty('z-index');
  expect(element().style.cssText).toMatch(/^all:unset!important;position:absolute!important;/);
  expect(styles()).toMatchObject({
    position: 'absolute!important',
    all: 'unset!important',
    width: '100%!important',
    height: '100%!important',
  });
  expect(element().popovers.pop()).toBe(false);
  expect(watched()).toContain(box);
  box.remove();
  look();
  vi.runAllTimers();
  view._insert('again');
  // A box that is thrown away shows nothing; when it is back, so is the chat.
  expect([element().parentNode?.name, styles()['visibility']]).toEqual(['html', 'hidden!important']);
  body.append(box);
  look();
  expect([element().parentNode, element().moved, styles()['visibility']]).toEqual([box, 1, undefined]);
  view._room(true);
  expect([element().parentNode?.name, element().popovers.pop(), styles()['position']]).toEqual(['html', true, 'fixed!important']);
});

test('[FF.E3] where nothing can be moved it is loaded anew in its box', () => {
  const { view, element, body } = page({ canMove: false });
  const box = new Node('box', false);
  body.append(box);
  view._insert('');
  view._room(true, box as never);
  expect([element().parentNode, element().moved]).toEqual([box, 0]);
});

test('[FF.E3] a box that is known before the frame is inserted is where it is inserted', () => {
  const { view, element, body } = page();
  const box = new Node('box');
  body.append(box);
  view._room(true, box as never);
  view._insert('');
  expect([element().parentNode, element().moved]).toEqual([box, 0]);
});

test('[WI.putBack] [FF.E2] what took it out is answered with a new one, in a task of its own and a little later each time, outside of the <body> that lost it', () => {
  const { view, element, body, root, look, gone } = page();
  gone.mockImplementation(() => view._insert('#again'));
  view._insert('#1');
  const waits: number[] = [];
  for (let n = 0; n < 45; n += 1) {
    const first = element();
    first.remove();
    look();
    expect(gone).toHaveBeenCalledTimes(n);
    const before = vi.getMockedSystemTime()!.getTime();
    vi.advanceTimersToNextTimer();
    waits.push(vi.getMockedSystemTime()!.getTime() - before);
    expect([element() === first, element().parentNode, body.children.length, root.children.length]).toEqual([false, root, 0, 2]);
  }
  expect(waits.slice(0, 3)).toEqual([0, 20, 40]);
  expect(Math.max(...waits)).toBeLessThan(1_000);
  view._remove();
  look();
  vi.runAllTimers();
  expect(gone).toHaveBeenCalledTimes(45);
});

test('[FF.E2] a page that is just writing its document anew has no place for it yet', () => {
  const { view, element, document, root, look, gone } = page();
  gone.mockImplementation(() => view._insert('#again'));
  Object.assign(document, { documentElement: null, body: null });
  view._insert('#1');
  expect([element().parentNode, watched().has(document)]).toEqual([null, true]);
  Object.assign(document, { documentElement: root });
  look();
  vi.runAllTimers();
  expect(element().parentNode).toBe(root);
});

test('[LO.oneLine] in the top layer it has no backdrop, by one rule for all frames', () => {
  const { view, document } = page();
  for (const n of ['#1', '#2']) view._insert(n);
  expect(document.adoptedStyleSheets.map(({ rules }) => rules)).toEqual([['.callgear-widget::backdrop{display:none!important}']]);
});

test('[FF.E5] it stays below a modal dialog, and its caller hears when the dialog is gone', () => {
  const { view, element, place, cover } = page();
  view._insert('');
  view._room(true);
  place('launcher', 80, 80);
  expect(element().popovers.pop()).toBe(true);
  const then = vi.fn();
  expect([view._isCovered(then), then.mock.calls.length]).toEqual([false, 0]);
  const dialog = new Node('dialog');
  cover(dialog);
  expect([element().popovers.pop(), watched().has(dialog)]).toEqual([false, true]);
  const later = vi.fn();
  expect([view._isCovered(then), view._isCovered(later)]).toEqual([true, true]);
  cover(null);
  expect([element().popovers.pop(), then.mock.calls.length, later.mock.calls.length]).toEqual([true, 0, 1]);
});

test('[FF.E5] it rises over a new element on top, but not over one that is raised again, nor over itself', () => {
  const { view, element, document } = page();
  view._insert('');
  view._room(true);
  const toggle = (target: object, oldState: string) => {
    const { length } = element().popovers;
    document.dispatchEvent(withTarget(new Event('toggle'), target, oldState));
    return element().popovers.length - length;
  };
  expect([toggle({}, 'closed'), toggle({}, 'open'), toggle(element(), 'closed')]).toEqual([2, 0, 0]);
});

test('[FF.E5] it is within what fills the screen, where the rest of the page is inert, and comes back', () => {
  const { view, element, document, body } = page();
  view._insert('');
  view._room(true);
  const stage = new Node('stage');
  body.append(stage);
  document.fullscreenElement = stage;
  document.dispatchEvent(new Event('fullscreenchange'));
  expect([element().parentNode, element().popovers.pop()]).toEqual([stage, true]);
  document.fullscreenElement = null;
  document.dispatchEvent(new Event('fullscreenchange'));
  expect([element().parentNode, element().moved]).toEqual([body, 2]);
});

test('[LO.launcher] on a phone the open chat has the whole screen, the launcher has not', () => {
  const { view, styles, place } = page({ isPhone: true });
  view._insert('');
  view._room(true);
  place('launcher', 80, 80);
  expect(styles()['width']).toBe('80px!important');
  place('panel');
  expect(styles()).toMatchObject({
    width: '100%!important',
    height: '700px!important',
    translate: 'calc(0px - 100%) calc(0px - 100%)!important',
  });
});

test('[LO.launcher] on a phone the open chat ends where the keyboard begins, unless the screen is zoomed into', () => {
  const { view, styles, place, visualViewport } = page({ isPhone: true });
  view._insert('');
  view._room(true);
  place('panel');
  Object.assign(visualViewport, { height: 400, offsetTop: 30 });
  visualViewport.dispatchEvent(new Event('resize'));
  // Its lower end is 270 above the screen's: 700 less the 30 above and the 400 that are free.
  expect(styles()).toMatchObject({
    width: '100%!important',
    height: '400px!important',
    translate: 'calc(0px - 100%) calc(-270px - 100%)!important',
  });
  place('panel', 400, 600, { isTop: true });
  expect(styles()).toMatchObject({
    height: '400px!important',
    top: '0%!important',
    translate: 'calc(0px - 100%) calc(30px - 0%)!important',
  });
  Object.assign(visualViewport, { scale: 2, height: 350, offsetTop: 90 });
  visualViewport.dispatchEvent(new Event('scroll'));
  expect(styles()).toMatchObject({ height: '100%!important', translate: 'calc(0px - 100%) calc(0px - 0%)!important' });
});

test('is not on the page’s paper, and there again afterwards', () => {
  const { view, styles, fire, place } = page();
  view._insert('#n');
  view._room(true);
  place('launcher', 80, 80);
  fire('beforeprint');
  const onPaper = styles()['visibility'];
  fire('afterprint');
  expect([onPaper, styles()['visibility']]).toEqual(['hidden!important', undefined]);
});

test('[LO.oneLine] its scheme is its document’s, whatever the page’s is: it would be painted opaque otherwise', () => {
  const { view, styles } = page();
  view._insert('');
  expect(styles()['color-scheme']).toBe('light!important');
});

test('[BR.destroy] a thousand frames that came and went leave no observer behind, and each listener once', () => {
  const { view, place, element, document, body } = page({ isPhone: true });
  const added = new Set<unknown>();
  const add = vi.spyOn(document, 'addEventListener').mockImplementation((name, listener) => void added.add(`${name}`).add(listener));
  const box = new Node('box');
  body.append(box);
  for (let n = 0; n < 1000; n++) {
    view._insert('#' + n);
    place('panel', 1, 1);
    view._room(true, box as never);
    view._room(false);
    view._remove();
    place('launcher', 1, 1);
  }
  // Two names and one listener: the browser keeps each pair once.
  expect([add.mock.calls.length, added.size]).toEqual([2000, 3]);
  expect([watched().size, element(), body.children]).toEqual([0, undefined, [box]]);
});

function withTarget(event: Event, target: object, oldState: string): Event {
  Object.defineProperties(event, { target: { value: target }, oldState: { value: oldState } });
  return event;
}
