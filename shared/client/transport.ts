/**
 * The transport: carries protocol frames over one socket at a time and owns everything about staying connected – backoff,
 * liveness, moving on when the server says goodbye. It keeps no queue: what can't be sent now is refused, and the outbox
 * above tries again. It knows four frames only, those about the connection itself: `welcome`, `ping`/`pong`, `goaway`.
 *
 * An attempt is: `prepare` (fetch an access token …) → socket opens → `onOpen` says hello → `welcome` arrives → online.
 */
import type { Chance, Clock } from './platform.ts';
import { CLOSE, DEFAULT_CLIENT_TIMING, FINAL_CLOSE_CODES, parseServerFrame, type ClientTiming } from '../wire/protocol.ts';

export type TransportStatus = 'connecting' | 'online' | 'offline' | 'closed';

/**
 * The code of a socket that ends here and goes on elsewhere. The maker of the socket gives it, never a server. The transport
 * opens the next one at once, and reports nothing if it comes soon.
 */
export const MOVED = 4300;

/** What a socket tells. After `close` it tells nothing more. */
export interface SocketListener {
  open(): void;
  message(data: unknown): void;
  close(code: number): void;
}

/** The part of a WebSocket that is needed. */
export interface Socket {
  send(text: string): void;
  close(): void;
}

export interface TransportOptions {
  openSocket(listener: SocketListener): Socket;
  clock: Clock;
  chance: Chance;
  timing?: ClientTiming;
}

export interface TransportHandlers<F> {
  /** Everything to be had before a socket makes sense. `false`, or a rejection, counts as a failed attempt. */
  prepare(): Promise<boolean>;
  /** The socket is open: say hello now. */
  onOpen(): void;
  /** Every frame that is not about the connection itself; `welcome` too, after the status is `online`. */
  onFrame(frame: F): void;
  onStatus(status: TransportStatus): void;
  /** A connection ended, before the status says so. 1006 where there is no code. */
  onClose?(code: number): void;
}

export interface Transport<F = unknown> {
  readonly status: TransportStatus;
  start(handlers: TransportHandlers<F>): void;
  /** `false` if there is no open socket to take it. */
  send(frame: object): boolean;
  /** Whether an answer is due: then silence is judged sooner. */
  expect(isDue: boolean): void;
  /** The world may have changed (network back, page visible): a waiting attempt is made now, a silent connection judged now. */
  wake(): void;
  /** Timers of hidden pages are late, so silence means something only while the page can be seen. */
  setVisible(isVisible: boolean): void;
  /** Leaves the present connection, if any, and makes a new one at once. */
  restart(): void;
  /** Leaves the connection until `restart`: a page that is put aside must not hold a socket. */
  sleep(): void;
  /** Ends the connection until `start` is called again. */
  stop(): void;
  /** For ever. */
  close(): void;
}

/** On the slowest line, for one of the longer characters; shorter frames make no difference. */
const MS_PER_CHARACTER = 2;
const LONG = 1_000;
/** How long a move may last without the status saying so. */
const MOVES_WITHIN_MS = 3_000;
/** The code we report for a connection that we gave up ourselves, as browsers do for one that just broke. */
const ABNORMAL = 1006;

