/**
 * Who builds the chat in this page: the customer's view controller or, for want of one, a stand-in of ours.
 *
 * The customer's runs once, as soon as the page has heard from the frame, and takes the stand-in's place. The stand-in comes when the
 * page has loaded without a controller, or when the customer's threw before it had made a chat.
 */
import type { Emitter, Listener } from './emitter.ts';
import type { Mirror } from './mirror.ts';
import { checkFunction, ignore, report, warn } from './report.ts';
import { CHAT, FORM, LABEL, type Core } from './widget.ts';

/** A customer's function that builds the chat. */
export type Controller = (settings: unknown, templates: Record<string, string>) => unknown;

/** How long a controller that returned a promise may keep the chat's events waiting. */
export const CONTROLLER_MS = 10_000;

export interface Controllers {
  /** While it is true, the page's listeners get no event of the chat. */
  readonly _isRunning: boolean;
  /** The customer's threw, and has left no chat in the page. */
  readonly _hasFailed: boolean;
  /** What the stand-in has made. */
  _standIns: Core[];
  _register(name: string, fn: Controller): void;
  /** Runs the controller that is due, if one is. */
  _tryRun(): void;
  /** The page has loaded: the stand-in may appear. */
  _onLoad(): void;
  /** Runs `fn` when a controller has run: until then there is nothing to open. */
  _whenReady(fn: () => void): void;
  /** Listens to `ready` or `error` of the page. */
  _on(name: string, fn: Listener): () => void;
}

/**
 * @param mayStandIn whether a chat of ours may stand in while there is no controller
 * @param isOpen the first snapshot is there, and no controller is running
 * @param hasChat whether some chat has been rendered
 * @param standIn makes our chat
 * @param onReturn a controller has returned: what waited for it can be told
 */
export function createControllers(
  mirror: Mirror,
  emitter: Emitter,
  mayStandIn: boolean,
  isOpen: () => boolean,
  hasChat: () => boolean,
  standIn: () => Core,
  onReturn: () => void,
): Controllers {
  let theirs: Controller | undefined;
  /** Theirs, that is; the stand-in may come again. */
  let hasRun = false;
  let isLoaded = false;
  let isReady = false;

  /** Stays in its caller's task unless the controller returns a promise. */
  const run = async (fn: () => unknown) => {
    const fail = (error: unknown) => {
      report(error);
      all._hasFailed = !hasChat();
      // It may have taken longer than it was waited for.
      tryRun();
    };
    all._isRunning = true;
    try {
      const result = fn() as Promise<unknown> | undefined;
      if (Object(result).then)
        await Promise.race([result!.then(ignore, fail), new Promise((resolve) => setTimeout(resolve, CONTROLLER_MS))]);
    } catch (error) {
      fail(error);
    }
    all._isRunning = false;
    onReturn();
    // After the widgets' own tasks, so that a page that waits for it has heard what was held back.
    setTimeout(() => {
      isReady = true;
      emitter._emit('ready');
    });
    tryRun();
  };

  const tryRun = () => {
    if (!isOpen()) return;
    if (theirs && !hasRun) {
      hasRun = true;
      for (const { _remove } of all._standIns) _remove();
      all._standIns = [];
      void run(() => theirs!(structuredClone(mirror._state.settings), { chat: CHAT, [CHAT]: CHAT, [FORM]: FORM, [LABEL]: LABEL }));
    } else if (isLoaded && mayStandIn && !all._standIns[0] && (!theirs || all._hasFailed))
      void run(() => {
        all._standIns = [standIn()];
        all._standIns[0]!._widget.render!();
      });
  };

  const all = {
    _isRunning: false,
    _hasFailed: false,
    _standIns: [] as Core[],
    _register(name: string, fn: Controller) {
      checkFunction(fn);
      if (name !== 'consultant') return warn('unknown controller ' + name);
      if (theirs) warn('consultant ' + (hasRun ? 'has run' : 'replaced'));
      if (!hasRun) theirs = fn;
      tryRun();
    },
    _tryRun: tryRun,
    _onLoad() {
      isLoaded = true;
      tryRun();
    },
    _whenReady(fn: () => void) {
      if (isReady) fn();
      else emitter.once('ready', fn);
    },
    _on(name: string, fn: Listener) {
      const isOnce = name === 'ready';
      // Who comes late hears it in a task of its own; who has heard it is gone by then.
      if (isOnce && isReady) setTimeout(emitter._emit, 0, name);
      return isOnce ? emitter.once(name, fn) : emitter.on(name, fn);
    },
  };
  return all;
}
