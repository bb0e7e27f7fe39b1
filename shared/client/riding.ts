/**
 * Several pages of one browser on one socket. The page that leads has the socket and carries the frames of the others, the
 * riders, which reach it by words over a channel that all of them hear. To its own transport a ride looks like a socket.
 *
 * Nothing here decides who leads, and nothing breaks when two pages believe they do: a rider speaks only with the one that has
 * answered it. A leader that is frozen, crashed or gone is noticed by its silence, and another one takes over.
 */
import { named, unnamed, type RideEnd } from '../wire/rides.ts';
import { MOVED, type Socket, type SocketListener } from './transport.ts';
import type { Clock } from './outside.ts';

/** What pages of one browser say to each other. All are of one origin and one version, so nobody doubts their shape. */
export type Word =
  /** To all: whoever was carried by another one comes here. */
  | { t: 'leads'; leader: string }
  /** To whoever leads. */
  | { t: 'ride'; ride: string }
  | ToLeader
  | ToRider;

/** A frame; are you there?; goodbye. `isDeaf`: nothing came back, for long. */
type ToLeader = { leader: string; ride: string } & ({ t: 'up'; frame: string } | { t: 'ask' } | { t: 'leave'; isDeaf: boolean });

type ToRider = { ride: string } & (
  { t: 'taken'; leader: string } | { t: 'open' | 'here' } | { t: 'down'; frame: string } | { t: 'over'; code: number }
);

export interface RidingOptions {
  /** Names this page among the others. */
  me: string;
  post(word: Word): void;
  clock: Clock;
  /** 8 to 32 hexadecimal digits of chance. */
  makeId(): string;
  /** This page's own socket, of use to others while it leads. */
  line: {
    readonly isLeading: boolean;
    readonly isOpen: boolean;
    send(text: string): void;
    /** Somebody needs it: an attempt that waits is made now. */
    summon(): void;
    /** It may be dead without knowing. */
    renew(): void;
  };
  /** Nobody who leads answers: resolves when this page does. */
  takeOver(): Promise<unknown>;
  /** A socket of this page's own. */
  openOwn(listener: SocketListener): Socket;
}

export interface Riding {
  hear(word: Word): void;
  /** Of the page's own socket: it is open; a frame came, `true` if it was a rider's; it has ended, by our own will with `MOVED`. */
  opened(): void;
  take(data: unknown): boolean;
  ended(code: number): void;
  /** A connection through the page that leads. */
  ride(listener: SocketListener): Socket;
  /** The page goes. */
  leave(): void;
  /** The page leads now: it needs no ride. */
  drive(): void;
}

/** A page that is alive answers sooner. */
const ANSWERS_WITHIN_MS = 1_000;
/** A rider asks so often, and gives a leader up that has not answered by the next time: another leads within five seconds. */
const ASK_EVERY_MS = 1_500;
/** Every server answers hello within this time, or the socket leads nowhere. */
const DEAF_AFTER_MS = 5_000;
const BROKEN = 1006;

/**
 * One page's part in it.
 *
 * @example
 * const riding = createRiding({ me, post: (word) => channel.postMessage(word), clock, makeId, line, takeOver, openOwn });
 * channel.onmessage = ({ data }) => riding.hear(data);
 */
