/**
 * What the database of a server holds, for the checker: read straight from the file, beside the server or after its death, and
 * never written. Knows the tables that the promise is about, and no more of the server than those.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Database as Connection } from 'better-sqlite3';
import { Database } from '../../server/store/driver.ts';

export interface StoredChat {
  id: string;
  visitor: string;
  number: number;
  first_seq: number;
  last_seq: number;
  read_by_visitor: number;
  read_by_operator: number;
}

export interface StoredEvent {
  chat: string;
  seq: number;
  message_id: string;
  kind: string;
  author_kind: string;
  author_id: string;
  uid: string | null;
  /** Of a message. */
  text: string | null;
}

/** A command that was carried out, with what its author was answered. */
export interface StoredCommand {
  author_kind: string;
  author_id: string;
  uid: string;
}

export interface Stored {
  chats: StoredChat[];
  /** By visitor, chat and place in it. */
  events: StoredEvent[];
  commands: StoredCommand[];
}

const EVENTS = `
  SELECT event.chat, event.seq, event.message_id, event.kind, event.author_kind, event.author_id, event.uid, event.body ->> '$.text' AS text
  FROM event JOIN chat ON chat.id = event.chat WHERE chat.site = ? ORDER BY chat.visitor, chat.number, event.seq`;

/** Everything of one site, as of one moment. */
export function readStored(dataDir: string, site: string): Stored {
  return withDatabase(dataDir, (db) =>
    db.transaction(() => ({
      chats: db
        .prepare<[string], StoredChat>(
          'SELECT id, visitor, number, first_seq, last_seq, read_by_visitor, read_by_operator FROM chat WHERE site = ? ORDER BY visitor, number',
        )
        .all(site),
      events: db.prepare<[string], StoredEvent>(EVENTS).all(site),
      // Operators serve several sites: theirs are remembered under none.
      commands: db.prepare<[string], StoredCommand>("SELECT author_kind, author_id, uid FROM command WHERE site IN (?, '')").all(site),
    }))(),
  );
}

/** Whether the file is whole, in SQLite's own judgement: `ok`, or the damage it found. */
export function integrity(dataDir: string): string {
  return withDatabase(dataDir, (db) => String(db.pragma('integrity_check', { simple: true })));
}

/** Looks at the database in the very moment of being asked. */
export interface Witness {
  /** Whether a command of this uid is committed now. */
  knows(uid: string): boolean;
  close(): void;
}

export function createWitness(dataDir: string): Witness {
  const inode = () => statSync(join(dataDir, 'chat.sqlite'), { throwIfNoEntry: false })?.ino;
  let db = open(dataDir);
  let seen = inode();
  return {
    knows(uid) {
      // A restore puts another file in its place. A file that was moved away is still the one that is open here.
      const now = inode();
      if (now !== undefined && now !== seen) {
        db.close();
        db = open(dataDir);
        seen = now;
      }
      return db.prepare('SELECT 1 FROM command WHERE uid = ?').pluck().get(uid) !== undefined;
    },
    close: () => void db.close(),
  };
}

function withDatabase<T>(dataDir: string, work: (db: Connection) => T): T {
  const db = open(dataDir);
  try {
    return work(db);
  } finally {
    db.close();
  }
}

function open(dataDir: string): Connection {
  return new Database(join(dataDir, 'chat.sqlite'), { readonly: true, timeout: 5_000 });
}
