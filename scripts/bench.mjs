/**
 * npm run bench: builds what is missing and runs every measurement of bench/ once, in this process, printing ratios next to
 * absolute figures: machines differ, ratios of one run hardly do. `npm run bench -- vitals` runs the named ones only.
 */
import { runnerImport } from 'vite';
import { ensureBuilt } from './built.mjs';

await ensureBuilt();
const { module } = await runnerImport(new URL('../bench/main.ts', import.meta.url).pathname);
await module.main(process.argv.slice(2));
