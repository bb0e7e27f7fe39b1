/**
 * Builds that are not the one in dist/: the same sources built again in another place, with what an other version would have
 * changed, and servers that serve one build's loader with another build's frame. Nothing here knows what the tests want of it.
 *
 * Another frame has to come from a server: a document that the driver answers itself counts as a public one, and Chromium
 * keeps those from everything on this machine, the chat's socket included.
 */
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = new URL('../..', import.meta.url).pathname;
/** What a build reads, see scripts/built.mjs, and what reads it. */
const SOURCES = [
  'shared',
  'host',
  'frame',
  'operator',
  'types',
  'scripts',
  'package.json',
  'vite.config.ts',
  'tsconfig.base.json',
  'tsconfig.json',
];

export type BuiltPart = 'loader' | 'frame' | 'operator';

/** A replacement, done once: the file, the old text and the new one. */
export type Edit = [file: string, from: string, to: string];

export interface Folder {
  path: string;
  remove(): void;
}

function makeFolder(name: string): Folder {
  const path = mkdtempSync(join(tmpdir(), `chat-${name}-`));
  symlinkSync(join(ROOT, 'node_modules'), join(path, 'node_modules'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Builds these parts from a copy of the sources in a folder of its own. They lie below its `path` as they do in dist/. */
export async function buildElsewhere(parts: readonly BuiltPart[], edits: readonly Edit[] = []): Promise<Folder> {
  const { path, remove } = makeFolder('build');
  for (const name of SOURCES) cpSync(join(ROOT, name), join(path, name), { recursive: true });
  for (const [file, from, to] of edits) {
    const text = readFileSync(join(path, file), 'utf8');
    if (text.split(from).length !== 2) throw new Error(`${file} does not say ${from} once: adapt this test.`);
    writeFileSync(
      join(path, file),
      text.replace(from, () => to),
    );
  }
  const script = `
    import { createBuilder } from 'vite';
    const builder = await createBuilder({ logLevel: 'warn' });
    for (const name of ${JSON.stringify(parts)}) await builder.build(builder.environments[name]);`;
  await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], { cwd: path });
  return { path: join(path, 'dist/.next'), remove };
}

/**
 * A whole dist/ like ours, with these parts taken from elsewhere: folders that hold `loader.js`, or a frame's page and assets.
 * Its server finds them by its own place.
 */
export function mixBuilds(parts: { loader?: string; frame?: string }): Folder {
  const { path, remove } = makeFolder('mixed');
  for (const part of ['frame', 'loader', 'operator', 'server', 'licenses.txt'])
    cpSync(join(ROOT, 'dist', part), join(path, 'dist', part), { recursive: true });
  writeFileSync(join(path, 'package.json'), '{"type":"module"}');
  if (parts.loader !== undefined) cpSync(join(parts.loader, 'loader.js'), join(path, 'dist/loader/loader.js'));
  if (parts.frame !== undefined) {
    rmSync(join(path, 'dist/frame'), { recursive: true });
    cpSync(parts.frame, join(path, 'dist/frame'), { recursive: true });
  }
  return { path: join(path, 'dist'), remove };
}
