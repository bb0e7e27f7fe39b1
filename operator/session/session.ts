/**
 * The operator's session: the one owner of what the workplace shows. It folds what the server says into signals and turns
 * an operator's commands into outbox items. It never touches the DOM, a socket or a database by itself: transport, outbox,
 * upload, clock and chance are handed in by `main.tsx`.
 */
import { batch, computed, signal } from '@preact/signals-core';
import type { ChatEvent, ChatId, Uid, VisitorId } from '../../shared/chat.ts';
import type { HistoryPage } from '../../shared/wire/protocol.ts';
import type {
  OpenedVisitor,
  OperatorCommand,
  OperatorFrame,
  OperatorInfo,
  OperatorServerFrame,
  RequestItem,
  VisitorItem,
} from '../../shared/wire/workplace.ts';
import { createCursors } from '../../shared/client/cursors.ts';
import { createOutbox } from '../../shared/client/outbox.ts';
import { toErrorCode, type ErrorCode } from '../../shared/errors.ts';
import { MESSAGE_MAX_LENGTH, codePoints } from '../../shared/limits.ts';
import { CLOSE, PROTOCOL_VERSION } from '../../shared/wire/protocol.ts';
import { aboutRequest, aboutVisitor, type Alert, type AlertKind, type Subject } from './alerts.ts';
import { createAttachments } from './attachments.ts';
import type { ConnectionStatus, GroupInfo, Self, Session, SessionOptions, SiteInfo } from './contract.ts';
import {
  newConversation,
  oldestCursor,
  unreadUpTo,
  wasLastWith,
  withEvent,
  withItem,
  withOlder,
  withOpened,
  withRead,
  type Conversation,
} from './conversation.ts';
import { createNotices } from './notices.ts';
import { runningKey, type FileLike, type OutgoingMessage } from './outgoing.ts';
import { createRequestList } from './request-list.ts';
import { createReminder, type Standing } from './reminder.ts';
import { createRoster } from './roster.ts';
import { createUploads } from './uploads.ts';
import type { Need } from './visitors.ts';

/** Least time between two signs of typing. Milliseconds. */
const TYPING_MS = 3_000;
/** What concerns nobody in particular. */
const OF_DUTY: ReadonlySet<AlertKind> = new Set<AlertKind>(['waiting', 'request', 'ending']);
/** Opened visitors that the server keeps us informed of; the one not looked at for longest goes first. */
const MAX_OPEN = 30;

