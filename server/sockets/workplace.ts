/**
 * What one workplace shows: the list of everybody on the operator's sites, the visitors that are open in it, the requests, the
 * colleagues. It hears facts and changes of the inbox, and tells of those that this operator may see.
 *
 * It says nothing before the operator is known. Frames that come from the operator are the connection's business.
 */
import type { SiteKey, VisitorId } from '../../shared/chat.ts';
import type { ParsedOperatorFrame } from '../../shared/wire/requests.ts';
import type { OperatorServerFrame, RequestCursor } from '../../shared/wire/workplace.ts';
import type { Fact } from '../bus/facts.ts';
import type { InboxChange } from '../presence/inbox.ts';
import type { AuditEntry } from '../store/audit.ts';
import type { Connection } from './connection.ts';
import type { ConnectionContext } from './context.ts';
import type { OperatorIdentity } from './identity.ts';
import { createListFeed } from './list-feed.ts';
import { requestPage, type RequestPage } from './request-list.ts';
import { createWatches, type Watches } from './watches.ts';
import { createWorkplaceDirectory, type WorkplaceDirectory } from './workplace-directory.ts';

/** Shows one operator the sites, visitors and chats that they may see. */
export interface Workplace {
  readonly watches: Watches;
  readonly directory: WorkplaceDirectory;
  /** Reads a page of requests. The audit gets an entry for each site it shows. */
  readRequests(after: RequestCursor | null): Promise<RequestPage>;
  /** Sends a page of requests. Returns the bytes sent. */
  requests(asked: Extract<ParsedOperatorFrame, { t: 'requests' }>): Promise<number>;
  hear(fact: Fact): void;
  hearInbox(change: InboxChange): void;
  /** The visitor was erased: the workplace drops what it has of the conversation, too. */
  hearErased(visitor: VisitorId): void;
}

export interface WorkplaceOptions {
  context: Pick<ConnectionContext, 'store' | 'feed' | 'inbox' | 'drafts' | 'directory' | 'clock'>;
  /** The operator; `undefined` before hello. */
  me: () => OperatorIdentity | undefined;
  /** Whether the welcome has been sent. */
  isWelcomed: () => boolean;
  connection: Pick<Connection<OperatorServerFrame>, 'isSlow' | 'flushed' | 'sendEphemeral'>;
  /** Returns the bytes it took. */
  send: (frame: OperatorServerFrame) => number;
  /** A visitor who was open under another id is to be opened under this one. */
  onRenamed: (to: VisitorId) => void;
}

const NO_SITES: ReadonlySet<SiteKey> = new Set();

export function createWorkplace({ context, me: whoIs, isWelcomed, connection, send, onRenamed }: WorkplaceOptions): Workplace {
  const { store, inbox, clock } = context;
  const sites = () => whoIs()?.sites ?? NO_SITES;
  const list = createListFeed({ isSlow: () => connection.isSlow, flushed: connection.flushed, send, item: (id) => inbox.item(id) });
  const directory = createWorkplaceDirectory({ directory: context.directory, inbox, send });
  const watches = createWatches({ context, sites, audit, send, sendEphemeral: connection.sendEphemeral });

  /** Called before anything is shown: an operator whose reading can't be written down reads nothing. */
  async function audit(deed: AuditEntry['deed'], site: SiteKey, visitor: VisitorId | null): Promise<void> {
    const operator = whoIs()?.operator.id ?? null;
    await store.transact([], (tx) => tx.note({ date: clock.nowSeconds(), site, operator, visitor, deed }));
  }

  async function readRequests(after: RequestCursor | null): Promise<RequestPage> {
    const page = await requestPage(store, [...sites()], after);
    for (const site of new Set(page.items.map((request) => request.site))) await audit('requests', site, null);
    return page;
  }

  /** A workplace that had the anonymous page open has the visitor open from now on. */
  function followRenamed(from: VisitorId, to: VisitorId): void {
    send({ t: 'renamed', from, to });
    if (watches.drop(from)) onRenamed(to);
  }

  return {
    watches,
    directory,
    readRequests,
    async requests({ n, after }) {
      const { items, next, counts } = await readRequests(after);
      return send({ t: 'requests', n, items, next, counts });
    },
    hear(fact) {
      if (fact.t === 'jobs' || !sites().has(fact.site)) return;
      if (fact.t === 'request') return void send({ t: 'request', item: fact.item });
      watches.hear(fact);
    },
    hearInbox(change) {
      const me = whoIs();
      if (me === undefined) return;
      switch (change.t) {
        case 'item':
          if (me.sites.has(change.item.site)) list.put(change.item);
          return;
        case 'gone':
          if (me.sites.has(change.site)) list.gone(change.id);
          return;
        case 'renamed':
          if (me.sites.has(change.site)) followRenamed(change.from, change.to);
          return;
        case 'properties':
          if (watches.has(change.id)) send({ t: 'properties', visitor: change.id, properties: change.properties });
          return;
        case 'operators':
          if (isWelcomed()) directory.refresh(me);
          return;
        case 'person':
        case 'arrived':
        case 'left':
        case 'changed':
          return;
      }
    },
    hearErased(visitor) {
      if (watches.drop(visitor)) send({ t: 'reset', reason: 'erased' });
    },
  };
}
