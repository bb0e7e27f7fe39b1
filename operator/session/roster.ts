/**
 * The roster: every visitor in the list *Visitors*, and what a change in it means to an operator who looks elsewhere. It
 * holds thousands of lines that change often, so the map is changed in place and one signal says that something did.
 */
import { computed, signal, type ReadonlySignal } from '@preact/signals-core';
import type { OperatorId, VisitorId } from '../../shared/chat.ts';
import type { VisitorItem } from '../../shared/wire/workplace.ts';
import { hasLeft, isMine, isNewToMe, needOf, sortVisitors, type Need } from './visitors.ts';

export interface Roster {
  readonly visitors: ReadonlySignal<readonly VisitorItem[]>;
  /** The visitors who need an operator, and why. */
  readonly needs: ReadonlySignal<ReadonlyMap<VisitorId, Need>>;
  get(id: VisitorId): VisitorItem | undefined;
  /** Replaces the whole list. Returns the news in it: visitors who wait now and did not before, chats that came to me. */
  replace(items: readonly VisitorItem[]): ReadonlyMap<Need, readonly VisitorItem[]>;
  /** Replaces one line. Returns what the change means: the visitor waits, has written to me, or their chat has come to me. */
  put(item: VisitorItem): Need | null;
  remove(id: VisitorId): void;
  rename(from: VisitorId, to: VisitorId): void;
}

export function createRoster(self: OperatorId): Roster {
  const items = new Map<VisitorId, VisitorItem>();
  const revision = signal(0);

  const changed = (): void => {
    revision.value += 1;
  };

  const visitors = computed(() => {
    void revision.value;
    return sortVisitors(items.values(), self);
  });

  const needs = computed(() => {
    void revision.value;
    const found = new Map<VisitorId, Need>();
    for (const item of items.values()) {
      const need = needOf(item, self);
      if (need !== null) found.set(item.id, need);
    }
    return found;
  });

  function meaning(before: VisitorItem | undefined, item: VisitorItem): Need | null {
    if (isCalling(item) && (before === undefined || !isCalling(before))) return 'waiting';
    if (isNewToMe(item, self) && item.arrival?.seq !== before?.arrival?.seq) return 'arrival';
    return isMine(item, self) && item.unread > (before?.unread ?? 0) ? 'message' : null;
  }

  return {
    visitors,
    needs,
    get: (id) => items.get(id),
    replace(list) {
      const news = new Map<Need, VisitorItem[]>([
        ['waiting', []],
        ['arrival', []],
      ]);
      for (const item of list) {
        const need = meaning(items.get(item.id), item);
        if (need !== null) news.get(need)?.push(item);
      }
      items.clear();
      for (const item of list) items.set(item.id, item);
      changed();
      for (const [need, found] of news) if (found.length === 0) news.delete(need);
      return news;
    },
    put(item) {
      const before = items.get(item.id);
      items.set(item.id, item);
      changed();
      return meaning(before, item);
    },
    remove(id) {
      if (items.delete(id)) changed();
    },
    rename(from, to) {
      const item = items.get(from);
      if (item === undefined) return;
      items.delete(from);
      if (!items.has(to)) items.set(to, { ...item, id: to });
      changed();
    },
  };
}

/** Waits, and is still on the site: a visitor who comes back while waiting calls again. */
function isCalling(item: VisitorItem): boolean {
  return item.presence === 'waiting' && !hasLeft(item);
}
