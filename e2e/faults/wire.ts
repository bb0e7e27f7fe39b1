/**
 * Visitors and operators without a browser: the clients' own sessions on real sockets to a real server, so that many of them
 * cost little and their network is ours to break. What a browser adds is left out: storage is a map that outlives the page,
 * the lasting identity a variable.
 *
 * Everything that the checker wants to know of a client is written down here as it happens.
 */
import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { createDeeds } from '../../frame/session/deeds.ts';
import { createDraft } from '../../frame/session/draft.ts';
import type { PeerWord } from '../../frame/session/outside.ts';
import { createSession as createVisitorSession, type Session as VisitorSession } from '../../frame/session/session.ts';
import type { Session as OperatorSessionOf } from '../../operator/session/contract.ts';
import { createSession as createOperatorSession } from '../../operator/session/session.ts';
import type { PageEvent } from '../../shared/page/bridge.ts';
import type { Chance, Clock, OutboxItem, OutboxStore } from '../../shared/client/outside.ts';
import { parseSettings, toldSettings } from '../../shared/settings.ts';
import { parseServerFrame, type SessionAnswer, type VisitorCommand, type VisitorServerFrame } from '../../shared/wire/protocol.ts';
import { createTransport, type Socket, type SocketListener, type Transport, type TransportStatus } from '../../shared/client/transport.ts';
import type { OperatorCommand, OperatorServerFrame, OperatorSession } from '../../shared/wire/workplace.ts';
import type { View, Writing } from './checker.ts';
import type { Witness } from './database.ts';

/** The way from a client to the server. */
export interface Road {
  /** The server's own origin, which is what every request names whatever the road. */
  chat: string;
  /** Where its requests and its sockets go; a proxy, or the server itself. */
  port: number;
  /** Where its sockets go, if somewhere else. */
  socketPort?: number;
  /** Looks at the database when an acknowledgement comes. */
  witness?: Witness;
  /** Chance, where it is to be repeated. */
  fraction?: () => number;
}

/** The clock of this process. */
export const clock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

const chanceOn = ({ fraction = Math.random }: Road): Chance => ({ uid: () => randomUUID(), fraction });

const REQUEST_MS = 15_000;

/** Waits until `look` says something, and returns it. */
export async function until<T>(look: () => T | Promise<T>, what: string, withinMs = 30_000): Promise<NonNullable<T>> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== null && seen !== false) return seen;
    if (Date.now() > deadline) throw new Error(`Waited ${withinMs} ms in vain: ${what}.`);
    await wait(10);
  }
}

// ── what every client writes down ───────────────────────────────────────────────────────────────────────────────────

type Acked = { uid: string; message_id?: string | null; known?: boolean; dup: boolean };

interface Notes {
  acked: Acked[];
  refused: { uid: string; code: string; retry: boolean }[];
  heardOf: Set<string>;
  marks: { chat: string; visitor: number; operator: number }[];
  /** Close codes of its connections. */
  closes: number[];
  /** Every change of the connection, with its time. */
  statuses: { status: TransportStatus; at: number }[];
  /** How often a socket was asked for. */
  attempts: number;
  frames: number;
}

function newNotes(): Notes {
  return { acked: [], refused: [], heardOf: new Set(), marks: [], closes: [], statuses: [], attempts: 0, frames: 0 };
}

type AnyFrame = VisitorServerFrame | OperatorServerFrame;

function note(notes: Notes, frame: AnyFrame, witness: Witness | undefined): void {
  notes.frames += 1;
  if (frame.t === 'evt') notes.heardOf.add(frame.event.chat);
  if (frame.t === 'read') notes.marks.push({ chat: frame.chat, visitor: frame.visitor, operator: frame.operator });
  if (frame.t === 'nack') notes.refused.push({ uid: frame.uid, code: frame.code, retry: frame.retry });
  if (frame.t !== 'ack' || frame.result.message_id === undefined) return;
  notes.acked.push({
    uid: frame.uid,
    message_id: frame.result.message_id,
    dup: frame.dup,
    ...(witness !== undefined && { known: witness.knows(frame.uid) }),
  });
}

/** A socket as the transport wants it, over the road as it is now. */
/** The same transport, with every change of its state written down. */
function noting<F>(transport: Transport<F>, notes: Notes): Transport<F> {
  return {
    ...transport,
    get status() {
      return transport.status;
    },
    start: (handlers) =>
      transport.start({
        ...handlers,
        onStatus(status) {
          notes.statuses.push({ status, at: Date.now() });
          handlers.onStatus(status);
        },
      }),
  };
}

