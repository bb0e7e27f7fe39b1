/**
 * Our one iframe in the customer's page: created, placed, resized, raised, put back, removed. Where it stands, and what
 * else was tried, is a decision in ARCHITECTURE.md ("The frame is the last child of <body> …"):
 *
 * - in the box of `render(parent)`, as any child of it; else
 * - in the element that fills the screen, because everything outside of that is inert; else
 * - last in <body>, where the hydration of a whole document expects strangers, in the top layer; and
 * - last in <html>, on pages that have taken it out of their <body> once.
 *
 * It moves with `moveBefore`, which keeps its document, or is loaded anew where the browser has no such thing. Its corner is a
 * constant point of the window from which it is drawn inwards: what only grows from there shifts nothing by the browser's measure.
 *
 * Styles go through CSSOM with `important`: no style attribute for the page's policy to refuse, nothing for its rules to undo.
 * Does not know what the frame shows.
 */
import type { Place } from '../shared/page/bridge.ts';
import { toText } from './arguments.ts';
import type { FrameElement } from './bridge.ts';

export interface FrameView extends FrameElement {
  /** The corner and the size the frame asks for; clamped, because nothing from there is believed. */
  _place(place: Place): void;
  /** Whether the page lets it be drawn, and the box that it fills then instead of floating in a corner. */
  _room(isDrawn: boolean, box?: HTMLElement): void;
  _element(): HTMLIFrameElement | undefined;
  /** Whether a modal dialog of the page makes everything else inert. If so, `then` is called when it does no longer; the latest one counts. */
  _isCovered(then: () => void): boolean;
}

/** CSS pixels: larger than anything we draw, small enough not to cover a page. Also of characters of a title, and of unread messages. */
const MAX = 999;
/** A page that takes the frame out again and again waits a little longer for it each time. */
const AGAIN_MS = 20;

/** A number that the frame has sent, whatever it is, as a whole one from nothing to `MAX`. */
export const clamp = (value: unknown): number => Math.min(MAX, Math.max(0, (value as number) | 0));

/**
 * @param onLoad a document of the frame has loaded
 * @param onGone the page has taken the frame out: a new one is wanted
 */
