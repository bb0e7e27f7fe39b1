/**
 * Builds with a fault built in: a copy of dist/ in which single places of the server are other than they should be. A place
 * that is not found exactly once is an error, so that a change of the server cannot quietly turn a fault into none.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = new URL('../..', import.meta.url).pathname;

export interface Build {
  /** The server's program in it. */
  readonly main: string;
  remove(): void;
}

/** A text in the built server, and its replacement. */
export type Change = readonly [from: string, to: string];

export function faultyBuild(...changes: readonly Change[]): Build {
  const folder = mkdtempSync(join(tmpdir(), 'chat-build-'));
  for (const part of ['frame', 'loader', 'operator', 'server', 'licenses.txt'])
    cpSync(join(ROOT, 'dist', part), join(folder, 'dist', part), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  const server = join(folder, 'dist/server');
  const files = readdirSync(server, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.js'))
    .map((name) => join(server, name));
  for (const [from, to] of changes) {
    const found = files.flatMap((file) => Array<string>(readFileSync(file, 'utf8').split(from).length - 1).fill(file));
    const [file] = found;
    if (file === undefined || found.length > 1) throw new Error(`Expected once in the built server, found ${found.length} times: ${from}`);
    writeFileSync(
      file,
      readFileSync(file, 'utf8').replace(from, () => to),
    );
  }
  return { main: join(server, 'main.js'), remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** The name of the file in the data directory that makes a server die at `step`. */
export const dieAt = (step: string): string => `die-${step}`;

/**
 * A statement that kills the server on the spot if it was told to die there, once. To be built into a place of the server.
 */
export function dying(step: string): string {
  return `{ const fs = process.getBuiltinModule("node:fs"); const order = process.env.DATA_DIR + "/${dieAt(step)}"; if (fs.existsSync(order)) { fs.rmSync(order); process.kill(process.pid, "SIGKILL"); } }`;
}