function openSocket(
  { road, path, headers, notes }: { road: Road; path: string; headers: Record<string, string>; notes: Notes },
  listener: SocketListener,
): Socket & { ws: WebSocket } {
  const host = new URL(road.chat).host;
  const ws = new WebSocket(`ws://127.0.0.1:${road.socketPort ?? road.port}${path}`, {
    origin: road.chat,
    headers: { host, ...headers },
    perMessageDeflate: false,
  });
  notes.attempts += 1;
  // Without it an error would end this process; what it means is told by `close`.
  ws.on('error', () => undefined);
  ws.on('open', () => listener.open());
  ws.on('message', (data) => {
    const text = String(data);
    const frame = parseServerFrame<AnyFrame>(text);
    if (frame !== undefined) note(notes, frame, road.witness);
    listener.message(text);
  });
  ws.on('close', (code) => {
    notes.closes.push(code);
    listener.close(code);
  });
  return {
    ws,
    send: (text) => ws.send(text),
    close() {
      ws.removeAllListeners('open').removeAllListeners('message').removeAllListeners('close');
      ws.close();
      setTimeout(() => ws.terminate(), 2_000).unref();
    },
  };
}

/** A request over the road, as a page of our own origin makes it. */
export function ask<T>(road: Road, path: string, body: object): Promise<{ answer: T; cookie: string }> {
  const host = new URL(road.chat).host;
  const text = JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port: road.port,
        path,
        method: 'POST',
        timeout: REQUEST_MS,
        agent: false,
        headers: { host, origin: road.chat, 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) },
      },
      (response) => {
        let answer = '';
        response.on('data', (chunk: Buffer) => (answer += chunk.toString()));
        response.on('error', reject);
        response.on('end', () => {
          if (response.statusCode !== 200) return reject(new Error(`POST ${path} answered ${response.statusCode}: ${answer}`));
          const cookie = (response.headers['set-cookie'] ?? []).map((line) => line.split(';')[0]).join('; ');
          // The server's own answer, whose shape its own tests hold.
          resolve({ answer: JSON.parse(answer) as T, cookie });
        });
      },
    );
    sent.on('timeout', () => sent.destroy(new Error('timeout')));
    sent.on('error', reject);
    sent.end(text);
  });
}

// ── visitors ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** What outlives a page: the outbox of all of a person's pages, each item with the page it belongs to. */
function createShelf<C>() {
  const rows = new Map<string, { item: OutboxItem<C>; tab: string }>();
  const alive = new Set<string>();
  return {
    rows,
    open(tab: string): OutboxStore<C> & { close(): void } {
      alive.add(tab);
      return {
        put: async (item) => void rows.set(item.uid, { item, tab }),
        remove: async (uid) => void rows.delete(uid),
        async adopt() {
          const left = [...rows.values()].filter((row) => !alive.has(row.tab));
          for (const row of left) row.tab = tab;
          return left.map(({ item }) => item).sort((a, b) => a.order - b.order);
        },
        clear: async () => rows.clear(),
        close: () => void alive.delete(tab),
      };
    },
  };
}

export interface WirePage {
  readonly who: string;
  readonly session: VisitorSession;
  readonly notes: Readonly<Notes>;
  readonly events: readonly PageEvent[];
  say(text: string): string;
  /** Resolves when the page is connected. */
  online(): Promise<void>;
  /** Resolves when everything it said has been stored, as it knows. */
  sent(): Promise<void>;
  /** Milliseconds from `since` until it was connected again; undefined while it is not. */
  backAfter(since: number): number | undefined;
  /** It was killed. */
  readonly isOver: boolean;
  /** Gives up what was refused for good. */
  discardFailed(): void;
  /** The page ends without a word, as a killed browser does; what it had to send stays on the person's shelf. */
  kill(): void;
  /** Reads nothing more from its socket, or goes on reading. */
  pause(isPaused: boolean): void;
  view(): View;
}

export interface Person {
  readonly pages: readonly WirePage[];
  page(road?: Road): WirePage;
  /** What each page has written; what all of them still have to send stands with the last one. */
  writings(): Writing[];
  views(): View[];
  /** The secrets it holds. */
  secrets(): string[];
  close(): void;
}

