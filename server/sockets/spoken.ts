/** The language that one page speaks with its visitor: heard with the hello, and whenever the visitor reads another. */
import type { Language } from '../../shared/languages/languages.ts';
import type { Payers } from '../limits/costs.ts';
import { visitorLock } from '../store/locks.ts';
import type { Visitor } from '../store/visitors.ts';
import type { ConnectionContext } from './context.ts';
import type { VisitorIdentity } from './identity.ts';

/** What the page speaks. */
export interface Spoken {
  /** `undefined`: it has not said. */
  readonly language: Language | undefined;
  /** A hello says it anew. */
  begin(language: Language | undefined): void;
  /** Stores it with a visitor, so that what is written to them later is in it as well. */
  keep(visitor: Visitor): Promise<void>;
  /** The page changes it. */
  change(me: VisitorIdentity, language: Language | undefined): Promise<void>;
}

export interface SpokenOptions {
  context: Pick<ConnectionContext, 'store' | 'inbox' | 'costs'>;
  conn: string;
  payers: Payers;
  /** The page is to be told the settings in the new one. */
  onChange: () => void;
}

export function createSpoken({ context: { store, inbox, costs }, conn, payers, onChange }: SpokenOptions): Spoken {
  let language: Language | undefined;

  async function keep({ site, id, language: before }: Visitor): Promise<void> {
    const now = language;
    if (now !== undefined && now !== before) await store.transact([visitorLock(id)], (tx) => tx.setLanguage(site, id, now));
  }

  return {
    get language() {
      return language;
    },
    begin: (next) => void (language = next),
    keep,
    async change({ site, visitor }, next) {
      if (next === undefined || next === language) return;
      // The answer is long.
      costs.charge('language', payers);
      language = next;
      inbox.pageSpeaks(conn, next);
      onChange();
      const stored = visitor === null ? undefined : await store.visitor(site, visitor);
      if (stored !== undefined) await keep(stored);
    },
  };
}
