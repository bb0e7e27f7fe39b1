/**
 * A small whole world for tests of rooms, inbox and jobs: a store in a fresh file, the rooms over it, everything they have
 * told, and a clock whose hands the test turns. No network.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChatEvent, VisitorId } from '../../shared/chat.ts';
import type { VisitorCommand } from '../../shared/wire/protocol.ts';
import { parseSettings, type SettingsInput } from '../../shared/settings.ts';
import type { OperatorCommand } from '../../shared/wire/workplace.ts';
import { createLocalBus } from '../bus/local.ts';
import type { Clock } from '../base/clock.ts';
import { createLimits, type LimitsInput } from '../limits/limits.ts';
import { createCosts } from '../limits/costs.ts';
import type { Fact } from '../bus/facts.ts';
import { createFeed } from '../bus/feed.ts';
import { randomId } from '../base/ids.ts';
import { createLedger } from '../limits/ledger.ts';
import { createLog } from '../base/log.ts';
import { createRooms, type Outcome } from '../room/room.ts';
import type { PresenceLookup } from '../room/operator-commands.ts';
import { createSqliteStore } from '../store/sqlite.ts';
import { keepLocks } from './lock-keeper.ts';
import type { Operator } from '../store/operators.ts';

/** A command as a test writes it: the uid is made unless the test says one. */
export type Unsent<C> = C extends { uid: string } ? Omit<C, 'uid'> & { uid?: string } : never;

export interface HandClock extends Clock {
  /** Turns the hands; what becomes due is called at its own time. */
  advance(ms: number): void;
}

const START_MS = 1_700_000_000_000;

