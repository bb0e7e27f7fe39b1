/**
 * A small world for tests of the operator's session: the real session with its real transport, outbox and cursors, on a wire
 * that the test moves by hand. Sockets, clock, storage and uploads are the only fakes.
 */
import type { ChatEvent, ChatSummary, MessageAdded, Uid } from '../../shared/chat.ts';
import { memoryStore, type Clock, type OutboxStore } from '../../shared/client/platform.ts';
import { createTransport, type SocketListener } from '../../shared/client/transport.ts';
import { emptyChat } from '../../shared/timeline.ts';
import { DEFAULT_CLIENT_TIMING } from '../../shared/wire/protocol.ts';
import type { OpenedVisitor, OperatorCommand, OperatorFrame, OperatorServerFrame, VisitorItem } from '../../shared/wire/workplace.ts';
import type { Alert, AlertKind } from '../session/alerts.ts';
import type { FileLike } from '../session/outgoing.ts';
import { createSession } from '../session/session.ts';
import type { SendBytes } from '../session/uploads.ts';

export const ANNA = { name: 'Anna', position: null, avatar: null };
export const BEN = { name: 'Ben', position: null, avatar: null };
export const VISITOR = { kind: 'visitor' } as const;
export const BY_ANNA = { kind: 'operator', id: 'anna', card: ANNA } as const;

/** A clock that stands until the test moves it. */
function handClock(): Clock & { advance(ms: number): void; jump(ms: number): void } {
  let nowMs = 1_000_000_000;
  let jumpedMs = 0;
  let timers: { at: number; run: () => void }[] = [];
  return {
    now: () => nowMs + jumpedMs,
    elapsed: () => nowMs,
    /** Somebody sets the clock. */
    jump: (ms) => void (jumpedMs += ms),
    after(ms, run) {
      const timer = { at: nowMs + ms, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((known) => known !== timer);
      };
    },
    advance(ms) {
      const end = nowMs + ms;
      for (;;) {
        const due = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        if (due === undefined) break;
        timers = timers.filter((known) => known !== due);
        nowMs = Math.max(nowMs, due.at);
        due.run();
      }
      nowMs = end;
    },
  };
}

/** A visitor's line in the list. */
export function item(id: string, part: Partial<VisitorItem> = {}): VisitorItem {
  return {
    id,
    site: 'shop',
    presence: 'on_site',
    since: 900_000,
    page: { url: 'https://shop.example/', title: 'Shop' },
    pages: 1,
    isInvitable: true,
    card: {},
    chat: null,
    group: null,
    operator: null,
    lastText: '',
    unread: 0,
    ...part,
  };
}

/** The server's answer to `watch`. */
export function opened(visitor: string, chat: ChatSummary | null, items: MessageAdded[] = [], hasOlder = false): OpenedVisitor {
  return { t: 'opened', visitor, card: {}, properties: [], chat, history: { items, hasOlder }, draft: '' };
}

/** Summary of the visitor's open chat. */
export function openChat(part: Partial<ChatSummary> = {}): ChatSummary {
  return { ...emptyChat('chat1', 1), isOpen: true, ...part };
}

/** The event of a message; the visitor's unless `part` says otherwise. */
export function said(seq: number, text: string, part: Partial<MessageAdded> = {}): MessageAdded {
  return {
    chat: 'chat1',
    seq,
    message_id: `${part.chat ?? 'chat1'}-${seq}`,
    uid: null,
    author: VISITOR,
    date: 1_000_000,
    kind: 'message.added',
    text,
    file: null,
    ...part,
  };
}

/** The event that an operator has joined the chat. */
export function joined(seq: number, operator = 'anna', card = ANNA): ChatEvent {
  return {
    chat: 'chat1',
    seq,
    message_id: `chat1-${seq}`,
    uid: null,
    author: BY_ANNA,
    date: 1_000_000,
    kind: 'operator.joined',
    operator,
    card,
  };
}

