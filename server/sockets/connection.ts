/**
 * What all connections have in common, visitors' and operators' alike.
 *
 * - Frames are handled strictly one after the other; a peer that sends faster has to wait.
 * - The first frame is due within `helloMs`. Later the server pings, and drops a peer that is silent for `dropMs`: hidden tabs
 *   run their timers too rarely to do it themselves.
 * - A peer that does not read loses ephemeral frames first, then the connection.
 *
 * How fast a peer may speak is the carrier's business (`meter.ts`).
 *
 * It knows no frame but `ping`, and decides nothing about contents.
 */
import { CLOSE } from '../../shared/wire/protocol.ts';
import { toText, type Carrier } from './carrier.ts';
import type { Clock } from '../base/clock.ts';
import type { Limits } from '../limits/limits.ts';
import type { Log } from '../base/log.ts';

export interface Connection<Out> {
  /** Returns the bytes it took; 0 once the connection is over. */
  send(frame: Out): number;
  /** For frames that are outdated at once: dropped when the peer reads slowly. */
  sendEphemeral(frame: Out): void;
  /** Whether the peer reads so slowly that frames which are soon outdated are not worth sending. */
  readonly isSlow: boolean;
  /** Resolves when the peer has read nearly everything, or is gone. A peer that takes too long is dropped. */
  flushed(): Promise<void>;
  /** The peer has said hello. */
  greeted(): void;
  close(code: number, reason?: string): void;
  /** Closes instead of an answer. Returns the bytes of that answer. */
  refuse(code: number, reason: string): 0;
  /** Reads no more, and resolves when everything that has arrived was handled. Frames that were not read are never acknowledged. */
  drain(): Promise<void>;
}

export interface ConnectionOptions<In, Out> {
  carrier: Carrier;
  clock: Clock;
  timing: Pick<Limits['timing'], 'helloMs' | 'pingMs' | 'dropMs'>;
  log: Log;
  parse: (data: string) => In | undefined;
  handle: (frame: In) => Promise<void>;
  /** The milliseconds that the peer has to wait before its next frame is handled. */
  owedMs?: () => number;
  ping: Out;
  /** @param isGoodbye the peer closed the connection; it was not cut */
  onClose: (isGoodbye: boolean) => void;
}

const EPHEMERAL_BYTES = 256 * 1024;
const MOST_BYTES = 1024 * 1024;
/** Frames that may wait here. With more of them, the peer has to wait. */
const MOST_WAITING = 32;
/** This many bytes may be on their way while more are made. */
const FLUSHED_BYTES = 64 * 1024;
/** A peer that has not answered our closing by then is cut off. */
const CLOSING_MS = 2_000;
/** Browsers send one of these codes when a page ends. */
const GOODBYES: ReadonlySet<number> = new Set([1000, 1001, 1005]);

export function createConnection<In, Out>(options: ConnectionOptions<In, Out>): Connection<Out> {
  const { carrier, clock, timing, log, parse, handle, owedMs = () => 0, ping, onClose } = options;
  const waiting: string[] = [];
  const flushing = new Set<() => void>();
  let handling: Promise<void> = Promise.resolve();
  let isHandling = false;
  let isDraining = false;
  let isOver = false;
  let heardAtMs = clock.nowMs();
  let stopTimer = clock.after(timing.helloMs, () => close(CLOSE.helloTimeout, 'no hello'));

  const close = (code: number, reason = '') => {
    if (isOver) return;
    isOver = true;
    stopTimer();
    waiting.length = 0;
    tellFlushed();
    carrier.resume();
    carrier.close(code, reason);
    stopTimer = clock.after(CLOSING_MS, () => carrier.terminate());
  };

  const watch = () => {
    stopTimer = clock.after(timing.pingMs, () => {
      if (clock.nowMs() - heardAtMs >= timing.dropMs) {
        isOver = true;
        return carrier.terminate();
      }
      send(ping);
      watch();
    });
  };

  const send = (frame: Out): number => {
    if (isOver) return 0;
    if (carrier.bufferedAmount > MOST_BYTES) {
      close(CLOSE.tooSlow, 'too slow');
      return 0;
    }
    const text = JSON.stringify(frame);
    carrier.send(text, tellFlushed);
    return Buffer.byteLength(text);
  };

  const tellFlushed = () => {
    if (flushing.size === 0 || !(isOver || carrier.bufferedAmount <= FLUSHED_BYTES)) return;
    for (const resolve of flushing) resolve();
    flushing.clear();
  };

  const flushed = async (): Promise<void> => {
    if (isOver || carrier.bufferedAmount <= FLUSHED_BYTES) return;
    const stop = clock.after(timing.dropMs, () => close(CLOSE.tooSlow, 'too slow'));
    await new Promise<void>((resolve) => flushing.add(resolve));
    stop();
  };

  const handleOne = async (data: string) => {
    // This frame had arrived before the one ahead of it turned out to be costly.
    for (let ms = owedMs(); ms > 0; ms = owedMs()) await new Promise<void>((resolve) => clock.after(ms, resolve));
    if (isOver) return;
    const frame = parse(data);
    if (frame === undefined) return close(CLOSE.badFrame, 'bad frame');
    try {
      await handle(frame);
    } catch (error) {
      log.error({ err: error }, 'a frame could not be handled');
      close(1011, 'internal');
    }
  };

  const handleAll = async () => {
    isHandling = true;
    // Closing empties what waits, and so ends this.
    for (let data = waiting.shift(); data !== undefined; data = waiting.shift()) {
      if (waiting.length < MOST_WAITING && carrier.isPaused && !isDraining) carrier.resume();
      await handleOne(data);
    }
    isHandling = false;
  };

  carrier.on('message', (data, isBinary) => {
    heardAtMs = clock.nowMs();
    if (isOver) return;
    if (isBinary) return close(CLOSE.badFrame, 'bad frame');
    waiting.push(toText(data));
    if (waiting.length >= MOST_WAITING) carrier.pause();
    if (!isHandling) handling = handleAll();
  });
  // A broken frame or a frame beyond the bound: the socket closes itself with the right code.
  carrier.on('error', (error) => log.debug({ err: error }, 'socket error'));
  carrier.on('close', (code: number) => {
    isOver = true;
    stopTimer();
    waiting.length = 0;
    tellFlushed();
    onClose(GOODBYES.has(code));
  });

  return {
    send,
    sendEphemeral(frame) {
      if (carrier.bufferedAmount <= EPHEMERAL_BYTES) send(frame);
    },
    get isSlow() {
      return !isOver && carrier.bufferedAmount > EPHEMERAL_BYTES;
    },
    flushed,
    greeted() {
      if (isOver) return;
      stopTimer();
      watch();
    },
    close,
    refuse(code, reason) {
      close(code, reason);
      return 0;
    },
    drain() {
      isDraining = true;
      if (!isOver) carrier.pause();
      return handling;
    },
  };
}
