/** Uploaded files: one row each. The bytes are on the disk (`server/files/folder.ts`). */
import { sql, type Kysely } from 'kysely';
import type { ChatId, OperatorId, SiteKey, UnixSeconds, VisitorId } from '../../shared/chat.ts';
import { toChat, type ChatRecord } from './chats.ts';
import { eventRowsOf } from './events.ts';
import { PAGE } from './queries.ts';
import type { FileRow, Tables } from './tables.ts';

export interface StoredFile {
  /** 128 bits of chance: the capability in the file's address. */
  id: string;
  site: SiteKey;
  /** Who uploaded it; only they can send it. */
  visitor: VisitorId | null;
  operator: OperatorId | null;
  name: string;
  type: string;
  size: number;
  createdAt: UnixSeconds;
  /** Only a clean file is given out. A refused one has no bytes, only this row. */
  state: 'clean' | 'quarantined' | 'refused';
  /** Of a picture, in pixels. */
  pixels?: { width: number; height: number };
}

/** Reads files. */
export interface FileReader {
  file(id: string): Promise<StoredFile | undefined>;
  /** Files of this visitor, oldest first; with `null` all files of the site. */
  filesOf(site: SiteKey, visitor: VisitorId | null): Promise<StoredFile[]>;
  /** The same files by id, a page at a time. */
  filesAfter(site: SiteKey, visitor: VisitorId | null, after: string): Promise<StoredFile[]>;
  /** The addresses of files in a chat's messages with `seq > after`, a page at a time. */
  fileLinksAfter(site: SiteKey, chat: ChatId, after: number): Promise<{ seq: number; link: string }[]>;
  /** The chat in which a file was sent. */
  chatOfFile(file: Pick<StoredFile, 'site' | 'id' | 'createdAt'>): Promise<ChatRecord | undefined>;
  /** Files from before that moment, oldest first. */
  filesBefore(site: SiteKey, before: UnixSeconds, limit: number): Promise<StoredFile[]>;
}

/** Changes files, inside a transaction. */
export interface FileWriter {
  saveFile(file: StoredFile): Promise<void>;
  /** Removes the row; `server/files/` removes the bytes. */
  removeFile(id: string): Promise<void>;
}

/** A smaller page: these rows may be as long as a message. */
const PAGE_OF_LINKS = 200;

export function readFiles(db: Kysely<Tables>): FileReader {
  return {
    async file(id) {
      const row = await db.selectFrom('file').selectAll().where('id', '=', id).executeTakeFirst();
      return row && toFile(row);
    },
    async filesOf(site, visitor) {
      const all = db.selectFrom('file').selectAll().where('site', '=', site).orderBy('created_at').orderBy('id');
      const rows = await (visitor === null ? all : all.where('visitor', '=', visitor)).execute();
      return rows.map(toFile);
    },
    async filesAfter(site, visitor, after) {
      const all = db.selectFrom('file').selectAll().where('site', '=', site).where('id', '>', after).orderBy('id').limit(PAGE);
      const rows = await (visitor === null ? all : all.where('visitor', '=', visitor)).execute();
      return rows.map(toFile);
    },
    async fileLinksAfter(site, chat, after) {
      return eventRowsOf(db, site, chat)
        .select(['event.seq', sql<string>`event.body ->> '$.file.link'`.as('link')])
        .where('event.seq', '>', after)
        .where('event.kind', '=', 'message.added')
        .where(sql<boolean>`event.body ->> '$.file.link' IS NOT NULL`)
        .orderBy('event.seq')
        .limit(PAGE_OF_LINKS)
        .execute();
    },
    async chatOfFile({ site, id, createdAt }) {
      const row = await db
        .selectFrom('event')
        .innerJoin('chat', 'chat.id', 'event.chat')
        .selectAll('chat')
        .where('chat.site', '=', site)
        .where('event.date', '>=', createdAt)
        .where('event.kind', '=', 'message.added')
        .where(sql<boolean>`instr(event.body, ${`/${id}/`}) > 0`)
        .limit(1)
        .executeTakeFirst();
      return row && toChat(row);
    },
    async filesBefore(site, before, limit) {
      const rows = await db
        .selectFrom('file')
        .selectAll()
        .where('site', '=', site)
        .where('created_at', '<', before)
        .orderBy('created_at')
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map(toFile);
    },
  };
}

export function writeFiles(db: Kysely<Tables>): FileWriter {
  return {
    async saveFile(file) {
      const { id, ...rest } = fromFile(file);
      await db
        .insertInto('file')
        .values({ id, ...rest })
        .onConflict((c) => c.column('id').doUpdateSet(rest))
        .execute();
    },
    async removeFile(id) {
      await db.deleteFrom('file').where('id', '=', id).execute();
    },
  };
}

function toFile(row: FileRow): StoredFile {
  const { created_at, width, height, ...file } = row;
  return { ...file, createdAt: created_at, ...(width !== null && height !== null && { pixels: { width, height } }) };
}

function fromFile(file: StoredFile): FileRow {
  const { createdAt, pixels, ...row } = file;
  return { ...row, created_at: createdAt, width: pixels?.width ?? null, height: pixels?.height ?? null };
}
