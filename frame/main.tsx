/**
 * Composition root of the frame: the only place that constructs. It reads what the server put into the document, greets the
 * page, plugs transport and identity into the session, stands the bridge beside it, and fetches the rest when it is needed:
 * the acting half (`acting.ts`) and, the first time there is something to draw, the interface.
 */
import { effect } from '@preact/signals-core';
import type { Settings } from '../shared/settings.ts';
import type { VisitorServerFrame } from '../shared/wire/protocol.ts';
import { createTransport, type Socket, type SocketListener, type Transport } from '../shared/client/transport.ts';
import type { Acting } from './acting.ts';
import { directionOf } from '../shared/languages/languages.ts';
import { createBridge } from './bridge/bridge.ts';
import { greet } from './bridge/greet.ts';
import { chance, clock, makeId, openSocket } from './browser/browser.ts';
import { createIdentity } from './browser/identity.ts';
import { languageKey, read, write } from './browser/local.ts';
import { createPeers } from './browser/peers.ts';
import { createSharedSocket } from './browser/shared-socket.ts';
import { begin, language, layOver, speak, words } from './language/language.ts';
import type { FileLike, Session, Stage } from './session/contract.ts';
import { createSession } from './session/session.ts';

function main(): void {
  const epoch = makeId();
  const fragment = new URLSearchParams(location.hash.slice(1));
  const greeting = greet({ window, fragment, isEmbedded: window.parent !== window, origins: readOrigins(), epoch });
  if (typeof greeting === 'string') {
    console.error(`CallGear: ${greeting}`);
    return;
  }

  const site = readMeta('callgear-site');
  // The server has chosen its own; it does not know what the visitor has chosen here before.
  const { documentElement } = document;
  begin(documentElement.lang, read(languageKey(site)) || new URLSearchParams(location.search).get('lang') || documentElement.lang);
  effect(() => {
    if (!words.value) return;
    documentElement.lang = language.value;
    documentElement.dir = directionOf(language.value);
  });
  const tab = makeId();
  const identity = createIdentity(site);
  const isConsentRequired = readMeta('callgear-consent') === 'required' && !identity.hasConsent();
  const socket = createSharedSocket({
    site,
    clock,
    makeId,
    connect: createConnect(),
    transport: () => transport,
    loadMultiplex: () => import('../shared/client/multiplex.ts').then(({ createMultiplex }) => createMultiplex),
  });
  const transport: Transport<VisitorServerFrame> = createTransport({ openSocket: socket.open, clock, chance });
  const peers = createPeers(site);
  let acting: Acting | undefined;
  const session = createSession({
    site,
    tab,
    transport,
    clock,
    chance,
    peers,
    speech: {
      language,
      words,
      speak(tag, isChosen) {
        void speak(tag);
        if (isChosen) write(languageKey(site), tag);
      },
    },
    isConsentRequired,
    settings: readSettings(),
    // `greet` answers only this origin. A page of any other origin gets no message, and the session never begins.
    embedder: fragment.get('o'),
    identity,
    async loadDelivery() {
      const createActing = await loadActing();
      acting = createActing(site, tab);
      return acting.createDelivery;
    },
  });

  effect(() => layOver(session.settings.value));

  const stopWatching = watchDocument(transport, {
    hide: () => session.sendBeacon(),
    pause() {
      socket.pause();
      peers.pause();
      acting?.store.pause();
    },
    resume() {
      peers.resume();
      acting?.store.resume();
    },
  });
  const bridge = createBridge({
    port: greeting,
    session,
    epoch,
    clock,
    isFile,
    print: () => void ui.print(),
    loadCalls: (given) => import('./bridge/calls.ts').then(({ createCalls }) => createCalls(given)),
    loadMissed: () => import('../shared/missed.ts').then(({ missed }) => missed),
    onGoodbye() {
      ui.close();
      stopWatching();
      session.close();
      socket.pause();
      peers.close();
      acting?.store.close();
    },
    // Without consent the server will not be asked, so there is nothing to wait for.
    ...(isConsentRequired && { patienceMs: 0 }),
  });
  const ui = createInterface(session, bridge.stage);
}

