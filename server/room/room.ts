/**
 * The rooms: the live authority over every chat. They decide which commands are allowed and in what order; they alone
 * append events to the store.
 *
 * Every command takes the same way.
 * 1. Commands of one visitor run one after the other.
 * 2. One transaction looks the command up, runs it and remembers it. A command that ran before gets its first answer again; the
 *    same uid for something else is refused.
 * 3. After the commit its facts are published, and then it is answered. A refused command leaves nothing behind.
 *
 * The rooms know no sockets and no presence. A command brings along what only the inbox knows.
 */
import { createHash } from 'node:crypto';
import type { OperatorId, SiteKey, Uid, VisitorId } from '../../shared/chat.ts';
import type { CommandResult, Ack, Nack, VisitorCommand } from '../../shared/wire/protocol.ts';
import type { OperatorCommand } from '../../shared/wire/workplace.ts';
import { ChatError } from '../../shared/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { Limits } from '../limits/limits.ts';
import type { Fact, FactBus } from '../bus/facts.ts';
import type { Log } from '../base/log.ts';
import { confirmationKey, isCode } from '../mail/code.ts';
import { createSerial } from '../base/serial.ts';
import { OutOfService } from '../store/footing.ts';
import { keyed } from '../store/keyed.ts';
import type { CommandAuthor } from '../store/commands.ts';
import type { StoredFile } from '../store/files.ts';
import { fileLock, visitorLock, type Lock } from '../store/locks.ts';
import type { Operator } from '../store/operators.ts';
import type { Store, Transaction } from '../store/store.ts';
import { sitesOf } from './operator-sites.ts';
import { CommandError, knownSession, type UnitOfWork } from './unit-of-work.ts';
import { runOperatorCommand, type PresenceLookup } from './operator-commands.ts';
import { runSystemCommand, type SystemCommand } from './system-commands.ts';
import { runVisitorCommand, type MailPolicy, type VisitorWho } from './visitor-commands.ts';

export interface RoomsOptions {
  store: Store;
  bus: FactBus;
  clock: Clock;
  log: Log;
  limits: Pick<Limits, 'mail' | 'request'>;
  /** Whether a text is one mail address that a transcript may go to. */
  mailer: { check(address: string): boolean };
  /** The absolute address under which everyone in the chat gets a file. */
  fileLink: (file: StoredFile) => string;
}

/** The answer to a command. For a refused or repeated transcript, also the mail's state for the page. */
export interface Outcome {
  answer: Ack | Nack;
  mailed?: { success: boolean; error?: string };
}

/** What comes with a visitor's command. */
export interface VisitorContext {
  /** The network address, for the caps. */
  address: string;
  /** Why nothing more is stored of this visitor. A command that ran before is answered all the same. */
  noRoom?: ChatError;
}

/** The rooms of all chats. */
export interface Rooms {
  /** Never rejects: a failure is a `nack`. */
  visitor(who: VisitorWho, command: VisitorCommand, context: VisitorContext): Promise<Outcome>;
  operator(who: { operator: Operator; session: string }, command: OperatorCommand, lookup: PresenceLookup): Promise<Outcome>;
  /** Whether anything was done. Rejects when the store does. */
  system(command: SystemCommand): Promise<boolean>;
  /** Resolves when every command that was begun has been answered. */
  idle(): Promise<void>;
}

const DAY_MS = 24 * 3600 * 1000;
const HOUR_MS = 3600 * 1000;
/** After a failure of the server a client waits this long before it sends the command again. */
const RETRY_AFTER_MS = 1_000;
const STORAGE_RETRY_AFTER_MS = 5_000;