// closure: one machine, told in the file's first lines; every part of it reads the present attempt and its timers
export function createTransport<F extends { t: string }>(options: TransportOptions): Transport<F> {
  const { clock, chance } = options;
  let timing = options.timing ?? DEFAULT_CLIENT_TIMING;
  let handlers: TransportHandlers<F> | undefined;
  let status: TransportStatus = 'offline';
  let socket: Socket | undefined;
  let isSocketOpen = false;
  /** Its welcome has come. */
  let hasArrived = false;
  let isClosed = false;
  let isVisible = true;
  /** Failed attempts since the last connection that proved stable. */
  let failures = 0;
  /** Counts attempts and connections, so that a late callback of an old one is recognised. */
  let generation = 0;
  let heardAt = 0;
  let dueSince: number | undefined;
  /** Characters of long frames sent since then: they may still be on their way. */
  let unheard = 0;

  const timers = new Map<string, () => void>();

  function after(name: 'retry' | 'limit' | 'move' | 'stable' | 'check' | 'leave', ms: number, callback: () => void): void {
    timers.get(name)?.();
    timers.set(
      name,
      clock.after(ms, () => {
        timers.delete(name);
        callback();
      }),
    );
  }

  function stopTimer(name: string): void {
    timers.get(name)?.();
    timers.delete(name);
  }

  function stopTimers(): void {
    for (const stop of timers.values()) stop();
    timers.clear();
  }

  function setStatus(next: TransportStatus): void {
    if (next === status) return;
    status = next;
    handlers?.onStatus(next);
  }

  /** @param isMove nobody need know of it yet */
  async function attempt(isMove = false): Promise<void> {
    if (handlers === undefined || isClosed) return;
    const mine = ++generation;
    stopTimers();
    if (isMove) after('move', MOVES_WITHIN_MS, () => setStatus('connecting'));
    else setStatus('connecting');
    // Long enough for a handshake over the slowest link, short enough for a black hole to be left.
    after('limit', timing.ackMs * 2, () => drop(ABNORMAL));
    const isReady = await handlers.prepare().catch(() => false);
    if (mine !== generation) return;
    if (!isReady) {
      drop(ABNORMAL);
      return;
    }
    const current = (callback: () => void): void => {
      if (mine === generation) callback();
    };
    socket = options.openSocket({
      open: () =>
        current(() => {
          isSocketOpen = true;
          handlers?.onOpen();
        }),
      message: (data) => current(() => receive(data)),
      close: (code) => current(() => drop(code)),
    });
  }

  function receive(data: unknown): void {
    heardAt = clock.now();
    unheard = 0;
    const frame = parseServerFrame<F & { timing?: ClientTiming; afterMs?: number }>(data);
    if (frame === undefined) return;
    if (frame.t === 'ping') {
      send({ t: 'pong' });
      return;
    }
    if (frame.t === 'goaway') {
      leaveWithin(frame.afterMs ?? 0);
      return;
    }
    if (frame.t === 'welcome') arrive(frame.timing);
    handlers?.onFrame(frame);
  }

  function arrive(newTiming: ClientTiming | undefined): void {
    if (newTiming !== undefined) timing = newTiming;
    stopTimer('limit');
    stopTimer('move');
    if (hasArrived) return;
    hasArrived = true;
    after('stable', timing.stableMs, () => {
      failures = 0;
    });
    watch();
    setStatus('online');
  }

  /** Looks again whenever silence could have become too long. */
  function watch(): void {
    if (status === 'closed' || socket === undefined || !isVisible) return;
    // Set back, the clock would let silence last until the old time has come again.
    heardAt = Math.min(heardAt, clock.now());
    if (dueSince !== undefined) dueSince = Math.min(dueSince, clock.now());
    const limit =
      dueSince === undefined
        ? heardAt + timing.silenceMs
        : Math.min(heardAt + timing.silenceMs, Math.max(dueSince, heardAt) + timing.ackMs + unheard * MS_PER_CHARACTER);
    const left = limit - clock.now();
    if (left <= 0) {
      drop(ABNORMAL);
      return;
    }
    // A clock that jumped must not make us wait longer than silence itself may last.
    after('check', Math.min(left, timing.silenceMs), watch);
  }

  /** Moves on at a random moment, so that a server's clients do not all come at once; first lets what was sent be answered. */
  function leaveWithin(ms: number): void {
    const moment = chance.fraction() * ms;
    after('leave', moment, () => {
      if (dueSince === undefined) restart();
      else after('leave', ms - moment, restart);
    });
  }

  function abandonSocket(): void {
    generation += 1;
    const old = socket;
    socket = undefined;
    isSocketOpen = hasArrived = false;
    unheard = 0;
    dueSince = undefined;
    stopTimers();
    old?.close();
  }

  function drop(code: number): void {
    const isMove = code === MOVED && hasArrived;
    abandonSocket();
    handlers?.onClose?.(code);
    if (isClosed || handlers === undefined) return;
    if (isMove) {
      void attempt(true);
      return;
    }
    if (FINAL_CLOSE_CODES.has(code)) {
      handlers = finish(handlers);
      return;
    }
    setStatus('offline');
    // A refusal for haste is answered with less of it.
    failures += code === CLOSE.rate ? 4 : 1;
    const ceiling = Math.min(timing.backoffMaxMs, timing.backoffMinMs * 2 ** (failures - 1));
    after('retry', chance.fraction() * ceiling, () => void attempt());
  }

  /** Tells the end and forgets whom it was told. */
  function finish(last: TransportHandlers<F>): undefined {
    status = 'closed';
    last.onStatus('closed');
    return undefined;
  }

  function restart(): void {
    if (handlers === undefined || isClosed) return;
    if (socket !== undefined) {
      abandonSocket();
      handlers.onClose?.(ABNORMAL);
    }
    void attempt();
  }

  function sleep(): void {
    if (handlers === undefined) return;
    abandonSocket();
    handlers.onClose?.(ABNORMAL);
    setStatus('offline');
  }

  function send(frame: object): boolean {
    if (socket === undefined || !isSocketOpen) return false;
    const text = JSON.stringify(frame);
    if (text.length > LONG) unheard += text.length;
    socket.send(text);
    return true;
  }

  function stop(): void {
    abandonSocket();
    const last = handlers;
    handlers = undefined;
    if (last !== undefined) finish(last);
  }

  return {
    get status() {
      return status;
    },
    start(newHandlers) {
      if (isClosed || handlers !== undefined) return;
      handlers = newHandlers;
      failures = 0;
      void attempt();
    },
    send,
    expect(isDue) {
      if (isDue === (dueSince !== undefined)) return;
      dueSince = isDue ? clock.now() : undefined;
      if (hasArrived) watch();
    },
    wake() {
      if (status === 'offline' && timers.has('retry')) void attempt();
      else if (hasArrived) watch();
    },
    setVisible(nowVisible) {
      if (nowVisible === isVisible) return;
      isVisible = nowVisible;
      if (hasArrived) watch();
    },
    restart,
    sleep,
    stop,
    close() {
      if (isClosed) return;
      isClosed = true;
      stop();
    },
  };
}
