/**
 * Which operators can answer now. An operator is online while they say so and a connection of theirs is open, and for a
 * moment after the last one fell silent; so one short cut of the line does not tell all visitors that nobody is there.
 */
import type { OperatorId, SiteKey } from '../shared/chat.ts';
import type { Clock } from './clock.ts';
import type { Operator } from './store/store.ts';

export interface OperatorPresence {
  operatorConnected(operator: Operator, conn: string): void;
  /** @param isGoodbye signed out or revoked: offline at once if it was the last connection */
  operatorClosed(id: OperatorId, conn: string, isGoodbye: boolean): void;
  setOnline(id: OperatorId, isOnline: boolean): void;
  /** Takes what has changed about the operators who are connected; one who is missing is offline. */
  refreshOperators(operators: readonly Operator[]): void;
  isOnline(id: OperatorId): boolean;
  /** Online, and serves this site. */
  isOnlineAt(id: OperatorId, site: SiteKey): boolean;
  /** Whether somebody is online for this group of the site; `null` means any. */
  isAvailable(site: SiteKey, group: string | null): boolean;
  close(): void;
}

interface Entry {
  operator: Operator;
  conns: Set<string>;
  isOnline: boolean;
  stopGrace: (() => void) | undefined;
}

export function createOperatorPresence(options: { clock: Clock; graceMs: number; onChange: () => void }): OperatorPresence {
  const { clock, graceMs, onChange } = options;
  const entries = new Map<OperatorId, Entry>();

  const drop = (entry: Entry) => {
    entry.stopGrace?.();
    entries.delete(entry.operator.id);
    if (entry.isOnline) onChange();
  };

  return {
    operatorConnected(operator, conn) {
      const entry = entries.get(operator.id) ?? { operator, conns: new Set<string>(), isOnline: false, stopGrace: undefined };
      entries.set(operator.id, entry);
      entry.operator = operator;
      entry.conns.add(conn);
      entry.stopGrace?.();
      entry.stopGrace = undefined;
    },
    operatorClosed(id, conn, isGoodbye) {
      const entry = entries.get(id);
      if (entry === undefined || !entry.conns.delete(conn) || entry.conns.size > 0) return;
      if (isGoodbye) return drop(entry);
      entry.stopGrace = clock.after(graceMs, () => drop(entry));
    },
    setOnline(id, isOnline) {
      const entry = entries.get(id);
      if (entry === undefined || entry.isOnline === isOnline) return;
      entry.isOnline = isOnline;
      onChange();
    },
    refreshOperators(operators) {
      for (const entry of [...entries.values()]) {
        const operator = operators.find(({ id }) => id === entry.operator.id);
        if (operator === undefined) drop(entry);
        else entry.operator = operator;
      }
      onChange();
    },
    isOnline: (id) => entries.get(id)?.isOnline ?? false,
    isOnlineAt(id, site) {
      const entry = entries.get(id);
      return entry !== undefined && entry.isOnline && servesSite(entry.operator, site);
    },
    isAvailable: (site, group) =>
      [...entries.values()].some((entry) => entry.isOnline && servesSite(entry.operator, site) && servesGroup(entry.operator, site, group)),
    close() {
      for (const entry of entries.values()) entry.stopGrace?.();
      entries.clear();
    },
  };
}

function servesSite(operator: Operator, site: SiteKey): boolean {
  return operator.sites.length === 0 || operator.sites.includes(site);
}

/** Groups are named `site/group`. An operator for whom none of this site's is named answers for all of them. */
function servesGroup(operator: Operator, site: SiteKey, group: string | null): boolean {
  if (group === null) return true;
  const own = operator.groups.filter((name) => name.startsWith(`${site}/`));
  return own.length === 0 || own.includes(`${site}/${group}`);
}
