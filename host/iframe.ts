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
  /** Says whom one chats with. */
  _title(name: string): void;
  _element(): HTMLIFrameElement | undefined;
}

/** CSS pixels. Larger than anything we draw, small enough not to cover a page. */
const MAX_SIZE = 999;

export function createFrameView(document: Document, address: string, onLoad: () => void): FrameView {
  const window = document.defaultView!;
  const root = document.documentElement;
  let element: HTMLIFrameElement | undefined;
  let partner = document.location.hostname;
  let mode = 'hidden';
  let width = 0;
  let height = 0;
  let room: Room | undefined;
  let isOnPaper = false;

  /** Ends what `watch` began. */
  let stop = () => {};

  const clamp = (size: number) => Math.min(MAX_SIZE, Math.max(0, size | 0));
  const isFull = () => mode === 'panel' && !room?._box && window.matchMedia('(max-width:480px)').matches;

  const layout = () => {
    if (!element) return;
    const { _box, _isDrawn, _isLeft, _isTop } = room || ({} as Partial<Room>);
    const box = _box?.getBoundingClientRect();
    // What a phone's keyboard leaves free. Zoomed in, that would be a part of the screen only.
    const { scale, height: free, offsetTop } = window.visualViewport || ({} as Partial<VisualViewport>);
    const screen = { left: 0, top: scale === 1 ? offsetTop! : 0, width: '100%', height: scale === 1 ? free! : '100%' };
    const corner = { [_isLeft ? 'left' : 'right']: 0, [_isTop ? 'top' : 'bottom']: 0, width, height };
    const place = box ? { left: box.left, top: box.top, width: box.width, height: box.height } : isFull() ? screen : corner;
    const styles: Record<string, string | number> = {
      all: 'initial',
      position: 'fixed',
      'z-index': '2147483647',
      'max-width': '100%',
      'max-height': '100%',
      // A frame is painted opaque when its element's scheme is not its document's, which is always light.
      'color-scheme': 'light',
      visibility: _isDrawn && mode !== 'hidden' && !isOnPaper && (!box || box.width) ? 'visible' : 'hidden',
      ...place,
    };
    for (const name in styles) {
      const value = styles[name]!;
      element.style.setProperty(name, value + (typeof value === 'number' ? 'px' : ''), 'important');
    }
  };

  const entitle = (name: string) => {
    partner = name;
    if (element) element.title = 'Chat with ' + name;
  };

  const put = () => {
    if (element && !element.isConnected) root.append(element);
  };

  /** Follows whatever can remove, move or resize the frame as it stands now. */
  const watch = () => {
    stop();
    if (!element) return;
    // Styles first: on an element of the document each of them costs more.
    layout();
    put();
    const end = new AbortController();
    const on = (target: EventTarget | null, names: string, listener: (event: Event) => void = layout) => {
      for (const name of names.split(' ')) target?.addEventListener(name, listener, { capture: true, passive: true, signal: end.signal });
    };
    // A phone that is turned may need the whole screen, or no longer.
    on(window, 'resize');
    // What the page prints is the page's. (The conversation is printed from the frame's own document, which tells us nothing.)
    on(window, 'beforeprint afterprint', ({ type }) => {
      isOnPaper = type === 'beforeprint';
      layout();
    });
    if (isFull()) on(window.visualViewport, 'resize scroll');
    // Put back silently, when the page's framework cleans up around it.
    const removals = new MutationObserver(put);
    removals.observe(root, { childList: true });
    const sizes = new ResizeObserver(layout);
    if (room?._box) {
      on(window, 'scroll');
      sizes.observe(room._box);
      sizes.observe(document.body);
    }
    stop = () => {
      end.abort();
      removals.disconnect();
      sizes.disconnect();
    };
  };

  const remove = () => {
    const last = element;
    element = undefined;
    stop();
    last?.remove();
  };

  return {
    _insert(fragment) {
      remove();
      element = document.createElement('iframe');
      entitle(partner);
      element.className = 'callgear-widget';
      element.setAttribute('sandbox', 'allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox allow-downloads allow-modals');
      element.allow = '';
      element.referrerPolicy = 'strict-origin';
      element.onload = onLoad;
      element.src = address + fragment;
      watch();
    },
    _remove: remove,
    _window: () => element?.contentWindow,
    _element: () => element,
    _place(place) {
      mode = place.mode;
      width = clamp(place.width);
      height = clamp(place.height);
      watch();
    },
    _room(next) {
      room = next;
      watch();
    },
    _title: entitle,
  };
}
