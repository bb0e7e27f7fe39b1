/** Files of an operator: the bytes first, then the command, then the message. */
import { expect, test } from 'vitest';
import { BY_ANNA, said, world } from '../testing/session-world.ts';

const pdf = { name: 'plan.pdf', size: 1000, type: 'application/pdf' };

test('[OP.conversation] the bytes go first, then a command with the same uid, then the message', async () => {
  const w = world();
  await w.inChat();
  w.session.sendFiles([pdf]);
  const [upload] = w.uploads;
  upload?.tell.progress(400);
  expect(w.session.uploads.value).toMatchObject([{ name: 'plan.pdf', chat: 'chat1', loaded: 400, failed: null }]);
  upload?.tell.done({ file: 'f1', link: 'https://x/f1', name: 'plan.pdf', size: 1000, type: 'application/pdf' });
  await w.flush();
  const uid = upload?.uid ?? '';
  expect(w.commands()).toEqual([{ uid, kind: 'file.send', chat: 'chat1', file: 'f1' }]);
  await w.ack(uid);
  expect(w.session.uploads.value).toHaveLength(1);
  await w.evt(
    said(3, 'plan.pdf', { author: BY_ANNA, uid, file: { link: 'https://x/f1', name: 'plan.pdf', size: 1000, type: 'application/pdf' } }),
  );
  expect(w.session.uploads.value).toEqual([]);
});

test('[OP.conversation] a file too large never leaves; one that failed can be resent or discarded', async () => {
  const w = world();
  await w.inChat();
  w.session.sendFiles([{ ...pdf, size: 10 * 1024 * 1024 + 1 }, pdf]);
  expect(w.uploads).toHaveLength(1);
  const uid = w.uploads[0]?.uid ?? '';
  w.uploads[0]?.tell.failed('upload_failed');
  expect(w.session.uploads.value.map(({ failed }) => failed)).toEqual(['file_too_large', 'upload_failed']);
  w.session.resend(uid);
  expect(w.uploads).toHaveLength(2);
  expect(w.uploads[1]?.uid).toBe(uid);
  w.session.discard(uid);
  expect(w.uploads[1]?.isStopped).toBe(true);
  expect(w.session.uploads.value).toHaveLength(1);
});

test('[OP.conversation] three files go at a time; the next follows when one ends or is discarded', async () => {
  const w = world();
  await w.inChat();
  w.session.sendFiles(Array.from({ length: 6 }, () => pdf));
  expect(w.uploads).toHaveLength(3);
  w.uploads[0]?.tell.done({ file: 'f1', link: 'https://x/f1', name: 'plan.pdf', size: 1000, type: 'application/pdf' });
  expect(w.uploads).toHaveLength(4);
  w.uploads[1]?.tell.failed('upload_failed');
  expect(w.uploads).toHaveLength(5);
  w.session.discard(w.uploads[2]?.uid ?? '');
  expect(w.uploads).toHaveLength(6);
});

test('[FF.C7] an empty file is not sent, and says why', async () => {
  const w = world();
  await w.inChat();
  w.session.sendFiles([{ name: 'empty.txt', size: 0, type: 'text/plain' }]);
  expect(w.uploads).toEqual([]);
  expect(w.session.uploads.value).toMatchObject([{ name: 'empty.txt', failed: 'file_empty' }]);
});
