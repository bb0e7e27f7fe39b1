/**
 * Random schedules of faults: three visitors with three pages each and two operators talk, while a seed decides what breaks and
 * when. Then everything heals, and the checker judges. The seed decides the schedule and the clients' chances; what two
 * processes do in the same millisecond it cannot.
 *
 * SEEDS, FIRST_SEED and SECONDS say how many, from which, how long; `npm run faults -- --seeds N` sets them.
 */
import { join } from 'node:path';
import type { Database as Connection } from 'better-sqlite3';
import { expectSound } from './checker.ts';
import { integrity } from './database.ts';
import type { Ending, Wire } from './proxy.ts';
import type { WireOperator } from './operator.ts';
import type { Person, WirePage } from './person.ts';
import { expect, test, until, type FaultWorld } from './world.ts';
import { Database } from '../../server/store/driver.ts';

const SEEDS = Number(process.env.SEEDS ?? 1);
const FIRST = Number(process.env.FIRST_SEED ?? 1);
const SECONDS = Number(process.env.SECONDS ?? 10);

const VISITORS = 3;
const PAGES = 3;
/** Waits a tenth of the real ones, so that a minute is long. */
const TIMING = {
  pingMs: 1_000,
  dropMs: 4_000,
  client: { silenceMs: 3_000, ackMs: 1_500, backoffMinMs: 50, backoffMaxMs: 1_000, typingMs: 50 },
};

/** Numbers from 0 to below 1, the same for the same seed. */
function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const DEEDS = {
  say: 24,
  answer: 16,
  look: 4,
  close: 1,
  draft: 4,
  read: 3,
  cut: 4,
  shut: 2,
  slip: 4,
  slow: 2,
  narrow: 2,
  leave: 2,
  come: 3,
  kill: 1,
  update: 1,
  freeze: 2,
  lock: 2,
} as const;
type Deed = keyof typeof DEEDS;

interface Step {
  /** Milliseconds from the beginning. */
  at: number;
  deed: Deed;
  /** Whom it is about, and how much of it; each deed makes of them what it needs. */
  who: number;
  which: number;
  much: number;
}

function schedule(seed: number, seconds: number): Step[] {
  const next = chance(seed);
  const all = (Object.keys(DEEDS) as Deed[]).flatMap((deed) => Array<Deed>(DEEDS[deed]).fill(deed));
  const steps: Step[] = [];
  for (let at = 0; at < seconds * 1_000; at += 10 + next() * 120) {
    steps.push({
      at: Math.round(at),
      deed: all[Math.floor(next() * all.length)] ?? 'say',
      who: Math.floor(next() * 6),
      which: Math.floor(next() * PAGES),
      much: next(),
    });
  }
  return steps;
}

interface Cast {
  people: Person[];
  operators: WireOperator[];
  /** One for each visitor, then one for each operator. */
  wires: Wire[];
}

async function gather(world: FaultWorld, fraction: () => number): Promise<Cast> {
  const cast: Cast = { people: [], operators: [], wires: [] };
  for (let at = 0; at < VISITORS; at += 1) {
    const wire = await world.wire();
    cast.wires.push(wire);
    const person = world.person(`visitor ${at}`, { ...world.road(wire), fraction });
    cast.people.push(person);
    for (let page = 0; page < PAGES; page += 1) await person.page().online();
    person.pages[0]?.say(`the first words of visitor ${at}`);
    await person.pages[0]?.sent();
    await until(() => person.pages.every((page) => page.session.visitorId.value !== null), 'all pages know who they are');
  }
  for (const name of ['Olga', 'Anna']) {
    const wire = await world.wire();
    cast.wires.push(wire);
    const operator = await world.operator(name, { road: { ...world.road(wire), fraction } });
    await operator.open(cast.people[0]?.pages[0]?.session.visitorId.value ?? '');
    cast.operators.push(operator);
  }
  return cast;
}

