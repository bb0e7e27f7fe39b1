/** A visitor's rights: everything there is about one visitor as JSON, and its removal, bytes on disk included. */
import { createFolder, type Folder } from '../base/folder.ts';
import type { Config } from '../config.ts';
import { fileKey } from '../files/files.ts';
import { mailsOf } from '../mail/mailer.ts';
import { systemClock } from '../base/clock.ts';
import type { AuditEntry } from '../store/audit.ts';
import type { StoredFile } from '../store/files.ts';
import { visitorLock } from '../store/locks.ts';
import type { Reader } from '../store/store.ts';
import type { Visitor } from '../store/visitors.ts';
import { Refused, type Command } from './command.ts';
import { filesAround, printExport } from './export.ts';

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
      const { files, kept } = foldersOf(config);
      const mails = (await mailsOf(id, kept)).map(kept.placeOf);
      await printExport({ store, visitor, config, print, mails, pathOf: (file) => files.placeOf(fileKey(file)) });
      await store.transact([], (tx) => tx.note(entryOf('export', visitor)));
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
      const sessions = await store.transact([visitorLock(id)], async (tx) => {
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
      const { files, kept } = foldersOf(config);
      const around = await store.transact([visitorLock(id)], async (tx) => {
        const visitor = await visitorOf(tx, id);
        const found: Pick<StoredFile, 'site' | 'id'>[] = [];
        for await (const file of filesAround(tx, visitor)) found.push(file);
        for (const file of found) await tx.removeFile(file.id);
        await tx.note(entryOf('erase', visitor));
        await tx.eraseVisitor(visitor.site, id);
        return found;
      });
      const mails = await mailsOf(id, kept);
      for (const file of around) await files.remove(fileKey(file));
      for (const mail of mails) await kept.remove(mail);
      await store.settle();
      print(`Visitor ${id} was erased (files: ${around.length}, mails: ${mails.length}). Backups made before still hold what was erased.`);
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

/** Where uploads lie, and where what is kept beside them. */
function foldersOf({ dataDir, filesDir }: Config): { files: Folder; kept: Folder } {
  return { files: createFolder(filesDir), kept: createFolder(dataDir) };
}