export function createSession(options: SessionOptions): Session {
  const { operator, transport, clock, chance } = options;
  const tab = chance.uid();

  const connection = signal<ConnectionStatus>('connecting');
  const isReady = signal(false);
  const self = signal<Self>({ id: operator.id, name: operator.name, isOnline: false });
  const sites = signal<readonly SiteInfo[]>([]);
  const groups = signal<readonly GroupInfo[]>([]);
  const operators = signal<readonly OperatorInfo[]>([]);
  const requestList = createRequestList((n, after) => tell({ t: 'requests', n, after }));
  const conversations = signal<ReadonlyMap<VisitorId, Conversation>>(new Map());
  const currentId = signal<VisitorId | null>(null);
  const pending = signal<readonly OutgoingMessage[]>([]);
  const replies = signal<ReadonlyMap<VisitorId, string>>(new Map());
  const attachments = createAttachments();
  const running = signal<ReadonlySet<string>>(new Set());
  const isRestored = signal(false);
  const isEnding = signal(false);
  const isForgetful = signal(false);
  const now = signal(Math.floor(clock.now() / 1000));

  const current = computed(() => {
    const id = currentId.value;
    return id === null ? null : (conversations.value.get(id) ?? null);
  });

  const isAttentive = signal(false);
  const shown = computed(() => (isAttentive.value ? currentId.value : null));

  const roster = createRoster(operator.id);
  const reminder = createReminder({
    clock,
    standing,
    pauseMs: (site) => (sites.peek().find(({ key }) => key === site)?.repeatSeconds ?? 0) * 1000,
    call: (kind, items) =>
      alert(
        kind,
        items.map((item) => aboutVisitor(item.id, item)),
      ),
  });
  const notices = createNotices();
  const listeners = new Set<(alert: Alert) => void>();

  /** The server's database, as the last welcome named it. */
  let epoch = options.epoch;
  /** Absent: the server does not ask. */
  let usedEveryMs: number | undefined;
  let usedAt = -Infinity;
  /** What the operator chose last; said again after a reconnect if the server no longer knows. */
  let wishedOnline: boolean | null = null;
  let isClosed = false;
  /** The server's time when our own clock had elapsed nothing; `undefined` until it has said it. */
  let serverStart: number | undefined;
  let stopTicking: () => void = () => undefined;
  let historyRequests = 0;
  const historyOf = new Map<number, VisitorId>();
  const typedAt = new Map<ChatId, number>();
  const readUpTo = new Map<ChatId, number>();
  /** Accepted by the server, but the event has not come back yet: shown until it does, so that nothing flickers. */
  let landed: readonly OutgoingMessage[] = [];

  // ── delivery ──────────────────────────────────────────────────────────────────────────────────────────────────────

  const outbox = createOutbox<OperatorCommand>({
    clock,
    store: options.store,
    send: (items) => transport.send({ t: 'send', items } satisfies OperatorFrame),
    keepsFailed: (command) => command.kind === 'message.send' || (command.kind === 'file.send' && uploads.has(command.uid)),
    isMinor: ({ kind }) => kind === 'messages.read',
    onAck: (command) => handleAck(command),
    onFailed: (command, code) => handleFailed(command, code),
    onChange: () => drawOutbox(),
  });

  const uploads = createUploads({
    sendBytes: options.sendBytes,
    onUploaded: (upload, file) => outbox.add({ uid: upload.uid, kind: 'file.send', chat: upload.chat, file }),
  });

  const cursors = createCursors<LiveEvent>({
    clock,
    sync: (chat, after) => void tell({ t: 'sync', chat, after }),
  });

  function tell(frame: OperatorFrame): boolean {
    return transport.status === 'online' && transport.send(frame);
  }

  function handleAck(command: OperatorCommand): void {
    if (command.kind !== 'message.send' || isStored(command.uid)) return;
    landed = [...landed, toPending(command, serverNow(), null)];
  }

  function handleFailed(command: OperatorCommand, code: ErrorCode): void {
    if (command.kind === 'message.send' || command.kind === 'messages.read') return;
    if (command.kind === 'file.send' && uploads.has(command.uid)) uploads.fail(command.uid, code);
    else notices.add(visitorOf(command), { type: 'refused', kind: command.kind, code });
  }

  /** Whose command it was; `null` for what is about nobody on the screen. */
  function visitorOf(command: OperatorCommand): VisitorId | null {
    if ('visitor' in command) return command.visitor;
    if (!('chat' in command)) return null;
    const isOf = (known: Conversation): boolean => known.chat?.id === command.chat || known.item?.chat === command.chat;
    return [...conversations.peek().values()].find(isOf)?.visitor ?? null;
  }

  /** What the outbox holds, in the words of the screen. */
  function drawOutbox(): void {
    const waiting: OutgoingMessage[] = [];
    const busy = new Set<string>();
    for (const { command, order, failed } of outbox.items) {
      if (command.kind === 'message.send') waiting.push(toPending(command, order + serverNow() - clock.now(), failed));
      else if (failed === null) busy.add(runningKey(command.kind, targetOf(command)));
    }
    batch(() => {
      pending.value = [...landed, ...waiting];
      running.value = busy;
      isForgetful.value = outbox.isForgetful;
    });
    transport.expect(outbox.isWaiting);
  }

  function isStored(uid: Uid): boolean {
    for (const { events } of conversations.peek().values()) {
      if (events.some((event) => event.uid === uid)) return true;
    }
    return false;
  }

  /** The own event has come back: whatever stood for it until now goes. */
  function settle(uid: Uid, event: ChatEvent): void {
    landed = landed.filter((item) => item.uid !== uid);
    uploads.forget(uid);
    if (outbox.has(uid)) outbox.ack(uid, { chat: event.chat, message_id: event.message_id, seq: event.seq, date: event.date });
    landed = landed.filter((item) => item.uid !== uid);
    drawOutbox();
  }

  // ── conversations ─────────────────────────────────────────────────────────────────────────────────────────────────

  function change(visitor: VisitorId, update: (conversation: Conversation) => Conversation): void {
    const known = conversations.peek().get(visitor);
    if (known === undefined) return;
    conversations.value = new Map(conversations.peek()).set(visitor, update(known));
    markRead();
  }

  function changeAll(update: (conversation: Conversation) => Conversation): void {
    conversations.value = new Map([...conversations.peek()].map(([id, conversation]) => [id, update(conversation)]));
  }

  function forget(visitor: VisitorId): void {
    const rest = new Map(conversations.peek());
    if (!rest.delete(visitor)) return;
    conversations.value = rest;
    tell({ t: 'unwatch', visitor });
  }

  /** Keeps the number of open visitors within bounds; unsent text and the one on screen are never given up. */
  function tidy(): void {
    const known = [...conversations.peek().keys()];
    const idle = known.filter((id) => id !== currentId.peek() && !replies.peek().has(id) && !attachments.has(id));
    for (const id of idle.slice(0, Math.max(0, known.length - MAX_OPEN))) forget(id);
  }

  function handleOpened(opened: OpenedVisitor): void {
    if (opened.chat !== null) cursors.set(opened.chat.id, opened.chat.lastSeq);
    change(opened.visitor, (conversation) => withOpened(conversation, opened));
    for (const { uid } of opened.history.items) if (uid !== null) landed = landed.filter((item) => item.uid !== uid);
    drawOutbox();
  }

  function handleEvent(live: LiveEvent): void {
    for (const { visitor, event, number } of cursors.take(live)) {
      change(visitor, (conversation) => withEvent(conversation, event, number));
      notice(visitor, event);
      if (event.uid !== null && event.author.kind === 'operator' && event.author.id === operator.id) settle(event.uid, event);
    }
  }

  /** What an event means to me besides: I have lost the chat without having given it up, or somebody has rated me. */
  function notice(visitor: VisitorId, event: ChatEvent): void {
    if (event.kind === 'operator.left' && event.operator === operator.id && event.why !== undefined && event.why !== 'transfer') {
      const by = event.why === 'takeover' && event.author.kind === 'operator' ? event.author.card.name : null;
      notices.add(visitor, { type: 'lost', why: event.why, by });
      alert('lost', [aboutVisitor(visitor, roster.get(visitor))], event.message_id);
    }
    const conversation = conversations.peek().get(visitor);
    if (event.kind === 'rating.set' && conversation !== undefined && wasLastWith(conversation, operator.id)) {
      notices.add(visitor, { type: 'rated', mark: event.mark });
      alert('rating', [aboutVisitor(visitor, conversation)], event.message_id);
    }
  }

  /** A chat that came to me and was taken over before I had opened it: no event tells. */
  function noticeUnopened(item: VisitorItem): void {
    const via = item.arrival?.via;
    if (via?.kind !== 'takeover' || via.from.id !== operator.id || conversations.peek().has(item.id)) return;
    if (roster.get(item.id)?.operator?.id !== operator.id) return;
    notices.add(null, { type: 'lost', why: 'takeover', by: item.operator?.name ?? null });
    alert('lost', [aboutVisitor(item.id, item)]);
  }

  function handleRenamed(from: VisitorId, to: VisitorId): void {
    roster.rename(from, to);
    notices.rename(from, to);
    const known = conversations.peek().get(from);
    if (known === undefined) return;
    const renamed = new Map(conversations.peek());
    renamed.delete(from);
    renamed.set(to, { ...known, visitor: to, item: roster.get(to) ?? known.item, isGone: false });
    conversations.value = renamed;
    const reply = replies.peek().get(from);
    writeReply(from, '');
    if (reply !== undefined) writeReply(to, reply);
    attachments.rename(from, to);
    if (currentId.peek() === from) currentId.value = to;
    // The server follows by itself and sends `opened` under the new id.
  }

  /** Says how far we have read, while somebody looks: in chats that are mine or nobody's, never behind a colleague's back. */
  function markRead(): void {
    const conversation = current.peek();
    if (!isAttentive.peek() || conversation === null || conversation.chat === null) return;
    const { chat } = conversation;
    if (chat.operator !== null && chat.operator.id !== operator.id) return;
    const arrival = chat.operator === null ? undefined : conversation.item?.arrival;
    const seq = Math.max(unreadUpTo(conversation), arrival === undefined ? 0 : Math.max(arrival.seq, chat.lastSeq));
    if (seq <= (readUpTo.get(chat.id) ?? 0)) return;
    readUpTo.set(chat.id, seq);
    outbox.prune((command) => command.kind === 'messages.read' && command.chat === chat.id);
    outbox.add({ uid: chance.uid(), kind: 'messages.read', chat: chat.id, seq });
  }

  function writeReply(visitor: VisitorId, text: string): void {
    const next = new Map(replies.peek());
    if (text === '') next.delete(visitor);
    else next.set(visitor, text);
    replies.value = next;
  }

  // ── the server's word ─────────────────────────────────────────────────────────────────────────────────────────────

  function sayHello(): void {
    const watching = [...conversations.peek().values()].map(({ visitor, chat, isLoaded }) => ({
      visitor,
      cursors: isLoaded && chat !== null ? { [chat.id]: cursors.at(chat.id) } : {},
    }));
    transport.send({
      t: 'hello',
      v: PROTOCOL_VERSION,
      csrf: operator.csrf,
      tab,
      ...(epoch === undefined ? {} : { epoch }),
      watching,
    } satisfies OperatorFrame);
  }

  function handleWelcome(welcome: Welcome): void {
    if (epoch !== undefined && epoch !== welcome.epoch) {
      startOver();
      isRestored.value = true;
    }
    epoch = welcome.epoch;
    options.onEpoch?.(epoch);
    ({ usedEveryMs } = welcome);
    isEnding.value = false;
    serverStart = welcome.serverTime - clock.elapsed();
    historyOf.clear();
    self.value = { id: welcome.operator.id, name: welcome.operator.card.name, isOnline: welcome.operator.isOnline };
    sites.value = welcome.sites;
    groups.value = welcome.groups;
    operators.value = welcome.operators;
    const newest = Math.max(0, ...requestList.items.peek().map(({ date }) => date));
    requestList.begin(welcome);
    const newRequests = isReady.peek() ? welcome.requests.filter(({ date, isDone }) => !isDone && date > newest) : [];
    const news = roster.replace(welcome.visitors);
    changeAll((conversation) => withItem({ ...conversation, isLoadingOlder: false }, roster.get(conversation.visitor)));
    isReady.value = true;
    updateNow();
    if (wishedOnline !== null && wishedOnline !== welcome.operator.isOnline) setOnline(wishedOnline);
    for (const [need, items] of news) call(need, items);
    if (newRequests.length > 0) alert('request', newRequests.map(aboutRequest));
    reminder.look();
    outbox.open();
    markRead();
  }

  function handleItem(item: VisitorItem): void {
    noticeUnopened(item);
    const news = roster.put(item);
    change(item.id, (conversation) => withItem({ ...conversation, card: item.card }, item));
    if (news !== null) call(news, [item]);
  }

  /** Also where somebody looks at it now, or is not on duty: that may end while it stands. */
  function call(need: Need, items: readonly VisitorItem[]): void {
    if (need !== 'message') for (const { site } of items) reminder.called(need, site);
    alert(
      need,
      items.map((item) => aboutVisitor(item.id, item)),
    );
  }

  function handleGone(id: VisitorId): void {
    roster.remove(id);
    // Somebody whom the server never knew by this id has nothing that could still be loaded.
    if (currentId.peek() === id || replies.peek().has(id))
      change(id, (conversation) => ({ ...withItem(conversation, undefined), isLoaded: true }));
    else forget(id);
  }

  function handleRequest(item: RequestItem): void {
    if (requestList.put(item)) alert('request', [aboutRequest(item)]);
  }

  function handleHistory(n: number, page: HistoryPage): void {
    const visitor = historyOf.get(n);
    historyOf.delete(n);
    if (visitor !== undefined) change(visitor, (conversation) => withOlder(conversation, page));
  }

  function receive(frame: OperatorServerFrame): void {
    reminder.catchUp();
    switch (frame.t) {
      case 'welcome':
        return handleWelcome(frame);
      case 'visitor':
        return handleItem(frame.item);
      case 'gone':
        return handleGone(frame.id);
      case 'renamed':
        return handleRenamed(frame.from, frame.to);
      case 'opened':
        return handleOpened(frame);
      case 'evt':
        return handleEvent({
          chat: frame.event.chat,
          seq: frame.event.seq,
          visitor: frame.visitor,
          event: frame.event,
          number: frame.number,
        });
      case 'more':
        return cursors.expect(frame.chat, frame.seq);
      case 'card':
        return change(frame.visitor, (conversation) => ({ ...conversation, card: frame.card }));
      case 'properties':
        return change(frame.visitor, (conversation) => ({ ...conversation, properties: frame.properties }));
      case 'draft':
        return change(frame.visitor, (conversation) => ({ ...conversation, draft: frame.text }));
      case 'read':
        return handleRead(frame.chat, frame.visitor, frame.operator);
      case 'operators':
        operators.value = frame.operators;
        return;
      case 'request':
        return handleRequest(frame.item);
      case 'requests':
        return requestList.add(frame);
      case 'history':
        return handleHistory(frame.n, frame.page);
      case 'self':
        wishedOnline = frame.isOnline;
        self.value = { ...self.peek(), isOnline: frame.isOnline };
        return;
      case 'ending':
        isEnding.value = frame.inMs !== null;
        return isEnding.peek() ? alert('ending', []) : undefined;
      case 'reset':
        startOver();
        epoch = undefined;
        return transport.restart();
      case 'ack':
        return outbox.ack(frame.uid, frame.result);
      case 'nack':
        return outbox.nack(frame.uid, frame);
      case 'ping':
      case 'goaway':
        return; // the transport's
    }
  }

  function handleRead(chat: ChatId, visitor: number, byOperator: number): void {
    for (const conversation of conversations.peek().values()) {
      if (conversation.chat?.id === chat) change(conversation.visitor, (known) => withRead(known, chat, visitor, byOperator));
    }
  }

  /** What was known is no longer true: everything open is loaded anew. */
  function startOver(): void {
    cursors.clear();
    readUpTo.clear();
    landed = [];
    changeAll(({ visitor, item }) => newConversation(visitor, item));
  }

  // ── commands ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /** What the server's clock says, in milliseconds: ours may be wrong, and may be set meanwhile. */
  function serverNow(): number {
    return serverStart === undefined ? clock.now() : serverStart + clock.elapsed();
  }

  function setOnline(isOnline: boolean): void {
    wishedOnline = isOnline;
    self.value = { ...self.peek(), isOnline };
    tell({ t: 'online', value: isOnline });
  }

  /** The open chat on screen if this operator may speak in it; joins it first where nobody has it. */
  function chatToSpeakIn(): ChatId | null {
    const chat = current.peek()?.chat;
    if (!chat?.isOpen) return null;
    if (chat.operator === null) joinOnce(chat.id);
    return chat.operator === null || chat.operator.id === operator.id ? chat.id : null;
  }

  function joinOnce(chat: ChatId): void {
    if (!running.peek().has(runningKey('chat.join', chat))) outbox.add({ uid: chance.uid(), kind: 'chat.join', chat });
  }

  /** Gives a command about the open chat on screen, once. */
  function order(make: (chat: ChatId, uid: Uid) => OperatorCommand): void {
    const chat = current.peek()?.chat;
    if (!chat?.isOpen) return;
    const command = make(chat.id, chance.uid());
    if (!running.peek().has(runningKey(command.kind, chat.id))) outbox.add(command);
  }

  function sendReply(): void {
    const visitor = currentId.peek();
    const text = visitor === null ? '' : (replies.peek().get(visitor) ?? '').trim();
    if (visitor === null || (text === '' && !attachments.has(visitor)) || codePoints(text) > MESSAGE_MAX_LENGTH) return;
    const chat = chatToSpeakIn();
    if (chat === null) return;
    batch(() => {
      if (text !== '') outbox.add({ uid: chance.uid(), kind: 'message.send', chat, text });
      writeReply(visitor, '');
      const site = current.peek()?.item?.site;
      if (site !== undefined) for (const { uid, file } of attachments.take(visitor)) uploads.start({ uid, chat, site, file });
    });
    typedAt.delete(chat);
  }

  function sendFiles(files: readonly FileLike[]): void {
    const site = current.peek()?.item?.site;
    if (files.length === 0 || site === undefined) return;
    const chat = chatToSpeakIn();
    if (chat === null) return;
    for (const file of files) uploads.start({ uid: chance.uid(), chat, site, file });
  }

  function attach(files: readonly FileLike[]): void {
    const visitor = currentId.peek();
    if (visitor !== null)
      attachments.add(
        visitor,
        files.map((file) => ({ uid: chance.uid(), file })),
      );
  }

  function setReply(text: string): void {
    const conversation = current.peek();
    if (conversation === null) return;
    writeReply(conversation.visitor, text);
    const { chat } = conversation;
    if (text === '' || !chat?.isOpen || chat.operator?.id !== operator.id) return;
    if (clock.elapsed() - (typedAt.get(chat.id) ?? -TYPING_MS) < TYPING_MS) return;
    if (tell({ t: 'typing', chat: chat.id })) typedAt.set(chat.id, clock.elapsed());
  }

  function open(visitor: VisitorId): void {
    const known = conversations.peek();
    const conversation = known.get(visitor) ?? newConversation(visitor, roster.get(visitor) ?? null);
    const others = new Map(known);
    others.delete(visitor); // and to the end: the most recently looked at
    batch(() => {
      conversations.value = others.set(visitor, conversation);
      currentId.value = visitor;
    });
    if (!known.has(visitor)) tell({ t: 'watch', visitor });
    tidy();
    markRead();
  }

  function older(): void {
    const conversation = current.peek();
    if (conversation === null || !conversation.isLoaded || !conversation.hasOlder || conversation.isLoadingOlder) return;
    const n = ++historyRequests;
    if (!tell({ t: 'history', n, visitor: conversation.visitor, before: oldestCursor(conversation) })) return;
    historyOf.set(n, conversation.visitor);
    change(conversation.visitor, (known) => ({ ...known, isLoadingOlder: true }));
  }

  function resend(uid: Uid): void {
    if (outbox.has(uid)) outbox.resend(uid);
    else uploads.resend(uid);
  }

  function discard(uid: Uid): void {
    uploads.forget(uid);
    outbox.discard(uid);
  }

  /** While the line is cut nobody knows who still waits. */
  function standing(): Standing[] {
    if (connection.peek() !== 'online') return [];
    return [...roster.needs.peek()].flatMap(([id, kind]) => {
      const item = roster.get(id);
      return item === undefined || item.leftAt !== undefined || kind === 'message' ? [] : [{ kind, item }];
    });
  }

  function alert(kind: AlertKind, about: readonly Subject[], event: string | null = null): void {
    // Who is not on duty is not called; what concerns their own chats is told all the same.
    if (OF_DUTY.has(kind) && !self.peek().isOnline) return;
    const unseen = about.filter(({ visitor }) => visitor === null || visitor !== shown.peek());
    if (unseen.length === 0 && about.length > 0) return;
    for (const listener of listeners) listener({ kind, about: unseen, event });
  }

  function updateNow(): void {
    now.value = Math.floor(serverNow() / 1000);
  }

  function tick(): void {
    updateNow();
    notices.age(({ about }) => isAttentive.peek() && (about === null || about === currentId.peek()));
    stopTicking = clock.after(1000, tick);
  }

  tick();
  void outbox.adopt();
  transport.start({
    prepare: () => Promise.resolve(true),
    onOpen: sayHello,
    onFrame: (frame) => batch(() => receive(frame)),
    onStatus: (status) => {
      connection.value = status;
    },
    onClose: (code) => {
      outbox.shut();
      if (code === CLOSE.unauthorized) options.onRefused(isEnding.peek());
    },
  });

  return {
    connection,
    isReady,
    self,
    sites,
    groups,
    operators,
    visitors: roster.visitors,
    requests: requestList.items,
    requestCounts: requestList.counts,
    areRequestsLoading: requestList.isLoading,
    current,
    pending,
    uploads: uploads.list,
    replies,
    attachments: attachments.byVisitor,
    running,
    notices: notices.list,
    isRestored,
    isEnding,
    isForgetful,
    needs: roster.needs,
    shown,
    now,
    setOnline,
    open,
    leaveConversation() {
      currentId.value = null;
    },
    setReply,
    sendReply,
    sendFiles,
    attach,
    detach(uid) {
      const visitor = currentId.peek();
      if (visitor !== null) attachments.discard(visitor, uid);
    },
    resend,
    discard,
    older,
    invite(text) {
      const visitor = currentId.peek();
      if (visitor === null || text.trim() === '') return;
      if (!running.peek().has(runningKey('visitor.invite', visitor)))
        outbox.add({ uid: chance.uid(), kind: 'visitor.invite', visitor, text: text.trim() });
    },
    withdrawInvite() {
      const visitor = currentId.peek();
      if (visitor !== null) outbox.add({ uid: chance.uid(), kind: 'invite.withdraw', visitor });
    },
    join: () => order((chat, uid) => ({ uid, kind: 'chat.join', chat })),
    takeOver() {
      const owner = current.peek()?.chat?.operator;
      if (owner) order((chat, uid) => ({ uid, kind: 'chat.take', chat, from: owner.id }));
    },
    leave: () => order((chat, uid) => ({ uid, kind: 'chat.leave', chat })),
    transfer: (to) => order((chat, uid) => ({ uid, kind: 'chat.transfer', chat, operator: to })),
    closeChat: () => order((chat, uid) => ({ uid, kind: 'chat.close', chat })),
    correctCard(corrections) {
      const visitor = currentId.peek();
      if (visitor !== null && corrections.length > 0) outbox.add({ uid: chance.uid(), kind: 'card.correct', visitor, corrections });
    },
    finishRequest: (request) => outbox.add({ uid: chance.uid(), kind: 'request.done', request }),
    moreRequests: () => requestList.more(),
    dismissNotice: notices.dismiss,
    pauseNotices: notices.pause,
    use() {
      if (usedEveryMs === undefined || (!isEnding.peek() && clock.elapsed() - usedAt < usedEveryMs)) return;
      if (!tell({ t: 'used' })) return;
      usedAt = clock.elapsed();
      isEnding.value = false;
    },
    dismissRestored() {
      isRestored.value = false;
    },
    setAttentive(isLooking) {
      isAttentive.value = isLooking;
      markRead();
    },
    onAlert(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      stopTicking();
      reminder.close();
      listeners.clear();
      transport.close();
      outbox.close();
      cursors.close();
      uploads.close();
    },
  };
}

type Welcome = Extract<OperatorServerFrame, { t: 'welcome' }>;

/** An event with what the cursors need on top. */
interface LiveEvent {
  chat: ChatId;
  seq: number;
  visitor: VisitorId;
  event: ChatEvent;
  number: number;
}

function toPending(command: Extract<OperatorCommand, { kind: 'message.send' }>, atMs: number, failed: string | null): OutgoingMessage {
  const { uid, chat, text } = command;
  return { uid, chat, text, date: Math.floor(atMs / 1000), failed: failed === null ? null : toErrorCode(failed) };
}

function targetOf(command: OperatorCommand): string {
  if ('chat' in command) return command.chat;
  return 'visitor' in command ? command.visitor : command.request;
}
