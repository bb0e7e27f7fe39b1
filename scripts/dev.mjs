/**
 * `npm run dev`: the whole system for somebody who changes it.
 *
 * - A change under frame/ or operator/ reaches the browser at once: Vite serves their sources, and swaps styles and components.
 * - A change under server/ or shared/ builds the server and starts it again.
 * - A change under host/ builds the loader; the next page that loads has it.
 *
 * A front (`dev-front.mjs`) listens at the usual address. It takes sources from Vite and everything else from the real server,
 * which runs as a child (`dev-server.mjs`) on a port of its own. The server knows nothing of this.
 */
import { watch } from 'node:fs';
import { join } from 'node:path';
import { buildOnly, ensureBuiltOrExit, fingerprint, requireInstalled, root } from './built.mjs';
import { openFront } from './dev-front.mjs';
import { startServer } from './dev-server.mjs';
import { endWithLaunchers } from './launchers.mjs';

/** Editors write a file in several steps; one build is enough for them. */
const SETTLE_MS = 150;
/** The parts that are rebuilt, with their sources. */
const PARTS = [
  { name: 'server', sources: ['server', 'shared', 'package.json', 'package-lock.json', 'vite.config.ts'], isRestarted: true },
  { name: 'loader', sources: ['host', 'shared', 'vite.config.ts'], isRestarted: false },
];

process.chdir(root);
endWithLaunchers();
requireInstalled();
await ensureBuiltOrExit();

const front = await openFront().catch((error) => {
  console.error(error.code === 'EADDRINUSE' ? `Port ${error.port} is already in use. Set PORT to another one.` : error.stack);
  process.exit(1);
});
const server = startServer({ publicUrl: front.url });
front.serve(server.port);

let stopping = false;
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.on(signal, () => {
    // A terminal sends its SIGINT to the server as well, and a second one may mean "at once": pass on only what it did not get.
    if (!stopping && !(signal === 'SIGINT' && process.stdin.isTTY)) server.end(signal);
    stopping = true;
    void server.ended().then(() => process.exit());
  });
}

const built = new Map(PARTS.map(({ name, sources }) => [name, fingerprint(sources)]));
let isBuilding = false;
/** @type {NodeJS.Timeout | undefined} */
let settle;
for (const source of new Set(PARTS.flatMap(({ sources }) => sources))) {
  watch(join(root, source), { recursive: true }, () => {
    clearTimeout(settle);
    settle = setTimeout(() => void rebuild(), SETTLE_MS);
  });
}
server.port().then(
  () => process.env['PORT'] === '0' && console.log(`Listening  ${front.address}`),
  (error) => console.error(error.message),
);

/** Builds what has changed, until nothing has. */
async function rebuild() {
  if (isBuilding) return;
  isBuilding = true;
  try {
    for (;;) {
      const changed = PARTS.filter(({ name, sources }) => built.get(name) !== fingerprint(sources));
      if (changed.length === 0) break;
      for (const { name, sources } of changed) built.set(name, fingerprint(sources));
      await buildOnly(changed.map(({ name }) => name));
      if (changed.some(({ isRestarted }) => isRestarted) && !stopping) await server.restart();
    }
  } catch (error) {
    // The old server stays up; the next change tries again.
    console.error(error instanceof Error ? error.message : error);
  }
  isBuilding = false;
}