/** Somebody on a site, with any number of pages. */
export function createPerson({ name, site, road }: { name: string; site: string; road: Road }): Person {
  const shelf = createShelf<VisitorCommand>();
  const pages: (WirePage & { writing(): Writing })[] = [];
  const tokens = new Set<string>();
  const listening = new Map<string, (word: PeerWord) => void>();
  let refresh: string | undefined;
  let hasTrace = false;

  function openPage(way: Road): WirePage & { writing(): Writing } {
    const who = `page ${pages.length + 1} of ${name}`;
    const tab = randomUUID();
    const notes = newNotes();
    const events: PageEvent[] = [];
    const wrote: { uid: string; text: string }[] = [];
    const discarded: string[] = [];
    const store = shelf.open(tab);
    let socket: WebSocket | undefined;
    let isPaused = false;
    let isOver = false;

    const transport = createTransport<VisitorServerFrame>({
      clock,
      chance: chanceOn(way),
      openSocket(listener) {
        const made = openSocket({ road: way, path: '/socket', headers: {}, notes }, listener);
        socket = made.ws;
        if (isPaused) made.ws.once('open', () => made.ws.pause());
        return made;
      },
    });
    const session = createVisitorSession({
      site,
      tab,
      settings: toldSettings(parseSettings({})),
      transport: noting(transport, notes),
      clock,
      chance: chanceOn(way),
      identity: {
        hasTraces: () => Promise.resolve(hasTrace),
        leaveTrace: () => void (hasTrace = true),
        async ask(create) {
          const { answer } = await ask<SessionAnswer>(way, '/session', { site, create, ...(refresh !== undefined && { refresh }) });
          if (answer.visitor !== null) {
            refresh = answer.refresh;
            tokens.add(answer.refresh).add(answer.access);
          }
          return answer;
        },
        identify: () => Promise.reject(new Error('Nobody is named here.')),
        isLasting: () => true,
        async forget() {
          refresh = undefined;
          hasTrace = false;
        },
      },
      peers: {
        tell: (word) => [...listening].forEach(([other, hear]) => other !== tab && setImmediate(() => hear(word))),
        listen(hear) {
          listening.set(tab, hear);
          return () => void listening.delete(tab);
        },
      },
      loadDeeds: () =>
        Promise.resolve((ground) =>
          createDeeds(ground, {
            store,
            loadUploads: () => Promise.reject(new Error('No files here.')),
            loadDraft: (options) => Promise.resolve(createDraft(options)),
            loadNaming: () => Promise.reject(new Error('Nobody is named here.')),
          }),
        ),
    });
    session.subscribe((change) => void events.push(...change.events));
    session.setPage({ url: 'https://shop.example/', title: 'Shop' }, true);

    return {
      who,
      session,
      notes,
      events,
      say(text) {
        const uid = session.send(text, null, { via: 'api' })?.uid;
        if (uid === undefined || uid === null) throw new Error(`${who} could not say ${text}`);
        wrote.push({ uid, text });
        return uid;
      },
      online: async () => void (await until(() => session.connection.value === 'online', `${who} comes online`)),
      sent: async () =>
        void (await until(
          () =>
            session.pending.value.length === 0 && wrote.every(({ uid }) => session.messages.value.some((message) => message.uid === uid)),
          `${who} has sent everything`,
          60_000,
        )),
      backAfter(since) {
        const { statuses } = notes;
        const left = statuses.findIndex(({ status, at }) => at >= since && status !== 'online');
        if (left < 0) return undefined;
        const back = statuses.find(({ status }, at) => at > left && status === 'online');
        return back === undefined ? undefined : back.at - since;
      },
      get isOver() {
        return isOver;
      },
      discardFailed() {
        for (const { message, failed } of session.pending.value) {
          if (failed === null || message.uid === null || !session.discard(message.uid)) continue;
          discarded.push(message.uid);
        }
      },
      kill() {
        if (isOver) return;
        isOver = true;
        listening.delete(tab);
        store.close();
        session.close();
        socket?.terminate();
      },
      pause(value) {
        isPaused = value;
        if (value) socket?.pause();
        else socket?.resume();
      },
      view: () => ({
        who,
        visitor: session.visitorId.value ?? '',
        shown: [...session.messages.value, ...session.pending.value.map(({ message }) => message)].map(({ message_id, uid, text }) => ({
          message_id,
          uid,
          text,
        })),
        told: events.flatMap((event) =>
          event.name === 'sendmessage' && event.message.message_id !== null ? [event.message.message_id] : [],
        ),
        heardOf: [...notes.heardOf],
        marks: notes.marks,
        unread: session.unread.value,
      }),
      writing: () => ({
        who,
        wrote,
        acked: notes.acked,
        outbox: isOver ? [] : session.pending.value.flatMap(({ message }) => message.uid ?? []),
        discarded,
      }),
    };
  }

  return {
    pages,
    page(way = road) {
      const page = openPage(way);
      pages.push(page);
      return page;
    },
    writings() {
      const shelved = [...shelf.rows.values()].flatMap(({ item }) => (item.command.kind === 'message.send' ? [item.uid] : []));
      return pages.map((page) => {
        const writing = page.writing();
        const own = new Set(writing.wrote.map(({ uid }) => uid));
        return { ...writing, outbox: [...new Set([...writing.outbox, ...shelved.filter((uid) => own.has(uid))])] };
      });
    },
    views: () => pages.filter((page) => !page.isOver).map((page) => page.view()),
    secrets: () => [...tokens],
    close() {
      for (const page of pages) page.kill();
    },
  };
}

