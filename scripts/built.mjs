/**
 * Is dist/ what the sources say, and if not, build it: shared by `npm start`, `npm run admin` and the build itself.
 *
 * Freshness is a fingerprint of names, sizes and times of all that goes into the build; it is taken *before* building, so an
 * edit made meanwhile counts as new. Builders take turns by a lock directory, and vite.config.ts builds into dist/.next and
 * swaps, so a server that is running keeps its files until the new ones are complete. This file does not decide what the build makes.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** What the build reads. */
export const sources = [
  'shared',
  'host',
  'frame',
  'operator',
  'server',
  'package.json',
  'package-lock.json',
  'vite.config.ts',
  'scripts/less.mjs',
  'scripts/notices.mjs',
  'scripts/licences',
];

/** This variable tells the build's child processes that their parent holds the lock. */
const LOCK_HELD = 'CONSULTANT_BUILD_LOCK_HELD';
const LOCK_POLL_MS = 200;
/** Longer than any build here (about 3 s) by far. */
const LOCK_WAIT_MS = 180_000;
/** A lock without an owner's pid for so long belongs to nobody: its maker died between two system calls. */
const LOCK_ORPHAN_MS = 5_000;

const dist = join(root, 'dist');
const stamp = join(dist, '.stamp');
const lock = join(dist, '.lock');

/** Tests and notes are no part of the build. */
const isSource = (/** @type {string} */ name) => !/\.(test|contract|test-d)\.tsx?$|\.md$|tsconfig\.json$/.test(name);

/** The environments of vite.config.ts that a build makes, if not all of them. */
const ONLY = 'CONSULTANT_BUILD_ONLY';

/**
 * Names, sizes and times of everything the build reads, in one hash.
 * @param {readonly string[]} [of] a part of the sources
 */
export function fingerprint(of = sources) {
  const hash = createHash('sha256');
  /** @param {string} path */
  const visit = (path) => {
    const stat = statSync(join(root, path), { throwIfNoEntry: false });
    if (stat === undefined || !isSource(path)) return;
    if (stat.isDirectory())
      return readdirSync(join(root, path))
        .sort()
        .forEach((name) => visit(`${path}/${name}`));
    hash.update(`${path}\0${stat.size}\0${stat.mtimeMs}\n`);
  };
  of.forEach(visit);
  return hash.digest('hex');
}

export function isFresh() {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint();
}

/** @param {string} print what `fingerprint()` said before the build began */
export function markBuilt(print) {
  writeFileSync(stamp, print);
}

/** Asks for `npm ci` on a machine where nobody has run it yet, instead of failing with a stack trace. */
export function requireInstalled() {
  if (existsSync(join(root, 'node_modules', 'vite'))) return;
  console.error('The packages are not installed yet. Run: npm ci');
  process.exit(1);
}

/** Call it before running the built program: builds if need be, and ends the process if the build has reported an error. */
export async function ensureBuiltOrExit() {
  try {
    await ensureBuilt();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}

/** Builds when dist/ is missing or out of date. Throws when the build fails. */
export async function ensureBuilt() {
  // Where it was built before, nothing of the build's packages is needed any more.
  if (isFresh()) return;
  requireInstalled();
  await withBuildLock(async () => {
    // The process that held the lock before us may have built the very same sources.
    if (!isFresh()) await build();
  });
}

/**
 * Builds these environments alone. The whole build then does not match the sources, so the next `npm start` builds everything.
 * @param {readonly string[]} names
 */
export async function buildOnly(names) {
  await withBuildLock(() => build(names));
}

/** The environments to build now: those in `all`, or those that our parent has named. @param {readonly string[]} all */
export function environmentsToBuild(all) {
  const only = process.env[ONLY]?.split(',');
  return all.filter((name) => only === undefined || only.includes(name));
}

/** @param {readonly string[]} [only] */
async function build(only) {
  console.log(only === undefined ? 'Building…' : `Building ${only.join(' and ')}…`);
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  const code = await run(process.execPath, [vite, 'build', '--app', '--logLevel', 'warn'], {
    [LOCK_HELD]: '1',
    ...(only !== undefined && { [ONLY]: only.join(',') }),
  });
  if (code !== 0) throw new Error('The build failed.');
}

/**
 * Runs `work` while no other process of this tree builds.
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withBuildLock(work) {
  if (process.env[LOCK_HELD] === '1') return work();
  await takeLock();
  const release = () => rmSync(lock, { recursive: true, force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    process.off('exit', release);
    release();
  }
}

async function takeLock() {
  mkdirSync(dist, { recursive: true });
  const until = Date.now() + LOCK_WAIT_MS;
  for (;;) {
    try {
      mkdirSync(lock);
      writeFileSync(join(lock, 'pid'), String(process.pid));
      return;
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
    }
    dropStaleLock();
    if (Date.now() > until) throw new Error(`Another build holds ${lock} for too long. If none is running, remove it.`);
    await sleep(LOCK_POLL_MS);
  }
}

/** Moves a dead owner's lock away; by renaming, so that of two who find it dead only one does. */
function dropStaleLock() {
  const owner = lockOwner();
  if (owner === undefined || isAlive(owner)) return;
  const aside = `${lock}.${process.pid}`;
  try {
    renameSync(lock, aside);
    rmSync(aside, { recursive: true, force: true });
  } catch {
    // Someone else was faster; the next round looks again.
  }
}

/** The pid in the lock; 0 when it was left without one; undefined when there is nothing to judge (yet). */
function lockOwner() {
  try {
    return Number(readFileSync(join(lock, 'pid'), 'utf8')) || undefined;
  } catch {
    const made = statSync(lock, { throwIfNoEntry: false })?.mtimeMs;
    return made !== undefined && Date.now() - made > LOCK_ORPHAN_MS ? 0 : undefined;
  }
}

/** @param {number} pid */
function isAlive(pid) {
  if (pid === 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

/**
 * Runs a program of ours in the repository; resolves with its exit code.
 * @param {string} command
 * @param {string[]} args
 * @param {Record<string, string>} [env] added to ours
 * @param {boolean} [isHeld] prints in one piece when it has ended, for programs that run beside each other; else it has our terminal
 * @returns {Promise<number>}
 */
export function run(command, args, env = {}, isHeld = false) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: isHeld ? ['ignore', 'pipe', 'pipe'] : 'inherit',
      env: { ...process.env, ...env },
    });
    /** @type {Buffer[]} */
    const printed = [];
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (/** @type {Buffer} */ data) => printed.push(data));
    child.once('error', reject);
    child.once('close', (code, signal) => {
      process.stdout.write(Buffer.concat(printed));
      resolve(code ?? (signal === null ? 1 : 128));
    });
  });
}
