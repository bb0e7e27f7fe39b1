/** The folder that keeps the bytes of files: whole or not at all, and nothing outside it. */
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFolder, type Folder } from './folder.ts';

let root: string;
let folder: Folder;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'folder-'));
  folder = createFolder(root, root);
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
    expect(await Promise.all(['shop/a', 'shop/b', 'other/a', 'shop'].map((key) => folder.has(key)))).toEqual([true, false, false, false]);
    await expect(folder.read('shop/b')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('removes a file, and an absent one without a word', async () => {
    await folder.put('shop/a', Buffer.from('a'));
    await folder.remove('shop/a');
    await folder.remove('shop/a');
    expect(await folder.has('shop/a')).toBe(false);
  });

  it('leaves nothing behind where it could not put a file', async () => {
    await folder.put('shop', Buffer.from('a file where a folder should be'));
    await expect(folder.put('shop/a', Buffer.from('a'))).rejects.toThrow();
    expect(await readdir(root)).toEqual(['shop']);
  });
});
