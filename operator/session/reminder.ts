/**
 * Calls again while somebody stands there: who waits for anybody, and who has come to me and was not opened. One line per site and
 * kind, so that ten who wait call no more often than one; a new call begins the pause anew. What a call is, and whether it is heard,
 * is others' business.
 */
import type { SiteKey } from '../../shared/chat.ts';
import type { Clock } from '../../shared/client/outside.ts';
import type { VisitorItem } from '../../shared/wire/workplace.ts';

/** For what somebody is called again. */
export type StandingKind = 'waiting' | 'arrival';

/** Somebody who has to be called for again. */
export interface Standing {
  readonly kind: StandingKind;
  readonly item: VisitorItem;
}

export interface ReminderOptions {
  clock: Clock;
  /** Everybody there is to call for now. */
  standing(): readonly Standing[];
  /** 0: one call is all on this site. */
  pauseMs(site: SiteKey): number;
  /** Of one site; who stands there longest first. */
  call(kind: StandingKind, items: readonly VisitorItem[]): void;
}

export interface Reminder {
  /** Somebody of that site has just been called out. */
  called(kind: StandingKind, site: SiteKey): void;
  /** The list is another one, or what the sites have set. */
  look(): void;
  /** Something else has woken us: browsers run the timers of hidden pages late. */
  catchUp(): void;
  close(): void;
}

export function createReminder({ clock, standing, pauseMs, call }: ReminderOptions): Reminder {
  const calledAt = new Map<string, number>();
  let dueAt = Infinity;
  let stop = (): void => undefined;

  function look(): void {
    stop();
    const now = clock.elapsed();
    const lines = linesOf(standing());
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
  kind: StandingKind;
  site: SiteKey;
  items: VisitorItem[];
}

function linesOf(all: readonly Standing[]): Map<string, Line> {
  const lines = new Map<string, Line>();
  for (const { kind, item } of [...all].sort((a, b) => a.item.since - b.item.since)) {
    const key = keyOf(kind, item.site);
    const line = lines.get(key) ?? { kind, site: item.site, items: [] };
    line.items.push(item);
    lines.set(key, line);
  }
  return lines;
}

function keyOf(kind: StandingKind, site: SiteKey): string {
  return `${kind} ${site}`;
}