export function createRiding({ me, post, clock, makeId, line, takeOver, openOwn }: RidingOptions): Riding {
  /** Rides that are carried here. */
  const carried = new Set<string>();
  /** The ride of this page, as the leader's words are to be told to it. */
  let mine: Ride | undefined;

  interface Ride {
    readonly id: string;
    hear(word: ToRider): void;
    /** Somebody leads from now on. */
    follow(next: string): void;
    end(code: number): void;
    leave(): void;
    /** This page leads now. */
    drive(): void;
  }

  // ── the page that leads ────────────────────────────────────────────────────────────────────────────────────────

  const tell = (ride: string, end: RideEnd): void => line.send(named(JSON.stringify(end), ride));

  function carry(word: ToLeader): void {
    const { ride } = word;
    if (!carried.has(ride)) return post({ t: 'over', ride, code: MOVED });
    if (word.t === 'ask') return post({ t: 'here', ride });
    if (word.t === 'up') return line.send(named(word.frame, ride));
    carried.delete(ride);
    if (line.isOpen) tell(ride, { t: 'leave' });
    if (word.isDeaf) line.renew();
  }

  function takeUp(ride: string): void {
    carried.add(ride);
    post({ t: 'taken', leader: me, ride });
    if (line.isOpen) post({ t: 'open', ride });
    else line.summon();
  }

  // ── a rider ────────────────────────────────────────────────────────────────────────────────────────────────────

  function ride(listener: SocketListener): Socket {
    const id = makeId();
    let leader: string | undefined;
    /** Once nobody has answered. */
    let own: Socket | undefined;
    let openedAt: number | undefined;
    let hasHeard = false;
    let isAnswered = true;
    let isOver = false;
    let stopTimer = (): void => undefined;

    function apply(): void {
      stopTimer();
      stopTimer = clock.after(ANSWERS_WITHIN_MS, () => void takeOver().then(self.drive, self.drive));
      post({ t: 'ride', ride: id });
    }

    function watch(): void {
      stopTimer = clock.after(ASK_EVERY_MS, () => {
        if (!isAnswered) return self.end(MOVED);
        isAnswered = false;
        if (leader !== undefined) post({ t: 'ask', leader, ride: id });
        watch();
      });
    }

    function finish(): void {
      isOver = true;
      stopTimer();
      if (mine === self) mine = undefined;
    }

    const self: Ride = {
      id,
      hear(word) {
        switch (word.t) {
          case 'taken':
            if (leader !== undefined) return;
            leader = word.leader;
            stopTimer();
            watch();
            return;
          case 'open':
            openedAt = clock.now();
            listener.open();
            return;
          case 'here':
            isAnswered = true;
            return;
          case 'down':
            hasHeard = true;
            listener.message(word.frame);
            return;
          case 'over':
            self.end(word.code);
        }
      },
      follow(next) {
        if (leader === undefined) apply();
        else if (leader !== next) self.end(MOVED);
      },
      end(code) {
        if (isOver) return;
        finish();
        listener.close(code);
      },
      leave() {
        if (isOver) return;
        finish();
        const isDeaf = openedAt !== undefined && !hasHeard && clock.now() - openedAt > DEAF_AFTER_MS;
        if (leader !== undefined) post({ t: 'leave', leader, ride: id, isDeaf });
      },
      drive() {
        if (isOver) return;
        if (leader !== undefined) return self.end(MOVED);
        finish();
        own = openOwn(listener);
      },
    };
    mine?.end(BROKEN);
    mine = self;
    apply();
    return {
      send(frame) {
        if (own !== undefined) own.send(frame);
        else if (leader !== undefined && !isOver) post({ t: 'up', leader, ride: id, frame });
      },
      close() {
        self.leave();
        own?.close();
      },
    };
  }

  return {
    hear(word) {
      switch (word.t) {
        case 'leads':
          mine?.follow(word.leader);
          return;
        case 'ride':
          if (line.isLeading) takeUp(word.ride);
          return;
        case 'up':
        case 'ask':
        case 'leave':
          if (word.leader === me) carry(word);
          return;
        default:
          if (word.ride === mine?.id) mine.hear(word);
      }
    },
    opened() {
      for (const ride of carried) post({ t: 'open', ride });
    },
    take(data) {
      const found = typeof data === 'string' ? unnamed(data) : undefined;
      if (found === undefined) return false;
      const { ride, frame } = found;
      // Who has the socket moves on, and all move with it.
      if (!carried.has(ride) || frame.startsWith('{"t":"goaway"')) return true;
      if (!frame.startsWith('{"t":"closed"')) post({ t: 'down', ride, frame });
      else if (carried.delete(ride)) post({ t: 'over', ride, code: (JSON.parse(frame) as { code: number }).code });
      return true;
    },
    ended(code) {
      for (const ride of carried) post({ t: 'over', ride, code });
      carried.clear();
    },
    ride,
    leave: () => mine?.leave(),
    drive: () => mine?.drive(),
  };
}
