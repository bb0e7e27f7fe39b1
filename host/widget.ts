/**
 * Base of every widget: lifecycle, cancelling, overriding, members from the config. It is the page's own and synchronous;
 * nothing here waits for the frame. What a visible chat looks like is `page.ts`'s to tell the frame.
 *
 * A widget is a plain object whose methods close over it, so they work detached: `button.onclick = chat.show`.
 */
import { given, isElement } from './arguments.ts';
import { define } from './define.ts';
import { createEmitter, type Emitter } from './emitter.ts';
import { expected } from './report.ts';

/** What `createWidget` takes. Members that are not named here become members of the widget. */
export interface WidgetConfig {
  template?: unknown;
  tpl?: unknown;
  settings?: unknown;
  launcher?: boolean;
  /** Joining, leaving and ending are told as messages, too. */
  systemMessages?: boolean;
  isOpenWithVisibilityObserver?: boolean;
  isShowWithVisibilityObserver?: boolean;
  show?: (isApi?: unknown) => unknown;
  hide?: (isApi?: unknown) => unknown;
}

/** The public object. What a customer may have put on it is not known here. */
export type Widget = Record<string, (...args: unknown[]) => unknown>;

/** A widget as the loader sees it; customers hold only `_widget`. */
export interface Core {
  _name: string;
  _config: WidgetConfig;
  _widget: Widget;
  _emitter: Emitter;
  /** The customer's own element, when that is the widget. */
  _element: HTMLElement | undefined;
  /** Our box inside the customer's element, when rendered there. */
  _box: HTMLElement | undefined;
  _isRendered: boolean;
  /** What `isVisible()` answers. */
  _isVisible: boolean;
  /** Whether it can be seen: the flag, except after a `show` or `hide` of the customer's own, which leaves the widget as it is. */
  _isOpen: boolean;
  /** Whether our form asks for a number to call; only what opened it last knows. */
  _wantsCall?: boolean;
  /** Takes the widget away without a word. */
  _remove(): void;
}

/** Names of the widgets that the loader knows more of. */
export const CHAT = 'consultant_chat';
export const FORM = 'consultant_offline_message';
export const LABEL = 'consultant_label';
export const PHONE = 'sitephone';

const LIFECYCLE = ' beforerender render beforeshow show beforehide hide beforedestroy';

/**
 * @param events names besides those of the lifecycle, separated by blanks
 * @param frame where it is drawn when it has neither box nor own element
 * @param onChange something that is seen has changed
 */
export function createWidget(
  _name: string,
  _config: WidgetConfig,
  events: string,
  frame: () => HTMLElement | undefined,
  onChange: () => void,
  onDestroy: () => void,
): Core {
  const _widget = { name: _name } as unknown as Widget;
  const _emitter = createEmitter(_widget, events + LIFECYCLE, onChange);
  const { on, once, un, _emit } = _emitter;
  const template = _config.template || _config.tpl;
  const core: Core = {
    _name,
    _config,
    _widget,
    _emitter,
    _element: isElement(template) ? template : undefined,
    _box: undefined,
    _isRendered: false,
    _isVisible: false,
    _isOpen: false,
    _remove() {
      const shown = core._isRendered ? core._element || core._box : undefined;
      unplace?.();
      core._isRendered = core._isVisible = core._isOpen = false;
      core._element = core._box = undefined;
      isGone = true;
      _emitter._clear();
      onDestroy();
      onChange();
      // Last, because by now the frame has left the box and lives on.
      shown?.remove();
    },
  };
  let unplace: (() => void) | undefined;
  let isGone = false;

  const draw = () => {
    core._element?.classList.toggle('callgear-widget--hidden', !core._isOpen);
    core._box?.style.setProperty('display', core._isOpen ? 'block' : 'none');
  };
  /** One step of the lifecycle: a `before…` listener can stop it, and so can `act`. */
  const step = (name: string, act: () => unknown) => {
    if (!_emit('before' + name) || act() === false) return;
    onChange();
    _emit(name);
  };
  const toggle = (name: 'show' | 'hide', isVisible: boolean) => (isApi?: unknown) => {
    const own = _config[name];
    const act = () => own?.call(_widget, given(isApi));
    if (isGone) return;
    // A script that shows a widget already shown means something by it: a choice of groups, for example.
    if (core._isVisible === isVisible) return void (given(isApi) && act());
    step(name, () => {
      if (act() === false) return false;
      core._isVisible = isVisible;
      if (own) return undefined;
      core._isOpen = isVisible;
      draw();
      return undefined;
    });
  };

  define(_widget, {
    on,
    once,
    un,
    off: un,
    show: toggle('show', true),
    hide: toggle('hide', false),
    isVisible: () => core._isVisible,
    getEl(selector?: string) {
      const el = core._element || core._box || (core._isRendered && frame()) || null;
      return given(selector) && el ? el.querySelector(selector!) : el;
    },
    render(target?: unknown, next?: unknown) {
      const parent = given(target);
      const before = given(next) || null;
      if (parent !== undefined && !isElement(parent)) expected('an element');
      if (before && (!parent || (before as Node).parentNode !== parent)) expected('a child');
      if (isGone || core._isRendered) return;
      step('render', () => {
        core._isRendered = true;
        if (parent) unplace = place(core, parent as Element, before as Node | null);
        // An element that the customer shows in an own way is not hidden in ours.
        if (!core._element || !_config.show) draw();
      });
    },
    destroy() {
      if (_emit('beforedestroy')) core._remove();
    },
  });
  return core;
}

/** Gives the widget what else its config holds; last, so that a customer's member wins over ours. `then` would make it a promise. */
export function addMembers({ _widget, _config }: Core): void {
  const { show: _show, hide: _hide, template: _template, tpl: _tpl, then: _then, ...members } = _config as Record<string, never>;
  define(_widget, members);
}

/**
 * Puts the customer's element, or a box of ours, into `parent`, and back whenever the page's framework drops it: before the node
 * `next` for as long as that is there, else last. Returns what ends that.
 */
function place(core: Core, parent: Element, next: Node | null): () => void {
  let box = core._element;
  if (!box) {
    box = core._box = parent.ownerDocument.createElement('div');
    box.className = 'callgear-widget';
    // As high as the customer's element, which without a size of its own would show nothing.
    box.style.cssText = 'position:relative;height:100%;min-height:420px';
  }
  const put = () => {
    if (box.parentNode !== parent) parent.insertBefore(box, next && next.parentNode === parent ? next : null);
  };
  put();
  const observer = new MutationObserver(put);
  observer.observe(parent, { childList: true });
  return () => observer.disconnect();
}
