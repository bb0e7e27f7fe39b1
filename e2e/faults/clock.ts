/** A server whose machine's clock a test can turn. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface ServerClock {
  /** For the server's environment. */
  readonly env: NodeJS.ProcessEnv;
  /** From now on the server's clock is ahead by so many milliseconds, or behind. */
  shift(ms: number): void;
}

export function createServerClock(): ServerClock {
  const file = join(mkdtempSync(join(tmpdir(), 'chat-clock-')), 'shift');
  writeFileSync(file, '0');
  return {
    env: { CLOCK_FILE: file, NODE_OPTIONS: `--import=${new URL('shifted-clock.mjs', import.meta.url).href}` },
    shift: (ms) => writeFileSync(file, String(ms)),
  };
}
