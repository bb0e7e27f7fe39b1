/**
 * npm run load -- [--visitors 5000] [--rate 200] [--seconds 30] [--operators 10] [--ramp] [--no-cut] [--profile FOLDER]:
 * builds if need be and runs bench/load/. Its client processes run this script, too. Fails if anything was lost,
 * doubled or refused; how fast it was is for people to judge.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runnerImport } from 'vite';
import { ensureBuiltOrExit } from './built.mjs';

/** @param {string} name */
const load = async (name) => (await runnerImport(fileURLToPath(new URL(`../bench/load/${name}.ts`, import.meta.url)))).module;

if (process.argv.includes('--client')) {
  (await load('client')).serve();
} else {
  const { values } = parseArgs({
    allowNegative: true,
    options: {
      visitors: { type: 'string', default: '5000' },
      rate: { type: 'string', default: '200' },
      seconds: { type: 'string', default: '30' },
      operators: { type: 'string', default: '10' },
      ramp: { type: 'boolean', default: false },
      cut: { type: 'boolean', default: true },
      profile: { type: 'string' },
    },
  });
  await ensureBuiltOrExit();
  const { ramp, cut, profile } = values;
  const numbers = { visitors: toCount('visitors'), rate: toCount('rate'), seconds: toCount('seconds'), operators: toCount('operators') };
  const isWhole = await (await load('main')).main({ ...numbers, ramp, cut, profile }, fileURLToPath(import.meta.url));
  process.exit(isWhole ? 0 : 1);

  /** @param {'visitors' | 'rate' | 'seconds' | 'operators'} name */
  function toCount(name) {
    const text = values[name];
    if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
    console.error(`--${name} is ${JSON.stringify(text)}, expected a whole number from 1.`);
    process.exit(1);
  }
}
