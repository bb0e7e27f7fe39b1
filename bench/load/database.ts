/** Looks into the database after the load: is everything there that was acknowledged, once, and in numbers without holes? */
import type { Finished } from './words.ts';
import { Database } from '../../server/store/driver.ts';

export interface Findings {
  messages: number;
  lost: number;
  doubled: number;
  /** Chats whose numbers are not 1 … n. */
  holes: number;
  /** Chats of which the visitor has not heard everything. */
  behind: number;
}

export function inspect(file: string, finished: readonly Finished[]): Findings {
  const db = new Database(file, { readonly: true });
  try {
    const times = new Map<string, number>();
    for (const { uid } of db
      .prepare<[], { uid: string }>("SELECT uid FROM event WHERE kind = 'message.added' AND uid IS NOT NULL")
      .iterate())
      times.set(uid, (times.get(uid) ?? 0) + 1);
    const chats = db
      .prepare<[], { id: string; last: number; most: number; count: number }>(
        'SELECT chat.id, chat.last_seq AS last, max(event.seq) AS most, count(*) AS count FROM chat JOIN event ON event.chat = chat.id GROUP BY chat.id',
      )
      .all();
    const reached = new Map(finished.flatMap((each) => Object.entries(each.reached)));
    return {
      messages: times.size,
      lost: finished.flatMap(({ acked }) => acked).filter((uid) => !times.has(uid)).length,
      doubled: [...times.values()].filter((count) => count > 1).length,
      holes: chats.filter(({ last, most, count }) => last !== most || most !== count).length,
      behind: chats.filter(({ id, last }) => (reached.get(id) ?? 0) < last).length,
    };
  } finally {
    db.close();
  }
}
