/**
 * Host's end of the bridge.
 *
 * 1. We insert the frame with a nonce in its fragment and listen on the window.
 * 2. The frame posts `hello` to its embedder as soon as it runs, with one end of a MessageChannel.
 * 3. We accept it only if the browser itself made the event, from our iframe's window, *and* from the chat's origin, *and*
 *    with our nonce, *and* with exactly one port. We answer `welcome` on that port; nothing else ever crosses `window`.
 * 4. The same epoch again is a replay and dropped. A new epoch means that the frame was reloaded: the port is swapped, calls
 *    that may be repeated and are still due go to the new frame first, all others under way are rejected. More than three
 *    new epochs in a minute end the bridge as `frame_unstable`.
 * 5. Calls wait in one queue, in the order they were made, until a frame is there; each has ten seconds to be accepted. They
 *    wait for the first frame as long as it takes. When a frame is gone they wait only five seconds: then calls that no frame
 *    has had fail as `frame_unavailable` and never run. A call that a frame has had may have run already, so it goes on waiting.
 * 6. No browser tells when a port's other end dies. We see it ourselves only when a frame was taken out of the document: its
 *    window is another one, or none. Else we ask when there is reason to doubt, twice. After two silences we replace the
 *    frame, up to three times.
 * 7. A frame that has loaded and says nothing is an error page: of the browser, or of a server that is just being restarted.
 *    It is asked for again, three times, unless the page's policy forbids it. One that is still loading is left alone.
 *
 * Knows nothing about the calls: names and arguments are the caller's.
 */
import { BRIDGE_VERSIONS, HELLO_BRAND, type FrameMethods, type HostMethods, type Welcome } from '../shared/page/bridge.ts';
import type { ErrorCode } from '../shared/errors.ts';
import { createPort, toFailure, type Failure, type Port } from './port.ts';
import { uuid } from './random.ts';
import { ignore } from './report.ts';

/** Waits in milliseconds, and bounds. Those of the treaty are literals here, for the loader's size; a test compares them. */
export const HELLO_MS = 15_000;
export const CALL_MS = 10_000;
export const PROBE_MS = 5_000;
export const ABSENCE_MS = 5_000;
/** Longer than the frame's bucket needs to be half full again. */
export const PAUSE_MS = 1_500;
export const BACKOFF_MS = [1_000, 4_000, 16_000];
/** Spelled out again in `retry`, for the loader's size; a test compares them. */
export const RETRY_MS = /* @__PURE__ */ BACKOFF_MS.map((ms) => 4 * ms);
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

/** Who stands behind the bridge at this end. */
export interface BridgeHandlers {
  _methods: HostMethods;
  _welcome: () => Omit<Welcome, 'version'>;
  /** A port was lost: answers still due will not come, except for calls that are repeated; if it is over, not for them either. */
  _onLost: (failure: Failure, isOver: boolean) => void;
  _onTrouble: (code: ErrorCode, message: string) => void;
}

export interface Bridge {
  /** Inserts the frame, or a new one in place of one that was taken out. Calls made before wait for it. */
  _open(): void;
  /**
   * Resolves when the session has accepted the call; rejects with `{code, message}`. Never throws. With `isDue` the call is repeated to
   * a new frame for as long as that says so.
   */
  _call<M extends keyof FrameMethods>(method: M, args: Parameters<FrameMethods[M]>, isDue?: () => boolean): Promise<unknown>;
  /** Takes a call that still waits for the frame back, by its first argument; it is rejected. `false` if there is none. */
  _takeBack(key: unknown): boolean;
  /** Asks whether the frame still answers. */
  _probe(): void;
  _isConnected(): boolean;
  /** Says goodbye, takes the frame away and rejects whatever waits. */
  _close(code?: ErrorCode): void;
}

/** Hears what became of a call. */
type Done = (failure?: Failure) => void;

interface Call {
  _method: string;
  _args: unknown[];
  _done: Done;
  _isDue?: (() => boolean) | undefined;
}

