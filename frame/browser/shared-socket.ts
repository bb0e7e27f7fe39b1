/**
 * One socket for all pages of a browser on a site. The page that holds the lock has it; the others have channels through it
 * (`multiplex.ts`, fetched where there is a second page). Where the browser has no locks or no broadcasts, each page has its own.
 *
 * Nothing that is promised depends on there being one leader: it saves connections, and that is all.
 */
import type { Open } from '../../shared/client/carriers.ts';
import type { Clock } from '../../shared/client/platform.ts';
import type { createMultiplex, Multiplex, PeerFrame } from '../../shared/client/multiplex.ts';
import { MOVED, type Socket, type SocketListener, type Transport } from '../../shared/client/transport.ts';

export interface SharedSocket {
  open: Open;
  /** The page is put aside or ends: it leads no more, and asks again with the next connection. */
  pause(): void;
}

export interface SharedSocketOptions {
  site: string;
  /** Makes a socket of this page's own. */
  connect: Open;
  transport(): Pick<Transport, 'status' | 'wake' | 'restart'>;
  clock: Clock;
  /** Hexadecimal digits of chance. */
  makeId(): string;
  /** Fetches what pages say to each other. Asked again if it fails. */
  loadMultiplex(): Promise<typeof createMultiplex>;
}

/** A browser that can say who leads says it sooner. */
const ANSWERS_WITHIN_MS = 3_000;

// closure: the lock, the broadcast and the socket of one page end together, so one owner holds all three
export function createSharedSocket({ site, connect, transport, clock, makeId, loadMultiplex }: SharedSocketOptions): SharedSocket {
  // With a version: pages of an older build in other tabs have other words.
  const name = `callgear-socket-1-${site}`;
  const me = makeId();
  let broadcast: BroadcastChannel | undefined;
  let joining: Promise<unknown> | undefined;
  let isAlone = false;
  /** Gives the lock back. There while this page leads. */
  let letGo: (() => void) | undefined;
  let queue: AbortController | undefined;
  let own: Socket | undefined;
  let isOpen = false;
  let multiplex: Multiplex | undefined;
  let loading: Promise<Multiplex> | undefined;

  const post = (frame: PeerFrame): void => broadcast?.postMessage(frame);

  // ── who leads ──────────────────────────────────────────────────────────────────────────────────────────────────

  async function join(): Promise<void> {
    try {
      broadcast = new BroadcastChannel(name);
      broadcast.onmessage = ({ data }: MessageEvent<PeerFrame>) => {
        if (multiplex !== undefined) multiplex.hear(data);
        // Another page wants a channel.
        else if (letGo !== undefined)
          load().then(
            (it) => it.hear(data),
            () => undefined,
          );
      };
      const late = new Promise<never>((_, reject) => clock.after(ANSWERS_WITHIN_MS, reject));
      if (!(await Promise.race([take({ ifAvailable: true }), late]))) wait();
    } catch {
      // No locks or broadcasts here, none for frames of other origins, or none that work.
      isAlone = true;
    }
  }

  /** Resolves when it is known whether this page leads; it does until it lets go, or another one takes the lock. */
  function take(options: LockOptions): Promise<boolean> {
    return new Promise((resolve, reject) => {
      let mine: (() => void) | undefined;
      navigator.locks
        .request(name, options, (lock) => {
          resolve(lock !== null);
          return lock === null ? undefined : new Promise<void>((done) => lead((mine = done)));
        })
        .catch((error: unknown) => {
          reject(error);
          if (mine === undefined || mine !== letGo) return;
          letGo = undefined;
          wait();
        });
    });
  }

  function wait(): void {
    queue = new AbortController();
    take({ signal: queue.signal }).catch(() => undefined);
  }

  function lead(done: () => void): void {
    // Put aside while it waited.
    if (broadcast === undefined) return done();
    letGo = done;
    post({ t: 'leads', leader: me });
    multiplex?.lead();
  }

  function resign(): void {
    multiplex?.ended(MOVED);
    letGo?.();
    letGo = undefined;
  }

  // ── the socket ─────────────────────────────────────────────────────────────────────────────────────────────────

  function openOwn(listener: SocketListener): Socket {
    const end = (code: number): void => {
      if (own !== socket) return;
      own = undefined;
      isOpen = false;
      multiplex?.ended(code);
    };
    const socket = connect({
      open() {
        isOpen = true;
        listener.open();
        multiplex?.opened();
      },
      message(data) {
        if (multiplex?.take(data) !== true) listener.message(data);
      },
      close(code) {
        end(1006);
        listener.close(code);
      },
    });
    own = socket;
    return {
      send: (text) => socket.send(text),
      close() {
        end(MOVED);
        socket.close();
      },
    };
  }

  function load(): Promise<Multiplex> {
    loading ??= loadMultiplex().then(
      (create) =>
        (multiplex = create({
          me,
          post,
          clock,
          makeId,
          openOwn,
          line: {
            get isLeading() {
              return letGo !== undefined;
            },
            get isOpen() {
              return isOpen;
            },
            send: (text) => own?.send(text),
            summon() {
              if (own !== undefined) return;
              transport().wake();
              // Nothing to give, and nothing on the way: another page may do better.
              if (!/^(connecting|online)$/.test(transport().status)) {
                resign();
                wait();
              }
            },
            renew: () => transport().restart(),
          },
          takeOver() {
            queue?.abort();
            return take({ steal: true }).catch(wait);
          },
        })),
    );
    loading.catch(() => (loading = undefined));
    return loading;
  }

  return {
    open(listener) {
      let socket: Socket | undefined;
      let isOver = false;
      const begin = (how: Open): void => {
        if (!isOver) socket = how(listener);
      };
      void (joining ??= join()).then(() => {
        if (isAlone || letGo !== undefined) begin(openOwn);
        else
          load().then(
            (it) => begin(it.openChannel),
            () => begin(openOwn),
          );
      });
      return {
        send: (text) => socket?.send(text),
        close() {
          isOver = true;
          socket?.close();
        },
      };
    },
    pause() {
      multiplex?.leave();
      queue?.abort();
      resign();
      broadcast?.close();
      broadcast = joining = undefined;
    },
  };
}
