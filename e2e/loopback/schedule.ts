/**
 * Schedules: what can happen to one visitor with two pages and an operator, step by step, and what must be true when it is
 * over. Everything a schedule does is one of these steps; nothing else moves.
 */
import fc from 'fast-check';
import { randomOf } from '../../server/testing/shaky-net.ts';
import { createBrowser, type StorageMood } from './browser.ts';
import { checkAll } from './check.ts';
import { createHands } from './hands.ts';
import type { Scene, World } from './scene.ts';
import { createServer, type Disk, type ServerOptions } from './server.ts';
import { createWorkplace } from './workplace.ts';

/** Each as often as it is chosen. The first is what a failing schedule shrinks to. */
const STEPS = {
  wait: 3,
  flow: 6,
  up: 12,
  down: 12,
  say: 10,
  upTwice: 3,
  downTwice: 3,
  swap: 5,
  lose: 4,
  cut: 5,
  late: 4,
  drop: 2,
  reload: 2,
  read: 2,
  start: 1,
  close: 1,
  older: 1,
  operatorSays: 5,
  operatorJoins: 1,
  operatorLeaves: 1,
  operatorCloses: 1,
  waitLong: 1,
  clockForward: 1,
  clockBack: 1,
  storageRefused: 1,
  storageStuck: 1,
  storageWell: 1,
  diskFull: 1,
  diskSlow: 3,
  diskWell: 3,
  kill: 2,
  killCommitted: 2,
  goaway: 1,
  freeze: 2,
  thaw: 1,
} as const;
export type StepName = keyof typeof STEPS;

export interface Step {
  what: StepName;
  /** Whose line or page: the visitor's pages, then the operator. */
  at: number;
  /** The next step comes in the same breath, before anything could come of this one. */
  isHasty: boolean;
}

export interface Schedule {
  /** One page or two. */
  pages: number;
  /** They have one socket together. */
  isShared: boolean;
  /** All are connected before it begins. */
  isSettled: boolean;
  /** The server's bus loses facts, doubles them and mixes them up. */
  isShaky: boolean;
  seed: number;
  steps: Step[];
}

const NAMES = (Object.entries(STEPS) as [StepName, number][]).flatMap(([name, weight]) => Array<StepName>(weight).fill(name));

export const schedules: fc.Arbitrary<Schedule> = fc.record({
  pages: fc.integer({ min: 1, max: 2 }),
  isShared: fc.boolean(),
  isSettled: fc.boolean(),
  seed: fc.nat({ max: 1_000_000 }),
  steps: fc.array(fc.record({ what: fc.constantFrom(...NAMES), at: fc.nat({ max: 2 }), isHasty: fc.boolean() }), {
    minLength: 5,
    maxLength: 40,
  }),
  isShaky: fc.boolean(),
});

/** Beyond it nothing new is said: a schedule is to be long, not its conversation. */
const MOST_SAID = 12;
const HOUR_MS = 3600_000;
/** No document begins in the very moment in which the one before it ends. */
const RELOAD_MS = 20;
/** Within this time everybody must have come together once the faults are over (I9). */
export const TOGETHER_MS = 60_000;
/** So long it must stay quiet: an answer whose event did not come is believed after 5 s. */
const QUIET_MS = 6_000;
/** And where facts are lost: they are missed within 10 s, when the server compares what it has told with what is stored. */
const SHAKY_QUIET_MS = 12_000;
/** Schedules that one server serves before it is replaced by a fresh one. */
const SERVED = 200;

export async function createLoopback(options: Pick<ServerOptions, 'wrapStore'> = {}): Promise<World> {
  const hands = createHands();
  return { hands, server: await createServer({ hands, ...options }) };
}

/** Runs schedules one after the other; the server is shared by many of them, each has its own visitor. */
export function createRunner(options: Pick<ServerOptions, 'wrapStore'> = {}) {
  let world: World | undefined;
  let served = 0;
  const close = async (): Promise<void> => {
    await world?.server.close();
    world?.hands.clear();
    world = undefined;
  };
  return {
    /** Throws if something is not as it must be. */
    async run(schedule: Schedule): Promise<void> {
      if (served >= SERVED) await close();
      if (world === undefined) served = 0;
      world ??= await createLoopback(options);
      served += 1;
      try {
        await play(world, schedule);
      } catch (error) {
        // What it leaves behind must not be the next one's.
        await close();
        throw error;
      }
    },
    close,
  };
}

async function play({ hands, server }: World, { pages: count, isShared, isSettled, isShaky, seed, steps }: Schedule): Promise<void> {
  const broken: string[] = [];
  server.setShaky(isShaky);
  const onBroken = (what: string): void => void broken.push(what);
  const fraction = randomOf(seed);
  const browser = createBrowser({ hands, server, grant: await server.enter(), isShared, fraction, onBroken });
  const { visitor } = browser;
  const workplace = createWorkplace({ hands, server, visitor, fraction, onBroken });
  const pages = Array.from({ length: count }, () => browser.createPage());
  const scene: Scene = {
    hands,
    server,
    browser,
    pages,
    workplace,
    said: 0,
    isSetBack: false,
    documents: pages.map((page) => [page]),
    lines: () => [...pages.map(({ line }) => line), workplace.line],
  };
  try {
    await hands.settle();
    if (isSettled) await flow(scene);
    for (const step of steps) {
      await take(scene, step);
      if (!step.isHasty) await hands.settle();
    }
    await heal(scene, isShaky);
    broken.push(...checkAll(scene));
    if (broken.length > 0) throw new Error(broken.join('\n'));
  } finally {
    workplace.close();
    for (const page of pages) page.close();
    for (const line of scene.lines()) line.cut();
    await server.setDisk('well');
    await deliverLate(scene);
    await server.erase(visitor);
  }
}

