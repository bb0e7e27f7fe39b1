/**
 * Composition root of the workplace: the only place that constructs. It plugs transport, storage, HTTP client and notifier
 * into account and session, tells the session what the document knows (in sight? online again?), and draws.
 */
import { render } from 'preact';
import type { OperatorId } from '../shared/chat.ts';
import { createCarriers } from '../shared/client/carriers.ts';
import { createTransport, type Transport } from '../shared/client/transport.ts';
import type { OperatorServerFrame, OperatorSession } from '../shared/wire/workplace.ts';
import { createBell } from './browser/bell.ts';
import { chance, clock, openSocket } from './browser/browser.ts';
import { createApi } from './browser/api.ts';
import { createNotifications } from './browser/notifications.ts';
import { createNotifier } from './browser/notifier.ts';
import { createPreference } from './browser/preference.ts';
import { createAccount } from './session/account.ts';
import type { Session } from './session/contract.ts';
import { createSession } from './session/session.ts';
import { createSound } from './browser/sound.ts';
import { createStorage } from './browser/storage.ts';
import { openStreamAt } from './browser/stream.ts';
import { App } from './ui/App.tsx';
import { refuseDrops } from './ui/drops.ts';
import { createSendBytes } from './browser/upload.ts';
import './ui/styles/index.css';

const wantsSound = createPreference('workplace.sound');
const notifier = createNotifier({
  sound: createSound(wantsSound.value),
  notifications: createNotifications(),
  wantsSound,
  wantsNotifications: createPreference('workplace.notifications'),
});

refuseDrops(document);

/** The server's database as this document met it last, over every sign-in. */
let epoch: string | undefined;

const account = createAccount({ api: createApi(), start });

function start(operator: OperatorSession, onRefused: (isIdle: boolean) => void): Session {
  const transport = createTransport<OperatorServerFrame>({
    openSocket: createCarriers({
      clock,
      openSocket: (listener) => openSocket('/operator/socket', listener),
      openStream: (listener) => openStreamAt('/operator/stream', listener),
    }),
    clock,
    chance,
  });
  const storage = createStorage(operator.id, chance.uid());
  const session = createSession({
    operator,
    transport,
    store: storage,
    sendBytes: createSendBytes(operator.csrf),
    clock,
    chance,
    epoch,
    onRefused,
    onEpoch: (now) => (epoch = now),
  });
  const stops = [watchDocument(session, transport), watchUse(session), notifier.serve(session, bellOf(operator.id))];
  return {
    ...session,
    close() {
      for (const stop of stops) stop();
      session.close();
      storage.close();
    },
  };
}

function bellOf(operator: OperatorId) {
  const name = `bell:${operator}`;
  return createBell({
    name,
    // Both are absent from old browsers, locks from plain http too.
    locks: 'locks' in navigator ? navigator.locks : undefined,
    channel: 'BroadcastChannel' in globalThis ? new BroadcastChannel(name) : undefined,
  });
}

/** Tells the session whether somebody looks at the document, and the transport when to try the connection again. */
function watchDocument(session: Session, transport: Transport<OperatorServerFrame>): () => void {
  const look = (): void => {
    const isVisible = document.visibilityState === 'visible';
    transport.setVisible(isVisible);
    if (isVisible) transport.wake();
    session.setAttentive(isVisible && document.hasFocus());
  };
  const wake = (): void => transport.wake();
  document.addEventListener('visibilitychange', look);
  addEventListener('focus', look);
  addEventListener('blur', look);
  addEventListener('pageshow', look);
  addEventListener('online', wake);
  look();
  return () => {
    document.removeEventListener('visibilitychange', look);
    removeEventListener('focus', look);
    removeEventListener('blur', look);
    removeEventListener('pageshow', look);
    removeEventListener('online', wake);
  };
}

/** Reports every sign that somebody uses the screen. The session decides how often to tell the server. */
function watchUse(session: Session): () => void {
  let [x, y] = [Number.NaN, Number.NaN];
  // Browsers also report a pointer that lies still, when something moves below it: a new message, for example.
  const move = (event: PointerEvent): void => {
    if (event.screenX === x && event.screenY === y) return;
    const isFirst = Number.isNaN(x);
    [x, y] = [event.screenX, event.screenY];
    if (!isFirst) session.use();
  };
  const signs = ['pointerdown', 'keydown', 'wheel'] as const;
  for (const sign of signs) addEventListener(sign, session.use, { capture: true, passive: true });
  addEventListener('pointermove', move, { capture: true, passive: true });
  return () => {
    for (const sign of signs) removeEventListener(sign, session.use, { capture: true });
    removeEventListener('pointermove', move, { capture: true });
  };
}

const root = document.getElementById('app');
if (root !== null) {
  render(<App account={account} device={{ ...notifier, signOut: account.signOut }} />, root);
}
