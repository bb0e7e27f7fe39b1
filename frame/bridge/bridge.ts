/**
 * Frame's end of the bridge: one more user interface, standing beside `ui/` over the same session.
 *
 * 1. `greet.ts` has said hello to a page of this site and got a port. The bridge speaks to nobody else.
 * 2. The host's first call is `welcome`; before it the bridge carries out no other call.
 * 3. The snapshot follows when the server has welcomed the session. If that takes too long, a provisional snapshot goes out
 *    with the state known by then. The page's conversation begins with the snapshot that follows the welcome.
 * 4. From there on every change of the session is one `update`: what differs, and the events that belong to it, in order.
 *    A page that missed one asks with `resync` and gets a new snapshot.
 *
 * What the page's script asks of the session is in `calls.ts`, which is fetched when the page is told for the first time, or has
 * called before that. Calls keep their order. No token passes here, because every script of the page can read what does.
 */
import { signal, type ReadonlySignal } from '@preact/signals-core';
import { expose, wrap, type Endpoint, type Remote } from 'comlink';
import {
  BRIDGE_LIMITS,
  BRIDGE_VERSIONS,
  FRAME_METHODS,
  type Ask,
  type FrameMethod,
  type HostMethods,
  type Known,
  type PageEvent,
  type Presentation,
  type Snapshot,
  type Update,
} from '../../shared/page/bridge.ts';
import type { Clock } from '../../shared/client/platform.ts';
import { toErrorCode } from '../../shared/errors.ts';
import { HISTORY_PAGE } from '../../shared/limits.ts';
import type { missed } from '../../shared/missed.ts';
import { callable, createBucket, guard, type PortLike } from '../../shared/page/guard.ts';
import { refuse, toFlagArgument, toPage, toPresentation, toWelcome } from '../../shared/page/bridge-arguments.ts';
import type { FileLike, Session, SessionChange, Stage } from '../session/contract.ts';
import type { Calls, CallsOptions, OwnCall } from './calls.ts';
import { keysOf, mirrorOf, recent, toState, type MirrorSource } from './mirror-source.ts';

export interface BridgeOptions {
  port: PortLike;
  session: Session;
  epoch: string;
  clock: Clock;
  isFile(value: unknown): value is FileLike;
  print(): void;
  onGoodbye(): void;
  /** What carries out the commands of the page's script. Asked again if it fails. */
  loadCalls(options: CallsOptions): Promise<Calls>;
  /** Few pages have had another frame before: what knows what such a page has missed is fetched for them. */
  loadMissed(): Promise<typeof missed>;
  /** How long the first snapshot waits for the server. */
  patienceMs?: number;
}

export interface Bridge {
  /** For the interface: how the page wants it drawn, and the way to ask the page. */
  readonly stage: Stage;
  close(): void;
}

const PATIENCE_MS = 3_000;
/** Between two attempts at what the network refused. */
const AGAIN_MS = 2_000;
const UNSEEN: Presentation = { isDrawn: false, hasLauncher: false, view: null, isInline: false, byVisitor: false, appearance: {} };

/** What every loader finds out from a second snapshot by itself; telling it besides would tell it twice. */
const COMPARED: ReadonlySet<PageEvent['name']> = new Set<PageEvent['name']>(['connectionchange', 'chatavailabilitychange', 'statechange']);
/** What older ones find out, too, and newer ones are told in the snapshot. */
const MISSED: ReadonlySet<PageEvent['name']> = new Set<PageEvent['name']>([
  'operatorjoined',
  'operatorleave',
  'invite',
  'sendmessage',
  'messagedelivered',
]);