async function take(scene: Scene, { what, at }: Step): Promise<void> {
  const { hands, server, browser, pages, workplace } = scene;
  const line = at < pages.length ? pages[at]?.line : workplace.line;
  const place = at % pages.length;
  const page = pages[place];
  if (line === undefined || page === undefined) return;
  const clock = at < pages.length ? browser.clock : server.clock;
  const mood = (next: StorageMood): void => page.setMood(next);
  const disk = (next: Disk): Promise<void> => server.setDisk(next);
  switch (what) {
    case 'wait':
      return hands.pass(500);
    case 'waitLong':
      return hands.pass(15_000);
    case 'flow':
      return flow(scene);
    case 'up':
      return line.up();
    case 'down':
      return line.down();
    case 'upTwice':
      return line.up(2);
    case 'downTwice':
      return line.down(2);
    case 'swap':
      return line.swap();
    case 'lose':
      return line.lose();
    case 'cut':
      return line.cut();
    case 'late':
      return line.late();
    case 'drop':
      return line.drop();
    case 'reload':
      return reload(scene, place);
    case 'say':
      if (scene.said < MOST_SAID) page.say(`message ${(scene.said += 1)}`);
      return;
    case 'operatorSays':
      if (scene.said < MOST_SAID) workplace.say(`answer ${(scene.said += 1)}`);
      return;
    case 'read':
      return page.session.read();
    case 'start':
      return page.session.start(null, { via: 'api' });
    case 'close':
      return page.session.closeChat({ via: 'api' });
    case 'older':
      return page.session.older();
    case 'operatorJoins':
      return workplace.session.join();
    case 'operatorLeaves':
      return workplace.session.leave();
    case 'operatorCloses':
      return workplace.session.closeChat();
    case 'clockForward':
      return clock.jump(HOUR_MS);
    case 'clockBack':
      scene.isSetBack ||= clock === browser.clock;
      return clock.jump(-HOUR_MS);
    case 'storageRefused':
      return mood('refused');
    case 'storageStuck':
      return mood('stuck');
    case 'storageWell':
      return mood('well');
    case 'diskFull':
      return disk('full');
    case 'diskSlow':
      return disk('slow');
    case 'diskWell':
      return disk('well');
    case 'kill':
      return server.kill(false);
    case 'killCommitted':
      return server.kill(true);
    case 'goaway':
      return server.goaway();
    case 'freeze':
      return browser.freeze(at);
    case 'thaw':
      return browser.thaw();
  }
}

async function reload({ hands, browser, pages, documents }: Scene, at: number): Promise<void> {
  pages[at]?.close();
  await hands.pass(RELOAD_MS);
  const page = browser.createPage();
  pages[at] = page;
  documents[at]?.push(page);
}

/** Everything travels that can, until nothing does; no time passes. */
async function flow(scene: Scene): Promise<void> {
  for (let quiet = 0, round = 0; quiet < 2 && round < 100; round += 1) {
    const isQuiet = isAllQuiet(scene);
    for (const line of scene.lines()) {
      for (let frame = 0; frame < 8; frame += 1) {
        line.up();
        line.down();
      }
    }
    await scene.hands.settle();
    quiet = isQuiet && isAllQuiet(scene) ? quiet + 1 : 0;
    if (scene.server.disk === 'slow' && round > 10) return;
  }
}

/** What broken connections carried arrives, and then their ends. */
async function deliverLate({ hands, lines }: Scene): Promise<void> {
  for (let time = 0; time < 2; time += 1) {
    for (const line of lines()) line.late();
    await hands.settle();
  }
}

const isAllQuiet = ({ pages, workplace }: Scene): boolean => workplace.line.isQuiet && pages.every((page) => page.isQuiet);

/** The faults are over: lets everything through, and time pass, until nobody has anything left to say. */
async function heal(scene: Scene, isShaky: boolean): Promise<void> {
  const { hands, server, browser, pages, workplace } = scene;
  await server.setDisk('well');
  if (server.isLeaving) await server.kill(false);
  for (const page of pages) page.setMood('well');
  browser.thaw();
  await deliverLate(scene);
  const isTogether = (): boolean =>
    pages.every(
      ({ session, isQuiet }) =>
        isQuiet && session.connection.value === 'online' && session.pending.value.every(({ failed }) => failed !== null),
    ) &&
    workplace.line.isQuiet &&
    workplace.session.connection.value === 'online' &&
    workplace.session.pending.value.every(({ failed }) => failed !== null);
  let passedMs = 0;
  await flow(scene);
  const enoughMs = isShaky ? SHAKY_QUIET_MS : QUIET_MS;
  for (let quietMs = 0; quietMs < enoughMs;) {
    if (passedMs > TOGETHER_MS + enoughMs) throw new Error(`I9: not together after ${TOGETHER_MS / 1000} s: ${describe(scene)}`);
    await hands.pass(1_000);
    passedMs += 1_000;
    await flow(scene);
    quietMs = isTogether() ? quietMs + 1_000 : 0;
  }
}

function describe({ pages, workplace }: Scene): string {
  const all = [...pages.map(({ session }) => session), workplace.session];
  return JSON.stringify(all.map(({ connection, pending }) => [connection.value, pending.value]));
}
