/**
 * Who is connected now: pages by visitor and by tab, workplaces by tab, and how many pages each site has. The registry owns
 * these sets; the others read them.
 *
 * One tab has one connection. The one whose hello came last wins, because the other is a line that was cut without our noticing.
 * A hello that a slow line held up can come last and belong to the cut one: then the page connects again, and wins.
 */
import type { SiteKey, VisitorId } from '../../shared/chat.ts';
import { CLOSE } from '../../shared/wire/protocol.ts';
import type { OperatorIdentity, VisitorIdentity } from './identity.ts';
import type { OperatorConnection } from './operator-connection.ts';
import type { VisitorConnection } from './visitor-connection.ts';

/** Everybody who is connected. */
export interface Registry {
  readonly visitors: ReadonlySet<VisitorConnection>;
  readonly operators: ReadonlySet<OperatorConnection>;
  /** The pages of one visitor, or the one anonymous page. */
  pagesOf(presence: VisitorId): ReadonlySet<VisitorConnection>;
  /** The sites with a page or a workplace here. */
  sites(): ReadonlySet<SiteKey>;
  /** The visitors with a page here, and those that a workplace here has open, with their sites. */
  followed(): ReadonlyMap<VisitorId, SiteKey>;
  /** How many pages of this site have said hello. */
  countPages(site: SiteKey): number;
  addVisitor(connection: VisitorConnection): void;
  /** The page has said hello, perhaps once more. Closes an older connection of its tab. */
  identifyVisitor(connection: VisitorConnection, before: VisitorIdentity | undefined, now: VisitorIdentity): void;
  removeVisitor(connection: VisitorConnection): void;
  addOperator(connection: OperatorConnection): void;
  /** The workplace has said hello. Closes an older connection of its tab. */
  identifyOperator(connection: OperatorConnection, now: OperatorIdentity): void;
  removeOperator(connection: OperatorConnection): void;
  /** The newest connection of a page's tab. */
  pageOfTab(site: SiteKey, tab: string): VisitorConnection | undefined;
}

export interface RegistryOptions {
  /** A visitor's last page has gone. */
  onGone: (presence: VisitorId) => void;
}

const NOBODY: ReadonlySet<never> = new Set<never>();

export function createRegistry({ onGone }: RegistryOptions): Registry {
  const visitors = new Set<VisitorConnection>();
  const operators = new Set<OperatorConnection>();
  const pages = new Map<VisitorId, Set<VisitorConnection>>();
  const pagesBySite = new Map<SiteKey, number>();
  const visitorTabs = new Map<string, VisitorConnection>();
  const operatorTabs = new Map<string, OperatorConnection>();

  function leavePages(connection: VisitorConnection, { presence }: VisitorIdentity): void {
    const own = pages.get(presence);
    own?.delete(connection);
    if (own?.size === 0) {
      pages.delete(presence);
      onGone(presence);
    }
  }

  return {
    visitors,
    operators,
    pagesOf: (presence) => pages.get(presence) ?? NOBODY,
    sites: () => new Set([...pagesBySite.keys(), ...[...operators].flatMap((operator) => [...(operator.identity()?.sites ?? [])])]),
    followed() {
      const all = new Map<VisitorId, SiteKey>();
      for (const page of visitors) {
        const me = page.identity();
        if (me !== undefined && me.visitor !== null) all.set(me.visitor, me.site);
      }
      for (const operator of operators) for (const [visitor, site] of operator.watched()) all.set(visitor, site);
      return all;
    },
    countPages: (site) => pagesBySite.get(site) ?? 0,
    addVisitor: (connection) => void visitors.add(connection),
    identifyVisitor(connection, before, now) {
      if (before === undefined) count(pagesBySite, now.site, 1);
      else leavePages(connection, before);
      supersede(visitorTabs, visitorTabOf(now), connection);
      const own = pages.get(now.presence) ?? new Set();
      pages.set(now.presence, own.add(connection));
    },
    removeVisitor(connection) {
      visitors.delete(connection);
      const me = connection.identity();
      if (me === undefined) return;
      count(pagesBySite, me.site, -1);
      leavePages(connection, me);
      removeTab(visitorTabs, visitorTabOf(me), connection);
    },
    addOperator: (connection) => void operators.add(connection),
    identifyOperator: (connection, now) => supersede(operatorTabs, operatorTabOf(now), connection),
    removeOperator(connection) {
      operators.delete(connection);
      const me = connection.identity();
      if (me !== undefined) removeTab(operatorTabs, operatorTabOf(me), connection);
    },
    pageOfTab: (site, tab) => visitorTabs.get(visitorTabOf({ site, tab })),
  };
}

function visitorTabOf({ site, tab }: Pick<VisitorIdentity, 'site' | 'tab'>): string {
  return `${site} ${tab}`;
}

function operatorTabOf({ operator, tab }: OperatorIdentity): string {
  return `${operator.id} ${tab}`;
}

function supersede<C extends { close(code: number, reason: string): void }>(byTab: Map<string, C>, tab: string, newer: C): void {
  const older = byTab.get(tab);
  byTab.set(tab, newer);
  if (older !== undefined && older !== newer) older.close(CLOSE.superseded, 'superseded');
}

function removeTab<C>(byTab: Map<string, C>, tab: string, connection: C): void {
  if (byTab.get(tab) === connection) byTab.delete(tab);
}

/** Adds to a count and forgets a key whose count is zero. */
export function count(counts: Map<string, number>, key: string, by: number): void {
  const now = (counts.get(key) ?? 0) + by;
  if (now > 0) counts.set(key, now);
  else counts.delete(key);
}
