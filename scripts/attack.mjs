/**
 * npm run attack [-- --short] [A4 A5 …]: builds what is missing and does part A of docs/found-faults.md again to a real server with the limits
 * of an installation (bench/attack/). Fails if anybody innocent was made to wait or refused, if anything is left open, or if a process has ended.
 * `--short`, for `npm test`, decides nothing by time. The attacker's process is this script again.
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
