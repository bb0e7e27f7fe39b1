/**
 * The operator's session with its real transport, outbox and cursors, on a wire that the test turns by hand: sockets, clock,
 * storage and uploads are the only fakes.
 */
import { describe, expect, test } from 'vitest';
import type { ChatEvent, ChatSummary, MessageAdded, Uid } from '../../shared/chat.ts';
import { memoryStore, type Clock, type OutboxItem, type OutboxStore } from '../../shared/client/outside.ts';
import { CLOSE, DEFAULT_CLIENT_TIMING } from '../../shared/wire/protocol.ts';
import { emptyChat } from '../../shared/timeline.ts';
import { createTransport, type SocketListener } from '../../shared/client/transport.ts';
import type { OpenedVisitor, OperatorCommand, OperatorFrame, OperatorServerFrame, VisitorItem } from '../../shared/wire/workplace.ts';
import type { Alert, AlertKind } from './alerts.ts';
import { runningKey, type FileLike } from './outgoing.ts';
import { createSession } from './session.ts';
import type { SendBytes } from './uploads.ts';

const ANNA = { name: 'Anna', position: null, avatar: null };
const BEN = { name: 'Ben', position: null, avatar: null };
const VISITOR = { kind: 'visitor' } as const;
const BY_ANNA = { kind: 'operator', id: 'anna', card: ANNA } as const;