/** @param origin the chat's: the only one that is believed */
// closure: one machine, told in the file's first lines; port, queue and epochs change together when a frame is lost
export function createBridge(
  window: Pick<Window, 'addEventListener' | 'removeEventListener' | 'document' | 'location'>,
  origin: string,
  frame: FrameElement,
  handlers: BridgeHandlers,
): Bridge {
  const { document } = window;
  let nonce: string;
  let port: Port | undefined;
  /** The window that it leads to. */
  let peer: unknown;
  /** Every document of the frame that has said hello, and when. */
  const epochs: [epoch: unknown, at: number][] = [];
  let queue: Call[] = [];
  /** Calls that the frame has not answered; each is handed why it will not any more. */
  const underWay = new Set<Done>();
  /** How many calls at the head of the queue were refused as too many; while there are any, nothing is sent. */
  let refused = 0;
  /** Calls this frame has been told that may be repeated and are due. */
  let told: Call[] = [];
  /** One wait for all tries, so that the bridge reports a frame it cannot get only once. */
  let helloTimer: ReturnType<typeof setTimeout> | undefined;
  let retryTimer: ReturnType<typeof setTimeout>;
  let tries = 0;
  let isProbing = false;
  let deaths = 0;
  let closed: ErrorCode | undefined;

  const insert = () => {
    if (closed) return;
    // Each time anew: a page that writes its document anew takes all listeners with it.
    listen('addEventListener');
    nonce = uuid();
    helloTimer ||= setTimeout(blocked, HELLO_MS);
    frame._insert('#n=' + nonce + '&o=' + window.location.origin);
  };

  // A late hello heals it: the listener stays.
  const blocked = () => {
    clearTimeout(helloTimer);
    look();
    if (!port) handlers._onTrouble('frame_blocked', 'no answer: frame-src?');
  };

  const onViolation = ({ effectiveDirective, blockedURI }: SecurityPolicyViolationEvent) => {
    if (effectiveDirective !== 'frame-src' || !blockedURI.startsWith(origin)) return;
    tries = BACKOFF_MS.length;
    blocked();
  };

  const onMessage = ({ isTrusted, source, origin: from, data, ports }: MessageEvent) => {
    const { type, nonce: given, epoch, versions } = Object(data);
    if (!isTrusted || !source || source !== frame._window() || from !== origin) return;
    if (type !== HELLO_BRAND || given !== nonce || ports.length !== 1 || epochs.some(([known]) => known === epoch)) return;
    clearTimeout(helloTimer);
    helloTimer = undefined;
    tries = 0;
    epochs.push([epoch, Date.now()]);
    const version = BRIDGE_VERSIONS.find((major) => Array.isArray(versions) && versions.includes(major));
    if (!version) shut('refused', 'no version in common');
    else if (epochs.filter(([, at]) => at > Date.now() - EPOCH_MS).length > EPOCHS) shut('frame_unstable');
    else {
      lose();
      peer = source;
      port = createPort(ports[0]!, handlers._methods);
      launch({ _method: 'welcome', _args: [{ ...handlers._welcome(), version }], _done: (failure) => failure || (deaths = 0) });
      pump();
    }
  };

  const isDue = ({ _isDue }: Call) => !!_isDue && _isDue();

  /** Forgets the port, and fails the calls that wait for it. */
  const lose = (code: ErrorCode = 'frame_unavailable') => {
    const last = port;
    if (!last && !closed) return;
    const failure = toFailure(code);
    port = undefined;
    last?._close();
    for (const finish of underWay) finish(failure);
    giveUpLater(queue.filter((call) => !told.includes(call)));
    queue = [...new Set([...told.filter(isDue), ...queue])];
    told = [];
    refused = 0;
    handlers._onLost(failure, !!closed);
    if (closed) for (const { _done } of queue.splice(0)) _done(failure);
  };

  /** Gives back those of these calls that still wait when a frame has been missing for too long. */
  const giveUpLater = (calls: Call[]) => {
    if (epochs[0])
      setTimeout(() => {
        const late = port ? [] : calls.filter((call) => queue.includes(call));
        queue = queue.filter((call) => !late.includes(call));
        for (const { _done } of late) _done(toFailure('frame_unavailable'));
      }, ABSENCE_MS);
  };

  /** Sends one call. `done` is called once: when the frame has answered, after `ms`, or when the port is lost. */
  const send = (method: string, args: unknown[], ms: number, done: Done) => {
    const finish = (failure?: Failure) => {
      clearTimeout(timer);
      if (underWay.delete(finish)) done(failure);
    };
    const timer = setTimeout(finish, ms, toFailure('timeout'));
    underWay.add(finish);
    (port!._peer as unknown as Record<string, (...args: unknown[]) => Promise<undefined>>)[method]!(...args).then(finish, finish);
  };

  /** Whether the frame is gone with its document. */
  const look = () => port && frame._window() !== peer && lose();

  const pump = () => {
    look();
    const next = port && !refused && underWay.size < IN_FLIGHT && queue.shift();
    if (!next) return;
    launch(next);
    pump();
  };

  const launch = (call: Call) => {
    told = [...told, call].filter(isDue);
    send(call._method, call._args, CALL_MS, (failure) => {
      const code = failure?.code;
      if (code === 'rate_limited') {
        // The frame refuses all that were under way behind it, and they go again in order.
        if (!refused) setTimeout(resume, PAUSE_MS);
        queue.splice(refused++, 0, call);
        return;
      }
      const isSilent = code === 'timeout' && !document.hidden;
      if (isSilent) probe();
      // What will be repeated, should the frame be gone, has not failed.
      if (!isDue(call) || (port && !isSilent)) call._done(failure);
      pump();
    });
  };

  const resume = () => {
    refused = 0;
    pump();
  };

  const retry = () => {
    const wait = 4 * BACKOFF_MS[tries++]!;
    clearTimeout(retryTimer);
    if (wait) retryTimer = setTimeout(() => port || insert(), wait);
  };

  const probe = (strikes = 2) => {
    look();
    if (!port) return retry();
    if (isProbing || document.hidden) return;
    isProbing = true;
    send('ping', [], PROBE_MS, (failure) => {
      isProbing = false;
      // A refusal is an answer too; a port that was swapped meanwhile is no longer our concern.
      if (failure?.code !== 'timeout' || document.hidden) return;
      if (strikes > 1) probe(strikes - 1);
      else revive();
    });
  };

  const revive = () => {
    lose();
    const wait = BACKOFF_MS[deaths++];
    if (wait) setTimeout(insert, wait);
    else shut('frame_unstable');
  };

  const onPageShow = ({ persisted }: PageTransitionEvent) => {
    if (persisted) probe();
  };

  const listen = (method: 'addEventListener' | 'removeEventListener') => {
    window[method]('message', onMessage as EventListener);
    window[method]('pageshow', onPageShow as EventListener);
    document[method]('securitypolicyviolation', onViolation as EventListener);
  };

  const shut = (code: ErrorCode, message: string = code) => {
    close(code);
    handlers._onTrouble(code, message);
  };

  const close = (code: ErrorCode = 'destroyed') => {
    if (closed) return;
    closed = code;
    if (port) send('goodbye', [], CALL_MS, ignore);
    listen('removeEventListener');
    clearTimeout(helloTimer);
    clearTimeout(retryTimer);
    lose(code);
    frame._remove();
  };

  return {
    _open: insert,
    _call: (_method, _args, _isDue) =>
      new Promise((resolve, reject) => {
        const _done: Done = (failure) => (failure ? reject(failure) : resolve(undefined));
        // Of drafts that nobody has seen yet, only the latest matters.
        if (_method === 'typing' && !refused) queue = queue.filter((call) => call._method !== _method || call._done());
        if (closed || queue.length >= QUEUED) return _done(toFailure(closed || 'rate_limited'));
        const call = { _method, _args, _done, _isDue };
        queue.push(call);
        pump();
        if (!port) giveUpLater([call]);
      }),
    _takeBack(key) {
      const call = queue.find(({ _args }) => _args[0] === key);
      queue = queue.filter((other) => other !== call);
      call?._done(toFailure('unavailable'));
      return !!call;
    },
    _probe: () => probe(),
    _isConnected() {
      // What would be told a frame that is gone would reach the next one after its welcome, and be older than that.
      look();
      return !!port;
    },
    _close: close,
  };
}
