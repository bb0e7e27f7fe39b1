/**
 * Calls an operator who looks elsewhere: decides which alerts go out, and repeats the call while somebody still waits. How
 * an alert sounds, and in which of several windows, is decided outside the session.
 */
import type { VisitorId } from '../../shared/chat.ts';
import type { Clock } from '../../shared/client/platform.ts';
import type { VisitorItem } from '../../shared/wire/workplace.ts';
import { aboutVisitor, type Alert, type AlertKind, type Subject } from './alerts.ts';
import type { SiteInfo } from './contract.ts';
import { createReminder, type Reminder, type Unanswered } from './reminder.ts';
import type { Roster } from './roster.ts';
import type { Need } from './visitors.ts';

export interface Caller extends Pick<Reminder, 'look' | 'catchUp'> {
  /** @param event the event it follows from, if only windows that have opened the visitor hear of that */
  alert(kind: AlertKind, about: readonly Subject[], event?: string): void;
  /** Visitors have come to need somebody. Begins the pause before the next call of the same kind anew. */
  call(need: Need, items: readonly VisitorItem[]): void;
  onAlert(listener: (alert: Alert) => void): () => void;
  close(): void;
}

export interface CallerOptions {
  clock: Clock;
  roster: Roster;
  site(key: string): SiteInfo | undefined;
  /** Whether the operator is on duty. */
  isOnline(): boolean;
  /** Whether the roster is up to date: nobody knows who waits while the line is cut. */
  isConnected(): boolean;
  /** The visitor whom somebody looks at now. */
  shown(): VisitorId | null;
}

/** Alerts for operators on duty; the others concern this operator's own chats. */
const OF_DUTY: ReadonlySet<AlertKind> = new Set<AlertKind>(['waiting', 'request', 'ending']);

export function createCaller({ clock, roster, site, isOnline, isConnected, shown }: CallerOptions): Caller {
  const listeners = new Set<(alert: Alert) => void>();

  const reminder = createReminder({
    clock,
    unanswered,
    pauseMs: (key) => (site(key)?.repeatSeconds ?? 0) * 1000,
    call: alertAbout,
  });

  function alert(kind: AlertKind, about: readonly Subject[], event?: string): void {
    if (OF_DUTY.has(kind) && !isOnline()) return;
    const unseen = about.filter(({ visitor }) => visitor === null || visitor !== shown());
    if (unseen.length === 0 && about.length > 0) return;
    for (const listener of listeners) listener({ kind, about: unseen, event: event ?? null });
  }

  function alertAbout(kind: AlertKind, items: readonly VisitorItem[]): void {
    const about = items.map((item) => aboutVisitor(item.id, item));
    alert(kind, about);
  }

  function unanswered(): Unanswered[] {
    if (!isConnected()) return [];
    return [...roster.needs.peek()].flatMap(([id, kind]) => {
      const item = roster.get(id);
      return item === undefined || item.leftAt !== undefined || kind === 'message' ? [] : [{ kind, item }];
    });
  }

  return {
    alert,
    call(need, items) {
      // Also if the alert reaches nobody now: the operator may look away, or come on duty, while the visitor still waits.
      if (need !== 'message') for (const item of items) reminder.called(need, item.site);
      alertAbout(need, items);
    },
    look: reminder.look,
    catchUp: reminder.catchUp,
    onAlert(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close() {
      reminder.close();
      listeners.clear();
    },
  };
}
