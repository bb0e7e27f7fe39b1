/**
 * Several pages of one browser on one carrier (`shared/wire/multiplex.ts` has the protocol). The page that has the socket and each
 * page that shares it get a channel, which is a carrier to everybody above. So the same checks, limits and close codes hold: a
 * channel can do nothing that a second socket could not.
 */
import { EventEmitter } from 'node:events';
import type { RawData } from 'ws';
import { CLOSE } from '../../shared/wire/protocol.ts';
import { MAX_CHANNELS, addChannel, splitChannel, type ChannelEnd } from '../../shared/wire/multiplex.ts';
import { createRateLimit } from '../limits/rate-limit.ts';
import { toText, type Carrier } from './carrier.ts';
import type { Clock } from '../base/clock.ts';

/** What a browser says when a page ends. */
const GONE = 1001;
const BROKEN = 1006;
/** Pages come and go no faster. Without this limit one socket could open connections as fast as it can write. */
const BEGUN_PER_SECOND = 5;

/** Takes the channels of a carrier. */
export interface Channels {
  /** The channel of the page that has the socket. Called at once. */
  own(carrier: Carrier): void;
  /** The channel of another page. Called before its first frame. */
  other(carrier: Carrier): void;
}

/** Splits a carrier into its channels. */
export function demultiplex(carrier: Carrier, clock: Clock, channels: Channels): void {
  const others = new Map<string, Channel>();
  const waiting = new Set<Channel>();
  const pace = createRateLimit({ clock, perSecond: BEGUN_PER_SECOND, burst: MAX_CHANNELS });

  /** A channel that has to wait holds up the others of its browser: there is one socket. */
  function pause(channel: Channel, isPaused: boolean): void {
    if (isPaused) waiting.add(channel);
    else waiting.delete(channel);
    if (waiting.size > 0) carrier.pause();
    else carrier.resume();
  }

  const own = new Channel(carrier, pause, {
    send: (text, onSent) => carrier.send(text, onSent),
    close: (code, reason) => carrier.close(code, reason),
    terminate: () => carrier.terminate(),
  });

  function begin(name: string): Channel | undefined {
    const send = (text: string, onSent?: () => void): void => carrier.send(addChannel(text, name), onSent);
    const tellEnd = (code: number): void => send(JSON.stringify({ t: 'closed', code } satisfies ChannelEnd));
    if (others.size >= MAX_CHANNELS || pace.take('') > 0) {
      tellEnd(CLOSE.rate);
      return undefined;
    }
    const end = (code: number): void => {
      tellEnd(code);
      // As with a socket, its end is heard after the call that causes it.
      queueMicrotask(() => over(name, code));
    };
    const channel = new Channel(carrier, pause, { send, close: end, terminate: () => end(BROKEN) });
    others.set(name, channel);
    channels.other(channel);
    return channel;
  }

  function over(name: string, code: number): void {
    const channel = others.get(name);
    others.delete(name);
    if (channel === undefined) return;
    pause(channel, false);
    channel.emit('close', code);
  }

  function take(name: string, frame: string): void {
    if (isEnd(frame)) return over(name, GONE);
    // A frame that comes after a channel's end was sent before its page heard of that end.
    const channel = others.get(name) ?? (isHello(frame) ? begin(name) : undefined);
    channel?.emit('message', Buffer.from(frame), false);
  }

  carrier.on('message', (data, isBinary) => {
    const found = !isBinary && mayBeNamed(data) ? splitChannel(toText(data)) : undefined;
    if (found === undefined) own.emit('message', data, isBinary);
    else take(found.channel, found.frame);
  });
  carrier.on('error', (error) => own.emit('error', error));
  carrier.on('close', (code) => {
    own.emit('close', code);
    // They have not said goodbye: they come back over another socket.
    for (const name of [...others.keys()]) over(name, BROKEN);
  });
  channels.own(own);
}

const isHello = (frame: string): boolean => frame.startsWith('{"t":"hello"');
const isEnd = (frame: string): boolean => frame === JSON.stringify({ t: 'leave' } satisfies ChannelEnd);

/** Nearly all frames are plain: they are not decoded here. */
function mayBeNamed(data: RawData): boolean {
  return Buffer.isBuffer(data) ? data.subarray(-48).includes('"ride":"') : true;
}

type End = Pick<Carrier, 'send' | 'close' | 'terminate'>;

/** One of the pages on a carrier. */
class Channel extends EventEmitter implements Carrier {
  isPaused = false;
  readonly #carrier: Carrier;
  readonly #pause: (channel: Channel, isPaused: boolean) => void;
  readonly #end: End;

  constructor(carrier: Carrier, pause: (channel: Channel, isPaused: boolean) => void, end: End) {
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
