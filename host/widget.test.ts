import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createWidget, addMembers, type WidgetConfig } from './widget.ts';
import { record } from './testing/fakes.ts';

/** As much of an element as a widget touches. */
function element(): HTMLElement {
  const classes = new Set<string>();
  const styles: Record<string, string> = {};
  const children: unknown[] = [];
  const self = {
    nodeType: 1,
    classList: {
      toggle: (name: string, isOn: boolean) => (isOn ? classes.add(name) : classes.delete(name)),
      contains: (name: string) => classes.has(name),
    },
    style: { setProperty: (name: string, value: string) => void (styles[name] = value), styles },
    parentNode: null as unknown,
    children,
    insertBefore(child: { parentNode: unknown }, next: unknown) {
      child.parentNode = self;
      children.splice(next === null ? children.length : children.indexOf(next), 0, child);
    },
    remove() {
      const left = self.parentNode as { children: unknown[] } | null;
      left?.children.splice(left.children.indexOf(self), 1);
      self.parentNode = null;
    },
    querySelector: (selector: string) => 'found ' + selector,
    ownerDocument: { createElement: () => element() },
  };
  return self as unknown as HTMLElement;
}

/** What each MutationObserver was told to do, to be done by hand, for as long as it observes. */
let observed: (() => void)[];
let observing: Set<unknown>;
beforeEach(() => {
  observed = [];
  observing = new Set();
  vi.stubGlobal(
    'MutationObserver',
    class {
      constructor(run: () => void) {
        observed.push(() => observing.has(this) && run());
      }
      observe() {
        observing.add(this);
      }
      disconnect() {
        observing.delete(this);
      }
    },
  );
});
afterEach(() => void vi.unstubAllGlobals());

function widget(config: WidgetConfig & Record<string, unknown> = {}) {
  const changes = vi.fn();
  const core = createWidget(
    'lead_form',
    config,
    '',
    () => undefined,
    changes,
    () => {},
  );
  addMembers(core);
  return { core, changes, self: core._widget };
}
const LIFECYCLE = ['beforerender', 'render', 'beforeshow', 'show', 'beforehide', 'hide', 'beforedestroy'];

test('[WI.lifecycle] [WI.visible] synchronous, without argument, repeats do nothing, and nothing after destroy', () => {
  const { self } = widget();
  const said: string[] = [];
  for (const name of LIFECYCLE) self.on!(name, (...args: unknown[]) => said.push(name + args.length + (self.isVisible!() ? '+' : '-')));
  for (const name of ['render', 'render', 'show', 'show', 'hide', 'hide', 'destroy', 'destroy', 'show']) self[name]!();
  expect(said).toEqual(['beforerender0-', 'render0-', 'beforeshow0-', 'show0+', 'beforehide0+', 'hide0-', 'beforedestroy0-']);
});

test('[WI.cancel] exactly false cancels that method; the other handlers still run', () => {
  for (const name of ['render', 'show', 'destroy']) {
    const { self } = widget();
    const said: string[] = [];
    const off = self.on!('before' + name, () => false) as () => void;
    self.on!('before' + name, () => void said.push('still'));
    if (name !== 'destroy') self.on!(name, () => void said.push(name));
    self[name]!();
    off();
    for (const value of [0, null, '', undefined]) self.on!('before' + name, () => value);
    self[name]!();
    expect(said).toEqual(['still', 'still', ...(name === 'destroy' ? [] : [name])]);
  }
});

test('[WI.override] show and hide of the config replace the action; false leaves flag and events alone', () => {
  let answer: unknown = false;
  const calls: unknown[] = [];
  const show = function (this: unknown, isApi: unknown) {
    calls.push([this === self, isApi]);
    return answer;
  };
  const { self } = widget({ show });
  const heard = record(self as never, 'show');
  self.show!();
  expect([self.isVisible!(), heard]).toEqual([false, []]);
  answer = undefined;
  self.show!(true);
  expect([self.isVisible!(), heard.length, calls]).toEqual([
    true,
    1,
    [
      [true, undefined],
      [true, true],
    ],
  ]);
});

