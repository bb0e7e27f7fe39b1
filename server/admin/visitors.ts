/** A visitor's rights: everything there is about one visitor as JSON, and its removal, bytes on disk included. */
import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChatEvent, VisitorId } from '../../shared/chat.ts';
import type { Config } from '../config.ts';
import { fileKey } from '../files/files.ts';
import { mailFolder } from '../mail/mailer.ts';
import { systemClock } from '../clock.ts';
import type { AuditEntry, ChatRecord, Reader, StoredFile, Visitor } from '../store/store.ts';
import { Refused, type Command } from './command.ts';

/** More events than a chat can have: export reads them in pages of this size. */
const PAGE = 1_000;
const READINGS = 100_000;

export const visitorCommands: readonly Command[] = [
  {
    name: 'visitor export',
    usage: 'ID',
    does: 'all that is kept about a visitor, as JSON',
    flags: [],
    needs: 'store',
    async run({ config, store, args, print }) {
      const [id] = args.words('ID');
      const visitor = await visitorOf(store, id);
      const chats = await chatsWithEvents(store, visitor);
      const { site } = visitor;
      const files = await filesAround(store, visitor, chats);
      const everything = {
        visitor,
        chats: chats.map(({ chat, events }) => ({ ...chat.summary, events })),
        requests: await store.requestsOf(site, id),
        files: files.map((file) => ({ ...file, path: pathOf(file, config) })),
        mails: await mailsOf(id, config),
        // By a token of the site's own server; as whom is kept as a hash alone.
        identifiedSince: (await store.identifiedSince(site, id)) ?? null,
        // Without what would let the reader act for the visitor.
        sessions: (await store.sessionsOf(site, id)).map((session) => ({ id: session.id, expiresAt: session.expiresAt })),
        /** Who has read it, newest first. */
        readings: await store.audit({ visitor: id }, READINGS),
        /** Chats of which this visitor was told more than a restored database has. */
        lost: await store.lost({ visitor: id }, READINGS),
        jobs: await store.jobsNaming([id, ...chats.map(({ chat }) => chat.summary.id)]),
      };
      await store.transact((tx) => tx.note(entryOf('export', visitor)));
      print(JSON.stringify(everything, null, 2));
    },
  },
  {
    name: 'visitor revoke',
    usage: 'ID',
    does: 'ends all sessions of a visitor, at once; what was said stays',
    flags: [],
    needs: 'store',
    async run({ store, args, print }) {
      const [id] = args.words('ID');
      const sessions = await store.transact(async (tx) => {
        const visitor = await visitorOf(tx, id);
        const found = await tx.sessionsOf(visitor.site, id);
        await tx.removeSessionsOf({ visitor: id });
        return found.length;
      });
      print(`Visitor ${id} is signed out (sessions: ${sessions}). Pages that are open go on as somebody new.`);
    },
  },
  {
    name: 'visitor erase',
    usage: 'ID',
    does: 'removes a visitor with card, chats, files, mails, requests and sessions, for good',
    flags: [],
    needs: 'store',
    async run({ config, store, args, print }) {
      const [id] = args.words('ID');
      const files = await store.transact(async (tx) => {
        const visitor = await visitorOf(tx, id);
        const found = await filesAround(tx, visitor, await chatsWithEvents(tx, visitor));
        for (const file of found) await tx.removeFile(file.id);
        await tx.note(entryOf('erase', visitor));
        await tx.eraseVisitor(visitor.site, id);
        return found;
      });
      const mails = await mailsOf(id, config);
      for (const path of [...files.map((file) => pathOf(file, config)), ...mails]) await rm(path, { force: true });
      await store.settle();
      print(`Visitor ${id} was erased (files: ${files.length}, mails: ${mails.length}). Backups made before still hold what was erased.`);
    },
  },
];

/** The export and the erasing themselves; an erased visitor's id goes from it with all others. */
function entryOf(deed: 'export' | 'erase', { site, id }: Visitor): AuditEntry {
  return { date: systemClock.nowSeconds(), site, operator: null, visitor: id, deed };
}

async function visitorOf(reader: Reader, id: string): Promise<Visitor> {
  const visitor = await reader.visitorAnywhere(id);
  if (visitor === undefined) throw new Refused(`There is no visitor ${JSON.stringify(id)}.`);
  return visitor;
}

function pathOf(file: StoredFile, { filesDir }: Config): string {
  return join(filesDir, fileKey(file));
}

/** Mails that were written to files because there is no mail server. */
async function mailsOf(id: VisitorId, config: Config): Promise<string[]> {
  const folder = mailFolder(config);
  const names = existsSync(folder) ? await readdir(folder) : [];
  return names.filter((name) => name.startsWith(`${id}-`)).sort().map((name) => join(folder, name));
}

interface Conversation {
  chat: ChatRecord;
  events: ChatEvent[];
}

async function chatsWithEvents(reader: Reader, { site, id }: Visitor): Promise<Conversation[]> {
  const conversations: Conversation[] = [];
  for (const chat of await reader.chatsOf(site, id)) conversations.push({ chat, events: await eventsOf(reader, chat) });
  return conversations;
}

async function eventsOf(reader: Reader, { site, summary }: ChatRecord): Promise<ChatEvent[]> {
  const events: ChatEvent[] = [];
  while (true) {
    const page = await reader.eventsAfter(site, summary.id, events.at(-1)?.seq ?? 0, PAGE);
    events.push(...page);
    if (page.length < PAGE) return events;
  }
}

/** What the visitor uploaded, sent or not, and what operators sent in these chats. A file's id is in its address. */
async function filesAround(reader: Reader, { site, id }: Visitor, conversations: Conversation[]): Promise<StoredFile[]> {
  const files = new Map((await reader.filesOf(site, id)).map((file) => [file.id, file]));
  for (const event of conversations.flatMap(({ events }) => events)) {
    const sent = event.kind === 'message.added' && event.file ? /\/files\/([A-Za-z0-9_-]+)\//.exec(event.file.link)?.[1] : undefined;
    const file = sent === undefined ? undefined : await reader.file(sent);
    if (file !== undefined && file.site === site) files.set(file.id, file);
  }
  return [...files.values()];
}
