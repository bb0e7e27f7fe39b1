/**
 * The page's end of the chat: holds the mirror and the widgets, and tells the listeners what the frame reports.
 *
 * Order, everywhere: the mirror first, then the events; and no event of the chat before the controller has returned.
 * Decides nothing about the chat itself: that is the session's, in the frame. Its parts have files of their own: `dues.ts` (commands
 * under way), `presenting.ts` (tells the frame about the page), `controller.ts` (who builds the chat) and `forms.ts` (requests).
 */
import type { ErrorCode } from '../shared/errors.ts';
import { HISTORY_PAGE } from '../shared/limits.ts';
import type { HostMethods, PageEvent } from '../shared/page/bridge.ts';
import type { Bridge, BridgeHandlers } from './bridge.ts';
import { createBadge } from './badge.ts';
import { createChatWidget, type Chat } from './chat-widget.ts';
import type { WidgetContext } from './context.ts';
import { createControllers } from './controller.ts';
import { define } from './define.ts';
import { createDues } from './dues.ts';
import { createEmitter } from './emitter.ts';
import { CHAT_EVENTS } from './events.ts';
import { createForms, REPLY } from './forms.ts';
import type { FrameView } from './iframe.ts';
import { applySnapshot, applyUpdate, createMirror, timeline, toKnown } from './mirror.ts';
import { createPresenting } from './presenting.ts';
import { attempt, ignore, warn } from './report.ts';
import { addMembers, CHAT, createWidget, FORM, PHONE, type Core, type WidgetConfig } from './widget.ts';

/** A first snapshot on defaults that took so long is not one that came without asking the server, for want of consent. */
export const UNREACHABLE_MS = 1_000;
/** Messages that are kept ahead of the widget that has read the furthest: two pages. */
const AHEAD = 2 * HISTORY_PAGE;

/** What `facade.ts` makes the public object of. */
export type Page = ReturnType<typeof createPage>;

/**
 * @param mayStandIn whether a chat of ours may stand in while the customer has registered no controller
 * @param connect makes the bridge for these handlers
 */
