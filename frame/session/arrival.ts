/**
 * Arrival: how the page comes to speak to the server, and as whom.
 *
 * 1. Nothing leaves the page before consent, where the site requires it, and before the page has said where it is.
 * 2. Each connection begins with hello. Without a token it speaks for an anonymous page.
 * 3. The visitor acts for the first time: a token is fetched, and a second hello on the same connection signs in.
 * 4. Other pages of the browser hear of it and sign in as the same visitor.
 */
import type { PageInfo } from '../../shared/chat.ts';
import { MOVED, type Transport, type TransportStatus } from '../../shared/client/transport.ts';
import type { Chance } from '../../shared/client/platform.ts';
import { CLOSE, PROTOCOL_VERSION, type VisitorServerFrame } from '../../shared/wire/protocol.ts';
import type { CatchUp } from './catch-up.ts';
import type { Changes, Changeset } from './changes.ts';
import type { Presence } from './context.ts';
import type { ConnectionStatus, Session } from './contract.ts';
import type { LazyDelivery } from './lazy-delivery.ts';
import type { Identity, PeerWord, Peers, Speech } from './platform.ts';
import { cut } from './text.ts';
import type { Later } from './timers.ts';
import type { Visitor } from './visitor.ts';

/** Where the page stands, and what the interface is shown of it. */
const SHOWN_AS = {
  /** The visitor has not consented yet. */
  withheld: 'withheld',
  /** The page has not said where it is. */
  idle: 'connecting',
  connecting: 'connecting',
  offline: 'offline',
  /** Welcomed as a page of nobody. */
  anonymous: 'online',
  /** The same, and a token is on its way. */
  signingIn: 'online',
  /** Welcomed as a visitor. */
  signedIn: 'online',
  /** The visitor has taken consent back. */
  withdrawn: 'withheld',
  /** The server refuses for good: the site is closed, or this build is too old. */
  refused: 'closed',
  closed: 'closed',
} as const satisfies Record<string, ConnectionStatus>;

type Phase = keyof typeof SHOWN_AS;

export interface Arrival extends Presence, Pick<Session, 'setConsent' | 'setPage'> {
  readonly connection: ConnectionStatus;
  hello(): void;
  /** The server has welcomed this visitor, or nobody. */
  welcome(visitorId: string | null): void;
  /** After a welcome: `true` if commands may go out. `false` if the visitor has acted and the connection still speaks for nobody. */
  settleIn(): boolean;
  /** Lets delivery store and send what it may now. */
  release(): void;
  /** Nobody has acted here any more. */
  forget(): void;
  close(): void;
}

export interface ArrivalOptions {
  site: string;
  tab: string;
  embedder?: string | null | undefined;
  isConsentRequired?: boolean | undefined;
  transport: Transport<VisitorServerFrame>;
  chance: Chance;
  identity: Identity;
  peers?: Peers | undefined;
  speech: Pick<Speech, 'language'>;
  visitor: Visitor;
  later: Later;
  changes: Changes;
  catchUp: CatchUp;
  lazy: LazyDelivery;
  onFrame(frame: VisitorServerFrame): void;
  /** The connection is lost; `isForGood`: nobody will answer here any more. */
  onLost(isForGood: boolean, set: Changeset): void;
  /** The visitor is to be forgotten on this page. */
  onForget(): void;
}

/** How long the browser may take to say what it keeps. Some never do. */
const LOOK_MS = 1_000;
/** Pages that are just going away may still hold their messages: looked for again after these times. */
const INHERIT_AGAIN_MS = [3_000, 30_000];
/** Between two attempts to sign in. */
const AGAIN_MS = 2_000;

