/**
 * What was served here before and may still be asked for: every loader version, because pages pin one by its hash for years,
 * and the scripts and styles of builds that were replaced a while ago, because pages that are open still fetch their lazy
 * parts. Both lie in the data directory and are read into memory once at the start, like the build itself.
 *
 * The first bytes served under a version stay that version's for ever; the log warns about a build with other bytes for it.
 */
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { createAsset, createLoader, type Asset, type Built } from './assets.ts';
import type { Log } from '../base/log.ts';

export interface ArchiveOptions {
  dataDir: string;
  nowSeconds: number;
  log: Log;
}

/** How long a page may have been open when it asks for a part of the build it began with. */
export const ASSETS_KEPT_SECONDS = 30 * 24 * 3600;
/** Written aside and renamed: what bears its name is whole. */
const PART = '.part';

/** The build with what was kept of earlier ones, after keeping its own. Without room on the disk it is the build alone. */
export function archiveBuilt(built: Built, { dataDir, nowSeconds, log }: ArchiveOptions): Built {
  try {
    return {
      ...built,
      loaders: archiveLoaders(join(dataDir, 'loaders'), built.loaders, log),
      frameAssets: archiveAssets(join(dataDir, 'assets/frame'), built.frameAssets, nowSeconds),
      operatorAssets: archiveAssets(join(dataDir, 'assets/operator'), built.operatorAssets, nowSeconds),
    };
  } catch (error) {
    log.error({ err: error }, 'this build could not be kept: pages that pin its loader, or are open at the next update, may break');
    return built;
  }
}

function archiveLoaders(folder: string, own: ReadonlyMap<string, Asset>, log: Log): ReadonlyMap<string, Asset> {
  const kept = new Map(
    namesIn(folder).map((name) => [name.slice(0, -extname(name).length), createLoader(readFileSync(join(folder, name)))]),
  );
  for (const [version, loader] of own) {
    const first = kept.get(version);
    if (first === undefined) write(join(folder, `${version}.js`), loader.bytes);
    else if (!first.bytes.equals(loader.bytes)) {
      log.warn(
        { version },
        'this build’s loader differs from the one first served under its version, which stays at its pinned address: give the build a new version',
      );
    }
  }
  return new Map([...own, ...kept]);
}

/**
 * All files of a build bear the moment of the last start that served it. The newest that are not of this build were therefore
 * served until now, however long ago that start was: their time begins now.
 */
function archiveAssets(folder: string, own: ReadonlyMap<string, Asset>, nowSeconds: number): ReadonlyMap<string, Asset> {
  const before = namesIn(folder).map((name) => ({
    path: join(folder, name),
    name,
    at: Math.floor(statSync(join(folder, name)).mtimeMs / 1000),
  }));
  const newest = Math.max(0, ...before.map(({ at }) => at));
  for (const { path, name, at } of before) {
    if (own.has(name)) continue;
    // A second apart from this build's, or they would count as its own at the next start.
    if (at === newest) utimesSync(path, nowSeconds - 1, nowSeconds - 1);
    else if (at < nowSeconds - ASSETS_KEPT_SECONDS) rmSync(path);
  }
  for (const [name, { bytes }] of own) {
    const path = join(folder, name);
    if (!existsSync(path)) write(path, bytes);
    utimesSync(path, nowSeconds, nowSeconds);
  }
  const kept = namesIn(folder)
    .filter((name) => !own.has(name))
    .map((name) => [name, createAsset(readFileSync(join(folder, name)), extname(name))] as const);
  return new Map([...kept, ...own]);
}

function namesIn(folder: string): string[] {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map(({ name }) => name).filter((name) => !name.endsWith(PART));
}

function write(path: string, bytes: Buffer): void {
  writeFileSync(`${path}${PART}`, bytes, { mode: 0o600 });
  renameSync(`${path}${PART}`, path);
}
