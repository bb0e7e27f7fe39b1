/**
 * Notices when an operator in a chat has no connection, or a visitor in a chat has no page, and when they come back. The rooms
 * decide what follows: either they act at once, or they put a job into the store for later.
 *
 * It remembers its last report to the rooms for each chat, so that a list which changes all the time costs nothing. The store
 * alone holds the decisions and their times.
 */
import type { ChatId, ChatSummary, OperatorId, VisitorId } from '../../shared/chat.ts';
import { absenceOf } from '../room/absence.ts';
import type { Clock } from '../base/clock.ts';
import type { Inbox, InboxChange } from '../presence/inbox.ts';
import type { Person } from '../presence/person.ts';
import type { Log } from '../base/log.ts';
import { servesGroup } from '../presence/operator-presence.ts';
import type { Rooms } from '../room/room.ts';
import { createSerial } from '../base/serial.ts';
import { everyOne } from '../store/pages.ts';
import type { Job } from '../store/jobs.ts';
import type { Operator } from '../store/operators.ts';
import type { Store } from '../store/store.ts';

export interface Absences {
  /** Resolves when the absences of before a restart are known. */
  ready: Promise<void>;
  /** The job of an absence is due. */
  run(job: Job): Promise<void>;
  idle(): Promise<void>;
  close(): void;
}

export interface AbsencesOptions {
  store: Store;
  rooms: Rooms;
  inbox: Inbox;
  clock: Clock;
  log: Log;
  /** After a failure of the store it is tried again in this time. */
  againMs: number;
}

/** What the rooms know of a visitor's chat: whether the visitor is gone, and whether the operator is. */
interface Told {
  chat: ChatId;
  hasLeft: boolean;
  /** Names the absent operator, since one may follow the other, and marks a final absence: nobody waits for its end. */
  away: string | null;
}

