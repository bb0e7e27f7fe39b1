/**
 * npm run loopback -- [--schedules N] [--seed S]: the loopback of e2e/loopback/ with many schedules, one share for each
 * processor. Bundled first, because a test runner would take as long again. Prints count, seconds and seed; with a failure, its
 * own seed and the shortest schedule that shows it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'vite';
import { requireInstalled, root } from './built.mjs';

requireInstalled();
const { values } = parseArgs({ options: { schedules: { type: 'string', default: '10000' }, seed: { type: 'string' } } });
const schedules = toCount('schedules', values.schedules);
const seed = values.seed === undefined ? Date.now() % 2 ** 31 : toCount('seed', values.seed);

// Inside the tree, so that packages are found; one folder each, so that two runs do not share files.
const outDir = join(root, '.tsbuild', `loopback-${process.pid}`);
await build({
  root,
  configFile: false,
  logLevel: 'warn',
  resolve: { external: true },
  ssr: { external: true },
  build: {
    ssr: join(root, 'e2e/loopback/main.ts'),
    outDir,
    target: 'node20',
    minify: false,
    rolldownOptions: { output: { entryFileNames: 'main.mjs' } },
  },
});

const shares = Math.min(availableParallelism(), schedules);
console.log(`${schedules} schedules, seed ${seed}, in ${shares} process${shares === 1 ? '' : 'es'}`);
const from = performance.now();
try {
  const results = await Promise.all(Array.from({ length: shares }, (_, at) => runShare(Math.floor((schedules + at) / shares), seed + at)));
  const seconds = (performance.now() - from) / 1000;
  const done = results.reduce((sum, result) => sum + result.done, 0);
  const cpuMs = results.reduce((sum, result) => sum + result.cpuMs, 0);
  const failed = results.filter((result) => result.failed).length;
  console.log(
    `${done} schedules in ${seconds.toFixed(1)} s (${(cpuMs / done).toFixed(1)} ms of processor each), seed ${seed}: ${failed === 0 ? 'every invariant held' : 'FAILED'}`,
  );
  process.exitCode = failed === 0 ? 0 : 1;
} finally {
  rmSync(outDir, { recursive: true, force: true });
}

/**
 * @param {number} count
 * @param {number} from
 * @returns {Promise<{ done: number, cpuMs: number, failed: boolean }>}
 */
async function runShare(count, from) {
  const child = spawn(process.execPath, [join(outDir, 'main.mjs'), String(count), String(from)], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (/** @type {Buffer} */ data) => (output += data.toString()));
  await once(child, 'close');
  const line = output.trim().split('\n').at(-1);
  return line === undefined || line === '' ? { done: 0, cpuMs: 0, failed: true } : JSON.parse(line);
}

/** @param {string} name @param {string} text */
function toCount(name, text) {
  if (/^\d{1,10}$/.test(text) && Number(text) < 2 ** 31) return Number(text);
  console.error(`--${name} is ${JSON.stringify(text)}, expected a whole number.`);
  process.exit(1);
}