// closure: mirror, widgets and bridge know each other, and each is made once here
export function createPage(document: Document, frame: FrameView, mayStandIn: boolean, connect: (handlers: BridgeHandlers) => Bridge) {
  const mirror = createMirror();
  const badge = createBadge(document);
  const emitter = createEmitter(undefined, 'ready error');
  /** Events of own messages that were reported: a new frame that got the messages again reports them again. */
  const told = new Set<string>();
  let cores: (Core | Chat)[] = [];
  let lastState = 'available';
  let welcomedAt = 0;

  const newest = (name: string) => cores.filter(({ _name }) => _name === name).pop();
  const chats = () => cores.filter((core): core is Chat => !!(core as Chat)._open);
  const state = () =>
    mirror._state.state === 'available' && cores.some(({ _name, _isVisible }) => _isVisible && /^lead/.test(_name))
      ? 'lead'
      : mirror._state.state;
  const isOpen = () => mirror._rev >= 0 && !controllers._isRunning;

  const announce = (event: PageEvent) => {
    const { name, ...rest } = event;
    if (/^message(sent|delivered)/.test(name)) {
      const { uid } = Object((event as { message?: unknown }).message || event);
      const mark = name + uid;
      if (told.has(mark)) return;
      told.add(mark);
    }
    for (const chat of chats()) chat._hear(event);
    // Errors of the chat as a whole, and of no command: `frame_blocked`, `frame_unstable`, `refused`, `unreachable`, `unavailable`.
    if (name === 'error' && !event.command && /^(frame_(b|uns)|refused|un[ar])/.test(event.code)) emitter._emit(name, rest);
    dues._hear(event);
  };

  /** After every change of the mirror. */
  const settled = (events: PageEvent[], isBeginning = false) => {
    presenting._present();
    lastState = state();
    for (const event of events) {
      announce(event);
      forms._hear(event, events);
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
      controllers._tryRun();
      if (isLate) trouble('unreachable', 'no answer');
      openAll();
    },
    update(update) {
      const gap = update.rev - mirror._rev - 1;
      if (gap > 0) bridge._call('resync', [toKnown(mirror)]).catch(ignore);
      if (gap) return;
      applyUpdate(mirror, update);
      settled(update.events);
    },
    ask(ask) {
      if (ask.type === 'place') {
        frame._place(ask);
        badge._show(ask);
        if (ask.mode === 'panel') presenting._drawn();
      } else
        presenting._byVisitor(() => attempt(() => (ask.type === 'open' ? openPanel('consultant_' + ask.view, ask.wantsCall) : close())));
    },
  };

  const close = () => {
    const form = newest(FORM);
    (form?._isVisible ? form : newest(CHAT))?._widget.hide!();
  };

  const changed = () => {
    presenting._present();
    const now = state();
    if (now !== lastState) announce({ name: 'statechange', state: (lastState = now) as 'chat' });
  };

  /** Opens a panel by the widget of that name. The built-in form needs no controller to have made it; it also asks for a number to call. */
  const openPanel = (name: string, wantsCall = false): unknown => {
    const chat = newest(CHAT);
    let core = newest(name);
    if (!core && name === PHONE && presenting._isDrawn(chat)) return openPanel(FORM, true);
    if (!core && name === FORM && presenting._isDrawn(chat)) {
      core = create(FORM, {});
      if (controllers._standIns.includes(chat!)) controllers._standIns.push(core);
    }
    if (!core) return warn('unknown widget ' + name);
    if (!core._element && !core._box && frame._isCovered(() => openPanel(name, wantsCall))) return trouble('unavailable', 'dialog');
    core._wantsCall = wantsCall;
    if (name === FORM) core._widget.render!();
    core._widget.show!(!!(core._config.isShowWithVisibilityObserver || core._config.isOpenWithVisibilityObserver) || undefined);
    // What is open already may be wanted for a call now.
    changed();
    return undefined;
  };

  const create = (name: string, config: WidgetConfig) => {
    if (!/^(lead|site|consultant_(chat(_group_selector)?|label|offline_message)$)/.test(name)) warn('unknown widget ' + name);
    const isChat = name === CHAT;
    const core = createWidget(
      name,
      config,
      isChat ? CHAT_EVENTS : name === FORM ? REPLY : '',
      () => (isChat ? frame._element() : undefined),
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
        if (core._isOpen && presenting._isDrawn(core)) newest(FORM)?._widget.hide!();
      };
    }
    if (name === FORM) core._widget.sendRequest = (request) => forms._send(request, core._emitter);
    addMembers(core);
    changed();
    return core;
  };

  const openAll = () => {
    for (const { _open } of isOpen() ? chats() : []) setTimeout(_open);
  };

  const trouble = (code: ErrorCode, message: string) => {
    badge._show({});
    console.error('CallGear: ' + message);
    announce({ name: 'error', code, message });
  };

  const bridge = connect({
    _methods,
    _welcome() {
      welcomedAt = Date.now();
      return { ...presenting._welcome(), known: toKnown(mirror) };
    },
    _onLost: (failure, isOver) => dues._lose(failure, isOver),
    _onTrouble: trouble,
  });
  const dues = createDues(bridge, announce);
  const forms = createForms(bridge, dues._tell, () => newest(FORM)?._emitter);
  const controllers = createControllers(
    mirror,
    emitter,
    mayStandIn,
    isOpen,
    () => chats().some(({ _isRendered }) => _isRendered),
    () => create(CHAT, {}),
    () => {
      changed();
      openAll();
    },
  );
  const presenting = createPresenting(document, frame, bridge, newest, chats, controllers, badge._title);
  const context: WidgetContext = {
    _mirror: mirror,
    _tell: dues._tell,
    _isDue: dues._isDue,
    _takeBack: bridge._takeBack,
    _state: state,
    _isOpen: isOpen,
    _refill: refill,
  };
  presenting._present();

  return {
    ...context,
    _bridge: bridge,
    _controllers: controllers,
    _create: create,
    _newest: newest,
    /** Opens the panel of that name, by default the chat or, while nobody is there, the form. */
    _openPanel: (name?: string) =>
      controllers._whenReady(() => openPanel(name || (mirror._state.isAvailable || mirror._state.state === 'chat' ? CHAT : FORM))),
    _sendRequest: forms._send,
    _tellPage: presenting._tellPage,
    _badge: badge._show,
    /** Escape closes from the page's side, too, where the page has no use for it. */
    _onKey({ key, defaultPrevented }: KeyboardEvent) {
      if (key === 'Escape' && !defaultPrevented && presenting._isLeft()) close();
    },
    /** The language that the page has asked for. */
    _language: '',
  };
}