export function createAbsences({ store, rooms, inbox, clock, log, againMs }: AbsencesOptions): Absences {
  const startedMs = clock.nowMs();
  const told = new Map<VisitorId, Told>();
  const retries = new Set<() => void>();
  const serial = createSerial();
  /** As they were when we looked last: who answered for a group then and does not now has lost its chats. */
  let operators = new Map<OperatorId, Operator>();
  let isClosed = false;

  const nowOf = (id: VisitorId, chat: ChatSummary): Told => {
    const operator = chat.operator?.id;
    const absence = operator === undefined ? null : inbox.absence(operator);
    return {
      chat: chat.id,
      hasLeft: !inbox.isHere(id),
      away: absence === null ? null : `${operator}${absence.isForGood ? ' for good' : ''}`,
    };
  };

  const toldOf = (id: VisitorId, chat: ChatId): Told => {
    const known = told.get(id);
    return known?.chat === chat ? known : { chat, hasLeft: false, away: null };
  };

  const isNews = (before: Told, now: Told) => now.hasLeft !== before.hasLeft || now.away !== before.away;

  const missVisitor = async ({ site, id: visitor }: Person, chat: ChatId, job?: Job) => {
    const isHere = () => inbox.isHere(visitor);
    const leftMs = (inbox.item(visitor)?.leftAt ?? clock.nowSeconds()) * 1000;
    await rooms.system({ kind: 'visitor.missed', site, visitor, chat, leftMs, isHere, startedMs, ...(job && { job }) });
  };

  const missOperator = async ({ site, id: visitor }: Person, chat: ChatSummary, isOver: boolean, job?: Job) => {
    const operator = chat.operator?.id;
    if (operator === undefined) return;
    const absence = () => inbox.absence(operator);
    await rooms.system({
      kind: 'operator.missed',
      site,
      visitor,
      chat: chat.id,
      operator,
      absence,
      isOver,
      startedMs,
      ...(job && { job }),
    });
  };

  /** Tells the rooms each difference from their last report. */
  const look = async (id: VisitorId) => {
    const person = inbox.person(id);
    if (person === undefined || person.chat === null) return;
    const { chat } = person;
    const before = toldOf(id, chat.id);
    const now = nowOf(id, chat);
    told.set(id, now);
    try {
      if (now.hasLeft !== before.hasLeft) await missVisitor(person, chat.id);
      if (now.away !== before.away) await missOperator(person, chat, false);
    } catch (error) {
      told.set(id, before);
      throw error;
    }
  };

  const inTurn = (id: string, work: () => Promise<unknown>) => {
    serial
      .run(id, async () => {
        await ready;
        if (!isClosed) await work();
      })
      .catch((error: unknown) => {
        log.error({ err: error }, 'an absence could not be stored');
        if (isClosed) return;
        const stop = clock.after(againMs, () => {
          retries.delete(stop);
          inTurn(id, work);
        });
        retries.add(stop);
      });
  };

  /** Rights, sessions and settings may be others: everything is decided anew. */
  const lookAgain = async () => {
    const before = operators;
    operators = await readOperators();
    for (const person of inbox.talking()) {
      const { id, site, chat } = person;
      if (chat === null) continue;
      const was = before.get(chat.operator?.id ?? '');
      const is = operators.get(chat.operator?.id ?? '');
      const isOver = was !== undefined && is !== undefined && servesGroup(was, site, chat.group) && !servesGroup(is, site, chat.group);
      const { hasLeft, away } = nowOf(id, chat);
      if (away !== null || rightsOf(was) !== rightsOf(is)) inTurn(id, () => missOperator(person, chat, isOver));
      if (hasLeft) inTurn(id, () => missVisitor(person, chat.id));
    }
  };

  const readOperators = async () => new Map((await store.operators()).map((operator) => [operator.id, operator]));

  const hear = (change: InboxChange) => {
    if (change.t === 'changed') return inTurn('operators', lookAgain);
    if (change.t === 'gone') return void told.delete(change.id);
    if (change.t !== 'item') return;
    const { id } = change.item;
    const chat = inbox.person(id)?.chat ?? null;
    if (chat === null) told.delete(id);
    else if (isNews(toldOf(id, chat.id), nowOf(id, chat))) inTurn(id, () => look(id));
  };

  /** What stands in the store has been told, before the restart. */
  const restore = async () => {
    operators = await readOperators();
    for (const kind of ['left', 'away'] as const) {
      for await (const job of everyOne(
        (after: string) => store.jobs(kind, after),
        ({ key }) => key,
        '',
      )) {
        const absence = absenceOf(job);
        if (absence === undefined || inbox.person(absence.visitor)?.chat?.id !== absence.chat) continue;
        const known = toldOf(absence.visitor, absence.chat);
        told.set(absence.visitor, kind === 'left' ? { ...known, hasLeft: true } : { ...known, away: absence.operator ?? null });
      }
    }
    for (const { id } of inbox.talking()) inTurn(id, () => look(id));
  };

  const ready = restore();
  const stopHearing = inbox.subscribe(hear);

  return {
    ready,
    async run(job) {
      const absence = absenceOf(job);
      const person = absence && inbox.person(absence.visitor);
      const chat = person?.chat ?? null;
      // Of a chat that is over, or a job nobody can read.
      if (person === undefined || chat === null || chat.id !== absence?.chat) return store.transact([], (tx) => tx.removeJob(job.key));
      await serial.run(person.id, () => (job.kind === 'left' ? missVisitor(person, chat.id, job) : missOperator(person, chat, false, job)));
    },
    idle: () => serial.idle(),
    close() {
      isClosed = true;
      stopHearing();
      for (const stop of retries) stop();
    },
  };
}

/** What an operator may answer, to be compared. */
function rightsOf(operator: Operator | undefined): string {
  return operator === undefined ? '' : JSON.stringify([operator.sites, operator.groups, operator.isRevoked]);
}