test('[WI.override] a hide alone replaces hiding: flag and events change, the widget itself is left as it is', () => {
  const hide = vi.fn();
  const { self, core } = widget({ hide });
  const heard = record(self as never, 'show', 'hide');
  self.show!();
  self.hide!();
  expect([self.isVisible!(), core._isOpen, hide.mock.calls.length, heard.map(([name]) => name)]).toEqual([
    false,
    true,
    1,
    ['show', 'hide'],
  ]);
});

test('[FF.D1] [WI.override] show() calls the page’s own action also if already shown, without flag or event', () => {
  const calls: unknown[] = [];
  const { self } = widget({ show: (isApi) => void calls.push(['show', isApi]), hide: (isApi) => void calls.push(['hide', isApi]) });
  const heard = record(self as never, ...LIFECYCLE);
  self.hide!(true);
  for (const isApi of [true, undefined, true, 'yes', { preventDefault() {} }, false, null]) self.show!(isApi);
  expect(calls).toEqual([
    ['hide', true],
    ['show', true],
    ['show', true],
    ['show', 'yes'],
  ]);
  expect([self.isVisible!(), heard.map(([name]) => name)]).toEqual([true, ['beforeshow', 'show']]);
  const plain = widget().self;
  plain.show!();
  expect(() => plain.show!(true)).not.toThrow();
});

test('[FF.D2] [WI.several] a destroyed widget does nothing any more, whatever is asked of it', () => {
  const show = vi.fn();
  const { self } = widget({ show });
  self.render!();
  self.destroy!();
  for (const name of ['show', 'hide', 'render']) self[name]!(name === 'render' ? element() : true);
  expect([show.mock.calls.length, self.isVisible!(), self.getEl!(), self.getEl!('.x')]).toEqual([0, false, null, null]);
});

test('[FF.E12] members of the config are taken whatever a frozen prototype holds', () => {
  const names = ['toString', 'valueOf', 'constructor'] as const;
  const before = names.map((name) => Object.getOwnPropertyDescriptor(Object.prototype, name)!);
  names.forEach((name, n) => Object.defineProperty(Object.prototype, name, { ...before[n], writable: false }));
  try {
    const { self } = widget({ toString: () => 'mine', valueOf: () => 7, constructor: Map } as never);
    expect([String(self), self['constructor']]).toEqual(['mine', Map]);
  } finally {
    names.forEach((name, n) => Object.defineProperty(Object.prototype, name, before[n]!));
  }
});

test('[WI.base] methods work detached, listeners know their widget, once and un and off', () => {
  const { self } = widget();
  const said: unknown[] = [];
  const twice = () => said.push('twice');
  const off = self.on!('show', function (this: unknown) {
    said.push(this === self);
  }) as () => void;
  self.once!('show', () => said.push('once'));
  self.on!('show', twice);
  const { show, hide } = self;
  show!({ preventDefault() {} });
  hide!();
  self.un!('show', twice);
  off();
  show!();
  expect([said, 'then' in self, self.name]).toEqual([[true, 'once', 'twice'], false, 'lead_form']);
  expect(() => self.on!('show', undefined)).toThrow(/expected a function/);
  expect(() => self.once!('show', 5)).toThrow(TypeError);
});

test('[WI.members] other members of the config are the widget’s, then is not', () => {
  const { self } = widget({ mine: () => 7, then: () => {}, template: 'x' } as never);
  expect([self.mine!(), 'then' in self, 'template' in self]).toEqual([7, false, false]);
});