// closure: what the page was told last decides what every later call and change may send
export function createBridge({
  port,
  session,
  epoch,
  clock,
  isFile,
  print,
  onGoodbye,
  loadCalls,
  loadMissed,
  patienceMs = PATIENCE_MS,
}: BridgeOptions): Bridge {
  const bucket = createBucket({ perSecond: BRIDGE_LIMITS.ratePerSecond, burst: BRIDGE_LIMITS.rateBurst, now: () => clock.now() });
  const guarded = guard(port, { calls: FRAME_METHODS, size: BRIDGE_LIMITS.toFrameSize, toCode: toErrorCode, isAllowed: bucket });
  const endpoint = guarded as Endpoint;
  const presentation = signal(UNSEEN);
  let isWelcome = false;
  /** Nothing has to be fetched any more before the page can be told. */
  let isReady = false;
  /** What the first snapshot from the server is to say to a page that had another frame. */
  let recall: ((snapshot: Snapshot) => PageEvent[]) | undefined;
  let rev = 0;
  /** What the page was told last; `undefined` before the first snapshot. */
  let told: { state: MirrorSource; pending: Session['pending']['value'] } | undefined;
  let isPatient = true;
  /** The server has not said anything yet. */
  let isProvisional = true;
  /** Messages at the front of the session's list that the page does not have. */
  let withheld = 0;
  /** Told before the first snapshot; they follow it. */
  let early: PageEvent[] = [];

  const own: Record<OwnCall, (...args: unknown[]) => void> = {
    welcome(value) {
      const welcome = toWelcome(value, BRIDGE_VERSIONS);
      isWelcome = true;
      // Whatever was clicked, it was not this document.
      presentation.value = { ...welcome.presentation, byVisitor: false };
      session.setPage(welcome.page, welcome.isInvitable);
      void begin(welcome.known);
    },
    ping: () => undefined,
    resync: (value) => void begin(value as Known | null),
    page: (page, isInvitable) => session.setPage(toPage(page), toFlagArgument(isInvitable)),
    present(value) {
      presentation.value = toPresentation(value);
    },
    goodbye() {
      close();
      onGoodbye();
    },
  };

  let calls: Promise<Calls> | undefined;

  /** All who wait for it go on in the order in which they came. */
  function load(): Promise<Calls> {
    calls ??= loadCalls({ session, isFile, print, older, retell: () => void clock.after(0, retell) }).catch(() =>
      new Promise<void>((resolve) => clock.after(AGAIN_MS, resolve)).then(() => ((calls = undefined), load())),
    );
    return calls;
  }

  /** Nothing is carried out before the welcome, and a failure of ours leaves no stack behind. */
  async function carryOut(name: FrameMethod, args: unknown[]): Promise<void> {
    if (!isWelcome && name !== 'welcome' && name !== 'ping' && name !== 'goodbye') refuse('not_callable', 'The first call is welcome.');
    try {
      if (name in own) own[name as OwnCall](...args);
      else (await load())[name as keyof Calls](...args);
    } catch (error) {
      const { code, message } = Object(error) as { code?: unknown; message?: unknown };
      refuse(toErrorCode(code), typeof message === 'string' ? message : 'The call failed.');
    }
  }

  expose(callable(Object.fromEntries([...FRAME_METHODS].map((name) => [name, (...args: unknown[]) => carryOut(name, args)]))), endpoint);
  const host: Remote<HostMethods> = wrap<HostMethods>(endpoint);
  // Nothing waits for what the page makes of it; a page that is gone is noticed elsewhere.
  const ignore = (call: Promise<unknown>): void => void call.catch(() => undefined);

  // ── to the page ────────────────────────────────────────────────────────────────────────────────────────────────

  async function begin(known: Known | null | undefined): Promise<void> {
    // Without it the page is brought up to date in silence.
    if (known)
      recall = await loadMissed().then(
        (missed) => (snapshot) => missed(known, snapshot),
        () => undefined,
      );
    isReady = true;
    if (session.connection.value === 'online' || !isPatient || told !== undefined) sendSnapshot();
  }

  function sendSnapshot(events: PageEvent[] = []): void {
    const messages = recent(session.messages.value);
    withheld = session.messages.value.length - messages.length;
    const state = mirrorOf(session);
    const pending = session.pending.value;
    if (session.connection.value === 'online') isProvisional = false;
    told = { state, pending };
    stopWaiting();
    void load();
    const snapshot: Snapshot = {
      epoch,
      rev,
      isProvisional,
      state: toState(state),
      messages,
      hasOlder: session.hasOlder.value || withheld > 0,
      pending: [...pending],
      events,
    };
    if (recall && !isProvisional) {
      snapshot.events = recall(snapshot);
      recall = undefined;
    }
    ignore(host.snapshot(snapshot));
    if (early.length > 0) sendUpdate({ events: early });
    early = [];
  }

  function sendUpdate(update: Omit<Update, 'rev'>): void {
    rev += 1;
    ignore(host.update({ rev, ...update }));
    if (update.events.some((event) => event.name === 'answer' && !event.answer.ok)) retell();
  }

  /**
   * Says the state as it stands, once the page has heard of a refusal: it has changed its card before it asked, and keeps that
   * change until then.
   */
  function retell(): void {
    if (told) sendUpdate({ state: toState(mirrorOf(session)), events: [] });
  }

  function handleChange(change: SessionChange): void {
    if (told === undefined) {
      early.push(...change.events);
      if (isReady && session.connection.value === 'online') sendSnapshot();
      return;
    }
    if (isProvisional && session.connection.value === 'online') {
      sendSnapshot();
      if (change.events.length > 0) sendUpdate({ events: change.events });
      return;
    }
    if (change.isReplaced === true) {
      sendSnapshot(change.events.filter(({ name }) => MISSED.has(name)));
      const rest = change.events.filter(({ name }) => !MISSED.has(name) && !COMPARED.has(name));
      if (rest.length > 0) sendUpdate({ events: rest });
      return;
    }
    const differences = differ(told);
    const older = change.older && { ...change.older, hasOlder: change.older.hasOlder || withheld > 0 };
    if (change.events.length === 0 && change.added === undefined && older === undefined && Object.keys(differences).length === 0) return;
    sendUpdate({ ...differences, ...(change.added && { added: change.added }), ...(older && { older }), events: change.events });
  }

  /** What the page has not been told of the state; afterwards it counts as told. */
  function differ(last: NonNullable<typeof told>): Pick<Update, 'state' | 'pending'> {
    const state = mirrorOf(session);
    const pending = session.pending.value;
    const changed = keysOf(state).filter((key) => state[key] !== last.state[key]);
    const whole = toState(state);
    const differences = {
      ...(changed.length > 0 && { state: Object.fromEntries(changed.map((key) => [key, whole[key]])) }),
      ...(pending !== last.pending && { pending: [...pending] }),
    };
    told = { state, pending };
    return differences;
  }

  function older(): void {
    if (withheld === 0) {
      session.older();
      return;
    }
    const from = Math.max(0, withheld - HISTORY_PAGE);
    const messages = session.messages.value.slice(from, withheld);
    withheld = from;
    sendUpdate({ older: { messages, hasOlder: from > 0 || session.hasOlder.value }, events: [] });
  }

  const unsubscribe = session.subscribe(handleChange);
  const stopWaiting = clock.after(patienceMs, () => {
    isPatient = false;
    if (isReady) sendSnapshot();
  });

  let isClosed = false;
  function close(): void {
    if (isClosed) return;
    isClosed = true;
    stopWaiting();
    unsubscribe();
    guarded.close();
  }

  const ask = (question: Ask): void => ignore(host.ask(question));
  return {
    stage: {
      presentation: presentation as ReadonlySignal<Presentation>,
      open: (view, wantsCall = false) => ask({ type: 'open', view, wantsCall }),
      close: () => ask({ type: 'close' }),
      place: (place) => ask({ type: 'place', ...place }),
      print,
    },
    close,
  };
}
