/**
 * npm run faults: every fault of e2e/faults/README.md, also those that take long, and the table row → test → result. A row
 * without a passing test fails the run.
 *
 *   npm run faults                              all rows, the campaign's too
 *   npm run faults -- -g "fault 7"              what the test runner understands is passed on
 *   npm run faults -- --seeds 200 --seconds 60  a night of random schedules instead, numbered from --first (1)
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuiltOrExit, root, run } from './built.mjs';

const { values, tokens } = parseArgs({
  options: { seeds: { type: 'string' }, seconds: { type: 'string' }, first: { type: 'string' } },
  strict: false,
  tokens: true,
});
const own = new Set(['seeds', 'seconds', 'first']);
const mine = new Set(
  tokens
    .filter((token) => token.kind === 'option' && own.has(token.name))
    .flatMap((token) => (token.kind === 'option' && token.inlineValue === false ? [token.index, token.index + 1] : [token.index])),
);
const rest = process.argv.slice(2).filter((_, at) => !mine.has(at));

/** @param {'seeds' | 'seconds' | 'first'} name @param {number} standard */
function count(name, standard) {
  const given = values[name];
  if (given === undefined) return standard;
  const number = Number(given);
  if (Number.isInteger(number) && number > 0) return number;
  console.error(`--${name} is ${String(given)}, expected a whole number above 0.`);
  return process.exit(1);
}

await ensureBuiltOrExit();
const playwright = join(root, 'node_modules/@playwright/test/cli.js');
const isRandom = values.seeds !== undefined;
/** @type {Record<string, string>} */
const env = isRandom
  ? { CAMPAIGN: 'whole', SEEDS: String(count('seeds', 1)), SECONDS: String(count('seconds', 60)), FIRST_SEED: String(count('first', 1)) }
  : { CAMPAIGN: 'whole', COVERAGE: rest.length === 0 ? 'faults' : 'none' };
process.exitCode = await run(process.execPath, [playwright, 'test', isRandom ? 'e2e/faults/random.spec.ts' : 'e2e/faults', ...rest], env);
