/**
 * One process full of visitors and operators. They speak the real protocol over real WebSockets with the clients' own
 * transport, outbox and cursors; what a browser and a screen add is left out, so that one machine can hold thousands.
 */
import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { WebSocket } from 'ws';
import type { ChatEvent } from '../../shared/chat.ts';
import { createCursors } from '../../shared/client/cursors.ts';
import { createOutbox } from '../../shared/client/outbox.ts';
import { memoryStore, type Chance, type Clock } from '../../shared/client/platform.ts';
import { PROTOCOL_VERSION, type SessionAnswer, type VisitorCommand, type VisitorServerFrame } from '../../shared/wire/protocol.ts';
import { createTransport, type Socket, type SocketListener } from '../../shared/client/transport.ts';
import type { OperatorCommand, OperatorServerFrame, OperatorSession } from '../../shared/wire/workplace.ts';
import type { Finished, Order, Plan, Report } from './words.ts';

const clock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};
const chance: Chance = { uid: () => randomUUID(), fraction: () => Math.random() };
const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6;
const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Handshakes of one process at the same time. */
const AT_ONCE = 40;
const TICK_MS = 10;
/** Before an access token's end it is fetched anew. */
const MARGIN_MS = 60_000;

// ── what is measured ────────────────────────────────────────────────────────────────────────────────────────────────

let acks: number[] = [];
let others: number[] = [];
let given = 0;
let refused = 0;
const acked: string[] = [];
const sentAt = new Map<string, number>();

/** The text carries the moment in which it was said. */
const textNow = (): string => `said ${nowMs().toFixed(3)} and then some more words, as people use them`;
const saidAt = (text: string): number => Number(/^said ([\d.]+) /.exec(text)?.[1] ?? Number.NaN);

function noteAck(uid: string): void {
  const from = sentAt.get(uid);
  if (from === undefined) return;
  sentAt.delete(uid);
  acks.push(nowMs() - from);
  acked.push(uid);
}

function noteOther(event: ChatEvent, by: 'visitor' | 'operator'): void {
  if (event.kind !== 'message.added' || event.author.kind !== by) return;
  const from = saidAt(event.text);
  if (!Number.isNaN(from)) others.push(nowMs() - from);
}

// ── the way to the server ───────────────────────────────────────────────────────────────────────────────────────────

function openSocket({ chat, port }: Plan, path: string, cookie: string | undefined, listener: SocketListener): Socket {
  const headers = { host: new URL(chat).host, ...(cookie !== undefined && { cookie }) };
  const ws = new WebSocket(`ws://127.0.0.1:${port}${path}`, { origin: chat, headers, perMessageDeflate: false });
  ws.on('error', () => undefined);
  ws.on('open', () => listener.open());
  ws.on('message', (data) => listener.message(String(data)));
  ws.on('close', (code) => listener.close(code));
  return { send: (text) => ws.send(text), close: () => ws.terminate() };
}

function post<T>({ chat, port }: Plan, path: string, body: object): Promise<{ answer: T; cookie: string }> {
  const text = JSON.stringify(body);
  const headers = { host: new URL(chat).host, origin: chat, 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method: 'POST', headers, agent: false, timeout: 30_000 }, (response) => {
      let answer = '';
      response.on('data', (chunk: Buffer) => (answer += chunk.toString()));
      response.on('end', () => {
        if (response.statusCode !== 200) return reject(new Error(`POST ${path} answered ${response.statusCode}: ${answer}`));
        resolve({
          answer: JSON.parse(answer) as T,
          cookie: (response.headers['set-cookie'] ?? []).map((line) => line.split(';')[0]).join('; '),
        });
      });
    });
    sent.on('timeout', () => sent.destroy(new Error('timeout')));
    sent.on('error', reject);
    sent.end(text);
  });
}

// ── visitors ────────────────────────────────────────────────────────────────────────────────────────────────────────

interface Visitor {
  readonly id: string;
  readonly isSettled: boolean;
  /** When the last welcome came. */
  readonly welcomedMs: number;
  readonly reached: ReadonlyMap<string, number>;
  say(): void;
}

