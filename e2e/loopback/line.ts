/**
 * A line between one party and the server, in memory: every connection it makes is a pair of queues, and a frame travels only
 * when a step says so. A TCP connection loses nothing but itself; so frames are lost with their connection, and what a broken
 * one still carried to the server can arrive after the next has begun. The ends are what the gateway and the transport know
 * as sockets.
 */
import { EventEmitter } from 'node:events';
import type { WebSocket } from 'ws';
import type { Socket, SocketListener } from '../../shared/client/transport.ts';

/** Where a line leads: `false` refuses the connection. */
export type Door = (socket: WebSocket) => boolean;

/** The server's end, with as much of a WebSocket as the server touches. */
class ServerEnd extends EventEmitter {
  isPaused = false;
  readonly bufferedAmount = 0;
  private readonly link: Link;
  private readonly onSaid: (text: string) => void;

  constructor(link: Link, onSaid: (text: string) => void) {
    super();
    this.link = link;
    this.onSaid = onSaid;
  }
  send(text: string): void {
    if (this.link.isOver) return;
    this.onSaid(text);
    this.link.down.push(text);
  }
  close(code: number): void {
    if (!this.link.isOver) this.link.down.push(code);
  }
  terminate(): void {
    this.over(1006);
  }
  pause(): void {
    this.isPaused = true;
  }
  resume(): void {
    this.isPaused = false;
  }
  /** The server hears that the connection has ended. */
  over(code: number): void {
    if (this.link.isOver) return;
    this.link.isOver = true;
    this.link.down.push(1006);
    queueMicrotask(() => this.emit('close', code));
  }
}

interface Link {
  listener: SocketListener;
  end: ServerEnd | undefined;
  up: string[];
  /** Frames on their way to the party; a number is the closing with that code. */
  down: (string | number)[];
  /** The party has given it up, or heard that it is closed. */
  isCut: boolean;
  /** The server knows that it has ended. */
  isOver: boolean;
}

export interface Line {
  openSocket(listener: SocketListener): Socket;
  /** Makes the connection if there is none yet, else brings the next frame to the server, so many times. */
  up(times?: number): void;
  /** Brings the next frame to the party, so many times. */
  down(times?: number): void;
  /** The next two frames to the party that stand side by side and may be exchanged are. */
  swap(): void;
  /** An event is lost while its connection lives. Only one that a later one of its chat follows: of the last one nobody could know. */
  lose(): void;
  /** The connection breaks: what it carried to the party is lost, what it carried to the server may still arrive. */
  cut(): void;
  /** What broken connections still carried arrives at the server. Of one that carries nothing any more, it hears the end. */
  late(): void;
  /** What broken connections still carried is lost. The server hears of it only by its own patience. */
  drop(): void;
  /** Nothing is on its way, and the connection stands. */
  readonly isQuiet: boolean;
  /** There is no connection, and nobody has asked for one. */
  readonly isUnused: boolean;
}

/** Frames that mean the same however often and in whatever order they come. The others are the connection's own business. */
const isRepeatable = (frame: string | number | undefined): frame is string =>
  typeof frame === 'string' && /^\{"t":"(evt|ack|nack)"/.test(frame);

/** The event that a frame carries, and for whom of those on the line. */
function eventIn(frame: string | number): { ride: string | undefined; chat: string; seq: number } | undefined {
  if (typeof frame !== 'string' || !frame.startsWith('{"t":"evt"')) return undefined;
  const { event, ride } = JSON.parse(frame) as { event: { chat: string; seq: number }; ride?: string };
  return { ride, chat: event.chat, seq: event.seq };
}
const isBatch = (frame: string): boolean => frame.startsWith('{"t":"send"');

export interface LineOptions {
  door: Door;
  /** Hears every frame in the moment in which the server says it. */
  onSaid(text: string): void;
}

export function createLine({ door, onSaid }: LineOptions): Line {
  let links: Link[] = [];
  const live = (): Link | undefined => links.find((link) => !link.isCut);

  function hearClose(link: Link, code: number): void {
    link.isCut = true;
    link.listener.close(code);
  }

  function connect(link: Link): void {
    const end = new ServerEnd(link, onSaid);
    // The few members above are all that gateway and connection use.
    if (!door(end as unknown as WebSocket)) {
      hearClose(link, 1006);
      return;
    }
    link.end = end;
    link.listener.open();
  }

  function bring(link: Link, frame: string): void {
    if (!link.isOver) link.end?.emit('message', Buffer.from(frame), false);
  }

  return {
    openSocket(listener) {
      const link: Link = { listener, end: undefined, up: [], down: [], isCut: false, isOver: false };
      links.push(link);
      return {
        send: (text) => void link.up.push(text),
        close: () => void (link.isCut = true),
      };
    },
    up(times = 1) {
      const link = live();
      if (link === undefined) return;
      if (link.end === undefined) {
        connect(link);
        return;
      }
      if (link.end.isPaused) return;
      const frame = link.up.shift();
      if (frame === undefined) return;
      for (let time = 0; time < (isBatch(frame) ? times : 1); time += 1) bring(link, frame);
    },
    down(times = 1) {
      const link = live();
      const frame = link?.down.shift();
      if (link === undefined || frame === undefined) return;
      if (typeof frame === 'number') {
        hearClose(link, frame);
        link.end?.over(frame);
        return;
      }
      for (let time = 0; time < (isRepeatable(frame) ? times : 1); time += 1) if (!link.isCut) link.listener.message(frame);
    },
    swap() {
      const down = live()?.down ?? [];
      const at = down.findIndex((frame, index) => isRepeatable(frame) && isRepeatable(down[index + 1]));
      const [first, second] = down.slice(at, at + 2);
      if (at >= 0 && first !== undefined && second !== undefined) down.splice(at, 2, second, first);
    },
    lose() {
      const down = live()?.down ?? [];
      const events = down.map(eventIn);
      // By its number, not by its place: frames may have been exchanged.
      const at = events.findIndex(
        (event, index) =>
          event !== undefined &&
          events.slice(index + 1).some((other) => other?.ride === event.ride && other?.chat === event.chat && other.seq > event.seq),
      );
      if (at >= 0) down.splice(at, 1);
    },
    cut() {
      const link = live();
      if (link !== undefined) hearClose(link, 1006);
    },
    late() {
      for (const link of links) {
        if (!link.isCut) continue;
        // The server gets its turn before it hears the end: nothing says how long that takes.
        if (link.up.length === 0) link.end?.over(1006);
        for (let frame = link.up.shift(); frame !== undefined; frame = link.up.shift()) bring(link, frame);
      }
      links = links.filter((link) => !link.isCut || (link.end !== undefined && !link.isOver));
    },
    drop() {
      for (const link of links) if (link.isCut) link.up = [];
    },
    get isQuiet() {
      const link = live();
      return link?.end !== undefined && link.up.length === 0 && link.down.length === 0;
    },
    get isUnused() {
      return live() === undefined;
    },
  };
}
