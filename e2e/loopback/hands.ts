/**
 * One time for everybody in the loopback, turned by hand: page clocks, the server's clock and whatever waits. No real time
 * passes. Also knows when everything that was begun has come to rest, so that a step of a schedule ends before the next one.
 */
import type { Clock as ServerClock } from '../../server/base/clock.ts';
import type { Clock } from '../../shared/client/platform.ts';

/** One party's clock: all go at the same pace, and each may be wrong in its own way. */
export interface PartyClock extends Clock, ServerClock {
  /** Somebody sets it to another time. What waits is not moved. */
  jump(ms: number): void;
}

export interface Hands {
  clock(): PartyClock;
  /** Something that ends by itself, without anybody's step: `settle` waits for it. */
  track<T>(work: Promise<T>): Promise<T>;
  /** Lets everything run that can run without time passing. */
  settle(): Promise<void>;
  /** Lets time pass; what falls due runs in its order. */
  pass(ms: number): Promise<void>;
  /** Forgets everything that still waits. */
  clear(): void;
}

const START_MS = 1_700_000_000_000;
/** Two idle turns of the event loop in a row: nothing has handed on work to another turn. */
const IDLE_TURNS = 2;
/** What takes more turns than this is done by other threads, which are left the processor meanwhile. */
const OWN_TURNS = 1_000;
/** Whatever ends by itself has ended long before, however busy the machine is. */
const MOST_TURNS = 60_000;

const turn = (isOwn: boolean): Promise<void> => new Promise((resolve) => void (isOwn ? setImmediate(resolve) : setTimeout(resolve, 1)));

export function createHands(): Hands {
  let nowMs = START_MS;
  let timers: { atMs: number; run: () => void }[] = [];
  let working = new Set<object>();

  function after(ms: number, run: () => void): () => void {
    const timer = { atMs: nowMs + Math.max(0, ms), run };
    timers.push(timer);
    return () => {
      timers = timers.filter((other) => other !== timer);
    };
  }

  function nextBefore(endMs: number): (typeof timers)[number] | undefined {
    let next: (typeof timers)[number] | undefined;
    for (const timer of timers) if (timer.atMs <= endMs && (next === undefined || timer.atMs < next.atMs)) next = timer;
    return next;
  }

  async function settle(): Promise<void> {
    for (let idle = 0, turns = 0; idle < IDLE_TURNS; turns += 1) {
      await turn(turns < OWN_TURNS);
      idle = working.size === 0 ? idle + 1 : 0;
      if (turns > MOST_TURNS) throw new Error('I9: something that ends by itself does not end');
    }
  }

  return {
    clock() {
      let wrongMs = 0;
      const now = (): number => nowMs + wrongMs;
      return {
        now,
        elapsed: () => nowMs,
        nowMs: now,
        nowSeconds: () => Math.floor(now() / 1000),
        after,
        jump: (ms) => void (wrongMs += ms),
      };
    },
    async track(work) {
      const now = working;
      now.add(work);
      try {
        return await work;
      } finally {
        now.delete(work);
      }
    },
    settle,
    async pass(ms) {
      const endMs = nowMs + ms;
      for (let next = nextBefore(endMs); next !== undefined; next = nextBefore(endMs)) {
        const due = next;
        nowMs = Math.max(nowMs, due.atMs);
        timers = timers.filter((other) => other !== due);
        due.run();
        // Others of the same moment run in the same breath.
        if (nextBefore(nowMs) === undefined) await settle();
      }
      nowMs = endMs;
    },
    clear() {
      timers = [];
      working = new Set();
    },
  };
}