// closure: the facts of one element, which layout reads together each time it draws
export function createFrameView(document: Document, address: () => string, onLoad: () => void, onGone: () => void): FrameView {
  const window = document.defaultView!;
  let element: HTMLIFrameElement | undefined;
  /** What the frame has asked for last. */
  let place = { mode: 'hidden' } as Place;
  let width = '0px';
  let height = width;
  let title = '';
  let isDrawn = false;
  let room: HTMLElement | undefined;
  /** How often the page has taken it out. */
  let taken = 0;
  /** The modal dialog of the page that makes everything else inert; and who waits for its end. */
  let cover: Element | null | undefined;
  let waiting: (() => void) | undefined;
  let sheet: CSSStyleSheet | undefined;

  const box = () => (room?.isConnected ? room : undefined);
  // Within `:is()` a name that the browser does not know is no error.
  const modal = (selector = ':is(dialog:modal)') => document.querySelector(selector);

  /** The element it belongs into; none while the page writes its document anew. */
  const home = () => {
    const { body, documentElement, fullscreenElement } = document as Partial<Document>;
    return box() || ((body as Partial<HTMLElement> | undefined)?.moveBefore && fullscreenElement) || (!taken && body) || documentElement;
  };

  const layout = ({ type }: Partial<Event>) => {
    if (!element) return;
    const { mode, isLeft, isTop, x, y } = place;
    // The corner, in per cent of the window.
    const left = isLeft ? 0 : 100;
    const top = isTop ? 0 : 100;
    const isInline = !!box();
    const isFull = mode === 'panel' && !isInline && window.matchMedia('(max-width:480px),(max-height:500px)').matches;
    // What a phone's keyboard leaves free. Zoomed in, that would be a part of the screen only.
    const { scale, height: free, offsetTop } = window.visualViewport || ({} as Partial<VisualViewport>);
    const isCut = isFull && scale === 1;
    // Where it stands before the transform is where the screen ends.
    const down = isCut ? offsetTop! - (top && element.offsetTop - free!) : ~~y!;
    const whole = (isInline || isFull) && '100%';
    // A frame is painted opaque when its element's scheme is not its document's, which is always light.
    // What the page prints is the page's. (The conversation is printed from the frame's own document, which tells us nothing.)
    const isHidden = !isDrawn || mode === 'hidden' || type === 'beforeprint' || !room === isInline;
    // Whole numbers, because a text could be styles. The order is that which compresses best.
    const styles = `all:${isInline ? 'unset;position:absolute' : 'initial;position:fixed;z-index:2147483647'};translate:calc(${~~x!}px - ${left}%) calc(${down}px - ${top}%);top:${top}%;height:${isCut ? free + 'px' : whole || height};${isHidden ? 'visibility:hidden' : ''};max-height:100%;left:${left}%;width:${whole || width};color-scheme:light;max-width:100%;`;
    element.style.cssText = styles.replace(/;/g, '!important;');
    element.title = title || 'Chat';
  };

  /** To the top of what floats; in its box it is none of that, and over a dialog it would be seen and could not be used. */
  const raise = () => {
    if (!element?.isConnected || !element.togglePopover) return;
    element.popover = 'manual';
    // An element in the top layer has a backdrop: a page that dims everything behind its own dialogs would be dimmed for ours.
    if (!sheet) {
      document.adoptedStyleSheets.push((sheet = new CSSStyleSheet()));
      sheet.insertRule('.callgear-widget::backdrop{display:none!important}');
    }
    element.togglePopover(false);
    if (!cover && !box()) element.togglePopover(true);
  };

  /** Brings it where it belongs, to the top of what floats there, and looks out for whatever can take it away. */
  const watch = () => {
    if (!element) return;
    const parent = home();
    // Styles first: on an element of the document each of them costs more.
    layout({});
    cover = modal();
    if (parent) {
      try {
        // Asked first: in no document both methods would throw, and an exception of the browser's costs a page a millisecond.
        if (!element.isConnected) parent.append(element);
        else if (element.parentNode !== parent) {
          element.togglePopover(false);
          parent.moveBefore(element, null);
        }
      } catch {
        // There are no such methods.
        parent.append(element);
      }
      // Before the next picture, but apart from moving: Chromium never frees the box of what was hidden, moved and shown in one go.
      queueMicrotask(raise);
    }
    removals.disconnect();
    for (let node: Node | null | undefined = parent || document; node; node = node.parentNode || (node as Partial<ShadowRoot>).host)
      removals.observe(node, { childList: true });
    sizes.disconnect();
    // A box that was thrown away may come back; a dialog that is closed, or thrown away, has no size any more.
    for (const part of [room, cover]) if (part) sizes.observe(part);
  };

  /** Something has been removed, has come back, or has come to the top. */
  const look = ({ target, oldState }: Partial<ToggleEvent>) => {
    if (!element) return;
    if (!element.isConnected) {
      remove();
      // In a task of its own: two who undo each other's work must not stop the page.
      setTimeout(onGone, AGAIN_MS * taken++);
      return;
    }
    // Not what we raised, nor what somebody raises who wants to be the topmost as well: that would never end.
    if (element.parentNode !== home() || cover !== modal() || (target && target !== element && oldState !== 'open')) watch();
    if (cover) return;
    const then = waiting;
    waiting = undefined;
    then?.();
  };
  const removals = new MutationObserver(look as () => void);
  const sizes = new ResizeObserver(look as () => void);

  const on = (target: EventTarget | null, names: string, listener: (event: Event) => void) => {
    for (const name of names.split(' ')) target?.addEventListener(name, listener, true);
  };

  const remove = () => {
    const last = element;
    element = undefined;
    removals.disconnect();
    sizes.disconnect();
    last?.remove();
  };

  return {
    _insert(fragment) {
      remove();
      // Anew for each frame, which takes no more of them: a page that writes its document anew has taken all listeners with it.
      // A phone that is turned may need the whole screen, or no longer.
      on(window, 'beforeprint resize afterprint', layout);
      on(window.visualViewport, 'resize scroll', layout);
      on(document, 'fullscreenchange toggle', look);
      element = document.createElement('iframe');
      element.className = 'callgear-widget';
      element.sandbox =
        'allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox allow-downloads allow-modals';
      element.allow = '';
      element.referrerPolicy = 'strict-origin';
      element.onload = onLoad;
      element.src = address() + fragment;
      watch();
    },
    _remove: remove,
    _window: () => element?.contentWindow,
    _element: () => element,
    _place(next) {
      // Refused as a whole if it is no text: nothing is changed before.
      title = toText(next.title).slice(0, MAX);
      width = clamp(next.width) + 'px';
      height = next.isLarge ? '85%' : clamp(next.height) + 'px';
      place = next;
      layout({});
    },
    _room(isSo, box) {
      if (isSo === isDrawn && box === room) return;
      isDrawn = isSo;
      room = box;
      watch();
    },
    _isCovered(then) {
      look({});
      if (cover) waiting = then;
      return !!cover;
    },
  };
}
