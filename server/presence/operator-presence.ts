/**
 * Which operators can answer now. An operator is online while they say so and have an open connection, and for a moment after the
 * last one fell silent: a short cut must not tell all visitors that nobody is there.
 *
 * An operator without a connection is away, whether they were online or not. The rooms decide what becomes of their chats.
 */
import type { OperatorCard, OperatorId, SiteKey } from '../../shared/chat.ts';
import type { Absence } from '../room/absence.ts';
import type { Clock } from '../base/clock.ts';
import type { Operator } from '../store/operators.ts';

export interface OperatorPresence {
  operatorConnected(operator: Operator, conn: string): void;
  /** @param isGoodbye signed out or revoked: offline at once if it was the last connection */
  operatorClosed(id: OperatorId, conn: string, isGoodbye: boolean): void;
  /** The operator has signed out. Without another connection they are gone for good. */
  operatorSignedOut(id: OperatorId): void;
  setOnline(id: OperatorId, isOnline: boolean): void;
  /** Takes over changes of connected operators. An operator who is missing from the list is offline. */
  refreshOperators(operators: readonly Operator[]): void;
  isOnline(id: OperatorId): boolean;
  /** Online, and serves this site. */
  isOnlineAt(id: OperatorId, site: SiteKey): boolean;
  /** Those online for this site, by the time they came: at most so many. */
  facesAt(site: SiteKey, most: number): OperatorCard[];
  /** Since when an operator has had no connection in any window; `null` while there is one, or was a moment ago. */
  absence(id: OperatorId): Absence | null;
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

export interface OperatorPresenceOptions {
  clock: Clock;
  graceMs: number;
  /** Somebody came online or went offline. */
  onChange: () => void;
  /** Somebody has a connection again, or none any more. */
  onPresence: (id: OperatorId) => void;
}

export function createOperatorPresence({ clock, graceMs, onChange, onPresence }: OperatorPresenceOptions): OperatorPresence {
  const entries = new Map<OperatorId, Entry>();
  const absences = new Map<OperatorId, Absence>();
  /** An operator we have not seen counts as away since then. */
  const startedMs = clock.nowMs();

  const drop = (entry: Entry, absence: Absence) => {
    const { id } = entry.operator;
    entry.stopGrace?.();
    entries.delete(id);
    absences.set(id, absence);
    if (entry.isOnline) onChange();
    onPresence(id);
  };

  return {
    operatorConnected(operator, conn) {
      const entry = entries.get(operator.id) ?? { operator, conns: new Set<string>(), isOnline: false, stopGrace: undefined };
      const isNew = !entries.has(operator.id);
      entries.set(operator.id, entry);
      absences.delete(operator.id);
      entry.operator = operator;
      entry.conns.add(conn);
      entry.stopGrace?.();
      entry.stopGrace = undefined;
      if (isNew) onPresence(operator.id);
    },
    operatorClosed(id, conn, isGoodbye) {
      const entry = entries.get(id);
      if (entry === undefined || !entry.conns.delete(conn) || entry.conns.size > 0) return;
      const sinceMs = clock.nowMs();
      if (isGoodbye) return drop(entry, { sinceMs, isForGood: true });
      entry.stopGrace = clock.after(graceMs, () => drop(entry, { sinceMs, isForGood: false }));
    },
    operatorSignedOut(id) {
      const entry = entries.get(id);
      if (entry !== undefined && entry.conns.size > 0) return;
      const absence = { sinceMs: clock.nowMs(), isForGood: true };
      if (entry !== undefined) return drop(entry, absence);
      absences.set(id, absence);
      onPresence(id);
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
        if (operator === undefined) drop(entry, { sinceMs: clock.nowMs(), isForGood: true });
        else entry.operator = operator;
      }
      onChange();
    },
    isOnline: (id) => entries.get(id)?.isOnline ?? false,
    isOnlineAt(id, site) {
      const entry = entries.get(id);
      return entry !== undefined && entry.isOnline && servesSite(entry.operator, site);
    },
    facesAt: (site, most) =>
      [...entries.values()]
        .filter((entry) => entry.isOnline && servesSite(entry.operator, site))
        .slice(0, most)
        .map((entry) => entry.operator.card),
    absence: (id) => (entries.has(id) ? null : (absences.get(id) ?? { sinceMs: startedMs, isForGood: false, isUnseen: true })),
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

/** Groups are named `site/group`. An operator without a group of this site answers for all its groups. */
export function servesGroup(operator: Pick<Operator, 'groups'>, site: SiteKey, group: string | null): boolean {
  if (group === null) return true;
  const own = operator.groups.filter((name) => name.startsWith(`${site}/`));
  return own.length === 0 || own.includes(`${site}/${group}`);
}