/** The event that Anna is no longer in the chat. */
export function left(
  seq: number,
  why: Extract<ChatEvent, { kind: 'operator.left' }>['why'],
  author: ChatEvent['author'] = { kind: 'system' },
): ChatEvent {
  return {
    chat: 'chat1',
    seq,
    message_id: `chat1-${seq}`,
    uid: null,
    author,
    date: 1_000_000,
    kind: 'operator.left',
    operator: 'anna',
    name: 'Anna',
    ...(why && { why }),
  };
}

/** The event that the visitor has rated the chat. */
export function rated(seq: number, mark: number): ChatEvent {
  return { chat: 'chat1', seq, message_id: `chat1-${seq}`, uid: null, author: VISITOR, date: 1_000_000, kind: 'rating.set', mark };
}

/** A session of Anna's on a wire by hand. `connect` brings it online. */
export function world({ store = memoryStore<OperatorCommand>() }: { store?: OutboxStore<OperatorCommand> } = {}) {
  const clock = handClock();
  const sent: OperatorFrame[] = [];
  const alerts: AlertKind[] = [];
  const calls: Alert[] = [];
  const uploads: { uid: Uid; file: FileLike; tell: Parameters<SendBytes>[1]; isStopped: boolean }[] = [];
  let socket: SocketListener | undefined;
  let uids = 0;
  let refusals = 0;
  const chance = { uid: () => `uid${++uids}`, fraction: () => 0.5 };
  const session = createSession({
    operator: { id: 'anna', name: 'Anna', csrf: 'proof' },
    transport: createTransport<OperatorServerFrame>({
      clock,
      chance,
      openSocket(listener) {
        socket = listener;
        return { send: (text) => sent.push(JSON.parse(text)), close: () => undefined };
      },
    }),
    store,
    sendBytes({ uid, file }, tell) {
      const upload = { uid, file, tell, isStopped: false };
      uploads.push(upload);
      return () => {
        upload.isStopped = true;
      };
    },
    clock,
    chance,
    onRefused: () => (refusals += 1),
  });
  session.onAlert((alert) => {
    alerts.push(alert.kind);
    calls.push(alert);
  });

  /** Lets promises that are settled already run on. */
  const flush = async (): Promise<void> => {
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  };
  const tell = async (...frames: OperatorServerFrame[]): Promise<void> => {
    for (const frame of frames) socket?.message(JSON.stringify(frame));
    await flush();
  };
  const w = {
    session,
    clock,
    alerts,
    calls,
    uploads,
    sent,
    flush,
    tell,
    refusals: () => refusals,
    frames: <T extends OperatorFrame['t']>(t: T) => sent.filter((frame): frame is Extract<OperatorFrame, { t: T }> => frame.t === t),
    commands: () => w.frames('send').flatMap(({ items }) => items),
    async connect(part: Partial<Extract<OperatorServerFrame, { t: 'welcome' }>> = {}) {
      await flush();
      socket?.open();
      await tell({
        t: 'welcome',
        v: 1,
        epoch: 'e1',
        serverTime: clock.now(),
        conn: 'c1',
        timing: DEFAULT_CLIENT_TIMING,
        operator: { id: 'anna', card: ANNA, isOnline: false },
        sites: [],
        groups: [],
        operators: [],
        visitors: [],
        requests: [],
        ...part,
      });
    },
    async cut(code = 1006) {
      socket?.close(code);
      await flush();
    },
    /** Past any backoff, so that a new socket is there. */
    async wait() {
      clock.advance(DEFAULT_CLIENT_TIMING.backoffMaxMs);
      await flush();
    },
    /** Opens one visitor whose chat is Anna's. */
    async inChat() {
      await w.connect({ visitors: [item('vera', { presence: 'in_chat', chat: 'chat1', operator: { id: 'anna', name: 'Anna' } })] });
      session.open('vera');
      await tell(opened('vera', openChat({ lastSeq: 2, operator: { id: 'anna', card: ANNA } }), [said(1, 'Hi')]));
    },
    ack: (uid: Uid) => tell({ t: 'ack', uid, dup: false, result: { chat: 'chat1' } }),
    evt: (event: ChatEvent, number = 1, visitor = 'vera') => tell({ t: 'evt', event, number, visitor }),
    texts: () => (session.current.value?.events ?? []).flatMap((event) => (event.kind === 'message.added' ? [event.text] : [])),
  };
  return w;
}
