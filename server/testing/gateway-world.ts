/**
 * For tests of the gateway: a whole server but for its HTTP pages, on a port of its own, and clients that speak real
 * WebSocket to it. The clock's hands are the test's, so no time-out is ever waited for.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { WebSocket } from 'ws';
import type { SiteKey } from '../../shared/chat.ts';
import {
  parseServerFrame,
  PROTOCOL_VERSION,
  type VisitorCommand,
  type VisitorFrame,
  type VisitorServerFrame,
} from '../../shared/wire/protocol.ts';
import type { OperatorCommand, OperatorFrame, OperatorServerFrame } from '../../shared/wire/workplace.ts';
import { createAddresses } from '../network/address.ts';
import { createAuth } from '../auth/auth.ts';
import { OPERATOR_COOKIE } from '../auth/cookies.ts';
import { hashToken, newToken } from '../auth/tokens.ts';
import { createGateway } from '../sockets/gateway.ts';
import { createInbox } from '../presence/inbox.ts';
import { createJobs } from '../jobs/jobs.ts';
import { createLoginDelay } from '../auth/login.ts';
import { keepLocks } from './lock-keeper.ts';
import { createWorld, SITE, type Unsent, type WorldOptions } from './room-world.ts';
import { withStandby } from './standby.ts';
import type { Operator } from '../store/operators.ts';

export const CHAT = 'https://chat.example';
export const OPERATORS = 'https://operators.example';

type OfType<F extends { t: string }, T extends F['t']> = Extract<F, { t: T }>;

/** A socket's other end. Frames are kept until somebody asks for them. */
export interface Client<Out, In extends { t: string }> {
  send(frame: Out): void;
  sendRaw(data: string | Buffer): void;
  /** The next frame of this type that nobody has taken yet; those before it of other types stay. */
  next<T extends In['t']>(t: T): Promise<OfType<In, T>>;
  /** Everything that has arrived and was not taken, after the server has answered everything sent so far. */
  rest(): Promise<In[]>;
  /** The code it was closed with. */
  closed: Promise<number>;
  ws: WebSocket;
  close(code?: number): Promise<void>;
}

