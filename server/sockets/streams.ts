/**
 * HTTP streams for clients whose network refuses WebSockets. Frames come down as server-sent events of one long answer and go up
 * as the bodies of further requests. Both lead to the same connections, with the same checks, limits and close codes.
 *
 * An id that nobody can guess ties a stream to its requests. The first event says it, and requests send it back in a header, so
 * that no address and no log holds it. Requests come one after the other; while a connection is busy, its requests wait
 * unanswered, and so does their sender.
 */
import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { CLOSE } from '../../shared/wire/protocol.ts';
import type { Carrier } from './carrier.ts';
import type { Endpoint } from './endpoint.ts';
import type { Gateway } from './gateway.ts';
import { randomId } from '../base/ids.ts';

/** The header in which a request names its stream. */
const HEADER = 'x-stream';

/** All open streams. */
export interface Streams {
  /** Answers with a stream. To be called when the gateway's `refusal` has nothing against it. */
  open(endpoint: Endpoint, request: IncomingMessage, response: ServerResponse, headers: Readonly<Record<string, string>>): void;
  /** The status that refuses this request: a strange origin, or no stream of its own at this endpoint. */
  refusal(endpoint: Endpoint, request: IncomingMessage): 403 | 404 | undefined;
  /** Hands frames to the connection, one per line. Resolves with the status of the answer. */
  take(endpoint: Endpoint, request: IncomingMessage, frames: string): Promise<204 | 404 | 409>;
}

export function createStreams(gateway: Pick<Gateway, 'isOurs' | 'admit'>): Streams {
  const streams = new Map<string, { endpoint: Endpoint; stream: Stream }>();

  const find = (endpoint: Endpoint, { headers }: IncomingMessage): Stream | undefined => {
    const entry = streams.get(String(headers[HEADER]));
    return entry?.endpoint === endpoint ? entry.stream : undefined;
  };

  return {
    open(endpoint, request, response, headers) {
      const id = randomId();
      const stream = new Stream(response);
      streams.set(id, { endpoint, stream });
      stream.once('close', () => streams.delete(id));
      response.writeHead(200, { ...headers, 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' });
      stream.write('open', id);
      gateway.admit(endpoint, stream, request);
    },
    refusal(endpoint, request) {
      if (!gateway.isOurs(endpoint, request)) return 403;
      return find(endpoint, request) === undefined ? 404 : undefined;
    },
    take: async (endpoint, request, frames) => (await find(endpoint, request)?.take(frames)) ?? 404,
  };
}

/** The stream of one client. */
class Stream extends EventEmitter implements Carrier {
  readonly #response: ServerResponse;
  #isPaused = false;
  #isOver = false;
  #isTaking = false;
  #code = 1006;
  /** Lets a request go on that waits. */
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

  /** 409 for a request that does not wait for the answer to the one before: their order would be unknown. */
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
