/**
 * Visitors without a browser: the frame's own sessions on real sockets. What a browser adds is left out: storage is a map that
 * outlives the page, the lasting identity a variable.
 */
import { randomUUID } from 'node:crypto';
import { signal } from '@preact/signals-core';
import type { WebSocket } from 'ws';
import { createDelivery } from '../../frame/session/delivery.ts';
import { createDraft } from '../../frame/session/draft.ts';
import type { PeerWord } from '../../frame/session/platform.ts';
import type { Session as VisitorSession } from '../../frame/session/contract.ts';
import { createSession as createVisitorSession } from '../../frame/session/session.ts';
import type { PageEvent } from '../../shared/page/bridge.ts';
import { texts } from '../../shared/languages/en.ts';
import type { Language } from '../../shared/languages/languages.ts';
import { parseSettings, toldSettings } from '../../shared/settings.ts';
import type { SessionAnswer, VisitorCommand, VisitorServerFrame } from '../../shared/wire/protocol.ts';
import { createTransport } from '../../shared/client/transport.ts';
import type { Screen, Writing } from './checker.ts';
import { newNotes, noting, type Notes } from './notes.ts';
import { ask, chanceOn, clock, createShelf, openSocket, until, type Road } from './wire.ts';

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
  view(): Screen;
}

export interface Person {
  readonly pages: readonly WirePage[];
  page(road?: Road): WirePage;
  /** What each page has written; what all of them still have to send stands with the last one. */
  writings(): Writing[];
  views(): Screen[];
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
      speech: { language: signal<Language>('en'), words: signal(texts), speak: () => undefined },
      identity: {
        hasTraces: () => Promise.resolve(hasTrace),
        keepConsent: () => undefined,
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
