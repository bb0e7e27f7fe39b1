/**
 * A visitor's browser in the loopback: one IndexedDB, one set of locks and channels, one cookie, and the pages in it. Each page is a
 * real session over the real outbox and its real storage, and where pages share a socket, over the real sharing; only the socket
 * and the time are turned by hand.
 */
import { randomUUID } from 'node:crypto';
import { signal } from '@preact/signals-core';
import { IDBFactory } from 'fake-indexeddb';
import { createDelivery } from '../../frame/session/delivery.ts';
import { createDraft } from '../../frame/session/draft.ts';
import { createSession } from '../../frame/session/session.ts';
import { createSharedSocket } from '../../frame/browser/shared-socket.ts';
import { createOutboxStorage } from '../../frame/browser/storage.ts';
import type { VisitorGrant } from '../../server/auth/access.ts';
import type { PageEvent } from '../../shared/page/bridge.ts';
import type { OutboxStore } from '../../shared/client/platform.ts';
import { createMultiplex } from '../../shared/client/multiplex.ts';
import type { Uid } from '../../shared/chat.ts';
import { texts } from '../../shared/languages/en.ts';
import type { Language } from '../../shared/languages/languages.ts';
import { ChatError } from '../../shared/errors.ts';
import { parseServerFrame, type VisitorCommand, type VisitorServerFrame } from '../../shared/wire/protocol.ts';
import { createTransport, type Transport } from '../../shared/client/transport.ts';
import { createChannels, createLocks } from './commons.ts';
import type { Hands } from './hands.ts';
import { createLine } from './line.ts';
import { SETTINGS, SITE, type LoopbackServer } from './server.ts';

/** What IndexedDB does with a change: keeps it, refuses it, or never says. */
export type StorageMood = 'well' | 'refused' | 'stuck';

export interface BrowserOptions {
  hands: Hands;
  server: LoopbackServer;
  grant: VisitorGrant;
  /** Its pages have one socket together. Else the browser knows no channels. */
  isShared: boolean;
  /** At least 0, below 1. */
  fraction(): number;
  /** Hears of a broken promise the moment it is broken. */
  onBroken(what: string): void;
}