export function createHandClock(startMs = START_MS): HandClock {
  let nowMs = startMs;
  let timers: { atMs: number; fn: () => void }[] = [];
  return {
    nowMs: () => nowMs,
    nowSeconds: () => Math.floor(nowMs / 1000),
    after(ms, fn) {
      const timer = { atMs: nowMs + ms, fn };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    advance(ms) {
      const endMs = nowMs + ms;
      while (true) {
        const next = timers.filter((timer) => timer.atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];
        if (next === undefined) break;
        timers = timers.filter((timer) => timer !== next);
        nowMs = Math.max(nowMs, next.atMs);
        next.fn();
      }
      nowMs = endMs;
    },
  };
}

/** In memory where the system has such a place: these tests are not about the disk. */
const FOLDER = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
export const SITE = 'shop';
export const OTHER_SITE = 'other';

/** Everybody of this world is signed in, for ever. */
const SESSION = { site: null, visitor: null, operator: null, csrf: '', expiresAt: 4e9 } as const;
export const sessionOf = (id: string) => `session of ${id}`;

export interface WorldOptions {
  settings?: SettingsInput;
  limits?: LimitsInput;
  clock?: HandClock;
  /** The file of a world that was closed with `keep`: a restart. */
  file?: string;
  /** Receives the logged lines. */
  lines?: string[];
}

export async function createWorld({ settings = {}, limits: some = {}, clock = createHandClock(), file, lines }: WorldOptions = {}) {
  const folder = file === undefined ? mkdtempSync(join(FOLDER, 'room-')) : undefined;
  const database = file ?? join(folder ?? '', 'chat.sqlite');
  const store = await createSqliteStore({ file: database, foreignChangeMs: 1_000_000_000, clock });
  const limits = createLimits(some);
  const log = lines === undefined ? createLog('silent') : createLog('info', { write: (line) => void lines.push(line) });
  const failures: unknown[] = [];
  const bus = createLocalBus<Fact>({ onError: (error) => failures.push(error) });
  const feed = createFeed({ bus, store, clock, log, onError: (error) => failures.push(error) });
  const facts: Fact[] = [];
  bus.subscribe((fact) => facts.push(fact));
  const costs = createCosts({ clock, limits });
  const ledger = createLedger({ store: keepLocks(store), clock, limits, log });
  const mailer = { check: (address: string) => /^[^@\s]+@[^@\s]+\.example$/.test(address) };
  const fileLink = ({ id, name }: { id: string; name: string }) => `https://files.example/${id}/${name}`;
  const rooms = createRooms({ store: keepLocks(store), bus, clock, log, limits, mailer, fileLink });

  if (file === undefined) {
    for (const key of [SITE, OTHER_SITE]) {
      await store.transact([], async (tx) => {
        await tx.saveSite({ key, name: key, origins: ['https://shop.example'], settings: parseSettings(settings) });
        await tx.saveGroup({ site: key, id: 'sales', name: 'Sales' });
      });
    }
  }

  const addVisitor = async (site = SITE): Promise<VisitorId> => {
    const id = randomId();
    await store.transact([], async (tx) => {
      await tx.createVisitor({ id, site, card: {}, invite: null, createdAt: clock.nowSeconds() });
      await tx.saveSession({ ...SESSION, id: sessionOf(id), tokenHash: id, site, visitor: id });
    });
    return id;
  };

  const addOperator = async (name: string, sites: string[] = [], groups: string[] = []): Promise<Operator> => {
    const operator: Operator = {
      id: `id-of-${name.toLowerCase()}`,
      email: `${name.toLowerCase()}@shop.example`,
      card: { name, position: null, avatar: null },
      sites,
      groups,
      passwordHash: '',
      isRevoked: false,
    };
    await store.transact([], async (tx) => {
      await tx.saveOperator(operator);
      await tx.saveSession({ ...SESSION, id: sessionOf(operator.id), tokenHash: operator.id, operator: operator.id });
    });
    return operator;
  };

  /** What a visitor's page commands. */
  const visitor = (id: VisitorId, command: Unsent<VisitorCommand>, site = SITE): Promise<Outcome> =>
    rooms.visitor(
      { site, visitor: id, presence: id, tab: 'tab', session: sessionOf(id) },
      { uid: randomUUID(), ...command },
      { address: '192.0.2.1' },
    );

  /** What a page commands whose visitor has not acted. */
  const page = (id: VisitorId, command: Unsent<VisitorCommand>): Promise<Outcome> =>
    rooms.visitor(
      { site: SITE, visitor: null, presence: id, tab: 'tab', session: null },
      { uid: randomUUID(), ...command },
      { address: '192.0.2.1' },
    );

  const everybodyIsThere: PresenceLookup = {
    presence: () => ({ site: SITE, isAnonymous: false, canBeInvited: true }),
    isOnline: () => true,
  };
  const operator = (who: Operator, command: Unsent<OperatorCommand>, around: Partial<PresenceLookup> = {}): Promise<Outcome> =>
    rooms.operator({ operator: who, session: sessionOf(who.id) }, { uid: randomUUID(), ...command }, { ...everybodyIsThere, ...around });

  const eventsOf = async (chat: string, site = SITE): Promise<ChatEvent[]> => store.eventsAfter(site, chat, 0, 1000);
  /** The visitor's events over all chats as `kind` and, for messages, `text`. */
  const story = async (id: VisitorId, site = SITE): Promise<string[]> => {
    const chat = await store.lastChatOf(site, id);
    const events = chat === undefined ? [] : await eventsOf(chat.summary.id, site);
    return events.map((event) => (event.kind === 'message.added' ? `${event.author.kind}: ${event.text}` : event.kind));
  };

  return {
    store,
    clock,
    limits,
    log,
    costs,
    ledger,
    bus,
    feed,
    rooms,
    facts,
    failures,
    mailer,
    file: database,
    addVisitor,
    addOperator,
    visitor,
    page,
    operator,
    eventsOf,
    story,
    /** @param keep the file, to start again from it */
    async close(keep: 'keep' | 'remove' = 'remove') {
      await rooms.idle();
      feed.close();
      await bus.close();
      await ledger.close();
      await store.close();
      if (keep === 'remove' && folder !== undefined) rmSync(folder, { recursive: true });
    },
  };
}

export type World = Awaited<ReturnType<typeof createWorld>>;

/** The chat of an accepted command. */
export function chatOf({ answer }: Outcome): string {
  if (answer.t !== 'ack' || answer.result.chat === null) throw new Error(`no chat: ${JSON.stringify(answer)}`);
  return answer.result.chat;
}

/** `ack`, or the code of a refusal. */
export function verdict({ answer }: Outcome): string {
  return answer.t === 'ack' ? 'ack' : answer.code;
}
