/**
 * npm run attack [-- --short] [A4 A5 …]: builds if need be and repeats part A of docs/found-faults.md against a real server with an
 * installation's limits (bench/attack/). It fails if an innocent visitor had to wait or was refused, if a descriptor stays open, or
 * if a process has ended. `--short`, for `npm test`, decides nothing by time. The attacker's process runs this script, too.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runnerImport } from 'vite';
import { ensureBuiltOrExit } from './built.mjs';

/** @param {string} name */
const load = async (name) => (await runnerImport(fileURLToPath(new URL(`../bench/attack/${name}.ts`, import.meta.url)))).module;

if (process.argv.includes('--attacker')) {
  (await load('attacker')).serve();
} else {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { short: { type: 'boolean', default: false } } });
  await ensureBuiltOrExit();
  const isWell = await (await load('main')).main({ isShort: values.short, ids: positionals }, fileURLToPath(import.meta.url));
  process.exit(isWell ? 0 : 1);
}
