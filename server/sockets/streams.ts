/**
 * The doors for clients whose network refuses WebSockets: frames come down as server-sent events of one long answer and go up
 * as the bodies of further requests. The same connections stand behind both, with the same checks, limits and close codes.
 *
 * A stream is tied to its requests by an id that nobody can guess: said once, as the first event, and sent back in a header, so
 * that it is in no address and in no log. Requests come one after the other; what a busy connection does not read yet, waits
 * unanswered, and so does its sender.
 */
import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { CLOSE } from '../../shared/wire/protocol.ts';
import type { Carrier } from './carrier.ts';
import type { Gateway, SocketDoor } from './gateway.ts';
import { randomId } from '../base/ids.ts';

/** In which header a request says to which stream it belongs. */
const HEADER = 'x-stream';

export interface Streams {
  /** Answers with a stream, unless `refusal` of the gateway stands against it. */
  open(door: SocketDoor, request: IncomingMessage, response: ServerResponse, headers: Readonly<Record<string, string>>): void;
  /** Why this request may carry nothing: a strange origin, or no stream of its own behind this door. */
  refusal(door: SocketDoor, request: IncomingMessage): 403 | 404 | undefined;
  /** Hands frames to the connection, one per line. Resolves with the status of the answer. */
  take(door: SocketDoor, request: IncomingMessage, frames: string): Promise<204 | 404 | 409>;
}

export function createStreams(gateway: Pick<Gateway, 'isOurs' | 'admit'>): Streams {
  const streams = new Map<string, { door: SocketDoor; stream: Stream }>();

  const find = (door: SocketDoor, { headers }: IncomingMessage): Stream | undefined => {
    const entry = streams.get(String(headers[HEADER]));
    return entry?.door === door ? entry.stream : undefined;
  };

  return {
    open(door, request, response, headers) {
      const id = randomId();
      const stream = new Stream(response);
      streams.set(id, { door, stream });
      stream.once('close', () => streams.delete(id));
      response.writeHead(200, { ...headers, 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' });
      stream.write('open', id);
      gateway.admit(door, stream, request);
    },
    refusal(door, request) {
      if (!gateway.isOurs(door, request)) return 403;
      return find(door, request) === undefined ? 404 : undefined;
    },
    take: async (door, request, frames) => (await find(door, request)?.take(frames)) ?? 404,
  };
}

/** One client's end of it. */
class Stream extends EventEmitter implements Carrier {
  readonly #response: ServerResponse;
  #isPaused = false;
  #isOver = false;
  #isTaking = false;
  #code = 1006;
  /** Lets the request that is waiting go on. */
  #goOn: () => void = () => undefined;

  constructor(response: ServerResponse) {
    super();
    this.#response = response;
    response.on('error', (error) => this.emit('error', error));
    response.on('close', () => {
      this.#isOver = true;
      this.#goOn();
      this.emit('close', this.#code);
    });
  }

  get bufferedAmount(): number {
    return this.#response.writableLength;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#goOn();
  }

  send(text: string, onSent?: () => void): void {
    this.write('message', text, onSent);
  }

  /** JSON holds no line break, so an event has one line. */
  write(event: 'open' | 'message' | 'close', data: string, onSent: () => void = () => undefined): void {
    if (this.#isOver) return onSent();
    this.#response.write(`${event === 'message' ? '' : `event: ${event}\n`}data: ${data}\n\n`, () => onSent());
  }

  close(code: number): void {
    if (this.#isOver) return;
    this.write('close', String(code));
    this.#isOver = true;
    this.#code = code;
    this.#goOn();
    this.#response.end();
  }

  terminate(): void {
    this.#response.destroy();
  }

  /** 409 for one who does not wait for the answer before: nobody could say in which order the two came. */
  async take(body: string): Promise<204 | 404 | 409> {
    if (this.#isTaking) {
      this.close(CLOSE.badFrame);
      return 409;
    }
    this.#isTaking = true;
    try {
      for (const frame of body.split('\n')) {
        while (this.#isPaused && !this.#isOver) await new Promise<void>((resolve) => (this.#goOn = resolve));
        if (this.#isOver) return 404;
        this.emit('message', Buffer.from(frame), false);
      }
      return 204;
    } finally {
      this.#isTaking = false;
    }
  }
}
