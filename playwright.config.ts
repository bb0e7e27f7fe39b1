/**
 * The browser tests. Everything runs in Chromium, in its headless shell where there is one and the test is not tagged
 * `@whole-browser`; tests tagged `@firefox` run in Firefox too where one is installed,
 * and `webkit.spec.ts` in the system's WebKit where there is one.
 * Tests start the servers they need themselves, on ports of their own.
 */
import { defineConfig } from '@playwright/test';
import { chromiumLaunch, firefoxLaunch, webkitLaunch } from './e2e/support/browsers.ts';

const firefox = firefoxLaunch();
// The matrix tells customers in what the chat was tried: that is no shell.
const chromium = { browserName: 'chromium' as const, launchOptions: chromiumLaunch({ isWhole: process.env.MATRIX === 'whole' }) };
// Throws where there is only a shell, or tests would be left out in silence.
const wholeChromium = { browserName: 'chromium' as const, launchOptions: chromiumLaunch({ isWhole: true }) };
const WHOLE = /@whole-browser/;
/** What takes long is for `npm run faults`. */
const CAMPAIGN = process.env.CAMPAIGN === 'whole' ? [] : [/@campaign/];
/** Tests that start WebKit themselves; their operators use Chromium. */
const WEBKIT = '**/webkit.spec.ts';

export default defineConfig({
  testDir: 'e2e',
  testMatch: '**/*.spec.ts',
  // Not test-results/ itself: this folder is emptied at start, and Vitest's results lie beside it.
  outputDir: 'test-results/playwright',
  fullyParallel: true,
  workers: 2,
  // A second try gathers evidence and saves nothing: the reporter names a test that needed it and fails the run.
  retries: process.env.CI === undefined ? 0 : 1,
  // Generous, because a machine may be busy: what is there is found at once all the same.
  timeout: 60_000,
  expect: { timeout: 10_000 },
  forbidOnly: process.env.CI !== undefined,
  reporter: [['list'], ['./e2e/support/coverage-reporter.ts']],
  // Traces cost time on two cores. In CI only the second try keeps one.
  use: { trace: process.env.CI === undefined ? 'retain-on-failure' : 'on-first-retry', screenshot: 'only-on-failure' },
  projects: [
    { name: 'chromium', testIgnore: WEBKIT, grepInvert: [...CAMPAIGN, WHOLE], use: chromium },
    { name: 'whole-chromium', testIgnore: WEBKIT, grepInvert: CAMPAIGN, grep: WHOLE, use: wholeChromium },
    ...(firefox === undefined
      ? []
      : [
          {
            name: 'firefox',
            testIgnore: WEBKIT,
            grepInvert: CAMPAIGN,
            grep: /@firefox/,
            use: { browserName: 'firefox' as const, ...firefox },
          },
        ]),
    ...(webkitLaunch() === undefined ? [] : [{ name: 'webkit', testMatch: WEBKIT, grepInvert: CAMPAIGN, use: chromium }]),
  ],
});