/** Carries a schedule out. What cannot be done in this moment is left out; what takes longer ends by itself, or in `heal`. */
function stage(world: FaultWorld, cast: Cast) {
  const { people, operators, wires } = cast;
  const ends = new Set<() => unknown>();
  let restarting: Promise<void> | undefined;
  let frozen: number | undefined;
  let lock: Connection | undefined;

  /** Runs `end` after so long, or when everything heals. */
  const later = (ms: number, end: () => unknown): void => {
    const once = (): void => {
      if (!ends.delete(once)) return;
      clearTimeout(timer);
      end();
    };
    const timer = setTimeout(once, ms);
    ends.add(once);
  };
  const restart = (signal: 'SIGKILL' | 'SIGTERM'): void => {
    if (restarting !== undefined || frozen !== undefined) return;
    restarting = world.system
      .stopServer(signal)
      .then(() => world.system.startServer())
      .finally(() => (restarting = undefined));
  };
  const living = (person: Person | undefined): WirePage[] => person?.pages.filter((page) => !page.isOver) ?? [];
  let words = 0;

  function carryOut({ deed, who, which, much }: Step): void {
    const person = people[who % people.length];
    const page = living(person)[which % Math.max(1, living(person).length)];
    const operator = operators[who % operators.length];
    const wire = wires[(who + which) % wires.length];
    switch (deed) {
      case 'say':
        return void page?.say(`word ${(words += 1)} of ${page.who}`);
      case 'answer':
        return void operator?.say(`answer ${(words += 1)} of operator ${who % operators.length}`);
      case 'look':
        return operator?.session.open(people[which]?.pages[0]?.session.visitorId.value ?? '');
      case 'close':
        return page?.session.closeChat({ via: 'api' });
      case 'draft':
        return page?.session.setDraft(`draft ${words}`);
      case 'read':
        return page?.session.read();
      case 'cut':
        return wire?.cut((['reset', 'end', 'silence'] as Ending[])[which]);
      case 'shut':
        wire?.refuse(true);
        wire?.cut();
        return later(much * 3_000, () => wire?.refuse(false));
      case 'slip':
        return wire?.cutNext(which === 0 ? 'up' : 'down', { let: Math.floor(much * 200) });
      case 'slow':
        wire?.delay(Math.floor(much * 400));
        return later(1_000, () => wire?.delay(0));
      case 'narrow':
        wire?.throttle(4_000 + Math.floor(much * 20_000));
        return later(1_000, () => wire?.throttle(Infinity));
      case 'leave':
        return living(person).length > 1 && page?.session.visitorId.value !== null ? page?.kill() : undefined;
      case 'come':
        return living(person).length < PAGES ? void person?.page() : undefined;
      case 'kill':
        return restart('SIGKILL');
      case 'update':
        return restart('SIGTERM');
      case 'freeze': {
        const pid = world.system.pid();
        if (pid === undefined || restarting !== undefined || frozen !== undefined) return;
        process.kill(pid, 'SIGSTOP');
        frozen = pid;
        return later(much * 3_000, () => {
          frozen = undefined;
          process.kill(pid, 'SIGCONT');
        });
      }
      case 'lock':
        if (lock !== undefined || restarting !== undefined) return;
        lock = new Database(join(world.system.dataDir, 'chat.sqlite'), { timeout: 50 });
        try {
          lock.exec('BEGIN EXCLUSIVE');
        } catch {
          // Somebody is writing this very moment; then not.
        }
        return later(much * 1_500, () => {
          lock?.close();
          lock = undefined;
        });
    }
  }

  return {
    carryOut,
    async heal() {
      for (const end of [...ends]) end();
      await restarting;
      for (const wire of wires) {
        wire.refuse(false);
        wire.delay(0);
        wire.throttle(Infinity);
      }
    },
  };
}

for (let seed = FIRST; seed < FIRST + SEEDS; seed += 1) {
  test(`seed ${seed}: whatever breaks in ${SECONDS} s, nothing is lost, doubled or out of order`, async ({ start }) => {
    test.setTimeout((SECONDS + 150) * 1_000);
    const world = await start({ timing: TIMING });
    const cast = await gather(world, chance(seed + 1_000_000));
    const { carryOut, heal } = stage(world, cast);
    const steps = schedule(seed, SECONDS);
    const began = Date.now();
    try {
      for (const step of steps) {
        await until(() => Date.now() - began >= step.at, 'its time has come', SECONDS * 1_000 + 60_000);
        carryOut(step);
      }
    } finally {
      await heal();
    }
    // What pages that are gone had left to send is found by the next one.
    for (const person of cast.people) await person.page().online();
    const evidence = await expectSound(() => {
      for (const each of [...cast.operators, ...cast.people.flatMap((person) => person.pages)]) each.discardFailed();
      return world.evidence();
    }).catch((error: unknown) => {
      throw new Error(
        `Seed ${seed}, ${SECONDS} s (again: npm run faults -- --seeds 1 --first ${seed} --seconds ${SECONDS})\n${error instanceof Error ? error.message : String(error)}`,
      );
    });
    expect(integrity(world.system.dataDir)).toBe('ok');
    const count = (deed: Deed) => steps.filter((step) => step.deed === deed).length;
    const written = evidence.writings.reduce((sum, { wrote }) => sum + wrote.length, 0);
    console.log(
      `seed ${seed}: ${written} messages, ${count('cut') + count('shut') + count('slip')} cuts, ${count('kill') + count('update')} restarts, ${count('freeze')} stalls, ${count('lock')} locks; sound ${Date.now() - began - SECONDS * 1_000} ms after the end`,
    );
  });
}