async function createVisitor(plan: Plan): Promise<Visitor> {
  const { site } = plan;
  const tab = randomUUID();
  let { answer: session } = await post<SessionAnswer>(plan, '/session', { site, create: true });
  if (session.visitor === null) throw new Error('no visitor was made');
  const { visitor } = session;
  let freshUntil = Date.now() + session.expiresIn * 1000 - MARGIN_MS;
  let epoch: string | undefined;
  let isOnline = false;
  let welcomedMs = 0;
  const reached = new Map<string, number>();

  const transport = createTransport<VisitorServerFrame>({
    clock,
    chance,
    openSocket: (listener) => openSocket(plan, '/socket', undefined, listener),
  });
  const cursors = createCursors<ChatEvent>({ clock, sync: (chat, after) => void transport.send({ t: 'sync', chat, after }) });
  const outbox = createOutbox<VisitorCommand>({
    clock,
    store: memoryStore(),
    send: (items) => transport.send({ t: 'send', items }),
    onAck: ({ uid }) => noteAck(uid),
    onFailed: () => (refused += 1),
    keepsFailed: () => false,
    onChange: () => transport.expect(outbox.isWaiting),
  });

  function take(frame: VisitorServerFrame): void {
    if (frame.t === 'welcome') {
      epoch = frame.epoch;
      isOnline = true;
      welcomedMs = nowMs();
      if (!frame.resumed && frame.chat !== null) {
        cursors.set(frame.chat.id, frame.chat.lastSeq);
        reached.set(frame.chat.id, frame.chat.lastSeq);
      }
      outbox.open();
    }
    if (frame.t === 'evt') {
      for (const event of cursors.take(frame.event)) {
        reached.set(event.chat, event.seq);
        noteOther(event, 'operator');
      }
    }
    if (frame.t === 'ack') outbox.ack(frame.uid, frame.result);
    if (frame.t === 'nack') outbox.nack(frame.uid, frame);
  }

  const welcomed = new Promise<void>((resolve) => {
    transport.start({
      async prepare() {
        if (Date.now() < freshUntil || session.visitor === null) return true;
        ({ answer: session } = await post<SessionAnswer>(plan, '/session', { site, create: false, refresh: session.refresh }));
        if (session.visitor !== null) freshUntil = Date.now() + session.expiresIn * 1000 - MARGIN_MS;
        return true;
      },
      onOpen() {
        const access = session.visitor === null ? {} : { access: session.access };
        transport.send({
          t: 'hello',
          v: PROTOCOL_VERSION,
          site,
          tab,
          page: { url: 'https://shop.example/', title: 'Shop' },
          isInvitable: true,
          ...access,
          ...(epoch !== undefined && { epoch }),
          cursors: Object.fromEntries(reached),
        });
      },
      onFrame(frame) {
        take(frame);
        if (frame.t === 'welcome') resolve();
      },
      onStatus: () => undefined,
      onClose() {
        isOnline = false;
        outbox.shut();
      },
    });
  });
  await welcomed;

  return {
    id: visitor,
    get isSettled() {
      return isOnline && outbox.items.length === 0;
    },
    get welcomedMs() {
      return welcomedMs;
    },
    reached,
    say() {
      const uid = randomUUID();
      sentAt.set(uid, nowMs());
      given += 1;
      outbox.add({ uid, kind: 'message.send', text: textNow(), group: null });
    },
  };
}

// ── operators ───────────────────────────────────────────────────────────────────────────────────────────────────────

interface Operator {
  readonly isSettled: boolean;
  say(): void;
}

async function createOperator(plan: Plan, account: { email: string; password: string }, visitors: readonly string[]): Promise<Operator> {
  const { answer: session, cookie } = await post<OperatorSession>(plan, '/operator/login', account);
  const tab = randomUUID();
  const chats = new Set<string>();
  let epoch: string | undefined;
  let isOnline = false;
  const transport = createTransport<OperatorServerFrame>({
    clock,
    chance,
    openSocket: (listener) => openSocket(plan, '/operator/socket', cookie, listener),
  });
  const cursors = createCursors<{ chat: string; seq: number; event: ChatEvent }>({
    clock,
    sync: (chat, after) => void transport.send({ t: 'sync', chat, after }),
  });
  const outbox = createOutbox<OperatorCommand>({
    clock,
    store: memoryStore(),
    send: (items) => transport.send({ t: 'send', items }),
    onAck: (command) => (command.kind === 'message.send' ? noteAck(command.uid) : undefined),
    onFailed: () => (refused += 1),
    keepsFailed: () => false,
    onChange: () => transport.expect(outbox.isWaiting),
  });

  await new Promise<void>((resolve) => {
    let opened = 0;
    transport.start({
      prepare: () => Promise.resolve(true),
      onOpen() {
        const watching = epoch === undefined ? [] : visitors.map((visitor) => ({ visitor, cursors: {} }));
        transport.send({ t: 'hello', v: PROTOCOL_VERSION, csrf: session.csrf, tab, ...(epoch !== undefined && { epoch }), watching });
      },
      onFrame(frame) {
        if (frame.t === 'welcome') {
          isOnline = true;
          if (epoch === undefined) for (const visitor of visitors) transport.send({ t: 'watch', visitor });
          epoch = frame.epoch;
          transport.send({ t: 'online', value: true });
          outbox.open();
        }
        if (frame.t === 'opened' && frame.chat !== null) {
          cursors.set(frame.chat.id, frame.chat.lastSeq);
          if (frame.chat.isOpen && frame.chat.operator === null) outbox.add({ uid: randomUUID(), kind: 'chat.join', chat: frame.chat.id });
          chats.add(frame.chat.id);
          opened += 1;
          if (opened === visitors.length) resolve();
        }
        if (frame.t === 'evt') {
          for (const { event } of cursors.take({ chat: frame.event.chat, seq: frame.event.seq, event: frame.event }))
            noteOther(event, 'visitor');
        }
        if (frame.t === 'ack') outbox.ack(frame.uid, frame.result);
        if (frame.t === 'nack') outbox.nack(frame.uid, frame);
      },
      onStatus: () => undefined,
      onClose() {
        isOnline = false;
        outbox.shut();
      },
    });
    if (visitors.length === 0) resolve();
  });

  return {
    get isSettled() {
      return isOnline && outbox.items.length === 0;
    },
    say() {
      const chat = pick([...chats]);
      if (chat === undefined) return;
      const uid = randomUUID();
      sentAt.set(uid, nowMs());
      given += 1;
      outbox.add({ uid, kind: 'message.send', chat, text: textNow() });
    },
  };
}