export function createRooms({ store, bus, clock, log, limits, mailer, fileLink }: RoomsOptions): Rooms {
  const serial = createSerial();

  /** Runs one unit of work and publishes its facts once it is committed. */
  const transact = async <T>(locks: readonly Lock[], run: (work: UnitOfWork) => Promise<T>): Promise<T> => {
    const facts: Fact[] = [];
    const result = await store.transact(locks, (tx) => {
      facts.length = 0;
      return run(createUnitOfWork(tx, facts, clock, fileLink));
    });
    for (const fact of facts) bus.publish(fact);
    return result;
  };

  const answer = async (uid: Uid, run: () => Promise<Outcome>): Promise<Outcome> => {
    try {
      return await run();
    } catch (error) {
      return { answer: toNack(uid, error, log) };
    }
  };

  /** A cap may be about a person, so only a keyed hash of its name is stored. */
  const capKey = (what: 'mail' | 'request', ...about: string[]) => keyed(store.secret, what, ...about);

  /** A command's hash, without its uid and whatever the order of its members. The key keeps anybody from guessing the words. */
  const hashOf = ({ uid: _, ...command }: VisitorCommand | OperatorCommand): string =>
    keyed(
      store.secret,
      'command',
      createHash('sha256')
        .update(JSON.stringify(sorted(command)))
        .digest('base64url'),
    );

  const mailPolicyOf = ({ tx, nowMs }: UnitOfWork, who: VisitorWho, address: string): MailPolicy => ({
    check: (mail) => mailer.check(mail),
    keyOf: (mail) => confirmationKey(mail, store.secret),
    isCode: (given, request) => isCode(given, request, store.secret),
    take: (mail, what) =>
      tx.takeCaps(
        [
          {
            key: capKey('mail', ...(what === 'code' ? ['code'] : []), 'visitor', who.site, who.presence),
            most: limits.mail.perVisitorDay,
            windowMs: DAY_MS,
          },
          { key: capKey('mail', 'address', mail.toLowerCase()), most: limits.mail.perAddressDay, windowMs: DAY_MS },
          { key: capKey('mail', 'site', who.site), most: limits.mail.perSiteHour, windowMs: HOUR_MS },
          { key: capKey('mail', 'ip', address), most: limits.mail.perIpHour, windowMs: HOUR_MS },
        ],
        nowMs,
      ),
  });

  /** Whether one more request may be left from this address and on this site. */
  const mayLeave =
    ({ tx, nowMs }: UnitOfWork, { site }: VisitorWho, address: string) =>
    () =>
      tx.takeCaps(
        [
          { key: capKey('request', 'ip hour', address), most: limits.request.perIpHour, windowMs: HOUR_MS },
          { key: capKey('request', 'ip day', address), most: limits.request.perIpDay, windowMs: DAY_MS },
          { key: capKey('request', 'site day', site), most: limits.request.perSiteDay, windowMs: DAY_MS },
        ],
        nowMs,
      );

  const locksOf = (visitor: VisitorId, command: VisitorCommand | OperatorCommand): Lock[] => [
    visitorLock(visitor),
    ...('file' in command ? [fileLock(command.file)] : []),
  ];

  /** The visitor whose commands must not overtake this one. */
  const keyOfOperatorCommand = async (operator: Operator, command: OperatorCommand): Promise<string> => {
    if ('visitor' in command) return command.visitor;
    if ('chat' in command) return (await store.chatAmong(sitesOf(operator), command.chat))?.visitor ?? command.chat;
    return command.request;
  };

  return {
    visitor: (who, command, context) =>
      serial.run(who.presence, () =>
        answer(command.uid, () =>
          transact(locksOf(who.presence, command), async (work) => {
            const hash = hashOf(command);
            const author: CommandAuthor = { site: who.site, kind: 'visitor', id: who.visitor ?? `tab:${who.tab}` };
            const dup = await rememberedAs(work.tx, authorsOf(author, who, command), command.uid, hash);
            if (dup !== undefined) return repeated(command, dup);
            if (context.noRoom !== undefined) throw new CommandError(context.noRoom.code, context.noRoom.message);
            const done = await runVisitorCommand(work, who, command, {
              mail: mailPolicyOf(work, who, context.address),
              mayLeave: mayLeave(work, who, context.address),
            });
            if (isRemembered(command.kind, who.visitor) && done.isRefusedMail !== true) {
              await work.tx.remember(author, command.uid, { hash, result: done.result });
            }
            return { answer: ack(command.uid, false, done.result), ...(done.mailed === undefined ? {} : { mailed: done.mailed }) };
          }),
        ),
      ),

    operator: ({ operator, session }, command, lookup) =>
      answer(command.uid, async () => {
        const key = await keyOfOperatorCommand(operator, command);
        return serial.run(key, () =>
          transact(locksOf(key, command), async (work) => {
            const hash = hashOf(command);
            const author: CommandAuthor = { site: OPERATORS, kind: 'operator', id: operator.id };
            const dup = await rememberedAs(work.tx, [author], command.uid, hash);
            if (dup !== undefined) return { answer: ack(command.uid, true, dup) };
            await knownSession(work, session);
            const current = await knownOperator(work.tx, operator.id);
            const result = await runOperatorCommand(work, current, command, lookup);
            if (isRemembered(command.kind, operator.id)) await work.tx.remember(author, command.uid, { hash, result }, work.touched());
            return { answer: ack(command.uid, false, result) };
          }),
        );
      }),

    system(command) {
      const key = keyOfSystemCommand(command);
      return serial.run(key, () => transact([visitorLock(key)], (work) => runSystemCommand(work, command)));
    },

    idle: () => serial.idle(),
  };
}

