/**
 * The page's end of the chat: holds the mirror and the widgets, tells the listeners what the frame reports, runs the view
 * controller, and tells the frame what to draw.
 *
 * Order, everywhere: the mirror first, then the events; and no event of the chat before the controller has returned.
 * Decides nothing about the chat itself: that is the session's, in the frame.
 */
import type { FrameMethods, HostMethods, PageEvent, Presentation } from '../shared/page/bridge.ts';
import type { ChatError, ErrorCode } from '../shared/errors.ts';
import { HISTORY_PAGE } from '../shared/limits.ts';
import type { Bridge, BridgeOptions } from './bridge.ts';
import { given, toCallback, toTexts } from './arguments.ts';
import { createChatWidget, type Chat } from './chat-widget.ts';
import { setCard } from './commands.ts';
import type { Tell, WidgetContext } from './context.ts';
import { CHAT_EVENTS } from './events.ts';
import { define } from './define.ts';
import { createEmitter, type Emitter, type Listener } from './emitter.ts';
import type { FrameView } from './iframe.ts';
import { applySnapshot, applyUpdate, createMirror, timeline, toKnown } from './mirror.ts';
import type { Failure } from './port.ts';
import { uuid } from './random.ts';
import { attempt, checkFunction, ignore, report, warn } from './report.ts';
import { addMembers, createWidget, type Core, type WidgetConfig } from './widget.ts';

export type Controller = (settings: unknown, templates: Record<string, string>) => unknown;

export interface PageOptions {
  _document: Document;
  _frame: FrameView;
  /** Makes the bridge for these handlers. */
  _connect: (handlers: Pick<BridgeOptions, '_methods' | '_welcome' | '_onLost' | '_onTrouble'>) => Bridge;
  /** Whether a chat of ours may stand in while the customer has registered no controller. */
  _mayStandIn: boolean;
}

/** How long a controller that returned a promise may keep the chat's events waiting. */
export const CONTROLLER_MS = 10_000;
/** How long the frame may take before it takes a request. */
export const REQUEST_MS = 10_000;
/** A first snapshot on defaults that took so long is not one that came without asking the server, for want of consent. */
export const UNREACHABLE_MS = 1_000;
/** What a request that never got to the frame is answered with; the session's words for the same. */
export const NOT_SENT = { title: 'Not sent', message: 'Please try again later.' };
/** Messages that are kept ahead of the widget that has read the furthest: two pages. */
const AHEAD = 2 * HISTORY_PAGE;

/** Of an address or a title, more than the session keeps. */
const PAGE_LENGTH = 4096;

const CHAT = 'consultant_chat';
const FORM = 'consultant_offline_message';
const LABEL = 'consultant_label';
const REPLY = 'sendofflinerequest';

/** A command whose answer is still due. */
interface Due {
  _end(failure?: Failure, value?: unknown): void;
  /** The frame never got it, or is gone with it. */
  _fail(failure: Failure): void;
  _isRepeated: boolean;
}

export type Page = ReturnType<typeof createPage>;

