/**
 * `npm test`: everything a newcomer needs to trust a change, browsers included, cheapest first. What fails does not hide what
 * comes after it (stages.mjs). Ends with the line `N passed, N failed`; a stage that fails without a failing test counts as one failure.
 * Without PostgreSQL on this machine the line also says how many tests were skipped; in CI that is a failure.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { requireInstalled, root, run } from './built.mjs';
import { closingLines, runStages } from './stages.mjs';

requireInstalled();

const VITEST_JSON = 'test-results/vitest.json';
const ATTACK_JSON = 'test-results/attack.json';
const PLAYWRIGHT_JSON = 'test-results/playwright-totals.json';

/** @param {string} name @param {string} path */
const bin = (name, path) => join(root, 'node_modules', name, path);
const playwright = bin('@playwright/test', 'cli.js');

/** @type {import('./stages.mjs').Stage[]} */
const stages = [
  // Loads playwright.config.ts, which throws with the one command that helps when there is no browser: said first, before minutes have passed.
  { name: 'Browser', script: playwright, args: ['test', '--list', '--reporter=./scripts/quiet-reporter.mjs', '--pass-with-no-tests'] },
  // Each of the next four keeps one processor busy.
  { name: 'Types', script: bin('typescript', 'bin/tsc'), args: ['-b'] },
  { name: 'Format', script: bin('prettier', 'bin/prettier.cjs'), args: ['--check', '--log-level', 'warn', '.'], isBeside: true },
  { name: 'Lint', script: bin('eslint', 'bin/eslint.js'), args: ['.', '--max-warnings', '0'], isBeside: true },
  { name: 'Unused', script: bin('knip', 'bin/knip.js'), args: [], isBeside: true },
  {
    name: 'Node tests',
    script: bin('vitest', 'vitest.mjs'),
    args: ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${VITEST_JSON}`],
    tests: () => nodeTests(read(VITEST_JSON)),
  },
  { name: 'Build', script: bin('vite', 'bin/vite.js'), args: ['build', '--app', '--logLevel', 'warn'] },
  { name: 'Size', script: join(root, 'scripts/size.mjs'), args: [], needs: ['Build'] },
  {
    name: 'Attacks, in small',
    script: join(root, 'scripts/attack.mjs'),
    args: ['--short'],
    needs: ['Build'],
    tests: () => totals(read(ATTACK_JSON)),
  },
  {
    name: 'Browser tests and contract coverage',
    script: playwright,
    args: ['test'],
    env: { COVERAGE: 'full' },
    needs: ['Browser', 'Build'],
    tests: () => totals(read(PLAYWRIGHT_JSON)),
  },
];

// Results of an earlier run must not be taken for this one's.
rmSync(join(root, 'test-results'), { recursive: true, force: true });
mkdirSync(join(root, 'test-results'));

const outcomes = await runStages(stages, run);
console.log(`\n${closingLines(outcomes).join('\n')}`);
process.exitCode = outcomes.every(({ outcome }) => outcome === 'done') ? 0 : 1;

/** @param {Record<string, number> | undefined} json */
function nodeTests(json) {
  return json && { passed: json['numPassedTests'] ?? 0, failed: json['numFailedTests'] ?? 0, skipped: json['numPendingTests'] ?? 0 };
}

/** @param {Record<string, number> | undefined} json */
function totals(json) {
  return json && { passed: json['passed'] ?? 0, failed: json['failed'] ?? 0 };
}

/** @param {string} path @returns {Record<string, number> | undefined} */
function read(path) {
  try {
    return JSON.parse(readFileSync(join(root, path), 'utf8'));
  } catch {
    return undefined; // The stage that writes it came to no end.
  }
}
