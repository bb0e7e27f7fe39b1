/**
 * One workplace of an operator on its carrier: the list of everybody on the operator's sites, and the visitors whose
 * conversation is open there. The operator's sites decide whom the operator may see; the rooms decide what they may do.
 */
import type { ChatId, SiteKey, UnixSeconds, VisitorId } from '../../shared/chat.ts';
import { CLOSE, PROTOCOL_VERSION } from '../../shared/wire/protocol.ts';
import { operatorCommandSchema, parseOperatorFrame, type ParsedOperatorFrame } from '../../shared/wire/requests.ts';
import type { OperatorServerFrame } from '../../shared/wire/workplace.ts';
import { isSameSecret } from '../auth/tokens.ts';
import { randomId } from '../base/ids.ts';
import type { Fact } from '../bus/facts.ts';
import type { Payers } from '../limits/costs.ts';
import type { Inbox, InboxChange } from '../presence/inbox.ts';
import type { PresenceLookup } from '../room/operator-commands.ts';
import { runBatch } from './batch.ts';
import type { Carrier } from './carrier.ts';
import { createConnection } from './connection.ts';
import type { ConnectionContext } from './context.ts';
import type { OperatorIdentity } from './identity.ts';
import { createIdleWatch, usedEveryMs } from './operator-idle.ts';
import { createReading } from './reading.ts';
import type { RequestPage } from './request-list.ts';
import { recordLosses } from './restore-losses.ts';
import { createWorkplace } from './workplace.ts';

/** An operator's workplace, as the gateway sees it. */
export interface OperatorConnection {
  readonly conn: string;
  /** `undefined` before hello. */
  identity(): OperatorIdentity | undefined;
  hear(fact: Fact): void;
  hearInbox(change: InboxChange): void;
  /** The visitors whose conversation is open in it, and their sites. */
  watched(): Iterable<readonly [VisitorId, SiteKey]>;
  /** The visitor was erased: the workplace drops what it has of the conversation, too. */
  hearErased(visitor: VisitorId): void;
  /** Somebody's draft changed. */
  hearDraft(visitor: VisitorId, text: string): void;
  /** Sites, groups or operators may have changed. What only a welcome can say makes the workplace reconnect. */
  refreshDirectory(): void;
  send(frame: OperatorServerFrame): number;
  close(code: number, reason?: string): void;
  drain(): Promise<void>;
}

export interface OperatorConnectionOptions {
  carrier: Carrier;
  cookie: string | undefined;
  /** Who pays for what the workplace says: its carrier, and the network address. The operator pays for what it reads. */
  payers: Required<Payers>;
  context: ConnectionContext;
  onIdentity: (now: OperatorIdentity) => void;
  onTyping: (visitor: VisitorId, name: string) => void;
  onClose: () => void;
}

type Hello = Extract<ParsedOperatorFrame, { t: 'hello' }>;

const TYPING_BETWEEN_MS = 1_000;

