/**
 * The roster: everybody the list *Visitors* shows, and what a change in it means to an operator who looks elsewhere. Holds
 * thousands of lines that change often, so the map is changed in place and one signal says that something did.
 */
import { computed, signal, type ReadonlySignal } from '@preact/signals-core';
import type { OperatorId, VisitorId } from '../../shared/chat.ts';
import type { VisitorItem } from '../../shared/workplace.ts';
import { isMine, needsAttention, sortVisitors } from './visitors.ts';

export interface Roster {
  readonly visitors: ReadonlySignal<readonly VisitorItem[]>;
  /** How many of them need somebody. */
  readonly attention: ReadonlySignal<number>;
  get(id: VisitorId): VisitorItem | undefined;
  /** Everything anew; `true` if somebody waits now who did not before. */
  replace(items: readonly VisitorItem[]): boolean;
  /** One line; what it means that it changed. */
  put(item: VisitorItem): 'waiting' | 'message' | null;
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

  const attention = computed(() => {
    void revision.value;
    let count = 0;
    for (const item of items.values()) if (needsAttention(item, self)) count += 1;
    return count;
  });

  function meaning(before: VisitorItem | undefined, item: VisitorItem): 'waiting' | 'message' | null {
    if (item.presence === 'waiting' && before?.presence !== 'waiting') return 'waiting';
    return isMine(item, self) && item.unread > (before?.unread ?? 0) ? 'message' : null;
  }

  return {
    visitors,
    attention,
    get: (id) => items.get(id),
    replace(list) {
      const isNews = list.some((item) => meaning(items.get(item.id), item) === 'waiting');
      items.clear();
      for (const item of list) items.set(item.id, item);
      changed();
      return isNews;
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
