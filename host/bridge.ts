/**
 * Host's end of the bridge.
 *
 * 1. We insert the frame with a nonce in its fragment and listen on the window.
 * 2. The frame posts `hello` to its embedder as soon as it runs, with one end of a MessageChannel.
 * 3. We accept it only if the browser itself made the event, from our iframe's window, *and* from the chat's origin, *and*
 *    with our nonce, *and* with exactly one port. We answer `welcome` on that port; nothing else ever crosses `window`.
 * 4. The same epoch again is a replay and dropped. A new epoch means that the frame was reloaded: what was under way is
 *    rejected and the port swapped. More than three new ones in a minute end the bridge as `frame_unstable`.
 * 5. Calls wait in one queue, in the order they were made, until a frame is there; each has ten seconds to be accepted.
 * 6. No browser tells when a port's other end dies. So we ask when there is reason to doubt, twice, and after two silences
 *    replace the frame, up to three times.
 *
 * Knows nothing of what is called: names and arguments are the caller's.
 */
import { BRIDGE_VERSIONS, HELLO_BRAND, type FrameMethods, type HostMethods, type Welcome } from '../shared/bridge.ts';
import type { ErrorCode } from '../shared/errors.ts';
import { createPort, type Failure, type Port } from './port.ts';
import { uuid } from './random.ts';
import { ignore } from './report.ts';

/** Waits in milliseconds, and bounds. Those of the treaty are literals here, for the loader's size; a test compares them. */
export const HELLO_MS = 15_000;
export const CALL_MS = 10_000;
export const PROBE_MS = 5_000;
/** Longer than the frame's bucket needs to be half full again. */
export const PAUSE_MS = 1_500;
export const BACKOFF_MS = [1_000, 4_000, 16_000];
export const IN_FLIGHT = 64;
export const QUEUED = 100;
/** The first epoch of a minute and three new ones. */
const EPOCHS = 4;
const EPOCH_MS = 60_000;

/** What the bridge needs of the element; `iframe.ts` is the real one. */
export interface FrameElement {
  /** Puts a new iframe with this fragment into the document, in place of the last one. */
  _insert(fragment: string): void;
  _remove(): void;
  _window(): unknown;
}

export interface BridgeOptions {
  _window: Pick<Window, 'addEventListener' | 'removeEventListener' | 'document' | 'location'>;
  /** The chat's origin: the only one that is believed. */
  _origin: string;
  _frame: FrameElement;
  _methods: HostMethods;
  _welcome: () => Omit<Welcome, 'version'>;
  /** A port was replaced or lost: answers still due will not come. */
  _onLost: () => void;
  _onTrouble: (code: ErrorCode, message: string) => void;
}

export interface Bridge {
  /** Inserts the frame. Calls made before wait for it. */
  _open(): void;
  /** Resolves when the session has accepted the call; rejects with `{code, message}`. Never throws. */
  _call<M extends keyof FrameMethods>(method: M, ...args: Parameters<FrameMethods[M]>): Promise<unknown>;
  /** Asks whether the frame still answers. */
  _probe(): void;
  _isConnected(): boolean;
  /** Says goodbye, takes the frame away and rejects whatever waits. */
  _close(code?: ErrorCode): void;
}

interface Call {
  _method: string;
  _args: unknown[];
  _settle: (failure?: Failure) => void;
}

