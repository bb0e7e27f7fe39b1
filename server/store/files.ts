/** Uploaded files: one row each. The bytes are on the disk (`server/base/folder.ts`). */
import type { Insertable, Kysely, Selectable } from 'kysely';
import type { ChatId, OperatorId, SiteKey, UnixSeconds, VisitorId } from '../../shared/chat.ts';
import { toChat, type ChatRecord } from './chats.ts';
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
  /** Files that were sent in a chat, by id, a page at a time. */
  filesSentIn(site: SiteKey, chat: ChatId, after: string): Promise<StoredFile[]>;
  /** The chat in which a file was sent. */
  chatOfFile(file: Pick<StoredFile, 'site' | 'id'>): Promise<ChatRecord | undefined>;
  /** Files from before that moment, oldest first. */
  filesBefore(site: SiteKey, before: UnixSeconds, limit: number): Promise<StoredFile[]>;
}

/** Changes files, inside a transaction. */
export interface FileWriter {
  saveFile(file: StoredFile): Promise<void>;
  /** The file belongs to this chat from now on. */
  noteSent(file: Pick<StoredFile, 'site' | 'id'>, chat: ChatId): Promise<void>;
  /** Removes the row; `server/files/` removes the bytes. */
  removeFile(id: string): Promise<void>;
}

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
    async filesSentIn(site, chat, after) {
      const rows = await db
        .selectFrom('file')
        .selectAll()
        .where('chat', '=', chat)
        .where('site', '=', site)
        .where('id', '>', after)
        .orderBy('id')
        .limit(PAGE)
        .execute();
      return rows.map(toFile);
    },
    async chatOfFile({ site, id }) {
      const row = await db
        .selectFrom('file')
        .innerJoin('chat', 'chat.id', 'file.chat')
        .selectAll('chat')
        .where('file.id', '=', id)
        .where('chat.site', '=', site)
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
    async noteSent({ site, id }, chat) {
      await db.updateTable('file').set({ chat }).where('id', '=', id).where('site', '=', site).execute();
    },
    async removeFile(id) {
      await db.deleteFrom('file').where('id', '=', id).execute();
    },
  };
}

function toFile(row: Selectable<FileRow>): StoredFile {
  const { created_at, width, height, chat: _, ...file } = row;
  return { ...file, createdAt: created_at, ...(width !== null && height !== null && { pixels: { width, height } }) };
}

function fromFile(file: StoredFile): Insertable<FileRow> {
  const { createdAt, pixels, ...row } = file;
  return { ...row, created_at: createdAt, width: pixels?.width ?? null, height: pixels?.height ?? null };
}
