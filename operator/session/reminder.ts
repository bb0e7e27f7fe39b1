/**
 * Repeats the call while visitors are unanswered: those who wait for anybody, and those who came to this operator and were
 * not opened. There is one line per site and kind, so ten who wait call no more often than one; a new call begins the pause
 * anew. What a call is, and whether anybody hears it, is decided elsewhere.
 */
import type { SiteKey } from '../../shared/chat.ts';
import type { Clock } from '../../shared/client/platform.ts';
import type { VisitorItem } from '../../shared/wire/workplace.ts';

/** What the operator is called for again. */
export type UnansweredKind = 'waiting' | 'arrival';

/** A visitor for whom the operator has to be called again. */
export interface Unanswered {
  readonly kind: UnansweredKind;
  readonly item: VisitorItem;
}

export interface ReminderOptions {
  clock: Clock;
  /** All visitors to call for now. */
  unanswered(): readonly Unanswered[];
  /** 0: the workplace calls once on this site. */
  pauseMs(site: SiteKey): number;
  /** Of one site; the visitor who waits longest comes first. */
  call(kind: UnansweredKind, items: readonly VisitorItem[]): void;
}

export interface Reminder {
  /** A call of that kind has just gone out for that site. */
  called(kind: UnansweredKind, site: SiteKey): void;
  /** The list of visitors has changed, or a setting of the sites. */
  look(): void;
  /** Something else has woken this page: browsers run the timers of hidden pages late. */
  catchUp(): void;
  close(): void;
}

export function createReminder({ clock, unanswered, pauseMs, call }: ReminderOptions): Reminder {
  const calledAt = new Map<string, number>();
  let dueAt = Infinity;
  let stop = (): void => undefined;

  function look(): void {
    stop();
    const now = clock.elapsed();
    const lines = linesOf(unanswered());
    for (const key of calledAt.keys()) if (!lines.has(key)) calledAt.delete(key);
    const due: Line[] = [];
    dueAt = Infinity;
    for (const [key, line] of lines) {
      const pause = pauseMs(line.site);
      const before = calledAt.get(key) ?? now;
      const isDue = pause > 0 && now - before >= pause;
      if (isDue) due.push(line);
      const last = isDue ? now : before;
      calledAt.set(key, last);
      if (pause > 0) dueAt = Math.min(dueAt, last + pause);
    }
    if (dueAt < Infinity) stop = clock.after(dueAt - now, look);
    for (const { kind, items } of due) call(kind, items);
  }

  return {
    called(kind, site) {
      calledAt.set(keyOf(kind, site), clock.elapsed());
      look();
    },
    look,
    catchUp() {
      if (clock.elapsed() >= dueAt) look();
    },
    close: () => stop(),
  };
}

interface Line {
  kind: UnansweredKind;
  site: SiteKey;
  items: VisitorItem[];
}

function linesOf(all: readonly Unanswered[]): Map<string, Line> {
  const lines = new Map<string, Line>();
  for (const { kind, item } of [...all].sort((a, b) => a.item.since - b.item.since)) {
    const key = keyOf(kind, item.site);
    const line = lines.get(key) ?? { kind, site: item.site, items: [] };
    line.items.push(item);
    lines.set(key, line);
  }
  return lines;
}

function keyOf(kind: UnansweredKind, site: SiteKey): string {
  return `${kind} ${site}`;
}