/** @param options.trusted proxies whose `X-Forwarded-For` is believed */
export async function createGatewayWorld(options: WorldOptions & { trusted?: readonly string[] } = {}) {
  // All pages here are of one address, and its clock stands still.
  const rates = {
    readsPerSecond: 1e6,
    readsBurst: 1e6,
    readsPerPageSecond: 1e6,
    readsPerPageBurst: 1e6,
    framesPerAddressSecond: 1e6,
    framesPerAddressBurst: 1e6,
    connectsPerAddressSecond: 1e6,
    connectsPerAddressBurst: 1e6,
    messagesPerAddressSecond: 1e6,
    messagesPerAddressBurst: 1e6,
    ...options.limits?.rates,
  };
  const world = await createWorld({ ...options, limits: { ...options.limits, rates } });
  const { store, clock, limits } = world;
  const standby = withStandby(keepLocks(store));
  const kept = { ...world, store: standby.store };
  const inbox = await createInbox(kept);
  const auth = createAuth({
    store: kept.store,
    clock,
    limits,
    delay: createLoginDelay({ store: kept.store, clock, limits: limits.login }),
  });
  const sentMails: unknown[] = [];
  const jobs = createJobs({
    ...kept,
    inbox,
    mailer: { tidy: () => Promise.resolve(), transcript: (payload) => Promise.resolve(void sentMails.push(payload)) },
    files: { discard: () => Promise.resolve(), check: () => Promise.resolve(undefined) },
  });
  const gateway = createGateway({
    ...kept,
    inbox,
    auth,
    addresses: createAddresses({ trusted: options.trusted ?? [], clock, log: world.log }),
    config: { publicUrl: CHAT, operatorUrl: OPERATORS },
  });

  const server = createServer((_, response) => response.writeHead(404).end());
  server.on('upgrade', (request, socket, head) => gateway.upgrade(request, socket, head));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const clients: WebSocket[] = [];

  const connect = async <Out, In extends { t: string }>(
    path: string,
    headers: IncomingHttpHeaders,
    end: (n: number) => Out,
  ): Promise<Client<Out, In>> => {
    const ws = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers });
    clients.push(ws);
    const frames: In[] = [];
    const asking: (() => void)[] = [];
    ws.on('message', (data) => {
      const frame = parseServerFrame<In>(String(data));
      if (frame !== undefined) frames.push(frame);
      for (const ask of asking.splice(0)) ask();
    });
    const closed = new Promise<number>((resolve) => ws.on('close', resolve));
    await new Promise<void>((resolve, reject) => {
      ws.on('open', () => resolve());
      ws.on('error', reject);
    });
    const take = <T extends In['t']>(t: T): OfType<In, T> | undefined => {
      const at = frames.findIndex((frame) => frame.t === t);
      const [frame] = at < 0 ? [] : frames.splice(at, 1);
      return isOfType<In, T>(frame, t) ? frame : undefined;
    };
    let n = 1_000_000;
    const client: Client<Out, In> = {
      send: (frame) => ws.send(JSON.stringify(frame)),
      sendRaw: (data) => ws.send(data),
      async next(t) {
        while (true) {
          const frame = take(t);
          if (frame !== undefined) return frame;
          await new Promise<void>((resolve) => asking.push(resolve));
        }
      },
      async rest() {
        // Frames are handled in order, so an answered history request stands behind everything before it.
        n += 1;
        client.send(end(n));
        while (!frames.some((frame) => frame.t === 'history' && 'n' in frame && frame.n === n)) {
          await new Promise<void>((resolve) => asking.push(resolve));
        }
        return frames.splice(0).filter((frame) => !(frame.t === 'history' && 'n' in frame && frame.n === n));
      },
      closed,
      ws,
      async close(code = 1001) {
        ws.close(code);
        await closed;
      },
    };
    return client;
  };

  const openVisitor = (headers: IncomingHttpHeaders = { origin: CHAT }) =>
    connect<VisitorFrame, VisitorServerFrame>('/socket', headers, (n) => ({ t: 'history', n, before: null }));

  const openOperator = (headers: IncomingHttpHeaders) =>
    connect<OperatorFrame, OperatorServerFrame>('/operator/socket', headers, (n) => ({ t: 'history', n, visitor: 'nobody', before: null }));

  type Hello = Partial<Extract<VisitorFrame, { t: 'hello' }>>;
  const hello = (change: Hello = {}): VisitorFrame => ({
    t: 'hello',
    v: PROTOCOL_VERSION,
    site: SITE,
    tab: randomUUID(),
    page: { url: 'https://shop.example/?who=ann#top', title: 'Shop' },
    isInvitable: true,
    cursors: {},
    ...change,
  });

  /** A page that has said hello; without `access` an anonymous one. */
  const page = async (change: Hello = {}) => {
    const client = await openVisitor();
    client.send(hello(change));
    return { ...client, welcome: await client.next('welcome') };
  };

  /** A visitor who has acted: what `POST /session` hands out. */
  const enter = (site: SiteKey = SITE) => auth.enter(site);

  const signIn = async (operator: Operator) => {
    const token = newToken();
    const session = randomUUID();
    await store.transact([], (tx) =>
      tx.saveSession({
        id: session,
        tokenHash: hashToken(token),
        site: null,
        visitor: null,
        operator: operator.id,
        csrf: 'csrf',
        expiresAt: clock.nowSeconds() + 3600,
      }),
    );
    return { session, cookie: `${OPERATOR_COOKIE}=${token}` };
  };

  type OperatorHello = Partial<Extract<OperatorFrame, { t: 'hello' }>>;
  const workplace = async (operator: Operator, change: OperatorHello = {}) => {
    const { session, cookie } = await signIn(operator);
    const client = await openOperator({ origin: OPERATORS, cookie });
    client.send({ t: 'hello', v: PROTOCOL_VERSION, csrf: 'csrf', tab: randomUUID(), watching: [], ...change });
    return { ...client, session, welcome: await client.next('welcome') };
  };

  return {
    ...world,
    /** The standby of the database takes over. */
    takeOver: standby.takeOver,
    inbox,
    auth,
    gateway,
    jobs,
    sentMails,
    port,
    openVisitor,
    openOperator,
    hello,
    page,
    enter,
    signIn,
    workplace,
    async close() {
      gateway.close();
      for (const ws of clients) ws.terminate();
      await new Promise((resolve) => server.close(resolve));
      await world.rooms.idle();
      inbox.close();
      await jobs.close();
      await world.close();
    },
  };
}

export type GatewayWorld = Awaited<ReturnType<typeof createGatewayWorld>>;

function isOfType<F extends { t: string }, T extends F['t']>(frame: F | undefined, t: T): frame is OfType<F, T> {
  return frame?.t === t;
}

/** A batch as an outbox sends it. */
export function batch(...commands: Unsent<VisitorCommand>[]): VisitorFrame {
  return { t: 'send', items: commands.map((command) => ({ uid: randomUUID(), ...command })) };
}

export function operatorBatch(...commands: Unsent<OperatorCommand>[]): OperatorFrame {
  return { t: 'send', items: commands.map((command) => ({ uid: randomUUID(), ...command })) };
}

export const START = { kind: 'chat.start', group: null } as const;
export const say = (text: string) => ({ kind: 'message.send', text, group: null }) as const;
