/**
 * What changes beside the connections, and what follows for them: an administrator changes sites, operators or sessions, a
 * visitor is erased, a session runs out.
 */
import type { SiteKey, VisitorId } from '../../shared/chat.ts';
import { CLOSE } from '../../shared/wire/protocol.ts';
import type { ConnectionContext } from './context.ts';
import { isAllowed } from './embedding.ts';
import type { Registry } from './registry.ts';
import type { VisitorConnection } from './visitor-connection.ts';

/** Follows changes that were made elsewhere. */
export interface Changes {
  /** Reads everything anew and tells the connections concerned. Logs its failures: the next change reads everything again. */
  siteChanged(): Promise<void>;
  close(): void;
}

export interface ChangesOptions {
  context: Pick<ConnectionContext, 'store' | 'directory' | 'inbox' | 'clock' | 'log'>;
  registry: Pick<Registry, 'visitors' | 'operators'>;
}

/** A session that has run out is noticed within this time. */
const SESSIONS_MS = 1_000;

export function createChanges({ context, registry }: ChangesOptions): Changes {
  const { store, directory, inbox, clock, log } = context;
  const { visitors, operators } = registry;
  let stopWatching = () => {};
  watchSessions();

  async function takeChanges(): Promise<void> {
    await directory.reload();
    inbox.refreshOperators(directory.operators());
    const now = clock.nowSeconds();
    for (const visitor of [...visitors]) {
      const me = visitor.identity();
      const embedding = visitor.embedding();
      if (me === undefined || embedding === undefined) continue;
      if (!isAllowed(embedding, directory)) visitor.close(CLOSE.siteClosed, 'the site is gone');
      else if (me.session !== null && (await store.session(me.session, now)) === undefined) await dismiss(visitor, me);
      else visitor.refreshSettings();
    }
    // Visitors with a page here were found by their sessions.
    for (const { site, id } of inbox.absent()) if ((await store.visitor(site, id)) === undefined) forgetErased(id);
    for (const operator of [...operators]) {
      const me = operator.identity();
      if (me === undefined) continue;
      if ((await store.session(me.session, now)) === undefined) operator.close(CLOSE.unauthorized, 'unauthorized');
      else operator.refreshDirectory();
    }
  }

  function watchSessions(): void {
    stopWatching = clock.after(SESSIONS_MS, () => {
      watchSessions();
      endSessions().catch((error: unknown) => log.error({ err: error }, 'sessions could not be looked at'));
    });
  }

  /** Closes connections whose session has run out. The store is asked, because a session may have been prolonged. */
  async function endSessions(): Promise<void> {
    const now = clock.nowSeconds();
    for (const visitor of [...visitors]) {
      const me = visitor.identity();
      if (me === undefined || me.session === null || me.endsAt === null || me.endsAt > now) continue;
      if ((await store.session(me.session, now)) === undefined) await dismiss(visitor, me);
    }
    for (const operator of [...operators]) {
      const me = operator.identity();
      if (me === undefined || me.endsAt > now) continue;
      if ((await store.session(me.session, now)) === undefined) operator.close(CLOSE.unauthorized, 'unauthorized');
    }
  }

  /** A session is over because its visitor was erased, or signed out elsewhere. */
  async function dismiss(connection: VisitorConnection, { site, visitor }: { site: SiteKey; visitor: VisitorId | null }): Promise<void> {
    if (visitor !== null && (await store.visitor(site, visitor)) === undefined) {
      connection.send({ t: 'reset', reason: 'erased' });
      forgetErased(visitor);
    }
    connection.close(CLOSE.unauthorized, 'unauthorized');
  }

  /** Takes an erased visitor out of the lists, and out of the workplaces that have the conversation open. */
  function forgetErased(visitor: VisitorId): void {
    operators.forEach((operator) => operator.hearErased(visitor));
    inbox.erased(visitor);
  }

  return {
    async siteChanged() {
      try {
        await takeChanges();
      } catch (error) {
        log.error({ err: error }, 'changes could not be read');
      }
    },
    close: () => stopWatching(),
  };
}