export function createBrowser({ hands, server, grant, isShared, fraction, onBroken }: BrowserOptions) {
  const locks = createLocks();
  const channels = createChannels();
  Object.defineProperty(globalThis, 'BroadcastChannel', {
    value: isShared ? channels.Channel : undefined,
    configurable: true,
    writable: true,
  });
  Object.defineProperty(globalThis, 'indexedDB', { value: new IDBFactory(), configurable: true, writable: true });
  Object.defineProperty(globalThis, 'navigator', { value: { locks }, configurable: true, writable: true });
  const { visitor } = grant;
  const clock = hands.clock();
  let hasTraces = false;
  let pages = 0;
  /** By any page: the answer for one comes on the socket of another. */
  const acked = new Map<Uid, { message_id: string | undefined; seq: number | undefined; chat: string | null }>();

  function createPage() {
    const tab = randomUUID();
    const chance = { uid: () => randomUUID(), fraction };
    const storage = createOutboxStorage<VisitorCommand>(SITE, tab);
    const events: PageEvent[] = [];
    /** What was said here, in its order, and what of it the browser has confirmed to keep. */
    const said: { uid: Uid; text: string }[] = [];
    const kept = new Set<Uid>();
    const told = new Set<string>();
    const readUpTo = new Map<string, number>();
    let mood: StorageMood = 'well';

    const change = (work: () => Promise<void>): Promise<void> => {
      if (mood === 'refused') return Promise.reject(new Error('no storage'));
      return mood === 'stuck' ? new Promise(() => undefined) : hands.track(work());
    };
    const store: OutboxStore<VisitorCommand> = {
      put: (item) =>
        change(async () => {
          await storage.put(item);
          kept.add(item.uid);
        }),
      remove: (uid) => change(() => storage.remove(uid)),
      adopt: () => hands.track(storage.adopt()),
      clear: () => hands.track(storage.clear()),
    };

    /** Looks at what the server says when it says it: I8, I10. */
    function overhear(text: string): void {
      const frame = parseServerFrame<VisitorServerFrame>(text);
      if (frame?.t === 'evt' && !server.isOf(visitor, frame.event.chat, frame.event.seq))
        onBroken(`I8: an event of ${frame.event.chat} reached ${visitor}, or before its commit`);
      if (frame?.t !== 'ack') return;
      const { chat, seq, message_id } = frame.result;
      if (chat !== null && seq !== undefined && !server.isStored(chat, seq, frame.uid))
        onBroken(`I10: ${frame.uid} was acknowledged before it was committed`);
      const before = acked.get(frame.uid);
      if (before !== undefined && before.message_id !== message_id) onBroken(`I1: ${frame.uid} was acknowledged as two messages`);
      acked.set(frame.uid, { chat, seq, message_id });
    }

    const line = createLine({ door: (socket) => server.connect('/socket', undefined, socket), onSaid: overhear });
    const socket = createSharedSocket({
      site: SITE,
      clock,
      connect: line.openSocket,
      transport: () => transport,
      makeId: () => String((pages += 1)).padStart(8, '0'),
      loadMultiplex: () => Promise.resolve(createMultiplex),
    });
    const transport: Transport<VisitorServerFrame> = createTransport({ clock, chance, openSocket: socket.open });
    const session = createSession({
      site: SITE,
      settings: SETTINGS,
      tab,
      transport,
      clock,
      chance,
      speech: { language: signal<Language>('en'), words: signal(texts), speak: () => undefined },
      identity: {
        hasTraces: () => Promise.resolve(hasTraces),
        keepConsent: () => undefined,
        leaveTrace: () => void (hasTraces = true),
        ask: async () => (await server.resume(grant.refresh)) ?? { visitor: null },
        identify: () => Promise.reject(new ChatError('disabled', 'This site has no identity keys.')),
        isLasting: () => mood === 'well',
        forget: () => Promise.resolve(),
      },
      loadDelivery: () =>
        Promise.resolve((context) =>
          createDelivery(context, {
            store,
            loadUploads: () => Promise.reject(new Error('No files here.')),
            loadDraft: (options) => Promise.resolve(createDraft(options)),
            loadIdentify: () => Promise.reject(new Error('Nobody is named here.')),
          }),
        ),
    });
    session.subscribe((news) => {
      events.push(...news.events);
      for (const event of news.events) {
        if (event.name !== 'sendmessage' || event.message.message_id === null) continue;
        if (told.has(event.message.message_id)) onBroken(`I6: sendmessage was told twice of ${event.message.message_id}`);
        told.add(event.message.message_id);
      }
      const chat = session.chat.value;
      if (chat === null) return;
      if (chat.readByVisitor < (readUpTo.get(chat.id) ?? 0)) onBroken(`I7: the marker of ${chat.id} went back to ${chat.readByVisitor}`);
      readUpTo.set(chat.id, Math.max(chat.readByVisitor, readUpTo.get(chat.id) ?? 0));
    });
    session.setPage({ url: 'https://shop.example/', title: 'Shop' }, true);

    return {
      session,
      line,
      events,
      said,
      kept,
      acked,
      say(text: string): void {
        const message = session.send(text, null, { via: 'api' });
        if (message?.uid) said.push({ uid: message.uid, text });
      },
      setMood: (next: StorageMood) => void (mood = next),
      /** Nothing is on its way on a socket of its own, if it has one. */
      get isQuiet() {
        return line.isQuiet || (isShared && line.isUnused);
      },
      /** Of what was said, that which the browser had confirmed to keep when the page ended: the next page can find it at once. */
      keptAtEnd: new Set<Uid>(),
      close(): void {
        for (const uid of kept) this.keptAtEnd.add(uid);
        socket.pause();
        storage.pause();
        session.close();
        storage.close();
      },
    };
  }

  return { visitor, clock, createPage, freeze: channels.freeze, thaw: channels.thaw };
}

export type Browser = ReturnType<typeof createBrowser>;
export type Page = ReturnType<Browser['createPage']>;
