/**
 * The gateway: the server's edge for everything that lasts. It plugs together who gets a connection (`admission.ts`), who is
 * connected (`registry.ts`), who hears what (`fan-out.ts`) and what changes from outside (`changes.ts`), and it says goodbye.
 *
 * The connections read and answer frames, each of its own kind. The gateway does not know what carries those frames.
 */
import type { OperatorId, Uid } from '../../shared/chat.ts';
import type { Ack, Nack } from '../../shared/wire/protocol.ts';
import { CLOSE } from '../../shared/wire/protocol.ts';
import type { VisitorAccess } from '../auth/access.ts';
import type { Feed } from '../bus/feed.ts';
import { createFairQueue } from '../limits/fair-queue.ts';
import { createAnswerTimes } from '../presence/answer-times.ts';
import { createDirectory } from '../presence/directory.ts';
import { createDrafts } from '../presence/drafts.ts';
import { createAdmission, type Admission, type AdmissionOptions } from './admission.ts';
import { createChanges } from './changes.ts';
import type { ConnectionContext } from './context.ts';
import { startFanOut } from './fan-out.ts';
import type { VisitorIdentity } from './identity.ts';
import { READS_AT_ONCE } from './reading.ts';
import { createReconciler } from './reconciler.ts';
import { createRegistry } from './registry.ts';
import { runVisitorBatch } from './visitor-batch.ts';

export interface GatewayOptions
  extends
    Omit<ConnectionContext, 'directory' | 'answerTimes' | 'drafts' | 'reads' | 'ready' | 'attend'>,
    Pick<AdmissionOptions, 'config' | 'addresses' | 'sockets'> {
  feed: Feed;
}

/** What the page sends when it ends, and whose it is. */
export interface Beacon {
  access: VisitorAccess;
  tab: string;
  items: readonly { uid: Uid }[];
}

/** The edge for sockets and streams. */
export interface Gateway extends Pick<Admission, 'upgrade' | 'isOurs' | 'refusal' | 'admit'> {
  /** Runs the commands that an ending page sends, in their order. `undefined` once the server is stopping. */
  runBeacon(beacon: Beacon, req: Parameters<Admission['refusal']>[1]): Promise<(Ack | Nack)[] | undefined>;
  /** The session has ended: its sockets close with 4401. `operator`: whose session it was, who may have had no socket. */
  revoke(session: string, operator?: OperatorId): void;
  /** Sites, groups, operators or sessions have changed: reads them anew and tells those concerned. Never rejects. */
  siteChanged(): Promise<void>;
  /** How many are connected now. */
  connections(): { visitors: number; operators: number };
  /** Says goodbye before a restart, lets work in progress end, and closes every socket with 1012. Takes no new ones. */
  goaway(): Promise<void>;
  close(): void;
}

/** Clients come back within this time after a goodbye, each at a moment of its own; where there are many, a thousand in a second. */
const GOAWAY_MS = 3_000;

export function createGateway({ config, addresses, sockets, ...parts }: GatewayOptions): Gateway {
  const { store, rooms, inbox, feed, clock, limits, log } = parts;
  const directory = createDirectory(store);
  const ready = directory.reload();
  ready.catch((error: unknown) => log.error({ err: error }, 'the sites could not be read'));

  const registry = createRegistry({ onGone: (presence) => drafts.clear(presence) });
  const drafts = createDrafts({
    clock,
    perSecond: limits.rates.typingPerSecond,
    onDraft: (visitor, text) => registry.operators.forEach((operator) => operator.hearDraft(visitor, text)),
  });
  const answerTimes = createAnswerTimes({
    store,
    clock,
    log,
    onChange: (site) => registry.visitors.forEach((page) => page.identity()?.site === site && page.refresh()),
  });
  const reconciler = createReconciler({
    feed,
    store,
    clock,
    log,
    sites: registry.sites,
    followed: registry.followed,
  });
  const context: ConnectionContext = {
    ...parts,
    directory,
    answerTimes,
    drafts,
    ready,
    attend: reconciler.attend,
    reads: createFairQueue({ atOnce: READS_AT_ONCE }),
  };
  const admission = createAdmission({
    context,
    registry,
    config,
    addresses,
    sockets,
    onTyping: (visitor, name) => registry.pagesOf(visitor).forEach((page) => page.sendEphemeral({ t: 'typing', name })),
  });
  const stopFanOut = startFanOut({ feed, inbox, registry });
  const changes = createChanges({ context, registry });
  const { upgrade, isOurs, refusal, admit } = admission;

  const everybody = () => [...registry.visitors, ...registry.operators];
  const restart = () => everybody().forEach((connection) => connection.close(CLOSE.restart, 'restart'));
  // Whoever comes back says what they know, and learns what is stored.
  const stopEpochs = store.onEpoch(restart);

  return {
    upgrade,
    isOurs,
    refusal,
    admit,
    async runBeacon({ access, tab, items }, req) {
      if (admission.isStopped) return undefined;
      const who: VisitorIdentity = { ...access, tab, presence: access.visitor };
      const answers: (Ack | Nack)[] = [];
      await runVisitorBatch({
        context,
        who,
        items,
        payers: { address: addresses.keyOf(req) },
        answer: (answer) => void answers.push(answer),
      });
      return answers;
    },
    revoke(session, operator) {
      for (const connection of everybody()) {
        if (connection.identity()?.session === session) connection.close(CLOSE.unauthorized, 'unauthorized');
      }
      if (operator !== undefined) inbox.operatorSignedOut(operator);
    },
    siteChanged: changes.siteChanged,
    connections: () => ({ visitors: registry.visitors.size, operators: registry.operators.size }),
    async goaway() {
      admission.stop();
      const connections = everybody();
      const afterMs = Math.max(GOAWAY_MS, connections.length);
      for (const connection of connections) connection.send({ t: 'goaway', afterMs });
      let stop = () => {};
      const patience = new Promise<void>((resolve) => {
        stop = clock.after(limits.timing.drainMs, resolve);
      });
      const work = Promise.all(connections.map((connection) => connection.drain())).then(() => rooms.idle());
      await Promise.race([work, patience]);
      stop();
      restart();
      await admission.allClosed();
    },
    close() {
      stopEpochs();
      stopFanOut();
      reconciler.close();
      changes.close();
      answerTimes.close();
      drafts.close();
      admission.close();
    },
  };
}