function handClock(): Clock & { advance(ms: number): void; jump(ms: number): void } {
  let nowMs = 1_000_000_000;
  let jumpedMs = 0;
  let timers: { at: number; run: () => void }[] = [];
  return {
    now: () => nowMs + jumpedMs,
    elapsed: () => nowMs,
    /** Somebody sets it. */
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

function item(id: string, part: Partial<VisitorItem> = {}): VisitorItem {
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

function opened(visitor: string, chat: ChatSummary | null, items: MessageAdded[] = [], hasOlder = false): OpenedVisitor {
  return { t: 'opened', visitor, card: {}, properties: [], chat, history: { items, hasOlder }, draft: '' };
}

function openChat(part: Partial<ChatSummary> = {}): ChatSummary {
  return { ...emptyChat('chat1', 1), isOpen: true, ...part };
}

function said(seq: number, text: string, part: Partial<MessageAdded> = {}): MessageAdded {
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

function joined(seq: number, operator = 'anna', card = ANNA): ChatEvent {
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

function world({ store = memoryStore<OperatorCommand>() }: { store?: OutboxStore<OperatorCommand> } = {}) {
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

describe('the list', () => {
  test('[OP.list] who waits longest comes first, then my chats, then invited, others and visitors', async () => {
    const w = world();
    await w.connect({
      visitors: [
        item('looks'),
        item('looks-newer', { since: 900_100 }),
        item('bens', { presence: 'in_chat', operator: { id: 'ben', name: 'Ben' } }),
        item('invited', { presence: 'invited' }),
        item('mine', { presence: 'in_chat', operator: { id: 'anna', name: 'Anna' } }),
        item('waits', { presence: 'waiting', since: 900_050 }),
        item('waits-longer', { presence: 'waiting', since: 900_000 }),
      ],
    });
    expect(w.session.visitors.value.map(({ id }) => id)).toEqual([
      'waits-longer',
      'waits',
      'mine',
      'invited',
      'bens',
      'looks-newer',
      'looks',
    ]);
  });

  test('[OP.list] a line changes, goes, and goes on under another id with its conversation', async () => {
    const w = world();
    await w.connect({ visitors: [item('page1'), item('page2')] });
    w.session.open('page1');
    w.session.setReply('half a sentence');
    await w.tell(
      { t: 'gone', id: 'page2' },
      { t: 'renamed', from: 'page1', to: 'vera' },
      { t: 'visitor', item: item('vera', { presence: 'waiting' }) },
      { t: 'gone', id: 'page1' },
    );
    expect(w.session.visitors.value.map(({ id, presence }) => [id, presence])).toEqual([['vera', 'waiting']]);
    expect(w.session.current.value).toMatchObject({ visitor: 'vera', isGone: false });
    expect(w.session.replies.value.get('vera')).toBe('half a sentence');
  });

  test('[OP.alert] in need are those who wait for anybody and who wrote to me, not what colleagues have', async () => {
    const w = world();
    await w.connect({
      visitors: [
        item('waits', { presence: 'waiting' }),
        item('mine', { presence: 'in_chat', operator: { id: 'anna', name: 'Anna' }, unread: 2 }),
        item('read', { presence: 'in_chat', operator: { id: 'anna', name: 'Anna' } }),
        item('bens', { presence: 'in_chat', operator: { id: 'ben', name: 'Ben' }, unread: 1 }),
      ],
    });
    expect(w.session.needs.value.size).toBe(2);
    await w.tell({ t: 'gone', id: 'waits' });
    expect(w.session.needs.value.size).toBe(1);
  });

  test('[OP.alert] a new wait calls once, only on duty; a message to me calls unless I look at it', async () => {
    const w = world();
    await w.connect({ visitors: [item('vera')] });
    await w.tell({ t: 'visitor', item: item('vera', { presence: 'waiting' }) });
    expect(w.alerts).toEqual([]);
    await w.tell({ t: 'visitor', item: item('vera') }, { t: 'self', isOnline: true });
    await w.tell(
      { t: 'visitor', item: item('vera', { presence: 'waiting' }) },
      { t: 'visitor', item: item('vera', { presence: 'waiting', lastText: 'still here' }) },
    );
    expect(w.alerts).toEqual(['waiting']);
    const mine = { presence: 'in_chat', operator: { id: 'anna', name: 'Anna' } } as const;
    await w.tell({ t: 'visitor', item: item('vera', { ...mine, unread: 1 }) });
    expect(w.alerts).toEqual(['waiting', 'message']);
    w.session.open('vera');
    w.session.setAttentive(true);
    await w.tell({ t: 'visitor', item: item('vera', { ...mine, unread: 2 }) });
    expect(w.alerts).toEqual(['waiting', 'message']);
  });

  test('[OP.alert] a wait that began while we were away calls after the reconnect', async () => {
    const w = world();
    await w.connect({ operator: { id: 'anna', card: ANNA, isOnline: true }, visitors: [item('vera')] });
    await w.cut();
    await w.wait();
    await w.connect({ operator: { id: 'anna', card: ANNA, isOnline: true }, visitors: [item('vera', { presence: 'waiting' })] });
    expect(w.alerts).toEqual(['waiting']);
  });

  describe('[FF.C5] while somebody waits', () => {
    const waits = (id: string, part: Partial<VisitorItem> = {}) =>
      ({ t: 'visitor', item: item(id, { presence: 'waiting', ...part }) }) as const;
    const onDuty = async (repeatSeconds?: number) => {
      const w = world();
      const site = { key: 'shop', name: 'Shop', isTypingPreview: true, isRating: true };
      await w.connect({
        operator: { id: 'anna', card: ANNA, isOnline: true },
        sites: [{ ...site, ...(repeatSeconds !== undefined && { repeatSeconds }) }],
        visitors: [item('vera'), item('bea')],
      });
      return w;
    };

    test('the call is repeated, as often as the site says, until somebody has come', async () => {
      const w = await onDuty(20);
      await w.tell(waits('vera', { card: { name: 'Vera' } }));
      const counts = [19_999, 1, 20_000].map((ms) => {
        w.clock.advance(ms);
        return w.alerts.length;
      });
      expect(counts).toEqual([1, 2, 3]);
      expect(w.calls.at(-1)).toEqual({ kind: 'waiting', about: [{ id: 'vera', visitor: 'vera', name: 'Vera' }], event: null });
      await w.tell({ t: 'visitor', item: item('vera', { presence: 'in_chat', operator: { id: 'ben', name: 'Ben' } }) });
      w.clock.advance(100_000);
      expect(w.alerts.length).toBe(3);
    });

    test('ten who wait call no more often than one, who waits longest first; a new one begins the pause anew', async () => {
      const w = await onDuty(20);
      await w.tell(waits('vera', { since: 900_010 }));
      w.clock.advance(15_000);
      await w.tell(waits('bea', { since: 900_000 }));
      w.clock.advance(19_999);
      expect(w.alerts).toEqual(['waiting', 'waiting']);
      w.clock.advance(1);
      expect(w.calls[2]?.about.map(({ id }) => id)).toEqual(['bea', 'vera']);
    });

    test('one call is all where the site says so, and where a server says nothing', async () => {
      for (const pause of [0, undefined]) {
        const w = await onDuty(pause);
        await w.tell(waits('vera'));
        w.clock.advance(1_000_000);
        expect(w.alerts).toEqual(['waiting']);
      }
    });

    test('nobody is called about a chat they look at, nor off duty, nor about who has left; as soon as that ends, they are', async () => {
      const w = await onDuty(5);
      w.session.open('vera');
      w.session.setAttentive(true);
      await w.tell(waits('vera'));
      w.clock.advance(10_000);
      expect([w.alerts, w.session.shown.value]).toEqual([[], 'vera']);
      w.session.setAttentive(false);
      w.clock.advance(5_000);
      expect([w.alerts, w.session.shown.value]).toEqual([['waiting'], null]);
      await w.tell({ t: 'self', isOnline: false });
      w.clock.advance(10_000);
      await w.tell({ t: 'self', isOnline: true }, waits('vera', { leftAt: 900_100 }));
      w.clock.advance(10_000);
      expect(w.alerts).toEqual(['waiting']);
    });

    test('who has come to me waits for me: I am called until I have opened it', async () => {
      const w = await onDuty(20);
      const mine = { presence: 'in_chat', chat: 'chat1', operator: { id: 'anna', name: 'Anna' } } as const;
      await w.tell({ t: 'visitor', item: item('vera', { ...mine, arrival: { via: { kind: 'invite' }, seq: 1, date: 1 } }) });
      w.clock.advance(20_000);
      await w.tell({ t: 'visitor', item: item('vera', mine) });
      w.clock.advance(60_000);
      expect(w.alerts).toEqual(['arrival', 'arrival']);
    });

    test('while the line is cut nobody knows who still waits; when it is back, they are called for again', async () => {
      const w = await onDuty(5);
      await w.tell(waits('vera'));
      await w.cut();
      w.clock.advance(5_000);
      expect(w.alerts).toEqual(['waiting']);
      await w.flush();
      await w.connect({
        operator: { id: 'anna', card: ANNA, isOnline: true },
        sites: w.session.sites.value.map((site) => ({ ...site })),
        visitors: [waits('vera').item],
      });
      w.clock.advance(5_000);
      expect(w.alerts).toEqual(['waiting', 'waiting']);
    });

    test('who waited already when the workplace was opened is called out after the pause, and nobody after the end', async () => {
      const w = world();
      const sites = [{ key: 'shop', name: 'Shop', isTypingPreview: true, isRating: true, repeatSeconds: 20 }];
      await w.connect({ operator: { id: 'anna', card: ANNA, isOnline: true }, sites, visitors: [item('vera', { presence: 'waiting' })] });
      w.clock.advance(20_000);
      expect(w.alerts).toEqual(['waiting', 'waiting']);
      w.session.close();
      w.clock.advance(60_000);
      expect(w.alerts.length).toBe(2);
    });
  });

  test('[FF.C4] nothing calls about a visitor who is shown to somebody who looks: no message, no rating, no chat that is lost', async () => {
    const w = world();
    await w.inChat();
    w.session.setAttentive(true);
    await w.evt({ chat: 'chat1', seq: 3, message_id: 'chat1-3', uid: null, author: VISITOR, date: 1_000_000, kind: 'rating.set', mark: 5 });
    await w.evt({
      chat: 'chat1',
      seq: 4,
      message_id: 'chat1-4',
      uid: null,
      author: { kind: 'system' },
      date: 1_000_000,
      kind: 'operator.left',
      operator: 'anna',
      name: 'Anna',
      why: 'lost',
    });
    expect([w.alerts, w.session.notices.value.length]).toEqual([[], 2]);
  });

  test('[FF.C4] what only windows hear that have opened the visitor carries the id of its event; what all hear does not', async () => {
    const w = world();
    await w.inChat();
    await w.tell({
      t: 'visitor',
      item: item('vera', { presence: 'in_chat', operator: { id: 'anna', name: 'Anna' }, unread: 1, card: { name: 'Vera' } }),
    });
    await w.evt({ chat: 'chat1', seq: 3, message_id: 'chat1-3', uid: null, author: VISITOR, date: 1_000_000, kind: 'rating.set', mark: 4 });
    await w.evt({
      chat: 'chat1',
      seq: 4,
      message_id: 'chat1-4',
      uid: null,
      author: { kind: 'system' },
      date: 1_000_000,
      kind: 'operator.left',
      operator: 'anna',
      name: 'Anna',
      why: 'lost',
    });
    expect(w.calls.map(({ kind, about, event }) => [kind, about[0]?.name, event])).toEqual([
      ['message', 'Vera', null],
      ['rating', 'Vera', 'chat1-3'],
      ['lost', 'Vera', 'chat1-4'],
    ]);
  });

  test('[OP.requests] a new request is on top and calls; done is a command, and the list follows the server', async () => {
    const w = world();
    const request = { site: 'shop', date: 1, request: { message: 'Call me' }, way: 'sitephone' as const, isDone: false };
    await w.connect({ operator: { id: 'anna', card: ANNA, isOnline: true }, requests: [{ ...request, id: 'r1' }] });
    await w.tell({ t: 'request', item: { ...request, id: 'r2' } });
    expect(w.session.requests.value.map(({ id }) => id)).toEqual(['r2', 'r1']);
    expect(w.alerts).toEqual(['request']);
    w.session.finishRequest('r1');
    await w.flush();
    expect(w.commands()).toMatchObject([{ kind: 'request.done', request: 'r1' }]);
    await w.tell({ t: 'request', item: { ...request, id: 'r1', isDone: true } });
    expect(w.session.requests.value.map(({ isDone }) => isDone)).toEqual([false, true]);
  });

  test('[FF.E11] [UI.clock] dates are the server’s, however wrong the operator’s clock is, and whatever it is set to meanwhile', async () => {
    const w = world();
    const server = Math.floor(w.clock.now() / 1000);
    await w.inChat();
    w.clock.jump(86_400_000);
    w.session.setReply('Hello');
    w.session.sendReply();
    await w.flush();
    expect(w.session.pending.value.map(({ date }) => date)).toEqual([server]);
    w.clock.jump(-3 * 86_400_000);
    w.clock.advance(60_000);
    expect(w.session.now.value).toBe(server + 60);
  });

  test("[OP.list] the time of a wait runs by the server's clock", async () => {
    const w = world();
    await w.connect({ serverTime: w.clock.now() + 5_000_000 });
    expect(w.session.now.value).toBe(1_005_000);
    w.clock.advance(3_000);
    expect(w.session.now.value).toBe(1_005_003);
  });
});

describe('a conversation', () => {
  test('[OP.conversation] opening asks once, and events are folded in as they come', async () => {
    const w = world();
    await w.inChat();
    w.session.leaveConversation();
    w.session.open('vera');
    expect(w.frames('watch')).toEqual([{ t: 'watch', visitor: 'vera' }]);
    await w.tell({ t: 'draft', visitor: 'vera', text: 'How mu' });
    expect(w.session.current.value?.draft).toBe('How mu');
    await w.evt(said(3, 'How much is it?'));
    expect(w.texts()).toEqual(['Hi', 'How much is it?']);
    expect(w.session.current.value?.draft).toBe('');
  });

  test('[OP.conversation] repeated events are dropped, and a gap is filled before anything newer is shown', async () => {
    const w = world();
    await w.inChat();
    await w.evt(said(2, 'known'));
    await w.evt(said(5, 'five'));
    await w.evt(said(4, 'four'));
    expect(w.texts()).toEqual(['Hi']);
    expect(w.frames('sync')).toEqual([{ t: 'sync', chat: 'chat1', after: 2 }]);
    await w.evt(said(3, 'three'));
    expect(w.texts()).toEqual(['Hi', 'three', 'four', 'five']);
  });

  test('[FF.A4] what was too long for one answer is asked for until it is whole', async () => {
    const w = world();
    await w.inChat();
    await w.evt(said(3, 'one'));
    await w.tell({ t: 'more', chat: 'chat1', seq: 5 });
    await w.evt(said(4, 'two'));
    await w.tell({ t: 'more', chat: 'chat1', seq: 5 });
    await w.evt(said(5, 'three'));
    expect(w.frames('sync')).toEqual([
      { t: 'sync', chat: 'chat1', after: 3 },
      { t: 'sync', chat: 'chat1', after: 4 },
    ]);
    expect(w.texts()).toEqual(['Hi', 'one', 'two', 'three']);
    w.clock.advance(10_000);
    expect(w.frames('sync')).toHaveLength(2);
  });

  test('[OP.conversation] a second chat of the same visitor takes the place of the first, whose messages stay', async () => {
    const w = world();
    await w.inChat();
    await w.evt({ chat: 'chat1', seq: 3, message_id: 'x', uid: null, author: VISITOR, date: 1, kind: 'chat.closed', by: 'visitor' });
    expect(w.session.current.value?.chat).toMatchObject({ id: 'chat1', isOpen: false });
    await w.evt(
      { chat: 'chat2', seq: 1, message_id: 'y', uid: null, author: VISITOR, date: 2, kind: 'chat.started', group: null, via: 'message' },
      2,
    );
    await w.evt(said(2, 'Me again', { chat: 'chat2' }), 2);
    await w.evt({ chat: 'chat1', seq: 4, message_id: 'z', uid: null, author: VISITOR, date: 3, kind: 'rating.set', mark: 5 });
    expect(w.session.current.value?.chat).toMatchObject({ id: 'chat2', isOpen: true, rating: null });
    expect(w.texts()).toEqual(['Hi', 'Me again']);
  });

  test('earlier messages come page by page, one question at a time, strictly before the oldest', async () => {
    const w = world();
    await w.connect({ visitors: [item('vera')] });
    w.session.open('vera');
    await w.tell(opened('vera', openChat({ lastSeq: 9 }), [said(8, 'eight'), said(9, 'nine')], true));
    w.session.older();
    w.session.older();
    expect(w.frames('history')).toEqual([{ t: 'history', n: 1, visitor: 'vera', before: { chat: 'chat1', seq: 8 } }]);
    expect(w.session.current.value?.isLoadingOlder).toBe(true);
    await w.tell({ t: 'history', n: 1, page: { items: [said(7, 'seven'), said(8, 'eight')], hasOlder: false } });
    expect(w.texts()).toEqual(['seven', 'eight', 'nine']);
    w.session.older();
    expect(w.frames('history')).toHaveLength(1);
  });

  test('a question that a lost connection swallowed can be asked again', async () => {
    const w = world();
    await w.connect({ visitors: [item('vera')] });
    w.session.open('vera');
    await w.tell(opened('vera', openChat({ lastSeq: 9 }), [said(9, 'nine')], true));
    w.session.older();
    await w.cut();
    w.session.older();
    await w.wait();
    await w.connect({ visitors: [item('vera')] });
    w.session.older();
    expect(w.frames('history')).toHaveLength(2);
    await w.tell({ t: 'history', n: w.frames('history')[1]?.n ?? 0, page: { items: [said(8, 'eight')], hasOlder: false } });
    expect(w.texts()).toEqual(['eight', 'nine']);
  });

  test("what I see is marked as read: only while I look, once per message, never in a colleague's chat", async () => {
    const w = world();
    await w.inChat();
    const reads = () => w.commands().filter(({ kind }) => kind === 'messages.read');
    expect(reads()).toEqual([]);
    w.session.setAttentive(true);
    await w.flush();
    expect(reads()).toMatchObject([{ chat: 'chat1', seq: 1 }]);
    w.session.setAttentive(true);
    await w.evt(said(3, 'more'));
    await w.ack(reads()[0]?.uid ?? '');
    expect(reads()).toMatchObject([{ seq: 1 }, { seq: 3 }]);
    await w.ack(reads()[1]?.uid ?? '');
    await w.evt(joined(4, 'ben', BEN));
    await w.evt(said(5, 'for Ben'));
    expect(reads()).toHaveLength(2);
  });

  test('markers only grow', async () => {
    const w = world();
    await w.inChat();
    await w.tell({ t: 'read', chat: 'chat1', visitor: 2, operator: 1 }, { t: 'read', chat: 'chat1', visitor: 1, operator: 0 });
    expect(w.session.current.value?.chat).toMatchObject({ readByVisitor: 2, readByOperator: 1 });
  });

  test('[OP.list] somebody who leaves stays on screen while open, and is let go otherwise', async () => {
    const w = world();
    await w.connect({ visitors: [item('vera'), item('olaf')] });
    w.session.open('olaf');
    w.session.open('vera');
    await w.tell(opened('vera', null), opened('olaf', null), { t: 'gone', id: 'olaf' }, { t: 'gone', id: 'vera' });
    expect(w.session.current.value).toMatchObject({ visitor: 'vera', isGone: true });
    expect(w.frames('unwatch')).toEqual([{ t: 'unwatch', visitor: 'olaf' }]);
  });

  test('[OP.conversation] at most 30 visitors are kept open; those with unsent text are never given up', async () => {
    const w = world();
    const ids = Array.from({ length: 32 }, (_, index) => `v${index}`);
    await w.connect({ visitors: ids.map((id) => item(id)) });
    w.session.open('v0');
    w.session.setReply('unsent');
    for (const id of ids.slice(1)) w.session.open(id);
    expect(w.frames('unwatch').map(({ visitor }) => visitor)).toEqual(['v1', 'v2']);
  });
});

describe('speaking', () => {
  test('[OP.conversation] a reply is shown at once, and becomes the stored message without a gap between', async () => {
    const w = world();
    await w.inChat();
    w.session.setReply('  Hello there\n');
    w.session.sendReply();
    await w.flush();
    expect(w.session.replies.value.has('vera')).toBe(false);
    expect(w.session.pending.value).toMatchObject([{ chat: 'chat1', text: 'Hello there', failed: null }]);
    const { uid = '' } = w.commands()[0] ?? {};
    await w.ack(uid);
    expect(w.session.pending.value).toHaveLength(1);
    await w.evt(said(3, 'Hello there', { author: BY_ANNA, uid }));
    expect(w.session.pending.value).toEqual([]);
    expect(w.texts()).toEqual(['Hi', 'Hello there']);
  });

  test('[OP.conversation] the event may come before the answer, and ends the waiting too', async () => {
    const w = world();
    await w.inChat();
    w.session.setReply('Hello');
    w.session.sendReply();
    await w.flush();
    const { uid = '' } = w.commands()[0] ?? {};
    await w.evt(said(3, 'Hello', { author: BY_ANNA, uid }));
    expect(w.session.pending.value).toEqual([]);
    await w.ack(uid);
    expect(w.session.pending.value).toEqual([]);
  });

  test('[OP.conversation] what was unanswered when the line broke goes again with the same uid', async () => {
    const w = world();
    await w.inChat();
    w.session.setReply('Hello');
    w.session.sendReply();
    await w.flush();
    await w.cut();
    expect(w.session.connection.value).toBe('offline');
    await w.wait();
    await w.connect();
    const uids = w.commands().map(({ uid }) => uid);
    expect(uids).toHaveLength(2);
    expect(new Set(uids).size).toBe(1);
  });

  test('[OP.conversation] a refused message stays with its reason until it is sent again or discarded', async () => {
    const w = world();
    await w.inChat();
    w.session.setReply('Hello');
    w.session.sendReply();
    await w.flush();
    const { uid = '' } = w.commands()[0] ?? {};
    await w.tell({ t: 'nack', uid, code: 'chat_closed', message: '', retry: false });
    expect(w.session.pending.value).toMatchObject([{ uid, failed: 'chat_closed' }]);
    expect(w.session.notices.value).toEqual([]);
    w.session.resend(uid);
    await w.flush();
    expect(w.commands().map((command) => command.uid)).toEqual([uid, uid]);
    expect(w.session.pending.value).toMatchObject([{ uid, failed: null }]);
    w.session.discard(uid);
    expect(w.session.pending.value).toEqual([]);
  });

  test('[OP.conversation] drafts belong to their visitor; nothing and too much are not sent', async () => {
    const w = world();
    await w.inChat();
    w.session.setReply('for Vera');
    w.session.open('olaf');
    w.session.setReply('for Olaf');
    expect([...w.session.replies.value]).toEqual([
      ['vera', 'for Vera'],
      ['olaf', 'for Olaf'],
    ]);
    w.session.open('vera');
    w.session.setReply('   ');
    w.session.sendReply();
    w.session.setReply('x'.repeat(4097));
    w.session.sendReply();
    await w.flush();
    expect(w.commands()).toEqual([]);
    w.session.setReply('😀'.repeat(4096));
    w.session.sendReply();
    await w.flush();
    expect(w.commands()).toHaveLength(1);
  });

  test("[OP.conversation] a reply to somebody who waits joins first; in a colleague's chat nothing is said", async () => {
    const w = world();
    await w.connect({ visitors: [item('vera', { presence: 'waiting', chat: 'chat1' })] });
    w.session.open('vera');
    await w.tell(opened('vera', openChat({ lastSeq: 1 })));
    w.session.setReply('Hello');
    w.session.sendReply();
    w.session.setReply('again');
    w.session.sendReply();
    await w.flush();
    w.clock.advance(1000);
    expect(w.commands().map(({ kind }) => kind)).toEqual(['chat.join']);
    await w.ack(w.commands()[0]?.uid ?? '');
    expect(w.commands().map(({ kind }) => kind)).toEqual(['chat.join', 'message.send', 'message.send']);
    await w.evt(joined(2, 'ben', BEN));
    w.session.setReply('me too');
    w.session.sendReply();
    await w.flush();
    expect(w.commands()).toHaveLength(3);
  });

  test('[OP.conversation] of two operators the late one is told, and the command is over', async () => {
    const w = world();
    await w.connect({ visitors: [item('vera', { presence: 'waiting', chat: 'chat1' })] });
    w.session.open('vera');
    await w.tell(opened('vera', openChat({ lastSeq: 1 })));
    w.session.join();
    w.session.join();
    await w.flush();
    expect(w.commands()).toHaveLength(1);
    expect(w.session.running.value.has(runningKey('chat.join', 'chat1'))).toBe(true);
    await w.tell({ t: 'nack', uid: w.commands()[0]?.uid ?? '', code: 'already_taken', message: '', retry: false });
    expect(w.session.notices.value).toMatchObject([{ type: 'refused', kind: 'chat.join', code: 'already_taken', about: 'vera' }]);
    expect(w.session.running.value.size).toBe(0);
    w.session.dismissNotice(w.session.notices.value[0]?.id ?? 0);
    expect(w.session.notices.value).toEqual([]);
  });

  test('leave, transfer, close, invite and withdraw are commands about the visitor on screen', async () => {
    const w = world();
    await w.inChat();
    w.session.leave();
    w.session.transfer('ben');
    w.session.closeChat();
    w.session.invite('  Hello!  ');
    w.session.invite('   ');
    w.session.withdrawInvite();
    for (let turn = 0; turn < 5; turn += 1) {
      await w.flush();
      const last = w.commands().at(-1);
      if (last !== undefined) await w.ack(last.uid);
    }
    expect(w.commands().map(({ uid: _, ...command }) => command)).toEqual([
      { kind: 'chat.leave', chat: 'chat1' },
      { kind: 'chat.transfer', chat: 'chat1', operator: 'ben' },
      { kind: 'chat.close', chat: 'chat1' },
      { kind: 'visitor.invite', visitor: 'vera', text: 'Hello!' },
      { kind: 'invite.withdraw', visitor: 'vera' },
    ]);
  });

  test('[OP.conversation] is told every 3 s at most while I write in my own chat, and again after a message', async () => {
    const w = world();
    await w.inChat();
    for (const text of ['H', 'He', 'Hel']) w.session.setReply(text);
    expect(w.frames('typing')).toEqual([{ t: 'typing', chat: 'chat1' }]);
    w.clock.advance(3_000);
    w.session.setReply('');
    expect(w.frames('typing')).toHaveLength(1);
    w.session.setReply('Hell');
    expect(w.frames('typing')).toHaveLength(2);
    w.session.sendReply();
    w.session.setReply('N');
    expect(w.frames('typing')).toHaveLength(3);
    await w.evt(joined(3, 'ben', BEN));
    w.clock.advance(3_000);
    w.session.setReply('No');
    expect(w.frames('typing')).toHaveLength(3);
  });
});

describe('files', () => {
  const pdf = { name: 'plan.pdf', size: 1000, type: 'application/pdf' };

  test('[OP.conversation] the bytes go first, then a command with the same uid, then the message takes its place', async () => {
    const w = world();
    await w.inChat();
    w.session.sendFiles([pdf]);
    const [upload] = w.uploads;
    upload?.tell.progress(400);
    expect(w.session.uploads.value).toMatchObject([{ name: 'plan.pdf', chat: 'chat1', loaded: 400, failed: null }]);
    upload?.tell.done({ file: 'f1', link: 'https://x/f1', name: 'plan.pdf', size: 1000, type: 'application/pdf' });
    await w.flush();
    const uid = upload?.uid ?? '';
    expect(w.commands()).toEqual([{ uid, kind: 'file.send', chat: 'chat1', file: 'f1' }]);
    await w.ack(uid);
    expect(w.session.uploads.value).toHaveLength(1);
    await w.evt(
      said(3, 'plan.pdf', { author: BY_ANNA, uid, file: { link: 'https://x/f1', name: 'plan.pdf', size: 1000, type: 'application/pdf' } }),
    );
    expect(w.session.uploads.value).toEqual([]);
  });

  test('[OP.conversation] one that is too large never leaves, one that fails can be sent again or discarded', async () => {
    const w = world();
    await w.inChat();
    w.session.sendFiles([{ ...pdf, size: 10 * 1024 * 1024 + 1 }, pdf]);
    expect(w.uploads).toHaveLength(1);
    const uid = w.uploads[0]?.uid ?? '';
    w.uploads[0]?.tell.failed('upload_failed');
    expect(w.session.uploads.value.map(({ failed }) => failed)).toEqual(['file_too_large', 'upload_failed']);
    w.session.resend(uid);
    expect(w.uploads).toHaveLength(2);
    expect(w.uploads[1]?.uid).toBe(uid);
    w.session.discard(uid);
    expect(w.uploads[1]?.isStopped).toBe(true);
    expect(w.session.uploads.value).toHaveLength(1);
  });

  test('[OP.conversation] three go at a time; the next goes when one has arrived, failed or was given up', async () => {
    const w = world();
    await w.inChat();
    w.session.sendFiles(Array.from({ length: 6 }, () => pdf));
    expect(w.uploads).toHaveLength(3);
    w.uploads[0]?.tell.done({ file: 'f1', link: 'https://x/f1', name: 'plan.pdf', size: 1000, type: 'application/pdf' });
    expect(w.uploads).toHaveLength(4);
    w.uploads[1]?.tell.failed('upload_failed');
    expect(w.uploads).toHaveLength(5);
    w.session.discard(w.uploads[2]?.uid ?? '');
    expect(w.uploads).toHaveLength(6);
  });
});

describe('connection', () => {
  test('hello names every open visitor and how far each is known; what was missed is folded in', async () => {
    const w = world();
    await w.inChat();
    w.session.open('olaf');
    await w.cut();
    await w.wait();
    await w.connect({ visitors: [item('vera', { presence: 'in_chat', chat: 'chat1' })] });
    expect(w.frames('hello').at(-1)).toMatchObject({
      csrf: 'proof',
      epoch: 'e1',
      watching: [
        { visitor: 'vera', cursors: { chat1: 2 } },
        { visitor: 'olaf', cursors: {} },
      ],
    });
    expect(w.frames('hello')[0]?.tab).toBe(w.frames('hello')[1]?.tab);
    w.session.open('vera');
    await w.evt(said(3, 'missed'));
    expect(w.texts()).toEqual(['Hi', 'missed']);
  });

  test('a fresh opening after a long absence keeps the pages that still meet it', async () => {
    const w = world();
    await w.inChat();
    await w.tell(opened('vera', openChat({ lastSeq: 4 }), [said(1, 'Hi'), said(3, 'three'), said(4, 'four')], true));
    expect(w.texts()).toEqual(['Hi', 'three', 'four']);
    await w.tell(opened('vera', openChat({ lastSeq: 40 }), [said(39, 'far'), said(40, 'away')], true));
    expect(w.texts()).toEqual(['far', 'away']);
    expect(w.session.current.value?.hasOlder).toBe(true);
  });

  test('a restored database empties what is open and asks for all of it', async () => {
    const w = world();
    await w.inChat();
    await w.tell({ t: 'reset', reason: 'epoch' });
    await w.flush();
    expect(w.session.current.value).toMatchObject({ visitor: 'vera', isLoaded: false, events: [] });
    await w.connect({ epoch: 'e2' });
    expect(w.frames('hello').at(-1)).toMatchObject({ watching: [{ visitor: 'vera', cursors: {} }] });
    expect(w.frames('hello').at(-1)?.epoch).toBeUndefined();
    await w.tell(opened('vera', openChat({ lastSeq: 1 }), [said(1, 'Restored')]));
    expect(w.texts()).toEqual(['Restored']);
  });

  test('the switch moves at once, survives a cut, and follows another screen of mine', async () => {
    const w = world();
    await w.connect();
    w.session.setOnline(true);
    expect(w.session.self.value.isOnline).toBe(true);
    expect(w.frames('online')).toEqual([{ t: 'online', value: true }]);
    await w.cut();
    await w.wait();
    await w.connect({ operator: { id: 'anna', card: ANNA, isOnline: false } });
    expect(w.session.self.value.isOnline).toBe(true);
    expect(w.frames('online')).toHaveLength(2);
    await w.tell({ t: 'self', isOnline: false });
    await w.cut();
    await w.wait();
    await w.connect({ operator: { id: 'anna', card: ANNA, isOnline: false } });
    expect(w.session.self.value.isOnline).toBe(false);
    expect(w.frames('online')).toHaveLength(2);
  });

  test('[OP.signIn] a socket refused for its sign-in is told; other ends are not', async () => {
    const w = world();
    await w.connect();
    await w.cut();
    expect(w.refusals()).toBe(0);
    await w.wait();
    await w.cut(CLOSE.unauthorized);
    expect(w.refusals()).toBe(1);
  });

  test('[OP.conversation] what an earlier page left behind is shown and sent', async () => {
    const left: OutboxItem<OperatorCommand> = {
      uid: 'old',
      order: 5_000,
      failed: null,
      command: { uid: 'old', kind: 'message.send', chat: 'chat1', text: 'from before' },
    };
    const w = world({ store: { ...memoryStore<OperatorCommand>(), adopt: () => Promise.resolve([left]) } });
    await w.flush();
    expect(w.session.pending.value).toMatchObject([{ uid: 'old', text: 'from before', date: 5 }]);
    await w.connect();
    expect(w.commands()).toEqual([left.command]);
  });

  test('[OP.conversation] where nothing can be stored, it is said, and sent all the same', async () => {
    const w = world({ store: { ...memoryStore<OperatorCommand>(), put: () => Promise.reject(new Error('blocked')) } });
    await w.inChat();
    w.session.setAttentive(true);
    await w.flush();
    // [FF.E15] Reading is no loss, though its marker could not be stored.
    expect(w.commands().some(({ kind }) => kind === 'messages.read')).toBe(true);
    expect(w.session.isForgetful.value).toBe(false);
    w.session.setReply('Hello');
    w.session.sendReply();
    await w.flush();
    expect(w.session.isForgetful.value).toBe(true);
    expect(w.commands()).toHaveLength(1);
  });

  test('[OP.conversation] nothing goes out, comes in or ticks after close', async () => {
    const w = world();
    await w.inChat();
    w.session.close();
    w.session.close();
    const count = w.sent.length;
    const now = w.session.now.value;
    w.session.setReply('Hello');
    w.session.sendReply();
    await w.evt(said(3, 'late'));
    w.clock.advance(120_000);
    expect(w.sent).toHaveLength(count);
    expect(w.texts()).toEqual(['Hi']);
    expect(w.session.now.value).toBe(now);
    expect(w.session.connection.value).toBe('closed');
  });
});

test('[D8] that somebody is there is said as often as the server asks, and at once when the sign-in is about to end', async () => {
  const w = world();
  w.session.use();
  await w.connect({ usedEveryMs: 10_000 });
  const said = () => w.frames('used').length;
  expect(said()).toBe(0);
  for (const ms of [0, 9_999, 1]) {
    w.clock.advance(ms);
    w.session.use();
  }
  expect(said()).toBe(2);
  await w.tell({ t: 'self', isOnline: true }, { t: 'ending', inMs: 120_000 });
  expect([w.session.isEnding.value, w.alerts]).toEqual([true, ['ending']]);
  w.session.use();
  expect([said(), w.session.isEnding.value]).toEqual([3, false]);
  // Another window of the same person was used.
  await w.tell({ t: 'ending', inMs: 120_000 }, { t: 'ending', inMs: null });
  expect(w.session.isEnding.value).toBe(false);
});

test('[BR.versions] a server that does not ask is not told', async () => {
  const w = world();
  await w.connect();
  w.session.use();
  expect(w.frames('used')).toEqual([]);
});

test('[fault 39] a database that has gone back is told of, also when the sign-in before had met it', async () => {
  const w = world();
  await w.connect({ epoch: 'e1' });
  expect(w.session.isRestored.value).toBe(false);
  await w.connect({ epoch: 'e2' });
  expect(w.session.isRestored.value).toBe(true);
  w.session.dismissRestored();
  expect(w.session.isRestored.value).toBe(false);
});

describe('what comes to me, and what goes', () => {
  const OTTO = { id: 'otto', name: 'Otto' };
  const MINE = { presence: 'in_chat', chat: 'chat1', operator: { id: 'anna', name: 'Anna' } } as const;
  const HANDED = { via: { kind: 'transfer', from: OTTO }, seq: 4, date: 1_000_000 } as const;
  const left = (
    seq: number,
    why: Extract<ChatEvent, { kind: 'operator.left' }>['why'],
    author: ChatEvent['author'] = { kind: 'system' },
  ): ChatEvent => ({
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
  });

  test('[FF.C3] a chat that is handed to me has a call of its own and counts until I have opened it', async () => {
    const w = world();
    await w.connect({ visitors: [item('vera', { ...MINE, operator: OTTO })] });
    expect(w.session.needs.value.size).toBe(0);
    await w.tell({ t: 'visitor', item: item('vera', { ...MINE, arrival: HANDED }) });
    await w.tell({ t: 'visitor', item: item('vera', { ...MINE, arrival: HANDED, lastText: 'Hm' }) });
    expect([w.alerts, w.session.needs.value.size]).toEqual([['arrival'], 1]);
    w.session.open('vera');
    w.session.setAttentive(true);
    await w.tell(opened('vera', openChat({ lastSeq: 5, operator: { id: 'anna', card: ANNA } }), [said(1, 'Hi')]));
    await w.flush();
    expect(w.commands()).toMatchObject([{ kind: 'messages.read', chat: 'chat1', seq: 5 }]);
    await w.tell({ t: 'visitor', item: item('vera', MINE) });
    expect(w.session.needs.value.size).toBe(0);
    // It stays written in the conversation.
    expect(w.session.current.value?.arrival).toEqual(HANDED);
  });

  test('[FF.C3] an invitation of mine that is accepted calls, also when I am not on duty; what I took over myself does not', async () => {
    const w = world();
    await w.connect({ visitors: [item('vera', { presence: 'invited' }), item('bea', { ...MINE, operator: OTTO, chat: 'chat2' })] });
    await w.tell({ t: 'visitor', item: item('vera', { ...MINE, arrival: { ...HANDED, via: { kind: 'invite' } } }) });
    await w.tell({
      t: 'visitor',
      item: item('bea', { ...MINE, chat: 'chat2', arrival: { ...HANDED, via: { kind: 'takeover', from: OTTO } } }),
    });
    expect([w.alerts, w.session.needs.value.size]).toEqual([['arrival'], 1]);
  });

  test('[FF.C3] what came while the line was cut is called out when it is back: a chat that was handed to me, a request', async () => {
    const w = world();
    const request = { id: 'r1', site: 'shop', date: 1, request: { message: 'Hi' }, way: 'offline_message' as const, isDone: false };
    await w.connect({ operator: { id: 'anna', card: ANNA, isOnline: true } });
    await w.cut();
    await w.wait();
    await w.connect({
      operator: { id: 'anna', card: ANNA, isOnline: true },
      requests: [request],
      visitors: [item('vera', { ...MINE, arrival: HANDED })],
    });
    expect([...w.alerts].sort()).toEqual(['arrival', 'request']);
  });

  test('[FF.C1] taking over is a command that names whom it is taken from', async () => {
    const w = world();
    await w.connect({ visitors: [item('vera', { ...MINE, operator: OTTO })] });
    w.session.open('vera');
    await w.tell(opened('vera', openChat({ lastSeq: 2, operator: { id: 'otto', card: { ...ANNA, name: 'Otto' } } })));
    w.session.takeOver();
    w.session.takeOver();
    await w.flush();
    expect(w.commands()).toMatchObject([{ kind: 'chat.take', chat: 'chat1', from: 'otto' }]);
  });

  test('[FF.C1] I am told when a colleague takes my chat, and when it was given back because I was gone; not when I gave it', async () => {
    const w = world();
    await w.inChat();
    await w.evt(left(3, 'takeover', { kind: 'operator', id: 'otto', card: { ...ANNA, name: 'Otto' } }));
    expect(w.session.notices.value).toMatchObject([{ type: 'lost', why: 'takeover', by: 'Otto', about: 'vera' }]);
    await w.evt(joined(4));
    await w.evt(left(5, 'lost'));
    await w.evt(joined(6));
    await w.evt(left(7, 'transfer', BY_ANNA));
    await w.evt(joined(8));
    await w.evt(left(9, undefined, BY_ANNA));
    expect(w.session.notices.value).toMatchObject([{ why: 'takeover' }, { why: 'lost', by: null }]);
    expect(w.alerts).toEqual(['lost', 'lost']);
  });

  test('[FF.C1] also of one that I had not opened', async () => {
    const w = world();
    await w.connect({ visitors: [item('vera', { ...MINE, arrival: HANDED })] });
    await w.tell({
      t: 'visitor',
      item: item('vera', {
        ...MINE,
        operator: OTTO,
        arrival: { ...HANDED, seq: 6, via: { kind: 'takeover', from: { id: 'anna', name: 'Anna' } } },
      }),
    });
    expect(w.session.notices.value).toMatchObject([{ type: 'lost', why: 'takeover', by: 'Otto', about: null }]);
  });

  test('[FF.C3] a rating of mine calls and is told, also after the chat; a colleague’s is not', async () => {
    const w = world();
    await w.inChat();
    const rated = (seq: number, mark: number): ChatEvent => ({
      chat: 'chat1',
      seq,
      message_id: `chat1-${seq}`,
      uid: null,
      author: VISITOR,
      date: 1_000_000,
      kind: 'rating.set',
      mark,
    });
    await w.evt(rated(3, 4));
    await w.evt(joined(4, 'otto', { ...ANNA, name: 'Otto' }));
    await w.evt(rated(5, 1));
    expect(w.session.notices.value).toMatchObject([{ type: 'rated', mark: 4, about: 'vera' }]);
    expect(w.alerts).toEqual(['rating']);
  });

  test('[FF.C2] who has left sinks below all who are there, leaves the number, and calls again when they come back', async () => {
    const w = world();
    const waiting = { presence: 'waiting', chat: 'chat1' } as const;
    await w.connect({
      operator: { id: 'anna', card: ANNA, isOnline: true },
      visitors: [
        item('gone', { ...waiting, leftAt: 950_000 }),
        item('mine', { ...MINE, chat: 'chat2', unread: 2, leftAt: 950_000 }),
        item('there', { ...waiting, since: 950_000 }),
        item('looks'),
      ],
    });
    expect(w.session.visitors.value.map(({ id }) => id)).toEqual(['there', 'looks', 'gone', 'mine']);
    expect(w.session.needs.value.size).toBe(1);
    await w.tell({ t: 'visitor', item: item('there', { ...waiting, leftAt: 960_000 }) });
    expect([w.alerts, w.session.needs.value.size]).toEqual([['waiting'], 0]);
    await w.tell({ t: 'visitor', item: item('there', waiting) });
    expect([w.alerts, w.session.needs.value.size]).toEqual([['waiting', 'waiting'], 1]);
  });

  test('[OP.notices] [FF.C7] a notice ends by itself, once it has been in sight, and not while somebody points at it', async () => {
    const w = world();
    await w.inChat();
    await w.evt(left(3, 'lost'));
    const tick = (seconds: number) => w.clock.advance(seconds * 1_000);
    tick(60);
    expect(w.session.notices.value).toHaveLength(1);
    w.session.setAttentive(true);
    w.session.leaveConversation();
    tick(60);
    expect(w.session.notices.value).toHaveLength(1);
    w.session.open('vera');
    tick(7);
    w.session.pauseNotices(true);
    tick(60);
    expect(w.session.notices.value).toHaveLength(1);
    w.session.pauseNotices(false);
    tick(1);
    expect(w.session.notices.value).toEqual([]);
  });

  test('[FF.C7] an empty file is not even sent, and says why', async () => {
    const w = world();
    await w.inChat();
    w.session.sendFiles([{ name: 'empty.txt', size: 0, type: 'text/plain' }]);
    expect(w.uploads).toEqual([]);
    expect(w.session.uploads.value).toMatchObject([{ name: 'empty.txt', failed: 'file_empty' }]);
  });
});
