import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
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

  it('[FF.B3] keeps out the next one also when somebody has removed the lock', () => {
    const claim = claimDataDir(dir);
    for (let times = 0; times < 3; times += 1) {
      rmSync(join(dir, 'server.lock'));
      expect(claim.isHeld()).toBe(true);
      expect(() => claimDataDir(dir)).toThrow(DataDirInUse);
    }
    claim();
    claimDataDir(dir)();
  });

  it('[FF.B3] knows when another was quicker, and takes nothing back from it', () => {
    const first = claimDataDir(dir);
    rmSync(join(dir, 'server.lock'));
    const second = claimDataDir(dir);
    expect([first.isHeld(), second.isHeld()]).toEqual([false, true]);
    first();
    expect(existsSync(join(dir, 'server.pid'))).toBe(true);
    second();
    expect(first.isHeld()).toBe(false);
  });

  it('[FF.B3] is no claim to a folder that stands where it was', () => {
    const claim = claimDataDir(dir);
    rmSync(dir, { recursive: true });
    expect(claim.isHeld()).toBe(false);
    const other = claimDataDir(dir);
    expect([claim.isHeld(), other.isHeld()]).toEqual([false, true]);
    claim();
    other();
  });

  it('makes the directory for its owner alone', () => {
    claimDataDir(dir)();
    expect(statSync(dir).mode & 0o077).toBe(0);
  });

  it('is free again as soon as its holder was killed', async () => {
    claimDataDir(dir)();
    const holder = spawn(process.execPath, [
      '-e',
      `let Database;
       try { Database = require('better-sqlite3-napi'); } catch { Database = require('better-sqlite3'); }
       const db = new Database(${JSON.stringify(join(dir, 'server.lock'))});
       db.exec('BEGIN EXCLUSIVE'); console.log('held'); setInterval(() => {}, 1000);`,
    ]);
    await once(holder.stdout, 'data');
    expect(() => claimDataDir(dir)).toThrow(DataDirInUse);
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    claimDataDir(dir)();
  });
});