async function loadActing(): Promise<(site: string, tab: string) => Acting> {
  // At the same time, though nobody waits for it: its turn comes with the first thing to be stored.
  void import('./browser/storage.ts').catch(() => undefined);
  const { createActing } = await import('./acting.ts');
  return createActing;
}

/** Opens WebSockets. Once one has ended it fetches what knows another way, for networks that refuse them. */
function createConnect(): (listener: SocketListener) => Socket {
  let connect = (listener: SocketListener): Socket =>
    openSocket('/socket', {
      ...listener,
      close(code) {
        import('./browser/fallback.ts').then(
          ({ createFallback }) => (connect = createFallback()),
          () => undefined,
        );
        listener.close(code);
      },
    });
  return (listener) => connect(listener);
}

/** Fetches the interface once it is needed and draws it; with the frame's own styles, which nothing before it needs. */
function createInterface(session: Session, stage: Stage): { print(): Promise<void>; close(): void } {
  let showing: Promise<() => void> | undefined;
  let isClosed = false;

  async function load(): Promise<() => void> {
    // A visitor who can write must see their text at once. Without the acting half the rest is still better than nothing.
    const acting = loadActing().catch(() => undefined);
    const { mountInterface } = await import('./ui/main.tsx');
    await acting;
    const root = document.getElementById('app');
    return root === null || isClosed ? () => undefined : mountInterface(root, session, stage);
  }

  async function show(): Promise<void> {
    showing ??= load();
    try {
      await showing;
    } catch {
      // The network may be better the next time somebody looks.
      showing = undefined;
    }
  }

  /** Also where nothing is drawn: the paper is made by the interface. */
  async function print(): Promise<void> {
    await show();
    try {
      const { whenPrintable } = await import('./ui/main.tsx');
      await whenPrintable();
      window.print();
    } catch {
      // Without the interface there is nothing to print, and no network to fetch it from.
    }
  }

  const stop = effect(() => {
    // Without its texts there is nothing to draw.
    if (stage.presentation.value.isDrawn && words.value) void show();
  });
  return {
    print,
    close() {
      isClosed = true;
      stop();
      void showing?.then(
        (unmount) => unmount(),
        () => undefined,
      );
    },
  };
}

/** Tells the transport what the document knows, and lets go of everything that would keep the page out of the back/forward cache. */
function watchDocument(transport: Transport<VisitorServerFrame>, held: { hide(): void; pause(): void; resume(): void }): () => void {
  const end = new AbortController();
  const { signal } = end;
  const look = (): void => {
    const isVisible = document.visibilityState === 'visible';
    transport.setVisible(isVisible);
    if (isVisible) transport.wake();
    else held.hide();
  };
  document.addEventListener('visibilitychange', look, { signal });
  addEventListener('online', () => transport.wake(), { signal });
  addEventListener(
    'pagehide',
    (event) => {
      held.hide();
      held.pause();
      if (event.persisted) transport.sleep();
    },
    { signal },
  );
  addEventListener(
    'pageshow',
    (event) => {
      if (!event.persisted) return;
      held.resume();
      transport.restart();
    },
    { signal },
  );
  look();
  return () => end.abort();
}

/** Whether this is a browser's own file, also one that came over the port. */
function isFile(value: unknown): value is File & FileLike {
  return value instanceof File;
}

function readMeta(name: string): string {
  return document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content ?? '';
}

/** The site's settings at the time of the request. Our own server writes them, so nothing is checked again. */
function readSettings(): Settings {
  return JSON.parse(readMeta('callgear-settings')) as Settings;
}

/** The list the server put there; anything else than a list of texts is none. */
function readOrigins(): string[] {
  try {
    const origins: unknown = JSON.parse(readMeta('callgear-origins'));
    return Array.isArray(origins) ? origins.filter((origin) => typeof origin === 'string') : [];
  } catch {
    return [];
  }
}

main();
