/**
 * Follows the server: says `hello` on each new connection, takes over what `welcome` brings, and hands every later frame to
 * the owner of what it is about. It draws nothing and gives no command.
 */
import { signal, type ReadonlySignal } from '@preact/signals-core';
import type { Uid } from '../../shared/chat.ts';
import type { Transport } from '../../shared/client/transport.ts';
import { PROTOCOL_VERSION } from '../../shared/wire/protocol.ts';
import type { OperatorFrame, OperatorServerFrame, RequestItem, VisitorItem } from '../../shared/wire/workplace.ts';
import { aboutRequest } from './alerts.ts';
import type { Availability } from './availability.ts';
import type { Caller } from './caller.ts';
import type { Conversations } from './conversations.ts';
import type { Delivery } from './delivery.ts';
import type { Directory } from './directory.ts';
import type { IdleWatch } from './idle.ts';
import type { Notices } from './notices.ts';
import type { OwnChats } from './own-chats.ts';
import type { ReadMarks } from './read-marks.ts';
import type { RequestList } from './request-list.ts';
import type { Roster } from './roster.ts';
import type { ServerClock } from './server-clock.ts';

/** `starting` until the first `welcome`, then `live` through every reconnect, until somebody closes the session. */
export type Phase = 'starting' | 'live' | 'closed';

export interface ServerFeed {
  readonly phase: ReadonlySignal<Phase>;
  /** The server's database is another one than this document met before. */
  readonly isRestored: ReadonlySignal<boolean>;
  dismissRestored(): void;
  /** The first word on a new connection. */
  sayHello(): void;
  receive(frame: OperatorServerFrame): void;
  close(): void;
}

export interface ServerFeedOptions {
  /** Proves to the server that this page belongs to the sign-in. */
  csrf: string;
  /** Names this document: the same on every connection. */
  tab: Uid;
  epoch: string | undefined;
  onEpoch(epoch: string): void;
  transport: Transport<OperatorServerFrame>;
  /** Who owns what the frames are about. */
  owners: {
    availability: Availability;
    caller: Caller;
    conversations: Conversations;
    delivery: Delivery;
    directory: Directory;
    idle: IdleWatch;
    notices: Notices;
    ownChats: OwnChats;
    readMarks: ReadMarks;
    requestList: RequestList;
    roster: Roster;
    serverClock: ServerClock;
  };
}

type Welcome = Extract<OperatorServerFrame, { t: 'welcome' }>;

export function createServerFeed(options: ServerFeedOptions): ServerFeed {
  const { csrf, tab, onEpoch, transport, owners } = options;
  const { availability, caller, conversations, delivery, directory, idle, ownChats, readMarks, requestList, roster } = owners;
  const { notices, serverClock } = owners;
  const phase = signal<Phase>('starting');
  const isRestored = signal(false);
  /** The server's database, as the last welcome named it. */
  let epoch = options.epoch;

  function sayHello(): void {
    transport.send({
      t: 'hello',
      v: PROTOCOL_VERSION,
      csrf,
      tab,
      ...(epoch === undefined ? {} : { epoch }),
      watching: conversations.watching(),
    } satisfies OperatorFrame);
  }

  function handleWelcome(welcome: Welcome): void {
    const wasLive = phase.peek() === 'live';
    const newest = Math.max(0, ...requestList.items.peek().map(({ date }) => date));
    if (epoch !== undefined && epoch !== welcome.epoch) {
      startOver();
      isRestored.value = true;
    }
    epoch = welcome.epoch;
    onEpoch(epoch);
    serverClock.set(welcome.serverTime);
    directory.handleWelcome(welcome);
    requestList.begin(welcome);
    const news = roster.replace(welcome.visitors);
    conversations.handleRoster();
    phase.value = 'live';
    idle.handleWelcome(welcome.usedEveryMs);
    availability.handleWelcome(welcome.operator);
    for (const [need, items] of news) caller.call(need, items);
    const newRequests = wasLive ? welcome.requests.filter(({ date, isDone }) => !isDone && date > newest) : [];
    if (newRequests.length > 0) caller.alert('request', newRequests.map(aboutRequest));
    caller.look();
    delivery.open();
  }

  function handleItem(item: VisitorItem): void {
    ownChats.handleItem(item);
    const need = roster.put(item);
    conversations.handleItem(item);
    if (need !== null) caller.call(need, [item]);
  }

  function handleRequest(item: RequestItem): void {
    if (requestList.put(item)) caller.alert('request', [aboutRequest(item)]);
  }

  /** What was known is no longer true: everything open is loaded anew. */
  function startOver(): void {
    readMarks.startOver();
    delivery.startOver();
    conversations.startOver();
  }

  function receive(frame: OperatorServerFrame): void {
    caller.catchUp();
    follow(frame);
    readMarks.update();
  }

  function follow(frame: OperatorServerFrame): void {
    switch (frame.t) {
      case 'welcome':
        return handleWelcome(frame);
      case 'visitor':
        return handleItem(frame.item);
      case 'gone':
        roster.remove(frame.id);
        return conversations.handleGone(frame.id);
      case 'renamed':
        roster.rename(frame.from, frame.to);
        notices.rename(frame.from, frame.to);
        return conversations.handleRenamed(frame.from, frame.to);
      case 'opened':
        conversations.handleOpened(frame);
        return delivery.dropLanded(frame.history.items);
      case 'evt':
        return conversations.handleEvent(frame.visitor, frame.event, frame.number);
      case 'more':
        return conversations.handleMore(frame.chat, frame.seq);
      case 'card':
        return conversations.change(frame.visitor, (conversation) => ({ ...conversation, card: frame.card }));
      case 'properties':
        return conversations.change(frame.visitor, (conversation) => ({ ...conversation, properties: frame.properties }));
      case 'draft':
        return conversations.change(frame.visitor, (conversation) => ({ ...conversation, draft: frame.text }));
      case 'read':
        return conversations.handleRead(frame.chat, frame.visitor, frame.operator);
      case 'operators':
        return directory.handleOperators(frame.operators);
      case 'request':
        return handleRequest(frame.item);
      case 'requests':
        return requestList.add(frame);
      case 'history':
        return conversations.handleHistory(frame.n, frame.page);
      case 'self':
        return availability.handleSelf(frame.isOnline);
      case 'ending':
        idle.handleEnding(frame.inMs);
        return idle.isEnding.peek() ? caller.alert('ending', []) : undefined;
      case 'reset':
        startOver();
        epoch = undefined;
        return transport.restart();
      case 'ack':
        return delivery.ack(frame.uid, frame.result);
      case 'nack':
        return delivery.nack(frame.uid, frame);
      case 'ping':
      case 'goaway':
        return; // the transport's
    }
  }

  return {
    phase,
    isRestored,
    dismissRestored() {
      isRestored.value = false;
    },
    sayHello,
    receive,
    close() {
      phase.value = 'closed';
    },
  };
}
