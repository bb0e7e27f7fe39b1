/** The folder that keeps the bytes of files: whole or not at all, and nothing outside it. */
import { mkdtemp, readdir, rm, stat, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFolder, removeAbandoned, type Folder } from './folder.ts';

let root: string;
let folder: Folder;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'folder-'));
  folder = createFolder(root);
});
afterEach(() => rm(root, { recursive: true, force: true }));

describe('the folder of files', () => {
  it('gives back what was put, for its owner alone to read', async () => {
    await folder.put('shop/a', Buffer.from('first'));
    await folder.put('shop/a', Buffer.from('second'));
    expect(String(await folder.read('shop/a'))).toBe('second');
    expect(await text(folder.stream('shop/a'))).toBe('second');
    expect((await stat(join(root, 'shop/a'))).mode & 0o777).toBe(0o600);
  });

  it('tells existing files from missing ones', async () => {
    await folder.put('shop/a', Buffer.from('a'));
    expect(await Promise.all(['shop/a', 'shop/b', 'other/a', 'shop', 'shop/a/b'].map((key) => folder.size(key)))).toEqual([
      1,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    await expect(folder.read('shop/b')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('removes a file, and an absent one without a word', async () => {
    await folder.put('shop/a', Buffer.from('a'));
    await folder.remove('shop/a');
    await folder.remove('shop/a');
    expect(await folder.size('shop/a')).toBeUndefined();
  });

  it('leaves nothing behind where it could not put a file', async () => {
    await folder.put('shop', Buffer.from('a file where a folder should be'));
    await expect(folder.put('shop/a', Buffer.from('a'))).rejects.toThrow();
    expect(await readdir(root)).toEqual(['.parts', 'shop']);
    expect(await readdir(join(root, '.parts'))).toEqual([]);
  });

  it('lists what lies under one name, with the time of each', async () => {
    expect(await folder.list('mail')).toEqual([]);
    for (const key of ['mail/b', 'mail/a', 'mail/deep/c', 'mails/d']) await folder.put(key, Buffer.from('x'));
    await utimes(folder.placeOf('mail/a'), 5, 5);
    const found = await folder.list('mail');
    expect(found.map(({ key }) => key)).toEqual(['mail/a', 'mail/b']);
    expect(found[0]?.putMs).toBe(5_000);
  });

  it('is rid of what was left half-written long ago, and of nothing that another server writes now', async () => {
    for (const name of ['old', 'new']) await folder.put(`.parts/${name}`, Buffer.from('half'));
    await folder.put('shop/a', Buffer.from('whole'));
    for (const key of ['.parts/old', 'shop/a']) await utimes(folder.placeOf(key), 5, 5);
    await removeAbandoned(folder, Date.now());
    expect(await readdir(join(root, '.parts'))).toEqual(['new']);
    expect(await folder.size('shop/a')).toBe(5);
  });
});