export function createPage({ _document, _frame, _connect, _mayStandIn }: PageOptions) {
  const mirror = createMirror();
  const emitter = createEmitter(undefined, 'ready error');
  /** Commands that have not ended, by id or by the uid of their message. */
  const dues = new Map<unknown, Due>();
  /** Listeners of the forms that wait for an answer, by the id of the request. */
  const requests = new Map<unknown, Emitter>();
  /** What was told of own messages, which a frame that was told them again tells again. */
  const told = new Set<string>();
  let cores: (Core | Chat)[] = [];
  let controller: Controller | undefined;
  let hasRun = false;
  /** The customer's controller threw, and there is no chat in the page. */
  let hasFailed = false;
  /** What the stand-in made. */
  let standIns: Core[] = [];
  let isLoaded = false;
  let isRunning = false;
  let isReady = false;
  /** What the frame knows of the page. */
  let shown = '';
  let isInvitable = false;
  let view: Presentation['view'] = null;
  let byVisitor = false;
  /** The frame asks, on behalf of a click. */
  let isAsking = false;
  let lastState = 'available';
  let welcomedAt = 0;

  const newest = (name: string) => cores.filter(({ _name }) => _name === name).pop();
  const chats = () => cores.filter((core): core is Chat => !!(core as Chat)._open);
  const state = () =>
    mirror._state.state === 'available' && cores.some(({ _name, _isVisible }) => _isVisible && /^lead/.test(_name))
      ? 'lead'
      : mirror._state.state;
  const isOpen = () => mirror._rev >= 0 && !isRunning;
  /** Whatever becomes of it. */
  const call = <M extends keyof FrameMethods>(method: M, ...args: Parameters<FrameMethods[M]>) =>
    void bridge._call(method, args).catch(ignore);
  const isDue = (key: unknown) => dues.has(key);

  const settle = (key: unknown, failure?: Failure, value?: unknown) => dues.get(key)?._end(failure, value);

  const announce = (event: PageEvent) => {
    const { name, ...rest } = event;
    if (name === 'messagesent' || name === 'messagedelivered') {
      const mark = name + (name === 'messagesent' ? event.message : event).uid;
      if (told.has(mark)) return;
      told.add(mark);
    }
    for (const chat of chats()) chat._hear(event);
    // What is the chat's as a whole, and no command's: `frame_blocked`, `frame_unstable`, `refused`, `unreachable`, `unavailable`.
    if (name === 'error' && !event.command && /^(frame_(b|uns)|refused|un[ar])/.test(event.code)) emitter._emit(name, rest);
    if (name === 'answer') settle(event.id, event.answer.ok ? undefined : event.answer);
    if (name === 'messagedelivered') settle(event.uid, undefined, rest);
    if (name === 'sendmessage') settle(event.message.uid, undefined, event.message);
    if (name === 'messagefailed') settle(event.uid, { code: event.reason, message: event.reason });
  };

  /** After every change of the mirror. */
  const settled = (events: PageEvent[], isBeginning = false) => {
    present();
    lastState = state();
    for (const event of events) {
      announce(event);
      if (event.name !== REPLY) continue;
      const { success, title, message } = event;
      // It belongs to the form whose command is answered along with it; without one the visitor has filled in ours.
      const { id } = Object(events.find(({ name }) => name === 'answer'));
      const form = id ? requests.get(id) : newest(FORM)?._emitter;
      requests.delete(id);
      form?._emit(event.name, { success, info: { title, message } });
    }
    for (const chat of chats()) {
      if (isBeginning) chat._begin();
      chat._check();
    }
    refill();
  };

  const refill = () => {
    if (!mirror._hasOlder || mirror._isFetching || Math.min(timeline(mirror).length, ...chats().map(({ _cursor }) => _cursor())) >= AHEAD)
      return;
    mirror._isFetching = true;
    bridge._call('older', []).catch(() => (mirror._isFetching = false));
  };

  const _methods: HostMethods = {
    snapshot(snapshot) {
      const isBeginning = mirror._isProvisional && !snapshot.isProvisional;
      const isLate = mirror._rev < 0 && snapshot.isProvisional && Date.now() - welcomedAt > UNREACHABLE_MS;
      settled(applySnapshot(mirror, snapshot), isBeginning);
      tryRun();
      if (isLate) trouble('unreachable', 'no answer from the server');
      openAll();
    },
    update(update) {
      const gap = update.rev - mirror._rev - 1;
      if (gap > 0) call('resync', toKnown(mirror));
      if (gap) return;
      applyUpdate(mirror, update);
      settled(update.events);
    },
    ask(ask) {
      if (ask.type === 'place') return _frame._place(ask);
      isAsking = true;
      const form = newest(FORM);
      attempt(() => {
        if (ask.type === 'open') {
          openPanel('consultant_' + ask.view);
        } else (form?._isVisible ? form : newest(CHAT))?._widget.hide!();
      });
      isAsking = false;
    },
  };

  const isDrawn = (core?: Core) => !!core && core._isRendered && !core._element && !isRunning;

  /** Tells the frame what it may draw, if that has changed. */
  const present = () => {
    const chat = newest(CHAT);
    const form = newest(FORM);
    const isChat = isDrawn(chat);
    const now = isDrawn(form) && form!._isOpen ? 'offline_message' : isChat && chat!._isOpen ? 'chat' : null;
    if (now !== view) byVisitor = isAsking;
    view = now;
    const own = Object(chat?._config.settings);
    const { title, h_position, v_position, is_animation_enabled } = { ...own, ...own.chat };
    const next: Presentation = {
      isDrawn: isChat || !!view,
      hasLauncher: isChat && !chat!._box && chat!._config.launcher !== false && (hasFailed || !newest(LABEL)),
      view,
      isInline: isChat && !!chat!._box,
      byVisitor,
      appearance: { title, h_position, v_position, is_animation_enabled, banner_color: own.common?.banner_color },
    };
    const isWelcome = isChat || chats().some(({ _emitter }) => _emitter._has('invite'));
    const text = JSON.stringify(next);
    _frame._room(next.isDrawn, isChat ? chat!._box : undefined);
    if (text !== shown) {
      shown = text;
      if (bridge._isConnected()) call('present', JSON.parse(text));
    }
    if (isWelcome !== isInvitable) {
      isInvitable = isWelcome;
      tellPage();
    }
  };

  // Cut, because a page with a title of any length must not be left without a chat.
  const page = () => ({
    url: (_document.location.origin + _document.location.pathname).slice(0, PAGE_LENGTH),
    title: _document.title.slice(0, PAGE_LENGTH),
  });
  const tellPage = () => {
    if (bridge._isConnected()) call('page', page(), isInvitable);
  };

  const changed = () => {
    present();
    const now = state();
    if (now !== lastState) announce({ name: 'statechange', state: (lastState = now) as 'chat' });
  };

  /** Opens a panel by the widget of that name. The built-in form needs no controller to have made it. */
  const openPanel = (name: string) => {
    const chat = newest(CHAT);
    let core = newest(name);
    if (!core && name === FORM && isDrawn(chat)) {
      core = create(FORM, {});
      if (standIns.includes(chat!)) standIns.push(core);
    }
    if (!core) return warn('no widget ' + name);
    if (!core._element && !core._box && _frame._isCovered(() => openPanel(name))) return trouble('unavailable', 'behind a dialog');
    if (name === FORM) core._widget.render!();
    const { isOpenWithVisibilityObserver, isShowWithVisibilityObserver } = core._config;
    core._widget.show!(!!(isOpenWithVisibilityObserver || isShowWithVisibilityObserver) || undefined);
  };

  /**
   * Calls the frame in the name of `command`. Resolves when the call is accepted or, with `keys` (ids or uids), when all of
   * them are answered. A failure to get there has been announced as `error` by then; others the session announces.
   */
  const tell: Tell = (command, keys, method, ...args) => {
    const isMessage = /^send(Files)?$/.test(method);
    // What a new frame may be told again: the session knows messages and files by their uid, and a card can be said twice.
    const _isRepeated = isMessage || method === 'setCard';
    const _fail = (failure: Failure) => {
      const left = keys.filter(isDue);
      if (keys[0] && !left[0]) return;
      if (method === 'mail') announce({ name: 'sendchatbymail', success: false, error: failure.code });
      announce({ name: 'error', ...failure, command });
      for (const uid of left) {
        if (isMessage) announce({ name: 'messagefailed', uid, reason: failure.code });
        settle(uid, failure);
      }
    };
    const answered = Promise.all(
      keys.map(
        (key) =>
          new Promise((resolve, reject) => {
            const _end: Due['_end'] = (failure, value) => {
              dues.delete(key);
              if (failure) reject(toError(failure));
              else resolve(value);
            };
            dues.set(key, { _end, _fail, _isRepeated });
          }),
      ),
    );
    const accepted = bridge._call(method, args, _isRepeated ? () => keys.some(isDue) : undefined).catch((failure: Failure) => {
      _fail(failure);
      if (!keys[0]) throw toError(failure);
    });
    return keys[0] ? answered.then((values) => (values[1] ? values : values[0])) : accepted;
  };

  const create = (name: string, config: WidgetConfig) => {
    if (!/^(lead|site|consultant_(chat(_group_selector)?|label|offline_message)$)/.test(name)) warn('unknown widget ' + name);
    const isChat = name === CHAT;
    const core = createWidget(
      name,
      config,
      isChat ? CHAT_EVENTS : name === FORM ? REPLY : '',
      () => (isChat ? _frame._element() : undefined),
      changed,
      () => {
        cores = cores.filter((other) => other !== core);
      },
    );
    define(core._widget, { settings: structuredClone(mirror._state.settings) });
    cores.push(core);
    if (isChat) {
      createChatWidget(core, context);
      openAll();
      const { show } = core._widget;
      core._widget.show = (isApi) => {
        show!(isApi);
        // The form would lie over it.
        if (core._isOpen && isDrawn(core)) newest(FORM)?._widget.hide!();
      };
    }
    if (name === FORM) {
      core._widget.sendRequest = (request) => sendRequest(request, core._emitter);
    }
    addMembers(core);
    changed();
    return core;
  };

  /** The answer comes to the listeners of that form, or of what stands for one. */
  const sendRequest = (request: unknown, form: Emitter) => {
    const texts = toTexts(given(request), 'name email phone message group_id');
    const id = uuid();
    requests.set(id, form);
    setTimeout(() => bridge._takeBack(id), REQUEST_MS);
    tell('sendRequest', [id], 'sendRequest', id, texts).catch(() => {
      requests.get(id)?._emit(REPLY, { success: false, info: NOT_SENT });
      requests.delete(id);
    });
  };

  const openAll = () => {
    for (const { _open } of isOpen() ? chats() : []) setTimeout(_open);
  };

  /** Stays in its caller's task unless the controller returns a promise. */
  const run = async (fn: () => unknown) => {
    const fail = (error: unknown) => {
      report(error);
      hasFailed = !chats().some(({ _isRendered }) => _isRendered);
      // It may have taken longer than it was waited for.
      tryRun();
    };
    isRunning = true;
    try {
      const result = fn() as Promise<unknown> | undefined;
      if (Object(result).then)
        await Promise.race([result!.then(ignore, fail), new Promise((resolve) => setTimeout(resolve, CONTROLLER_MS))]);
    } catch (error) {
      fail(error);
    }
    isRunning = false;
    changed();
    openAll();
    // After the widgets' own tasks, so that a page that waits for it has heard what was held back.
    setTimeout(() => {
      isReady = true;
      emitter._emit('ready');
    });
    tryRun();
  };

  /** Runs what is due: the customer's controller, else, once the page has loaded, ours; also if theirs made no chat before it threw. */
  const tryRun = () => {
    if (!isOpen()) return;
    if (controller && !hasRun) {
      hasRun = true;
      for (const { _remove } of standIns) _remove();
      standIns = [];
      void run(() => controller!(structuredClone(mirror._state.settings), { chat: CHAT, [CHAT]: CHAT, [FORM]: FORM, [LABEL]: LABEL }));
    } else if (isLoaded && _mayStandIn && !standIns[0] && (!controller || hasFailed))
      void run(() => {
        standIns = [create(CHAT, {})];
        standIns[0]!._widget.render!();
      });
  };

  /** Until the controller has run there is nothing to open. */
  const whenReady = (fn: () => void) => {
    if (isReady) fn();
    else emitter.once('ready', fn);
  };

  const trouble = (code: ErrorCode, message: string) => {
    console.error('CallGear: ' + message);
    announce({ name: 'error', code, message });
  };

  const bridge = _connect({
    _methods,
    _welcome() {
      welcomedAt = Date.now();
      return { page: page(), isInvitable, presentation: JSON.parse(shown), known: toKnown(mirror) };
    },
    _onLost(failure, isOver) {
      for (const { _fail, _isRepeated } of [...dues.values()]) if (isOver || !_isRepeated) _fail(failure);
    },
    _onTrouble: trouble,
  });
  const context: WidgetContext = {
    _mirror: mirror,
    _tell: tell,
    _isDue: isDue,
    _takeBack: bridge._takeBack,
    _state: state,
    _isOpen: isOpen,
    _refill: refill,
  };
  present();

  return {
    _state: () => mirror._state,
    _bridge: bridge,
    /** Changes the card; see `setVisitorCard`. */
    _card: (info: unknown, callback: unknown) => void setCard(context, 'addVisitorInfo', info, callback).catch(ignore),
    _identify(jwt: string) {
      const id = uuid();
      return tell('identify', [id], 'identify', id, jwt);
    },
    _consent: (isGiven: boolean) => call('setConsent', isGiven),
    /** Sends a request without a form; see `addOfflineRequest`. */
    _request(request: unknown, callback: unknown) {
      const called = toCallback(callback);
      const form = createEmitter(undefined, REPLY);
      if (called) form.on(REPLY, ({ success, info }: { success: boolean; info: object }) => called({ success, result: info }));
      sendRequest(request, form);
    },
    _property: (name: string, value: string, isDue: () => boolean) => void bridge._call('setProperty', [name, value], isDue).catch(ignore),
    _create: create,
    _newest: newest,
    _openPanel: (name: string) => whenReady(() => openPanel(name)),
    _openChat: () => whenReady(() => openPanel(mirror._state.isAvailable || mirror._state.state === 'chat' ? CHAT : FORM)),
    _register(name: string, fn: Controller) {
      checkFunction(fn);
      if (name !== 'consultant') return warn('unknown view controller ' + name);
      if (controller) warn('consultant is registered already' + (hasRun ? '' : ': replaced'));
      if (!hasRun) controller = fn;
      tryRun();
    },
    _on(name: string, fn: Listener) {
      const isOnce = name === 'ready';
      // Who comes late hears it in a task of its own; who has heard it is gone by then.
      if (isOnce && isReady) setTimeout(emitter._emit, 0, name);
      return isOnce ? emitter.once(name, fn) : emitter.on(name, fn);
    },
    /** The page has loaded: the stand-in may appear. */
    _onLoad() {
      isLoaded = true;
      tryRun();
    },
    _tellPage: tellPage,
  };
}

/** A `ChatError` in shape: the class itself would bring its helpers along. */
function toError({ code, message }: Failure): ChatError {
  return define(new Error(message), { name: 'ChatError', code });
}
