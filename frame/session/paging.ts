/**
 * Loads older pages of history, one at a time. A question that the connection did not survive is asked again.
 */
import type { VisitorServerFrame } from '../../shared/wire/protocol.ts';
import type { Transport } from '../../shared/client/transport.ts';
import type { Changes } from './changes.ts';
import type { History } from './history.ts';

export interface Paging {
  /** Asks for one more page. */
  load(): void;
  /** The connection is new: asks again for the page that has not come. */
  resume(): void;
  take(frame: Extract<VisitorServerFrame, { t: 'history' }>): void;
}

export function createPaging(
  history: History,
  { change }: Changes,
  transport: Transport<VisitorServerFrame>,
  isOnline: () => boolean,
): Paging {
  /** Number of the question that is open. */
  let asked: number | undefined;
  let count = 0;

  function ask(): void {
    asked = ++count;
    if (isOnline()) transport.send({ t: 'history', n: asked, before: history.cursor() });
  }

  return {
    load() {
      if (asked !== undefined) return;
      if (history.hasOlder) ask();
      else change((set) => (set.older = { messages: [], hasOlder: false }));
    },
    resume() {
      if (asked !== undefined) ask();
    },
    take({ n, page }) {
      if (n !== asked) return;
      asked = undefined;
      change((set) => (set.older = { messages: history.prepend(page), hasOlder: page.hasOlder }));
    },
  };
}