export function createBridge({ _window, _origin, _frame, _methods, _welcome, _onLost, _onTrouble }: BridgeOptions): Bridge {
  const { document } = _window;
  let nonce: string;
  let port: Port | undefined;
  /** Every document of the frame that has said hello, and when. */
  const epochs: [epoch: unknown, at: number][] = [];
  let queue: Call[] = [];
  let inFlight = 0;
  /** How many calls at the head of the queue were refused as too many; while there are any, nothing is sent. */
  let refused = 0;
  let helloTimer: ReturnType<typeof setTimeout>;
  let isProbing = false;
  let deaths = 0;
  let closed: ErrorCode | undefined;

  const insert = () => {
    if (closed) return;
    nonce = uuid().replace(/-/g, '');
    helloTimer = setTimeout(blocked, HELLO_MS);
    _frame._insert('#n=' + nonce + '&o=' + encodeURIComponent(_window.location.origin));
  };

  // A late hello heals it: the listener stays.
  const blocked = () => {
    clearTimeout(helloTimer);
    if (!port) _onTrouble('frame_blocked', _origin + ' did not load: frame-src of the page\'s policy, unknown site or origin, or network');
  };

  const onViolation = ({ effectiveDirective, blockedURI }: SecurityPolicyViolationEvent) => {
    if (effectiveDirective === 'frame-src' && blockedURI.startsWith(_origin)) blocked();
  };

  const onMessage = ({ isTrusted, source, origin, data, ports }: MessageEvent) => {
    const { type, nonce: given, epoch, versions } = Object(data);
    if (!isTrusted || !source || source !== _frame._window() || origin !== _origin) return;
    if (type !== HELLO_BRAND || given !== nonce || ports.length !== 1 || epochs.some(([known]) => known === epoch)) return;
    clearTimeout(helloTimer);
    epochs.push([epoch, Date.now()]);
    const version = BRIDGE_VERSIONS.find((major) => Object(versions).includes?.(major));
    if (!version) shut('refused', 'this loader and the chat have no version in common');
    else if (epochs.filter(([, at]) => at > Date.now() - EPOCH_MS).length > EPOCHS) shut('frame_unstable', 'the frame keeps reloading');
    else {
      lose();
      port = createPort(ports[0]!, _methods);
      launch({ _method: 'welcome', _args: [{ ..._welcome(), version }], _settle: (failure) => failure || (deaths = 0) });
      pump();
    }
  };

  /** Forgets the port; whoever waits for it is told. */
  const lose = (code: ErrorCode = 'frame_unavailable') => {
    const last = port;
    port = undefined;
    if (last) {
      last._close({ code, message: 'the frame went away' });
      _onLost();
    }
  };

  const pump = () => {
    const next = port && !refused && inFlight < IN_FLIGHT && queue.shift();
    if (!next) return;
    launch(next);
    pump();
  };

  const launch = (call: Call) => {
    inFlight += 1;
    port!._call(call._method, call._args, CALL_MS, (failure) => {
      inFlight -= 1;
      if (failure?.code === 'rate_limited') {
        // Back to its place: the frame refuses all that were under way behind it, and they go again in order.
        if (!refused) setTimeout(resume, PAUSE_MS);
        queue.splice(refused, 0, call);
        refused += 1;
      } else {
        if (failure?.code === 'timeout') probe();
        call._settle(failure);
        pump();
      }
    });
  };

  const resume = () => {
    refused = 0;
    pump();
  };

  const probe = (strikes = 2) => {
    if (!port || isProbing || document.hidden) return;
    isProbing = true;
    port._call('ping', [], PROBE_MS, (failure) => {
      isProbing = false;
      // A refusal is an answer too; a port that was swapped meanwhile is no longer our concern.
      if (failure?.code !== 'timeout' || document.hidden) return;
      if (strikes > 1) probe(strikes - 1);
      else revive();
    });
  };

  const revive = () => {
    lose();
    const wait = BACKOFF_MS[deaths];
    deaths += 1;
    if (wait) setTimeout(insert, wait);
    else shut('frame_unstable', 'the frame stopped answering');
  };

  const onPageShow = ({ persisted }: PageTransitionEvent) => {
    if (persisted) probe();
  };

  const listen = (method: 'addEventListener' | 'removeEventListener') => {
    _window[method]('message', onMessage as EventListener);
    _window[method]('pageshow', onPageShow as EventListener);
    document[method]('securitypolicyviolation', onViolation as EventListener);
  };

  const shut = (code: ErrorCode, message: string) => {
    close(code);
    _onTrouble(code, message);
  };

  const close = (code: ErrorCode = 'destroyed') => {
    if (closed) return;
    closed = code;
    port?._call('goodbye', [], CALL_MS, ignore);
    listen('removeEventListener');
    clearTimeout(helloTimer);
    lose(code);
    for (const { _settle } of queue.splice(0)) _settle({ code, message: 'closed' });
    _frame._remove();
  };

  return {
    _open() {
      listen('addEventListener');
      insert();
    },
    _call: (method, ...args) =>
      new Promise((resolve, reject) => {
        const _settle = (failure?: Failure) => (failure ? reject(failure) : resolve(undefined));
        // Of drafts that nobody has seen yet, only the latest matters.
        if (method === 'typing') queue = queue.filter((call) => call._method !== method || call._settle());
        if (closed || queue.length >= QUEUED) return _settle({ code: closed || 'rate_limited', message: 'the chat takes no more calls' });
        queue.push({ _method: method, _args: args, _settle });
        pump();
      }),
    _probe: () => probe(),
    _isConnected: () => !!port,
    _close: close,
  };
}
