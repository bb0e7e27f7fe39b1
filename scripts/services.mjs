/**
 * Throw-away servers for tests: PostgreSQL from the system's own packages, on a free port, with nothing in it. A test may do to it
 * whatever it likes. It ends with the process that started it, however that ends.
 */
import { execFileSync, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Debian's folder of all installed versions. */
const VERSIONS = '/usr/lib/postgresql';
const READY = 'database system is ready to accept connections';
/** Survives no crash, which no test of this kind has. */
const FORGETFUL = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'autovacuum=off'];

export const NO_POSTGRES = 'PostgreSQL: not here, its tests are left out. apt-get install --no-install-recommends postgresql';

/** The folder of the newest server's programs. */
export function findPostgres() {
  const versions = existsSync(VERSIONS) ? readdirSync(VERSIONS) : [];
  return versions
    .filter((version) => /^\d+$/.test(version) && existsSync(join(VERSIONS, version, 'bin/postgres')))
    .sort((one, other) => Number(other) - Number(one))
    .map((version) => join(VERSIONS, version, 'bin'))[0];
}

/**
 * @param {{ isDurable?: boolean }} [options] `isDurable`: what it has confirmed outlives a crash
 * @returns {Promise<{ url: string, stop(): Promise<void> }>} `url` names no database: add a path
 */
export async function startPostgres({ isDurable = false } = {}) {
  const bin = findPostgres();
  if (bin === undefined) throw new Error(NO_POSTGRES);
  const folder = mkdtempSync(join(tmpdir(), 'postgres-'));
  const owner = postgresUser();
  if (owner !== undefined) chownSync(folder, owner.uid, owner.gid);
  const data = join(folder, 'data');
  const locale = ['--encoding=UTF8', '--locale=C'];
  try {
    execFileSync(join(bin, 'initdb'), ['-D', data, '-U', 'postgres', '--auth=trust', '--no-sync', ...locale], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
      ...owner,
    });
    const port = await freePort();
    const settings = ['listen_addresses=127.0.0.1', `port=${port}`, 'unix_socket_directories=', 'max_connections=200'];
    const args = ['-D', data, ...[...settings, ...(isDurable ? [] : FORGETFUL)].flatMap((setting) => ['-c', setting])];
    const ended = await untilReady(join(bin, 'postgres'), args, folder, owner);
    return {
      url: `postgres://postgres@127.0.0.1:${port}`,
      async stop() {
        await ended();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** PostgreSQL refuses to run as root: there its own user runs it. */
function postgresUser() {
  if (process.getuid?.() !== 0) return undefined;
  const id = (/** @type {string} */ flag) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

/**
 * A port nobody listens on now, for programs that cannot choose one and say which. Not one of those that the system hands out
 * by itself: another connection of a busy machine would get it before the program does.
 * @returns {Promise<number>}
 */
async function freePort() {
  const port = randomInt(15_000, 31_000);
  const probe = createServer();
  const isFree = await new Promise((resolve) => probe.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true)));
  if (!isFree) return freePort();
  probe.close();
  await once(probe, 'close');
  return port;
}

/**
 * A shell stands between, which ends the server when our end of its input closes, also because we were killed.
 * @param {string} program @param {string[]} args @param {string} folder @param {{ uid: number, gid: number } | undefined} owner
 * @returns {Promise<() => Promise<void>>} what ends it
 */
function untilReady(program, args, folder, owner) {
  const script = '"$0" "$@" </dev/null & pid=$!; read -r _; kill -INT $pid; wait $pid; rm -rf "$PWD"/*';
  const shell = spawn('/bin/sh', ['-c', script, program, ...args], { cwd: folder, stdio: ['pipe', 'ignore', 'pipe'], ...owner });
  const end = new Promise((resolve) => shell.once('exit', resolve));
  return new Promise((resolve, reject) => {
    let said = '';
    shell.stderr.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      if (said.includes(READY)) return;
      said += text;
      if (!said.includes(READY)) {
        // A server that cannot start ends, and its shell goes on waiting for us.
        if (said.includes('FATAL')) shell.stdin.end();
        return;
      }
      resolve(async () => {
        shell.stdin.end();
        await end;
      });
    });
    void end.then(() => reject(new Error(`PostgreSQL did not start: ${said}`)));
  });
}
