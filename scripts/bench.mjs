/**
 * npm run bench: builds if need be and runs every measurement of bench/ once, in this process, printing ratios next to
 * absolute figures: machines differ, ratios of one run hardly do. `npm run bench -- vitals` runs the named ones only.
 * The process that floods for one of them is this script again.
 */
import { runnerImport } from 'vite';
import { ensureBuilt } from './built.mjs';

/** @param {string} name */
const load = async (name) => (await runnerImport(new URL(`../bench/${name}.ts`, import.meta.url).pathname)).module;

if (process.argv[2] === '--flooder') {
  await (await load('flooder')).flood(process.argv.slice(3));
} else {
  await ensureBuilt();
  await (await load('main')).main(process.argv.slice(2));
}