describe('elements', () => {
  test('[WI.element] an element as template or tpl is the widget', () => {
    for (const key of ['template', 'tpl'] as const) {
      const own = element();
      const { self } = widget({ [key]: own });
      self.render!();
      expect([self.getEl!(), self.getEl!('.x'), own.classList.contains('callgear-widget--hidden')]).toEqual([own, 'found .x', true]);
      self.show!();
      expect(own.classList.contains('callgear-widget--hidden')).toBe(false);
    }
  });

  test('[WI.override] a class is only changed by the action that is ours', () => {
    const own = element();
    const shown = widget({ template: own, show: () => {}, hide: () => {} }).self;
    const isHidden = () => own.classList.contains('callgear-widget--hidden');
    shown.render!();
    own.classList.toggle('callgear-widget--hidden', true);
    shown.show!();
    expect(isHidden()).toBe(true);
    own.classList.toggle('callgear-widget--hidden', false);
    shown.hide!();
    expect(isHidden()).toBe(false);
  });

  test('[WI.override] a box stays as it is when hiding is not ours', () => {
    const { self, core } = widget({ hide: () => {} });
    self.render!(element());
    self.show!();
    self.hide!();
    expect((core._box!.style as unknown as { styles: Record<string, string> }).styles['display']).toBe('block');
  });

  test.each([
    ['a selector', '#place'],
    ['a collection of a library', { 0: element(), length: 1, append() {} }],
    ['a document', { nodeType: 9, append() {} }],
    ['a plain object', {}],
    ['false', false],
  ])('render(%s) says what was expected, and renders nothing', (_what, parent) => {
    const { self, core } = widget();
    expect(() => self.render!(parent)).toThrow(new TypeError('CallGear: expected an element'));
    expect(core._isRendered).toBe(false);
  });

  test('[FF.D2] [WI.several] destroying takes the element away that was rendered, and leaves one that was not', () => {
    for (const isRendered of [true, false]) {
      const [own, parent, box] = [element(), element(), element()];
      parent.insertBefore(own, null);
      const { self } = widget({ template: own });
      if (isRendered) self.render!();
      self.destroy!();
      expect([own.parentNode === parent, self.getEl!(), own.classList.contains('callgear-widget--hidden')]).toEqual([
        !isRendered,
        null,
        isRendered,
      ]);
      const inside = widget().self;
      inside.render!(box);
      inside.destroy!();
      expect([box.children.length, inside.getEl!()]).toEqual([0, null]);
    }
  });

  test('[FF.D3] [WI.render] the second argument is the node to stand before, and is found again after the page’s framework has been there', () => {
    const [parent, first, last] = [element(), element(), element()];
    parent.insertBefore(first, null);
    parent.insertBefore(last, null);
    const { self, core } = widget();
    self.render!(parent, last);
    const box = core._box!;
    expect(parent.children).toEqual([first, box, last]);
    box.remove();
    observed[0]!();
    expect(parent.children).toEqual([first, box, last]);
    last.remove();
    box.remove();
    observed[0]!();
    expect(parent.children).toEqual([first, box]);
    for (const before of [null, undefined, false, '']) {
      const own = element();
      widget({ template: own }).self.render!(parent, before);
      expect([...parent.children].at(-1)).toBe(own);
    }
  });

  test.each([
    ['a stranger', element()],
    ['a text', 'footer'],
    ['true', true],
  ])('[FF.D3] render(parent, %s) says what was expected', (_what, before) => {
    const { self, core } = widget();
    expect(() => self.render!(element(), before)).toThrow(new TypeError('CallGear: expected a child'));
    expect(() => self.render!(undefined, before)).toThrow(TypeError);
    expect(core._isRendered).toBe(false);
  });

  test('[BR.destroy] a thousand widgets that came and went leave no observer behind', () => {
    const parent = element();
    for (let n = 0; n < 1000; n++) {
      const { self } = widget();
      self.render!(parent);
      self.show!();
      self.destroy!();
    }
    expect([observed.length, observing.size]).toEqual([1000, 0]);
  });

  test('[WI.render] render(parent) puts a box there, shown with the widget', () => {
    const { self, core } = widget();
    const parent = element();
    self.show!();
    self.render!(parent);
    expect([parent.children.length, (self.getEl!() as Element).className]).toEqual([1, 'callgear-widget']);
    expect((core._box!.style as unknown as { styles: Record<string, string> }).styles['display']).toBe('block');
    self.hide!();
    expect((core._box!.style as unknown as { styles: Record<string, string> }).styles['display']).toBe('none');
  });

  test('[WI.putBack] a box that a framework dropped comes back, one of a destroyed widget does not', () => {
    const { self, core } = widget();
    const parent = element();
    self.render!(parent);
    const box = core._box!;
    box.remove();
    observed[0]!();
    expect(box.parentNode).toBe(parent);
    self.destroy!();
    observed[0]!();
    expect(box.parentNode).toBe(null);
  });
});
