/** Files on their way into a message. */
import type { FileInfo, SiteKey, VisitorId } from '../../shared/chat.ts';
import type { ChatRecord } from '../store/chats.ts';
import { uploadKey } from './job-keys.ts';
import { CommandError, found, type UnitOfWork } from './unit-of-work.ts';

/**
 * Takes an uploaded file for one message: it must be the sender's own, on this site, and not sent before.
 * @param open the chat in which it is sent, opened for it if there is none
 */
export async function takeFile(
  work: UnitOfWork,
  site: SiteKey,
  owner: { visitor: VisitorId } | { operator: string },
  id: string,
  open: () => Promise<ChatRecord>,
): Promise<{ file: FileInfo; chat: ChatRecord }> {
  const file = found(await work.tx.file(id), 'file');
  const isOwn = 'visitor' in owner ? file.visitor === owner.visitor : file.operator === owner.operator;
  if (file.site !== site || !isOwn) throw new CommandError('not_found', 'There is no such file.');
  if (file.state === 'refused') throw new CommandError('file_unsafe', 'The malware scanner has refused this file.');
  // A file goes out once. The mark is stored among the remembered commands, under a name that no uid can have.
  const author = {
    site,
    kind: 'visitor' in owner ? 'visitor' : 'operator',
    id: 'visitor' in owner ? owner.visitor : owner.operator,
  } as const;
  const mark = `file:${id}`;
  if ((await work.tx.remembered(author, mark)) !== undefined) throw new CommandError('not_found', 'This file has been sent already.');
  const chat = await open();
  await work.tx.remember(author, mark, { hash: '', result: { chat: chat.summary.id } });
  await work.tx.noteSent(file, chat.summary.id);
  await work.tx.removeJob(uploadKey(id));
  const { name, size, type, pixels } = file;
  return { file: { link: work.fileLink(file), name, size, type, ...pixels }, chat };
}