// ── what the measuring process asks for ─────────────────────────────────────────────────────────────────────────────

const visitors: Visitor[] = [];
const operators: Operator[] = [];
/** Those whom an operator has open: what they say is seen on the other side. */
let watched: Visitor[] = [];

function pick<T>(from: readonly T[]): T | undefined {
  return from[Math.floor(Math.random() * from.length)];
}

const isSettled = (): boolean => visitors.every((visitor) => visitor.isSettled) && operators.every((operator) => operator.isSettled);

async function settle(withinMs: number): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!isSettled()) {
    if (Date.now() > deadline)
      throw new Error(
        `After ${withinMs / 1000} s ${visitors.filter((visitor) => !visitor.isSettled).length} visitors and ${operators.filter((operator) => !operator.isSettled).length} operators still wait for the server.`,
      );
    await later(20);
  }
}

/** Everybody comes, says one thing, and so has a chat. */
async function connect(plan: Plan): Promise<Report> {
  const from = nowMs();
  let left = plan.visitors;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (left > 0) {
        left -= 1;
        const visitor = await createVisitor(plan);
        visitor.say();
        visitors.push(visitor);
      }
    }),
  );
  await settle(60_000);
  const seconds = (nowMs() - from) / 1000;
  watched = visitors.slice(0, plan.operators.length * plan.open);
  for (const [at, account] of plan.operators.entries()) {
    operators.push(
      await createOperator(
        plan,
        account,
        watched.slice(at * plan.open, (at + 1) * plan.open).map(({ id }) => id),
      ),
    );
  }
  await settle(60_000);
  return { t: 'connected', seconds };
}

/** A third each: anybody, those who are being talked with, and operators. */
async function run(rate: number, seconds: number): Promise<Report> {
  acks = [];
  others = [];
  given = 0;
  const from = nowMs();
  let said = 0;
  while (nowMs() - from < seconds * 1000) {
    const due = ((nowMs() - from) / 1000) * rate;
    for (; said < due; said += 1) {
      const speaker = said % 3 === 0 ? pick(visitors) : said % 3 === 1 ? pick(watched) : pick(operators);
      speaker?.say();
    }
    await later(TICK_MS);
  }
  // Late messages count with their delay; nobody waits for them longer than this.
  await settle(60_000);
  await later(200);
  return { t: 'ran', acks, others, given };
}

async function recover(fromMs: number): Promise<Report> {
  while (!visitors.every(({ welcomedMs }) => welcomedMs > fromMs)) await later(20);
  await settle(120_000);
  return { t: 'recovered', backMs: visitors.map(({ welcomedMs }) => welcomedMs - fromMs), settledMs: nowMs() - fromMs };
}

function finish(): Report {
  const finished: Finished = {
    acked,
    open: [...sentAt.keys()],
    reached: Object.fromEntries(visitors.flatMap(({ reached }) => [...reached])),
    refused,
  };
  return { t: 'finished', ...finished };
}

async function obey(order: Order): Promise<Report> {
  switch (order.t) {
    case 'connect':
      return connect(order.plan);
    case 'run':
      return run(order.rate, order.seconds);
    case 'recover':
      return recover(order.fromMs);
    case 'finish':
      return finish();
  }
}

/** Serves the measuring process until it lets go. */
export function serve(): void {
  const say = (report: Report): void => void process.send?.(report);
  process.on('message', (order: Order) => {
    obey(order).then(say, (error: unknown) => say({ t: 'failed', why: error instanceof Error ? error.message : String(error) }));
  });
  process.on('disconnect', () => process.exit());
  say({ t: 'ready' });
}
