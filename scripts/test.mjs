/**
 * `npm test`: everything a newcomer needs to trust a change, browsers included, cheapest first. Stops at the first stage that
 * fails. Ends with the line `N passed, N failed`; a stage that fails without a failing test counts as one failure.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { requireInstalled, root, run } from './built.mjs';

requireInstalled();

const VITEST_JSON = 'test-results/vitest.json';
const PLAYWRIGHT_JSON = 'test-results/playwright-totals.json';

/** @param {string} name @param {string} path */
const bin = (name, path) => join(root, 'node_modules', name, path);
const playwright = bin('@playwright/test', 'cli.js');

/** @type {[name: string, script: string, args: string[], env?: Record<string, string>][]} */
const stages = [
  // Loads playwright.config.ts, which throws with the one command that helps when there is no browser. Minutes are saved.
  ['Browser', playwright, ['test', '--list', '--reporter=./scripts/quiet-reporter.mjs', '--pass-with-no-tests']],
  ['Types', bin('typescript', 'bin/tsc'), ['-b']],
  ['Lint', bin('eslint', 'bin/eslint.js'), ['.', '--max-warnings', '0']],
  ['Node tests', bin('vitest', 'vitest.mjs'), ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${VITEST_JSON}`]],
  ['Build', bin('vite', 'bin/vite.js'), ['build', '--app', '--logLevel', 'warn']],
  ['Size', join(root, 'scripts/size.mjs'), []],
  ['Browser tests and contract coverage', playwright, ['test'], { COVERAGE: 'full' }],
];

// Results of an earlier run must not be taken for this one's.
rmSync(join(root, 'test-results'), { recursive: true, force: true });
mkdirSync(join(root, 'test-results'));

/** @type {string | undefined} */
let failedStage;
for (const [name, script, args, env] of stages) {
  console.log(`\n── ${name} ${'─'.repeat(Math.max(0, 70 - name.length))}`);
  const start = performance.now();
  const code = await run(process.execPath, [script, ...args], env);
  console.log(`── ${name}: ${code === 0 ? 'done' : 'FAILED'} in ${((performance.now() - start) / 1000).toFixed(1)} s`);
  if (code === 0) continue;
  failedStage = name;
  break;
}

const node = read(VITEST_JSON);
const browser = read(PLAYWRIGHT_JSON);
const passed = (node?.numPassedTests ?? 0) + (browser?.passed ?? 0);
const failedTests = (node?.numFailedTests ?? 0) + (browser?.failed ?? 0);
if (failedStage !== undefined) console.log(`\nStopped at: ${failedStage}`);
console.log(`\n${passed} passed, ${failedStage !== undefined && failedTests === 0 ? 1 : failedTests} failed`);
process.exitCode = failedStage === undefined ? 0 : 1;

/** @param {string} path @returns {Record<string, number> | undefined} */
function read(path) {
  try {
    return JSON.parse(readFileSync(join(root, path), 'utf8'));
  } catch {
    return undefined; // The stage that writes it was not reached.
  }
}
