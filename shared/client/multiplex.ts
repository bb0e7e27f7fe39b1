/**
 * Several pages of one browser on one socket. One page, the leader, owns the socket; it carries the frames of the others, its
 * followers, which reach it over a broadcast that all pages hear. A follower's transport sees a channel as an ordinary socket.
 *
 * 1. A follower posts `ride` with its channel's id. A page that leads answers `taken`, then `open` once its socket is open.
 * 2. `up` and `down` carry frames between the follower and the leader that answered first, and no other.
 * 3. The follower asks every 1.5 s whether the leader is alive (`ask`, `here`). A silent leader counts as gone.
 * 4. A channel that ends with `MOVED` is opened again at once. When nobody answers, the follower takes the lead.
 *
 * Nothing here decides who leads, and nothing breaks when two pages believe that they do.
 */
import { addChannel, splitChannel, type ChannelEnd } from '../wire/multiplex.ts';
import { MOVED, type Socket, type SocketListener } from './transport.ts';
import type { Clock } from './platform.ts';

/** What pages of one browser say to each other; `ride` is a channel's id. All share one origin and one version, so shapes are trusted. */
export type PeerFrame =
  /** To all: followers of another leader come here. */
  | { t: 'leads'; leader: string }
  /** To the page that leads. */
  | { t: 'ride'; ride: string }
  | ToLeader
  | ToFollower;

/** A frame; a question for life; goodbye. `isDeaf`: nothing came back for long. */
type ToLeader = { leader: string; ride: string } & ({ t: 'up'; frame: string } | { t: 'ask' } | { t: 'leave'; isDeaf: boolean });

type ToFollower = { ride: string } & (
  { t: 'taken'; leader: string } | { t: 'open' | 'here' } | { t: 'down'; frame: string } | { t: 'over'; code: number }
);

export interface MultiplexOptions {
  /** Names this page among the others. */
  me: string;
  post(frame: PeerFrame): void;
  clock: Clock;
  /** 8 to 32 hexadecimal digits of chance. */
  makeId(): string;
  /** This page's own socket, which serves the others while this page leads. */
  line: {
    readonly isLeading: boolean;
    readonly isOpen: boolean;
    send(text: string): void;
    /** A follower needs it: a waiting attempt is made now. */
    summon(): void;
    /** It may be dead without knowing. */
    renew(): void;
  };
  /** No leader answers: resolves when this page leads. */
  takeOver(): Promise<unknown>;
  /** A socket of this page's own. */
  openOwn(listener: SocketListener): Socket;
}

export interface Multiplex {
  hear(frame: PeerFrame): void;
  /** The page's own socket is open. */
  opened(): void;
  /** A frame came on the page's own socket; `true` if it belongs to a follower. */
  take(data: unknown): boolean;
  /** The page's own socket has ended; with `MOVED` if this page ended it. */
  ended(code: number): void;
  /** A connection through the page that leads. */
  openChannel(listener: SocketListener): Socket;
  /** The page goes away. */
  leave(): void;
  /** The page leads now and needs no channel. */
  lead(): void;
}

/** A page that is alive answers sooner. */
const ANSWERS_WITHIN_MS = 1_000;
/** A follower asks so often, and gives up a leader that has not answered by the next time: another leads within five seconds. */
const ASK_EVERY_MS = 1_500;
/** Every server answers hello within this time, or the socket leads nowhere. */
const DEAF_AFTER_MS = 5_000;
const BROKEN = 1006;

/** This page's own channel, as it hears from the leader. */
interface Channel {
  readonly id: string;
  hear(frame: ToFollower): void;
  /** That page leads from now on. */
  follow(next: string): void;
  end(code: number): void;
  leave(): void;
  /** This page leads now. */
  lead(): void;
}

/**
 * One page's part: the channels it carries while it leads, and its own while it follows.
 *
 * @example
 * const multiplex = createMultiplex({ me, post: (frame) => broadcast.postMessage(frame), clock, makeId, line, takeOver, openOwn });
 * broadcast.onmessage = ({ data }) => multiplex.hear(data);
 */
export function createMultiplex({ me, post, clock, makeId, line, takeOver, openOwn }: MultiplexOptions): Multiplex {
  /** Ids of the channels that this page carries. */
  const carried = new Set<string>();
  let mine: Channel | undefined;

  // ── the leader ─────────────────────────────────────────────────────────────────────────────────────────────────

  const tell = (id: string, end: ChannelEnd): void => line.send(addChannel(JSON.stringify(end), id));

  function carry(frame: ToLeader): void {
    const { ride } = frame;
    if (!carried.has(ride)) return post({ t: 'over', ride, code: MOVED });
    if (frame.t === 'ask') return post({ t: 'here', ride });
    if (frame.t === 'up') return line.send(addChannel(frame.frame, ride));
    carried.delete(ride);
    if (line.isOpen) tell(ride, { t: 'leave' });
    if (frame.isDeaf) line.renew();
  }

  function takeUp(ride: string): void {
    carried.add(ride);
    post({ t: 'taken', leader: me, ride });
    if (line.isOpen) post({ t: 'open', ride });
    else line.summon();
  }

  // ── a follower ─────────────────────────────────────────────────────────────────────────────────────────────────

  function openChannel(listener: SocketListener): Socket {
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
      stopTimer = clock.after(ANSWERS_WITHIN_MS, () => void takeOver().then(self.lead, self.lead));
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

    const self: Channel = {
      id,
      hear(frame) {
        switch (frame.t) {
          case 'taken':
            if (leader !== undefined) return;
            leader = frame.leader;
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
            listener.message(frame.frame);
            return;
          case 'over':
            self.end(frame.code);
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
      lead() {
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
    hear(frame) {
      switch (frame.t) {
        case 'leads':
          mine?.follow(frame.leader);
          return;
        case 'ride':
          if (line.isLeading) takeUp(frame.ride);
          return;
        case 'up':
        case 'ask':
        case 'leave':
          if (frame.leader === me) carry(frame);
          return;
        default:
          if (frame.ride === mine?.id) mine.hear(frame);
      }
    },
    opened() {
      for (const ride of carried) post({ t: 'open', ride });
    },
    take(data) {
      const found = typeof data === 'string' ? splitChannel(data) : undefined;
      if (found === undefined) return false;
      const { channel: ride, frame } = found;
      // The leader moves on by itself, and all its followers move with it.
      if (!carried.has(ride) || frame.startsWith('{"t":"goaway"')) return true;
      if (!frame.startsWith('{"t":"closed"')) post({ t: 'down', ride, frame });
      else if (carried.delete(ride)) post({ t: 'over', ride, code: (JSON.parse(frame) as { code: number }).code });
      return true;
    },
    ended(code) {
      for (const ride of carried) post({ t: 'over', ride, code });
      carried.clear();
    },
    openChannel,
    leave: () => mine?.leave(),
    lead: () => mine?.lead(),
  };
}