// ── operators ───────────────────────────────────────────────────────────────────────────────────────────────────────

export interface WireOperator {
  readonly session: OperatorSessionOf;
  readonly notes: Readonly<Notes>;
  /** Opens the visitor, joins the chat if nobody has it, and answers. */
  answer(visitor: string, text: string): Promise<void>;
  /** Says it in the chat of the visitor who is open, if there is one. */
  say(text: string): boolean;
  discardFailed(): void;
  open(visitor: string): Promise<void>;
  online(): Promise<void>;
  pause(isPaused: boolean): void;
  /** Of the visitor who is open. */
  view(): View | undefined;
  writing(): Writing;
  secrets(): string[];
  close(): void;
}

/** An operator who signs in over the road and is online. */
export async function createOperator({
  name,
  email,
  password,
  road,
}: {
  name: string;
  email: string;
  password: string;
  road: Road;
}): Promise<WireOperator> {
  const { answer: operator, cookie } = await ask<OperatorSession>(road, '/operator/login', { email, password });
  const notes = newNotes();
  const wrote: { uid: string; text: string }[] = [];
  const discarded: string[] = [];
  let socket: WebSocket | undefined;
  let isOver = false;
  const transport = createTransport<OperatorServerFrame>({
    clock,
    chance: chanceOn(road),
    openSocket(listener) {
      const made = openSocket({ road, path: '/operator/socket', headers: { cookie }, notes }, listener);
      socket = made.ws;
      return made;
    },
  });
  const shelf = createShelf<OperatorCommand>();
  const session = createOperatorSession({
    operator,
    transport: noting(transport, notes),
    store: shelf.open('workplace'),
    sendBytes: () => () => undefined,
    clock,
    chance: chanceOn(road),
    onRefused: () => undefined,
  });
  session.setOnline(true);
  await until(() => session.isReady.value && session.self.value.isOnline, `${name} is online`);

  const open = async (visitor: string): Promise<void> => {
    if (session.current.value?.visitor !== visitor) session.open(visitor);
    await until(() => session.current.value?.visitor === visitor && session.current.value.isLoaded, `${name} has opened a visitor`);
  };
  const say = (text: string): boolean => {
    if (session.current.value?.chat?.isOpen !== true) return false;
    const before = new Set(session.pending.value.map(({ uid }) => uid));
    session.setReply(text);
    session.sendReply();
    const mine = session.pending.value.find(({ uid }) => !before.has(uid));
    if (mine !== undefined) wrote.push({ uid: mine.uid, text });
    return mine !== undefined;
  };
  return {
    session,
    notes,
    open,
    say,
    async answer(visitor, text) {
      await open(visitor);
      await until(() => session.current.value?.chat?.isOpen === true, `${name} sees a chat`);
      if (!say(text)) throw new Error(`${name} could not say ${text}`);
    },
    discardFailed() {
      for (const { uid, failed } of session.pending.value) {
        if (failed === null) continue;
        session.discard(uid);
        discarded.push(uid);
      }
    },
    online: async () => void (await until(() => session.connection.value === 'online', `${name} comes online`)),
    pause(value) {
      if (value) socket?.pause();
      else socket?.resume();
    },
    view() {
      const current = session.current.value;
      if (isOver || current === null || !current.isLoaded) return undefined;
      const stored = current.events.flatMap((event) =>
        event.kind === 'message.added' ? [{ message_id: event.message_id, uid: event.uid, text: event.text }] : [],
      );
      const unsent = session.pending.value
        .filter(({ chat }) => chat === current.chat?.id)
        .map(({ uid, text }) => ({ message_id: null, uid, text }));
      return { who: `workplace of ${name}`, visitor: current.visitor, shown: [...stored, ...unsent] };
    },
    writing: () => ({ who: name, wrote, acked: notes.acked, outbox: session.pending.value.map(({ uid }) => uid), discarded }),
    secrets: () => [cookie.split('=')[1] ?? '', operator.csrf].filter((secret) => secret !== ''),
    close() {
      isOver = true;
      session.close();
      socket?.terminate();
    },
  };
}
