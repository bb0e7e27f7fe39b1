/** The reporter in a real run of Playwright, over a small suite without a browser. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'reporter-'));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  mkdirSync(join(folder, 'e2e'));
  write('package.json', '{"type":"module"}');
  write('SPEC.md', '- [ME.first] One thing.\n- [ME.second] Another thing.\n');
  write(
    'playwright.config.ts',
    `export default { testDir: 'e2e', retries: 1, workers: 1, reporter: [[${JSON.stringify(join(ROOT, 'e2e/support/coverage-reporter.ts'))}]] };`,
  );
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (name: string, text: string) => writeFileSync(join(folder, name), text);

/** Runs these tests, each with its body. */
function run(bodies: Record<string, string>) {
  const tests = Object.entries(bodies).map(([title, body]) => `test(${JSON.stringify(title)}, ({}, info) => { ${body} });`);
  write('e2e/suite.spec.ts', ["import { expect, test } from '@playwright/test';", ...tests].join('\n'));
  const { COVERAGE: _, ...env } = process.env;
  const { status, stdout } = spawnSync(process.execPath, [join(ROOT, 'node_modules/@playwright/test/cli.js'), 'test'], {
    cwd: folder,
    env,
    encoding: 'utf8',
  });
  const totals = JSON.parse(readFileSync(join(folder, 'test-results/playwright-totals.json'), 'utf8')) as unknown;
  return { status, stdout, totals, table: readFileSync(join(folder, 'coverage-table/contract.md'), 'utf8') };
}

describe('the reporter', () => {
  it('names a flaky test, fails the run, and counts its rule as not shown', () => {
    const { status, stdout, totals, table } = run({
      '[ME.first] works': 'expect(1).toBe(1)',
      '[ME.second] works at last': "expect(info.retry, 'the first try').toBe(1)",
    });
    expect([status, totals]).toEqual([1, { passed: 1, failed: 1 }]);
    expect(stdout).toMatch(/FLAKY {2}e2e\/suite\.spec\.ts:3 \[ME\.second\] works at last\n.*the first try/);
    expect(table).toContain('1 of 2 rules shown');
    expect(table).toMatch(/ME\.second .* 1 FLAKY/);
  });

  it('counts a test that fails twice as failed', () => {
    const { status, stdout, totals } = run({ '[ME.first] fails': 'expect(1).toBe(2)' });
    expect([status, totals]).toEqual([1, { passed: 0, failed: 1 }]);
    expect(stdout).not.toContain('FLAKY');
  });
});