export function createOperatorConnection(options: OperatorConnectionOptions): OperatorConnection {
  const { carrier, cookie, payers, context, onIdentity, onTyping, onClose } = options;
  const { store, rooms, inbox, directory, costs, clock, limits, log, auth } = context;
  const conn = randomId();
  let me: OperatorIdentity | undefined;
  /** Frames that became due while the welcome was being made: they follow it. */
  let held: OperatorServerFrame[] | undefined;
  let isClosed = false;
  let isRevoked = false;
  let typedAtMs = 0;

  const connection = createConnection<ParsedOperatorFrame, OperatorServerFrame>({
    carrier,
    clock,
    timing: limits.timing,
    log,
    parse: parseOperatorFrame,
    handle,
    owedMs: () => costs.owedMs('item', payers),
    ping: { t: 'ping' },
    onClose() {
      isClosed = true;
      idle.close();
      if (me !== undefined) inbox.operatorClosed(me.operator.id, conn, isRevoked);
      onClose();
    },
  });

  const send = (frame: OperatorServerFrame): number => {
    if (held === undefined) return connection.send(frame);
    held.push(frame);
    return 0;
  };

  const idle = createIdleWatch({
    store,
    auth,
    clock,
    log,
    idleMs: limits.timing.operatorIdleMs,
    onEnding: (inMs) => send({ t: 'ending', inMs }),
    onProlonged(endsAt: UnixSeconds) {
      if (me !== undefined) me = { ...me, endsAt };
    },
  });
  const workplace = createWorkplace({
    context,
    me: () => me,
    isWelcomed: () => held === undefined,
    connection,
    send,
    onRenamed(to) {
      read(() => workplace.watches.open(to, null)).catch((error: unknown) => {
        log.error({ err: error }, 'a visitor could not be opened');
        close(1011, 'internal');
      });
    },
  });
  const { watches, directory: told } = workplace;

  /** Every operator may read as much as a network address, from however many workplaces. */
  const read = createReading({
    connection,
    costs,
    clock,
    reader() {
      const operator = `operator ${me?.operator.id ?? payers.address}`;
      return { payers: { address: operator }, who: [operator, conn] };
    },
    reads: context.reads,
    isOver: () => isClosed,
  });

  async function handle(frame: ParsedOperatorFrame): Promise<void> {
    if (isClosed) return;
    if (frame.t === 'hello') return me === undefined ? begin(frame) : close(CLOSE.badFrame, 'hello came before');
    if (me === undefined) return close(CLOSE.badFrame, 'hello comes first');
    if (isUse(frame)) await idle.used();
    switch (frame.t) {
      case 'used':
        return;
      case 'send':
        return runCommands(me, frame.items);
      case 'online':
        return told.setOnline(me, frame.value);
      case 'watch':
        return read(() => watches.open(frame.visitor, null));
      case 'unwatch':
        watches.drop(frame.visitor);
        return;
      case 'sync':
        return read(() => watches.sync(frame.chat, frame.after));
      case 'history':
        return read(() => watches.history(frame));
      case 'requests':
        return read(() => workplace.requests(frame));
      case 'typing':
        return showTyping(me, frame.chat);
      case 'pong':
        return;
    }
  }

  /** Welcomes the workplace, then brings the visitors that are open there up to date, one after the other. */
  async function begin(frame: Hello): Promise<void> {
    // The hello has come in time, however long its answer has to wait.
    connection.greeted();
    await read(() => greet(frame));
    for (const { visitor, cursors } of frame.watching) {
      if (isClosed || me === undefined) return;
      const site = await watches.siteOf(visitor);
      if (site !== undefined) await recordLosses(context, { site, visitor, epoch: frame.epoch, cursors });
      await read(() => watches.open(visitor, frame.epoch === store.epoch ? cursors : null));
    }
  }

  async function greet(frame: Hello): Promise<number> {
    if (frame.v !== PROTOCOL_VERSION) return connection.refuse(CLOSE.badFrame, 'unknown version');
    const now = await identify(context, cookie, frame);
    if (now === undefined) return connection.refuse(CLOSE.unauthorized, 'unauthorized');
    if (isClosed) return 0;
    held = [];
    me = now;
    onIdentity(now);
    idle.begin(now.session, now.endsAt);
    inbox.operatorConnected(now.operator, conn);
    return welcome(now, await workplace.readRequests(null));
  }

  function welcome(now: OperatorIdentity, requests: RequestPage): number {
    const frames = held ?? [];
    held = undefined;
    const { isOnline, ...shown } = told.begin(now);
    const bytes = connection.send({
      t: 'welcome',
      v: PROTOCOL_VERSION,
      epoch: store.epoch,
      serverTime: clock.nowMs(),
      conn,
      timing: limits.timing.client,
      usedEveryMs: usedEveryMs(limits.timing.operatorIdleMs),
      operator: { id: now.operator.id, card: now.operator.card, isOnline },
      ...shown,
      visitors: inbox.items(now.sites),
      requests: requests.items,
      requestsNext: requests.next,
      requestCounts: requests.counts,
    });
    for (const frame of frames) connection.send(frame);
    return bytes;
  }

  function showTyping({ operator }: OperatorIdentity, chat: ChatId): void {
    const person = inbox.personOfChat(chat);
    if (person === undefined || person.chat?.operator?.id !== operator.id) return;
    if (clock.nowMs() - typedAtMs < TYPING_BETWEEN_MS) return;
    typedAtMs = clock.nowMs();
    onTyping(person.id, operator.card.name);
  }

  async function runCommands({ operator, session }: OperatorIdentity, commands: readonly { uid: string }[]): Promise<void> {
    costs.charge('item', payers, { times: commands.length });
    await runBatch({
      items: commands,
      schema: operatorCommandSchema,
      admit: () => costs.take('command', { own: `operator ${operator.id}` }),
      run: async (command) => (await rooms.operator({ operator, session }, command, presenceOf(inbox))).answer,
      answer: (answer) => void send(answer),
    });
  }

  function close(code: number, reason = ''): void {
    isRevoked = code === CLOSE.unauthorized;
    connection.close(code, reason);
  }

  return {
    conn,
    identity: () => me,
    hear: workplace.hear,
    hearInbox: workplace.hearInbox,
    hearErased: workplace.hearErased,
    hearDraft: watches.hearDraft,
    watched: watches.all,
    refreshDirectory() {
      if (me === undefined || held !== undefined) return;
      const operator = directory.operator(me.operator.id);
      if (operator === undefined) return close(CLOSE.unauthorized, 'unauthorized');
      const now = { ...me, operator };
      // The protocol says sites and groups only in a welcome: a reconnect is the shortest way to one.
      const isSameCard = JSON.stringify(operator.card) === JSON.stringify(me.operator.card);
      if (!isSameCard || !told.isAsTold(now)) return close(CLOSE.restart, 'sites have changed');
      me = now;
      told.refresh(me);
    },
    send,
    close,
    drain: connection.drain,
  };
}

/** The operator whose session the cookie proves. */
async function identify(
  { ready, auth, directory, attend }: ConnectionContext,
  cookie: string | undefined,
  { csrf, tab }: Hello,
): Promise<OperatorIdentity | undefined> {
  await ready;
  const access = await auth.operator(cookie);
  if (access === undefined || !isSameSecret(access.csrf, csrf)) return undefined;
  const { operator, session, endsAt } = access;
  if (directory.operator(operator.id) === undefined) await directory.reload();
  const sites = directory.sitesOf(operator).map((site) => site.key);
  // Before anything is read for the welcome, so that nothing is missed in between.
  await Promise.all(sites.map(attend));
  return { operator, session, endsAt, tab, sites: new Set(sites) };
}

/** Whether a person did this. A workplace sends read markers, and reconnects, by itself. */
function isUse(frame: ParsedOperatorFrame): boolean {
  if (frame.t === 'send') return frame.items.some((item) => 'kind' in item && item.kind !== 'messages.read');
  return frame.t === 'used' || frame.t === 'typing' || frame.t === 'watch';
}

/** What the rooms ask of the inbox. */
function presenceOf(inbox: Inbox): PresenceLookup {
  return {
    presence(id) {
      const person = inbox.person(id);
      return person && { site: person.site, isAnonymous: person.isAnonymous, canBeInvited: inbox.canBeInvited(id) };
    },
    isOnline: (id, site) => inbox.isOnlineAt(id, site),
  };
}
