/**
 * Takes a carrier apart into those whose frames it carries: the page that has it, and other pages of the same browser that ride
 * along (`shared/wire/rides.ts`). To everybody above each of them has a carrier of its own, so that the same checks, limits and close
 * codes hold: a ride can do nothing that a second socket could not.
 */
import { EventEmitter } from 'node:events';
import type { RawData } from 'ws';
import { CLOSE } from '../../shared/wire/protocol.ts';
import { MOST_RIDES, named, unnamed, type RideEnd } from '../../shared/wire/rides.ts';
import { createBuckets } from '../limits/rate-limit.ts';
import { toText, type Carrier } from './carrier.ts';
import type { Clock } from '../base/clock.ts';

/** What a browser says when a page ends. */
const GONE = 1001;
const BROKEN = 1006;
/** Pages come and go no faster; without it one socket could make connections as fast as it can write. */
const BEGUN_PER_SECOND = 5;

export interface Parts {
  /** The page that has the carrier: at once. */
  own(carrier: Carrier): void;
  /** Each that comes to ride on it, with its first frame. */
  ride(carrier: Carrier): void;
}

export function takeApart(carrier: Carrier, clock: Clock, parts: Parts): void {
  const rides = new Map<string, Part>();
  const waiting = new Set<Part>();
  const pace = createBuckets({ clock, perSecond: BEGUN_PER_SECOND, burst: MOST_RIDES });

  /** Whoever is made to wait holds up the others of the same browser: there is one line. */
  function pause(part: Part, isPaused: boolean): void {
    if (isPaused) waiting.add(part);
    else waiting.delete(part);
    if (waiting.size > 0) carrier.pause();
    else carrier.resume();
  }

  const own = new Part(carrier, pause, {
    send: (text, onSent) => carrier.send(text, onSent),
    close: (code, reason) => carrier.close(code, reason),
    terminate: () => carrier.terminate(),
  });

  function begin(name: string): Part | undefined {
    const send = (text: string, onSent?: () => void): void => carrier.send(named(text, name), onSent);
    const tellEnd = (code: number): void => send(JSON.stringify({ t: 'closed', code } satisfies RideEnd));
    if (rides.size >= MOST_RIDES || pace.take('') > 0) {
      tellEnd(CLOSE.rate);
      return undefined;
    }
    const end = (code: number): void => {
      tellEnd(code);
      // Like a socket's, its end is heard after the call that brings it about.
      queueMicrotask(() => over(name, code));
    };
    const part = new Part(carrier, pause, { send, close: end, terminate: () => end(BROKEN) });
    rides.set(name, part);
    parts.ride(part);
    return part;
  }

  function over(name: string, code: number): void {
    const part = rides.get(name);
    rides.delete(name);
    if (part === undefined) return;
    pause(part, false);
    part.emit('close', code);
  }

  function take(name: string, frame: string): void {
    if (isEnd(frame)) return over(name, GONE);
    // What comes after a ride's end was sent before its page had heard of it.
    const part = rides.get(name) ?? (isHello(frame) ? begin(name) : undefined);
    part?.emit('message', Buffer.from(frame), false);
  }

  carrier.on('message', (data, isBinary) => {
    const found = !isBinary && mayBeNamed(data) ? unnamed(toText(data)) : undefined;
    if (found === undefined) own.emit('message', data, isBinary);
    else take(found.ride, found.frame);
  });
  carrier.on('error', (error) => own.emit('error', error));
  carrier.on('close', (code) => {
    own.emit('close', code);
    // Not their goodbye: they come back by another way.
    for (const name of [...rides.keys()]) over(name, BROKEN);
  });
  parts.own(own);
}

const isHello = (frame: string): boolean => frame.startsWith('{"t":"hello"');
const isEnd = (frame: string): boolean => frame === JSON.stringify({ t: 'leave' } satisfies RideEnd);

/** Nearly all frames are plain: no text is made of them here. */
function mayBeNamed(data: RawData): boolean {
  return Buffer.isBuffer(data) ? data.subarray(-48).includes('"ride":"') : true;
}

type End = Pick<Carrier, 'send' | 'close' | 'terminate'>;

/** One of those on a carrier. */
class Part extends EventEmitter implements Carrier {
  isPaused = false;
  readonly #carrier: Carrier;
  readonly #pause: (part: Part, isPaused: boolean) => void;
  readonly #end: End;

  constructor(carrier: Carrier, pause: (part: Part, isPaused: boolean) => void, end: End) {
    super();
    this.#carrier = carrier;
    this.#pause = pause;
    this.#end = end;
  }

  get bufferedAmount(): number {
    return this.#carrier.bufferedAmount;
  }

  pause(): void {
    this.isPaused = true;
    this.#pause(this, true);
  }

  resume(): void {
    this.isPaused = false;
    this.#pause(this, false);
  }

  send(text: string, onSent?: () => void): void {
    this.#end.send(text, onSent);
  }

  close(code: number, reason: string): void {
    this.#end.close(code, reason);
  }

  terminate(): void {
    this.#end.terminate();
  }
}
