/**
 * The outside of the page's end, for tests: a frame that is a list of calls, and a page without pixels. One line makes a
 * whole world: `const { CallGear, says } = world()`.
 */
import { vi } from 'vitest';
import type { FrameMethods, MirrorState, PageEvent, Snapshot, Update } from '../../shared/page/bridge.ts';
import type { Message } from '../../shared/chat.ts';
import type { ErrorCode } from '../../shared/errors.ts';
import { missed } from '../../shared/missed.ts';
import type { Settings } from '../../shared/settings.ts';
import type { Bridge, BridgeHandlers } from '../bridge.ts';
import { createFacade } from '../facade.ts';
import type { FrameView } from '../iframe.ts';
import { createPage } from '../page.ts';

export interface FakeCall {
  method: keyof FrameMethods;
  args: unknown[];
  /** The frame has not got it yet. */
  isWaiting: boolean;
  /** Whether a new frame gets it again. */
  isDue(): boolean;
  accept(): Promise<void>;
  refuse(code: ErrorCode): Promise<void>;
}

/** A chat widget as a customer's script sees it. */
export type AnyWidget = Record<string, (...args: unknown[]) => unknown> & {
  promise: Record<string, (...args: unknown[]) => Promise<unknown>>;
};

const SETTINGS = {
  chat: { title: 'Chat with us', is_consultant_operator_rating: true, h_position: 'right', v_position: 'bottom' },
  offline_message: {},
  common: { banner_color: '#1f5eff', company: '', privacy_url: '' },
} as unknown as Settings;

const STATE: MirrorState = {
  isOnline: true,
  isAvailable: false,
  state: 'available',
  chatId: null,
  operator: null,
  card: {},
  requiredInfo: [],
  rating: null,
  invite: null,
  retention: null,
  unread: 0,
  canSendFile: false,
  visitorId: null,
  sessionId: null,
  settings: SETTINGS,
};

/** Message `n` of chat `c1`, by the operator unless told otherwise. */
export function message(n: number, rest: Partial<Message> = {}): Message {
  return {
    text: 'message ' + n,
    date: n,
    source: 'Operator',
    from: 'Olga',
    sender: 'operator',
    chat_id: 'c1',
    message_id: 'm' + n,
    uid: 'u' + n,
    ...rest,
  };
}

export const messages = (from: number, to: number): Message[] => Array.from({ length: to - from + 1 }, (_, n) => message(from + n));

export function world({ mayStandIn = false } = {}) {
  const calls: FakeCall[] = [];
  const rooms: { isDrawn: boolean; box: HTMLElement | undefined }[] = [];
  /** A modal dialog of the page lies over everything; what waits for its end. */
  const cover = { isThere: false, then: () => {} };
  let handlers!: BridgeHandlers;
  let isConnected = false;
  let rev = 0;

  const bridge: Bridge = {
    _open() {},
    _probe() {},
    _close() {},
    _isConnected: () => isConnected,
    _takeBack(key) {
      const call = calls.find(({ args, isWaiting }) => isWaiting && args[0] === key);
      void call?.refuse('unavailable');
      return !!call;
    },
    _call: (method, args, isDue = () => false) =>
      new Promise((resolve, reject) => {
        const flush = () => Promise.resolve().then(() => {});
        const call: FakeCall = {
          method,
          args: structuredClone(args),
          isWaiting: !isConnected,
          isDue,
          accept: () => ((call.isWaiting = false), resolve(undefined), flush()),
          refuse: (code) => ((call.isWaiting = false), reject({ code, message: 'refused' }), flush()),
        };
        calls.push(call);
      }),
  };
  const document = { location: { origin: 'https://shop.test', pathname: '/tea' }, title: 'Tea' } as Document;
  // Older than Node 21, and than the browsers that tell whether the visitor has acted.
  vi.stubGlobal('navigator', {});
  const frame: FrameView = {
    _insert() {},
    _remove() {},
    _window: () => undefined,
    _element: () => ({ className: 'callgear-widget' }) as HTMLIFrameElement,
    _place() {},
    _room: (isDrawn, box) => void rooms.push({ isDrawn, box }),
    _isCovered(then) {
      if (cover.isThere) cover.then = then;
      return cover.isThere;
    },
  };
  const page = createPage(document, frame, mayStandIn, (given) => {
    handlers = given;
    return bridge;
  });
  const CallGear = createFacade(page, 'shop');

  return {
    CallGear,
    /** The page has loaded, with everything in it. */
    loads: () => page._controllers._onLoad(),
    calls,
    rooms,
    cover,
    /** The last call of that name. */
    call: (method: keyof FrameMethods) => calls.filter((call) => call.method === method).pop(),
    welcome: () => handlers._welcome(),
    /** The frame's first word, or a later one after a reload. */
    snapshot(state: Partial<MirrorState> = {}, rest: Partial<Snapshot> = {}) {
      // As the frame does it, which is welcomed before.
      const known = isConnected ? handlers._welcome().known : null;
      isConnected = true;
      rev = 0;
      const snapshot: Snapshot = {
        epoch: 'e',
        rev,
        isProvisional: false,
        state: { ...STATE, ...state },
        messages: [],
        hasOlder: false,
        pending: [],
        ...rest,
      };
      handlers._methods.snapshot({ ...snapshot, events: known && !snapshot.isProvisional ? missed(known, snapshot) : [] });
    },
    /** One patch and what it causes. */
    says(update: Omit<Partial<Update>, 'events'> = {}, ...events: PageEvent[]) {
      rev = update.rev ?? rev + 1;
      handlers._methods.update({ rev, events, ...update } as Update);
    },
    asks: (ask: Parameters<BridgeHandlers['_methods']['ask']>[0]) => handlers._methods.ask(ask),
    /** The frame was reloaded or, if `isOver`, given up. */
    loses: (isOver = false) => handlers._onLost({ code: isOver ? 'frame_unstable' : 'frame_unavailable', message: 'lost' }, isOver),
    trouble: (code: ErrorCode) => handlers._onTrouble(code, 'trouble'),
    chat: (config: object = {}) => CallGear.UI.createWidget('consultant_chat', config) as unknown as AnyWidget,
  };
}

/** Everything `widget` says from now on, as `[name, payload]`. */
export function record(widget: { on: (...args: unknown[]) => unknown }, ...names: string[]): [string, unknown][] {
  const heard: [string, unknown][] = [];
  for (const name of names) widget.on(name, (payload: unknown) => void heard.push([name, payload]));
  return heard;
}
