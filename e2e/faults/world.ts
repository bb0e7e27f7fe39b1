/**
 * What a test of faults without a browser is given: `start`, which makes a server of its own, with a site, and takes everything
 * down again. Its people are sessions (wire.ts); its evidence is what the checker looks at.
 */
import { expect, test as base } from '@playwright/test';
import { randomBytes } from 'node:crypto';
import { startSystem, TEST_LIMITS, type System } from '../support/system.ts';
import type { Evidence } from './checker.ts';
import { createWitness, type Witness } from './database.ts';
import { layRelay, layWire, type Relay, type Wire } from './proxy.ts';
import { createOperator, type WireOperator } from './operator.ts';
import { createPerson, type Person } from './person.ts';
import { until, type Road } from './wire.ts';

export { expect, until };

export interface Account {
  email: string;
  password: string;
}

export interface FaultWorld {
  readonly system: System;
  readonly site: string;
  /** The straight road to the server, or the one by a proxy's port. */
  road(by?: { port: number }): Road;
  person(name?: string, road?: Road): Person;
  operator(name?: string, options?: { road?: Road; account?: Account }): Promise<WireOperator>;
  /** The person leaves for good, and is no evidence any more. */
  leave(person: Person): void;
  /** An operator's account without a workplace. */
  account(name?: string): Promise<Account>;
  wire(): Promise<Wire>;
  relay(): Promise<Relay>;
  /** Everything that is known by now. */
  evidence(more?: Partial<Evidence>): Evidence;
  /** A visitor who has begun a chat, and an operator who has answered. */
  conversation(options?: {
    person?: Person;
    operator?: WireOperator;
  }): Promise<{ person: Person; operator: WireOperator; visitor: string }>;
}

export interface Start {
  env?: NodeJS.ProcessEnv;
  main?: string;
  timing?: Record<string, unknown>;
  rates?: Record<string, number>;
}

const PASSWORD = 'correct horse battery';

export const test = base.extend<{ start: (options?: Start) => Promise<FaultWorld> }>({
  // The driver wants a pattern here, also where nothing is taken.
  // eslint-disable-next-line no-empty-pattern
  start: async ({}, use) => {
    const stops: (() => unknown)[] = [];
    await use(async (options = {}) => createWorld(options, stops));
    for (const stop of stops.reverse()) await stop();
  },
});

/** Limits of the tests with some of their times and rates changed. */
export function limits({ timing = {}, rates = {} }: Pick<Start, 'timing' | 'rates'>): string {
  const client = { ...TEST_LIMITS.timing.client, ...(timing['client'] as object | undefined) };
  return JSON.stringify({
    ...TEST_LIMITS,
    rates: {
      ...TEST_LIMITS.rates,
      messagesPerSecond: 10_000,
      messagesBurst: 10_000,
      messagesPerAddressSecond: 100_000,
      messagesPerAddressBurst: 100_000,
      readsPerPageSecond: 1_000,
      readsPerPageBurst: 1_000,
      connectionsPerAddress: 20_000,
      connectionsPerSite: 20_000,
      sessionsPerMinute: 100_000,
      newVisitorsPerSiteMinute: 100_000,
      ...rates,
    },
    timing: { ...TEST_LIMITS.timing, ...timing, client },
  });
}

async function createWorld(options: Start, stops: (() => unknown)[]): Promise<FaultWorld> {
  const system = await startSystem({ LIMITS: limits(options), ...options.env }, options.main);
  stops.push(() => system.close());
  const site = `t${randomBytes(6).toString('hex')}`;
  await system.admin('site', 'add', '--key', site, '--name', 'Test shop', '--origin', system.shop);
  const witness: Witness = createWitness(system.dataDir);
  stops.push(() => witness.close());
  const people = new Set<Person>();
  const operators: WireOperator[] = [];
  // First of all, so that nobody comes back to a server that is going.
  stops.push(() => [...people, ...operators].forEach((each) => each.close()));

  const road = (by?: { port: number }): Road => ({ chat: system.chat, port: by?.port ?? system.port, witness });
  const world: FaultWorld = {
    system,
    site,
    road,
    person(name = 'Vera', way = road()) {
      const person = createPerson({ name, site, road: way });
      people.add(person);
      return person;
    },
    leave(person) {
      person.close();
      people.delete(person);
    },
    async account(name = 'Olga') {
      const email = `${randomBytes(6).toString('hex')}@example.com`;
      await system.admin(
        'operator',
        'add',
        '--email',
        email,
        '--name',
        name,
        '--position',
        'Consultant',
        '--site',
        site,
        '--password',
        PASSWORD,
      );
      return { email, password: PASSWORD };
    },
    async operator(name = 'Olga', { road: way = road(), account } = {}) {
      const operator = await createOperator({ name, ...(account ?? (await world.account(name))), road: way });
      operators.push(operator);
      return operator;
    },
    async wire() {
      const wire = await layWire(system.port);
      stops.push(() => wire.close());
      return wire;
    },
    async relay() {
      const relay = await layRelay(system.chat);
      stops.push(() => relay.close());
      return relay;
    },
    evidence: (more = {}) => ({
      dataDir: system.dataDir,
      site,
      writings: [...[...people].flatMap((person) => person.writings()), ...operators.map((operator) => operator.writing())],
      views: [...[...people].flatMap((person) => person.views()), ...operators.flatMap((operator) => operator.view() ?? [])],
      log: system.output(),
      secrets: [...people, ...operators].flatMap((each) => each.secrets()),
      mails: system.mails,
      ...more,
    }),
    async conversation({ person = world.person(), operator } = {}) {
      const page = person.pages[0] ?? person.page();
      const answerer = operator ?? (await world.operator());
      await page.online();
      page.say('is anybody there?');
      await page.sent();
      const visitor = page.session.visitorId.value ?? '';
      await answerer.answer(visitor, 'yes, how may I help?');
      await until(() => page.session.messages.value.length === 2, 'the answer is shown');
      return { person, operator: answerer, visitor };
    },
  };
  return world;
}
