/**
 * Our one iframe in the customer's page: created, placed, resized, put back, removed. It is a child of <html>, which survives
 * pages that replace their body, and is never moved in the document, because moving reloads it.
 *
 * Styles go through CSSOM with `important`: no style attribute for the page's policy to refuse, nothing for its rules to undo.
 * Does not know what the frame shows.
 */
import type { Ask } from '../shared/bridge.ts';
import type { FrameElement } from './bridge.ts';

/** What the page lets the frame cover. */
export interface Room {
  _isDrawn: boolean;
  /** The box of the page that it is laid over, instead of floating in a corner. */
  _box?: HTMLElement;
  _isLeft: boolean;
  _isTop: boolean;
}

export interface FrameView extends FrameElement {
  /** The size the frame asks for; clamped, because nothing from there is believed. */
  _place(place: Extract<Ask, { type: 'place' }>): void;
  _room(room: Room): void;
  _title(title: string): void;
  _element(): HTMLIFrameElement | undefined;
}

/** CSS pixels. Larger than anything we draw, small enough not to cover a page. */
const MAX_SIZE = 999;

export function createFrameView(document: Document, address: string, onLoad: () => void): FrameView {
  const window = document.defaultView!;
  const root = document.documentElement;
  let element: HTMLIFrameElement | undefined;
  let title = 'Chat with ' + document.location.hostname;
  let mode = 'hidden';
  let width = 0;
  let height = 0;
  let room: Room | undefined;
  let isOnPaper = false;

  const clamp = (size: number) => Math.min(MAX_SIZE, Math.max(0, size | 0));
  const layout = () => {
    if (!element) return;
    const box = room?._box?.getBoundingClientRect();
    const isFull = mode === 'panel' && !box && window.matchMedia('(max-width:480px)').matches;
    const { style } = element;
    const set = (name: string, value: string | number) => style.setProperty(name, typeof value === 'number' ? value + 'px' : value, 'important');
    set('all', 'initial');
    set('position', 'fixed');
    set('z-index', '2147483647');
    set('max-width', '100%');
    set('max-height', '100%');
    set('visibility', room?._isDrawn && mode !== 'hidden' && !isOnPaper && (!box || box.width) ? 'visible' : 'hidden');
    set('width', isFull ? '100%' : box ? box.width : width);
    set('height', isFull ? '100%' : box ? box.height : height);
    set(box || room?._isLeft ? 'left' : 'right', box ? box.left : 0);
    set(box || room?._isTop ? 'top' : 'bottom', box ? box.top : 0);
  };

  const put = () => {
    if (element && !element.isConnected) root.append(element);
  };
  // Silently, when the page's framework cleans up around it.
  new MutationObserver(put).observe(root, { childList: true });

  // A box moves with its page: whatever can move or resize it is watched while there is one.
  const observer = new ResizeObserver(layout);
  const follow = () => room?._box && layout();
  window.addEventListener('scroll', follow, { capture: true, passive: true });
  // A phone that is turned may need the whole screen, or no longer.
  window.addEventListener('resize', layout);
  // What the page prints is the page's. (The conversation is printed from the frame's own document, which tells us nothing.)
  for (const name of ['beforeprint', 'afterprint'])
    window.addEventListener(name, () => {
      isOnPaper = name === 'beforeprint';
      layout();
    });

  const remove = () => {
    const last = element;
    element = undefined;
    last?.remove();
  };

  return {
    _insert(fragment) {
      remove();
      element = document.createElement('iframe');
      element.title = title;
      element.className = 'callgear-widget';
      element.setAttribute('sandbox', 'allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox allow-downloads allow-modals');
      element.allow = '';
      element.referrerPolicy = 'strict-origin';
      element.onload = onLoad;
      element.src = address + fragment;
      layout();
      put();
    },
    _remove: remove,
    _window: () => element?.contentWindow,
    _element: () => element,
    _place(place) {
      mode = place.mode;
      width = clamp(place.width);
      height = clamp(place.height);
      layout();
    },
    _room(next) {
      observer.disconnect();
      room = next;
      if (room._box) {
        observer.observe(room._box);
        observer.observe(document.body);
      }
      layout();
    },
    _title(next) {
      title = next;
      if (element) element.title = next;
    },
  };
}
