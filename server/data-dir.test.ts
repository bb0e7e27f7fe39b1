import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { claimDataDir, DataDirInUse } from './data-dir.ts';

let dir: string;
beforeEach(() => (dir = join(mkdtempSync(join(tmpdir(), 'data-dir-')), 'data')));
afterEach(() => rmSync(join(dir, '..'), { recursive: true, force: true }));

describe('claimDataDir', () => {
  it('lets one process in and names it to the next', () => {
    const release = claimDataDir(dir);
    expect(() => claimDataDir(dir)).toThrow(new DataDirInUse(dir, String(process.pid)));
    release();
    release();
    claimDataDir(dir)();
    expect(existsSync(join(dir, 'server.pid'))).toBe(false);
  });

  it('makes the directory for its owner alone', () => {
    claimDataDir(dir)();
    expect(statSync(dir).mode & 0o077).toBe(0);
  });

  it('is free again as soon as its holder was killed', async () => {
    claimDataDir(dir)();
    const sqlite = createRequire(import.meta.url).resolve('better-sqlite3');
    const holder = spawn(process.execPath, [
      '-e',
      `const db = new (require(${JSON.stringify(sqlite)}))(${JSON.stringify(join(dir, 'server.lock'))});
       db.exec('BEGIN EXCLUSIVE'); console.log('held'); setInterval(() => {}, 1000);`,
    ]);
    await once(holder.stdout, 'data');
    expect(() => claimDataDir(dir)).toThrow(DataDirInUse);
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    claimDataDir(dir)();
  });
});
