/**
 * The Node tests of all rooms: units, contract suites, bridges over a MessageChannel, loopback. Browsers are Playwright's,
 * types are tsc's.
 */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const { version } = JSON.parse(readFileSync(new URL('./package.json', import.meta.url), 'utf8')) as { version: string };

export default defineConfig({
  define: { __VERSION__: JSON.stringify(version) },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  test: {
    environment: 'node',
    include: ['{shared,host,frame,operator,server,e2e,scripts}/**/*.test.{ts,tsx}'],
    typecheck: { enabled: false },
    // Reporters other than the default are asked for by scripts/test.mjs.
    passWithNoTests: true,
    globalSetup: ['scripts/services-setup.mjs'],
    // One for each processor: left to itself the runner keeps one free, which is half of a small machine.
    maxWorkers: availableParallelism(),
    // Guards against hanging, generous because a machine may be busy: no test is decided by them.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 30_000 } },
  },
});
