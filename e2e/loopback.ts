/**
 * For the loopback test: pages of one visitor, each a real session, before a real gateway with its rooms and its SQLite
 * store, all in one process. Between a page and the gateway the test turns the wire by hand: a frame travels when it says so,
 * is repeated, or is lost with its connection; what an old connection still carried can arrive after the next has begun.
 */
import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';
import type { PageEvent } from '../shared/bridge.ts';
import { handClock, handStore, settle } from '../shared/client/hand.ts';
import { parseServerFrame, type SessionAnswer, type VisitorCommand, type VisitorServerFrame } from '../shared/protocol.ts';
import { createTransport, type SocketListener } from '../shared/transport.ts';
import { createDeeds } from '../frame/session/deeds.ts';
import { createSession } from '../frame/session/session.ts';
import { CHAT, type GatewayWorld } from '../server/gateway-world.ts';
import { SITE } from '../server/room-world.ts';

/** One connection of a page, from both ends. */
interface Link {
  /** Frames on their way to the server and to the page, oldest first. */
  up: string[];
  down: string[];
  /** The page has given it up, or heard that it is closed. */
  isCut: boolean;
  /** Opens it; only then the page may speak. */
  open(): Promise<void>;
  pass(frame: string): Promise<void>;
  /** Waits until the server has answered everything it was given, and takes what it said. */
  collect(): Promise<void>;
  end(): void;
  readonly state: 'new' | 'open' | 'over';
  listener: SocketListener;
}

/** Far from the numbers that sessions count their history requests with. */
const MARKS = 1_000_000;

function createLink(port: number, listener: SocketListener): Link {
  let ws: WebSocket | undefined;
  let hasGreeted = false;
  let mark = MARKS;
  let look = (): void => undefined;
  const link = { up: [] as string[], down: [] as string[], isCut: false, state: 'new' as Link['state'], listener };

  /** Resolves when the server has come to this mark in the line, or has closed. */
  async function collect(): Promise<void> {
    if (ws === undefined || !hasGreeted || link.state === 'over') return;
    const mine = ++mark;
    ws.send(JSON.stringify({ t: 'history', n: mine, before: null }));
    for (;;) {
      const at = link.down.findIndex((text) => {
        const frame = parseServerFrame<VisitorServerFrame>(text);
        return frame?.t === 'history' && frame.n === mine;
      });
      if (at >= 0) link.down.splice(at, 1);
      if (at >= 0 || ws.readyState !== WebSocket.OPEN) return;
      await new Promise<void>((resolve) => (look = resolve));
    }
  }

  return Object.assign(link, {
    async open() {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/socket`, { headers: { origin: CHAT } });
      ws = socket;
      await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
      link.state = 'open';
      socket.on('message', (data) => {
        link.down.push(String(data));
        look();
      });
      socket.on('close', () => {
        link.state = 'over';
        look();
      });
      if (!link.isCut) listener.open();
    },
    async pass(frame: string) {
      if (link.state !== 'open') return;
      hasGreeted ||= frame.startsWith('{"t":"hello"');
      ws?.send(frame);
      await collect();
    },
    collect,
    end() {
      link.state = 'over';
      ws?.terminate();
    },
  });
}

const isEvent = (frame: string): boolean => frame.startsWith('{"t":"evt"');

export interface PageOptions {
  world: Pick<GatewayWorld, 'port'>;
  visitor: SessionAnswer;
}

/** A page with its own session and clock, for a visitor who is known already. */
export function createPage({ world, visitor }: PageOptions) {
  const clock = handClock();
  const chance = { uid: () => randomUUID(), fraction: () => 1 };
  const links: Link[] = [];
  const events: PageEvent[] = [];
  const transport = createTransport<VisitorServerFrame>({
    clock,
    chance,
    openSocket(listener) {
      const link = createLink(world.port, listener);
      links.push(link);
      return { send: (text) => void link.up.push(text), close: () => void (link.isCut = true) };
    },
  });
  const session = createSession({
    site: SITE,
    tab: randomUUID(),
    transport,
    clock,
    chance,
    identity: { hasTraces: () => Promise.resolve(false), leaveTrace: () => undefined, ask: () => Promise.resolve(visitor), isLasting: () => true, forget: () => Promise.resolve() },
    loadDeeds: () => Promise.resolve((ground) => createDeeds(ground, { store: handStore<VisitorCommand>(), upload: () => ({ done: Promise.reject(new Error('no files here')), cancel: () => undefined }) })),
  });
  session.subscribe((change) => void events.push(...change.events));
  session.setPage({ url: 'https://shop.example/', title: 'Shop' }, true);

  const live = (): Link | undefined => links.find((link) => !link.isCut);

  return {
    session,
    events,
    clock,
    /** One frame towards the server; a connection that is new is opened instead. */
    async up(times = 1) {
      const link = live();
      if (link === undefined) return;
      if (link.state === 'new') return link.open();
      const frame = link.up.shift();
      if (frame === undefined) return;
      const isRepeatable = frame.startsWith('{"t":"send"');
      for (let time = 0; time < (isRepeatable ? times : 1); time += 1) await link.pass(frame);
    },
    /** One frame towards the page. When the server has closed and everything is heard, the page hears that. */
    async down(times = 1) {
      const link = live();
      const frame = link?.down.shift();
      const isRepeatable = frame !== undefined && /^\{"t":"(evt|ack|nack)"/.test(frame);
      if (frame !== undefined) for (let time = 0; time < (isRepeatable ? times : 1); time += 1) link?.listener.message(frame);
      else if (link?.state === 'over') link.listener.close(1006);
      await settle();
    },
    /** An event is lost while its connection lives. Only one that others follow: of the last one nobody could know. */
    lose() {
      const down = live()?.down ?? [];
      const at = down.findIndex((frame, index) => isEvent(frame) && down.slice(index + 1).some((later) => isEvent(later)));
      if (at >= 0) down.splice(at, 1);
    },
    /** The connection breaks; what it carried to the page is lost, what it carried to the server may still arrive. */
    async cut() {
      const link = live();
      if (link === undefined || link.state === 'new') return;
      link.listener.close(1006);
      link.isCut = true;
      await settle();
    },
    /** What broken connections still carried arrives at the server now, if it does not find them superseded. */
    async late() {
      for (const link of links.filter(({ isCut }) => isCut)) {
        for (let frame = link.up.shift(); frame !== undefined; frame = link.up.shift()) await link.pass(frame);
        link.end();
      }
    },
    async collect() {
      for (const link of links) if (!link.isCut) await link.collect();
    },
    get isQuiet() {
      const link = live();
      return link !== undefined && link.state === 'open' && link.up.length + link.down.length === 0 && session.connection.value === 'online' && session.pending.value.length === 0;
    },
    close() {
      session.close();
      for (const link of links) link.end();
    },
  };
}

export type Page = ReturnType<typeof createPage>;