export function createArrival(options: ArrivalOptions): Arrival {
  const { transport, chance, identity, peers, visitor, later, catchUp, lazy } = options;
  const { change } = options.changes;
  let phase: Phase = options.isConsentRequired === true ? 'withheld' : 'idle';
  /** Whether the visitor has acted: not yet, on this page, and so that the other pages know. */
  let act: 'none' | 'here' | 'told' = 'none';
  let page: PageInfo | undefined;
  let isInvitable = false;
  let stopHearing: (() => void) | undefined;

  const isOnline = (): boolean => SHOWN_AS[phase] === 'online';
  const isConsented = (): boolean => phase !== 'withheld' && phase !== 'withdrawn';
  const hasActed = (): boolean => act !== 'none';

  // ── transitions: nothing else assigns `phase` ────────────────────────────────────────────────────────────────────

  function allow(): void {
    phase = 'idle';
    if (hasActed()) beginStoring();
    connect();
  }

  function connect(): void {
    if (phase !== 'idle' || page === undefined) return;
    phase = 'connecting';
    transport.start({
      prepare,
      onOpen: hello,
      onFrame: options.onFrame,
      onStatus,
      onClose: (code) => {
        if (code === CLOSE.unauthorized) visitor.expire();
        if (code === MOVED) lazy.delivery?.move();
      },
    });
    stopHearing ??= peers?.listen(hear);
  }

  function lose(next: 'connecting' | 'offline' | 'refused' | 'withdrawn'): void {
    change((set) => {
      if (isOnline()) set.before.push({ name: 'connectionchange', isOnline: false });
      phase = next;
      options.onLost(next === 'refused', set);
    });
  }

  function welcome(visitorId: string | null): void {
    phase = visitorId === null ? 'anonymous' : 'signedIn';
  }

  /** Speaks for a visitor from now on, over the connection that is there; a new connection does so by itself. */
  async function signIn(): Promise<void> {
    if (phase !== 'anonymous') return;
    phase = 'signingIn';
    const isReached = await visitor.ensure(hasActed());
    if (phase !== 'signingIn') return;
    phase = 'anonymous';
    if (isReached && visitor.access !== undefined) hello();
    else if (hasActed()) later(AGAIN_MS * (1 + chance.fraction()), () => void signIn());
  }

  function signOut(): void {
    if (phase === 'signedIn') phase = 'anonymous';
  }

  function withdraw(): void {
    if (phase === 'idle') phase = 'withheld';
    else if (phase !== 'withheld') lose('withdrawn');
    lazy.forget();
    transport.stop();
    options.onForget();
  }

  // ── the connection ───────────────────────────────────────────────────────────────────────────────────────────────

  /** Finds out who this is, and what earlier pages have left to be sent, before a socket is opened. */
  async function prepare(): Promise<boolean> {
    const isNew = !catchUp.hasBeenWelcomed() && !visitor.isKnown;
    const hasTraces = isNew && (await look(identity, later));
    if (hasTraces) await inherit(true);
    if (!(await visitor.ensure(hasActed()))) return false;
    const isSomebody = isNew && visitor.access !== undefined;
    if (isSomebody && !hasTraces) await inherit(true);
    if (isSomebody || hasTraces) for (const ms of INHERIT_AGAIN_MS) later(ms, () => void inherit(false));
    return phase !== 'closed';
  }

  async function inherit(isEarly: boolean): Promise<void> {
    await lazy.load();
    await lazy.delivery?.inherit(isEarly && !catchUp.hasBeenWelcomed());
  }

  function hello(): void {
    if (page === undefined) return;
    const { site, tab, embedder } = options;
    const { access } = visitor;
    const isKnown = access !== undefined;
    transport.send({
      t: 'hello',
      v: PROTOCOL_VERSION,
      site,
      tab,
      page,
      isInvitable,
      embedder,
      language: options.speech.language.peek(),
      ...(isKnown && { access }),
      ...catchUp.resumePoint(isKnown),
    });
  }

  function onStatus(status: TransportStatus): void {
    // The welcome says `online`, together with all that it brings; and who has withdrawn has nothing more to lose.
    if (status !== 'online' && isConsented()) lose(status === 'closed' ? 'refused' : status);
  }

  function hear(word: PeerWord): void {
    if (word === 'forgotten') {
      withdraw();
      return;
    }
    if (phase === 'signedIn' || hasActed()) return;
    visitor.doubt();
    void signIn();
  }

  function release(): void {
    if (phase === 'signedIn') lazy.delivery?.startStoring();
    if (isOnline() && (phase === 'signedIn' || !hasActed())) lazy.delivery?.open();
  }

  function beginStoring(): void {
    identity.leaveTrace();
    lazy.delivery?.startStoring();
  }

  return {
    get connection() {
      return SHOWN_AS[phase];
    },
    isOnline,
    isArriving: () => phase === 'connecting' && !catchUp.hasBeenWelcomed(),
    isSignedIn: () => phase === 'signedIn',
    hasActed,
    act() {
      if (!hasActed()) act = 'here';
      if (isConsented()) beginStoring();
      void signIn();
    },
    doubtIdentity() {
      visitor.expire();
      signOut();
      void signIn();
    },
    access: async () => ((await visitor.ensure(true)) ? visitor.access : undefined),
    accessNow: () => visitor.access,
    hello,
    welcome,
    settleIn() {
      if (phase === 'signedIn') {
        if (act === 'here') peers?.tell('acted');
        if (hasActed()) act = 'told';
      } else if (hasActed()) {
        // Acted while we said hello as nobody; or the server did not believe the token, which must not become a race around.
        if (visitor.access === undefined) void signIn();
        else later(AGAIN_MS, () => void signIn());
        visitor.expire();
        return false;
      }
      release();
      return true;
    },
    release,
    setConsent(isGiven) {
      if (isGiven === isConsented()) return;
      if (isGiven) {
        allow();
        return;
      }
      withdraw();
      void identity.forget().catch(() => undefined);
      peers?.tell('forgotten');
    },
    setPage({ url, title }, invitable) {
      page = { url: cut(url, 2048), title: cut(title, 512) };
      isInvitable = invitable;
      if (phase === 'idle') connect();
      else transport.send({ t: 'page', page, isInvitable });
    },
    forget() {
      visitor.forget();
      act = 'none';
      signOut();
    },
    close() {
      phase = 'closed';
      stopHearing?.();
    },
  };
}

/** Storage that never answers must not keep the page from the server: then there are no traces. */
function look(identity: Identity, later: Later): Promise<boolean> {
  return Promise.race([identity.hasTraces(), new Promise<boolean>((resolve) => void later(LOOK_MS, () => resolve(false)))]);
}
