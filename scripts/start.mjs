/**
 * `npm start`: the whole system, built first when that is needed. The server then runs in this very process, so signals, exit
 * code and environment are its own, and it ends with whoever started it (`launchers.mjs`). A service needs none of this:
 * it builds once and runs `node dist/server/main.js`.
 * `npm run dev` (`--watch`): builds again on every change and restarts the server as a child. No hot reloading.
 */
import { spawn } from 'node:child_process';
import { watch } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureBuilt, ensureBuiltOrExit, isFresh, root, sources } from './built.mjs';
import { endWithLaunchers } from './launchers.mjs';

/** Editors write a file in several steps; one build is enough for them. */
const SETTLE_MS = 150;
const program = join(root, 'dist/server/main.js');

process.chdir(root);
endWithLaunchers();
if (process.argv.includes('--watch')) await develop();
else {
  await ensureBuiltOrExit();
  process.argv[1] = program;
  await import(pathToFileURL(program).href);
}

async function develop() {
  /** @type {import('node:child_process').ChildProcess | undefined} */
  let server;
  let stopping = false;
  let building = false;

  const startServer = () => {
    const child = spawn(process.execPath, [program], { stdio: 'inherit' });
    child.once('error', (error) => console.error(error.message));
    child.once('exit', () => {
      if (server === child) server = undefined;
      if (stopping) process.exit();
    });
    server = child;
  };

  const stopServer = () =>
    /** @type {Promise<void>} */ (
      new Promise((resolve) => {
        if (server === undefined) return resolve();
        server.once('exit', () => resolve());
        server.kill('SIGTERM');
      })
    );

  const rebuild = async () => {
    if (building) return;
    building = true;
    try {
      while (!isFresh()) await ensureBuilt();
      await stopServer();
      if (!stopping) startServer();
    } catch (error) {
      // The old server stays up; the next change tries again.
      console.error(error instanceof Error ? error.message : error);
    }
    building = false;
  };

  /** @type {NodeJS.Timeout | undefined} */
  let settle;
  for (const source of sources) {
    watch(join(root, source), { recursive: true }, () => {
      clearTimeout(settle);
      settle = setTimeout(() => !isFresh() && void rebuild(), SETTLE_MS);
    });
  }

  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => {
      // A terminal sends its SIGINT to the server as well, and a second one may mean "at once": pass on only what it did not get.
      if (!stopping && server !== undefined && !(signal === 'SIGINT' && process.stdin.isTTY)) server.kill(signal);
      stopping = true;
      if (server === undefined) process.exit();
    });
  }

  await rebuild();
}