/** Operators may serve several sites, so their commands are remembered under none. */
const OPERATORS: SiteKey = '';

function createUnitOfWork(tx: Transaction, facts: Fact[], clock: Clock, fileLink: (file: StoredFile) => string): UnitOfWork {
  const now = clock.nowSeconds();
  return {
    tx,
    now,
    nowMs: clock.nowMs(),
    fileLink,
    async append(chat, event) {
      const stored = await tx.append(chat, event, now);
      facts.push({ t: 'event', site: chat.site, visitor: chat.visitor, event: stored.event, chat: stored.chat.summary });
      return stored;
    },
    tell: (fact) => void facts.push(fact),
    touched: () => facts.flatMap((fact) => ('site' in fact ? fact.site : []))[0] ?? '',
  };
}

/** Refuses an operator who was revoked, even if a connection of theirs is still open. */
async function knownOperator(tx: Transaction, id: OperatorId): Promise<Operator> {
  const operator = await tx.operator(id);
  if (operator === undefined || operator.isRevoked) throw new CommandError('unauthorized', 'This operator may not sign in.');
  return operator;
}

/**
 * Whether a command is remembered. Read markers are maxima: moving one twice changes nothing. An anonymous page leaves nothing that
 * could happen twice, except a request. All other commands are remembered.
 *
 * @param by `null`: the page alone
 */
function isRemembered(kind: VisitorCommand['kind'] | OperatorCommand['kind'], by: string | null): boolean {
  return by === null ? kind === 'request.send' : kind !== 'messages.read';
}

/** The page may have sent a request before its visitor acted, and the visitor may repeat it. */
function authorsOf(author: CommandAuthor, who: VisitorWho, command: VisitorCommand): CommandAuthor[] {
  return command.kind === 'request.send' && who.visitor !== null ? [author, { ...author, id: `tab:${who.tab}` }] : [author];
}

async function rememberedAs(tx: Transaction, authors: CommandAuthor[], uid: Uid, hash: string): Promise<CommandResult | undefined> {
  for (const author of authors) {
    const before = await tx.remembered(author, uid);
    if (before === undefined) continue;
    if (before.hash !== hash) throw new CommandError('uid_conflict', 'This uid was used for something else.');
    return before.result;
  }
  return undefined;
}

/** A transcript that was accepted before is on its way or has arrived: the page missed the answer. */
function repeated(command: VisitorCommand, result: CommandResult): Outcome {
  const answer = ack(command.uid, true, result);
  return command.kind === 'transcript.mail' ? { answer, mailed: { success: true } } : { answer };
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => [key, sorted(member)]);
}

function keyOfSystemCommand(command: SystemCommand): string {
  if (command.kind !== 'waiting.step') return command.visitor;
  const { payload, key } = command.job;
  return typeof payload === 'object' && payload !== null && 'visitor' in payload && typeof payload.visitor === 'string'
    ? payload.visitor
    : key;
}

function ack(uid: Uid, dup: boolean, result: CommandResult): Ack {
  return { t: 'ack', uid, dup, result };
}

/** A refused command is final. A failure of the machine is not the command's fault, and the client tries again. */
function toNack(uid: Uid, error: unknown, log: Log): Nack {
  if (error instanceof CommandError) {
    // A page that has not signed in yet, or whose visitor was erased, may come back with a new identity.
    const retry = error.code === 'unauthorized';
    return { t: 'nack', uid, code: error.code, message: error.message, retry, ...(retry ? { afterMs: RETRY_AFTER_MS } : {}) };
  }
  // A store that is out of service has logged that once.
  if (!(error instanceof OutOfService)) log.error({ err: error }, 'a command failed');
  const isFull = error instanceof ChatError && error.code === 'storage_full';
  const message = isFull ? 'The server cannot store anything now.' : 'The server could not do this now.';
  return {
    t: 'nack',
    uid,
    code: isFull ? 'storage_full' : 'internal',
    message,
    retry: true,
    afterMs: isFull ? STORAGE_RETRY_AFTER_MS : RETRY_AFTER_MS,
  };
}
