/** Memory of the server when nobody is there: what the operating system says of its process. */
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import type { System } from '../e2e/support/system.ts';
import type { Figure } from './figure.ts';

export async function measureMemory(system: System): Promise<Figure> {
  const pid = processOf(system.dataDir);
  const kilobytes = Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  return Promise.resolve({ what: 'idle server, resident memory', value: `${(kilobytes / 1024).toFixed(0)} MB`, aim: '' });
}

/** The process that was started with this data directory. */
function processOf(dataDir: string): string {
  const found = readdirSync('/proc').find((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return (
        readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('server/main.js') &&
        readFileSync(`/proc/${pid}/environ`, 'utf8').includes(dataDir)
      );
    } catch {
      return false; // ended meanwhile
    }
  });
  if (found === undefined) throw new Error(`No server runs on ${dataDir}:\n${execFileSync('ps', ['ax']).toString()}`);
  return found;
}
