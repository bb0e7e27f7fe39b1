/**
 * Finds a browser to test with and says how to start it. It downloads nothing; when there is no browser it names the one command
 * that installs one.
 *
 * Chromium comes in two: the whole browser, and a headless shell with the same engine that takes half the time. Tests run in the
 * shell where one is installed. What a shell has not (the cache of history, preferences, profiles that outlive a kill) is tested in
 * the whole browser: `chromiumLaunch({ isWhole: true })`, or the tag `@whole-browser`.
 *
 * Chromium is started with storage partitioning ON. The driver switches it off by default, and our frame must be tested the
 * way visitors have it. So the driver's own list of disabled features is read from its code and passed again without that name.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { chromium, firefox, type LaunchOptions } from '@playwright/test';

const PARTITIONING = 'ThirdPartyStoragePartitioning';

/** No news from home, no QUIC: tests talk to our own servers only. */
const QUIET = ['--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

export interface ChromiumChoice {
  /** True: the whole browser also where there is a shell. */
  isWhole?: boolean;
  /** False: the driver's default, in which Debian's Chromium denies all storage to a cross-site frame. */
  partitioned?: boolean;
}

/** How to start Chromium. Throws when there is none. */
export function chromiumLaunch({ isWhole = false, partitioned = true }: ChromiumChoice = {}): LaunchOptions {
  const executablePath = isWhole ? findChromium() : (firstInstalled(['chromium-headless-shell']) ?? findChromium());
  if (executablePath === undefined)
    throw new Error(
      'No Chromium found (its headless shell alone does not do). Install one with: npx playwright install --with-deps chromium',
    );
  // Chromium's sandbox refuses to run as root, which is what containers are.
  const args = process.getuid?.() === 0 ? ['--no-sandbox', ...QUIET] : [...QUIET];
  if (!partitioned) return { executablePath, args };
  const disabled = driverDisabledFeatures();
  return {
    executablePath,
    ignoreDefaultArgs: [`--disable-features=${disabled.join(',')}`],
    args: [...args, `--disable-features=${disabled.filter((name) => name !== PARTITIONING).join(',')}`],
  };
}

export interface FirefoxLaunch {
  channel?: string;
  launchOptions: LaunchOptions;
}

/** How to start Firefox; undefined when there is none, since every promise is first tested in Chromium. */
export function firefoxLaunch(): FirefoxLaunch | undefined {
  if (existsSync(firefox.executablePath())) return { launchOptions: { executablePath: firefox.executablePath() } };
  const executablePath = firstInstalled(['firefox-esr', 'firefox']);
  if (executablePath === undefined) return undefined;
  return {
    // A stock Firefox, driven over WebDriver BiDi.
    channel: 'moz-firefox',
    // Without this preference clicks into a cross-site frame are lost.
    launchOptions: { executablePath, firefoxUserPrefs: { 'fission.webContentIsolationStrategy': 0 } },
  };
}

/** What installs Firefox where `firefoxLaunch()` finds none. */
export const FIREFOX_INSTALL = 'apt-get install -y --no-install-recommends firefox-esr';

export interface WebKitLaunch {
  driver: string;
  /** Makes a display; absent where there is one. */
  xvfb?: string;
}

/** What installs WebKit where `webkitLaunch()` finds none. */
export const WEBKIT_INSTALL = 'apt-get install -y --no-install-recommends webkit2gtk-driver xvfb';

/** How to start the system's WebKit; undefined when it is not installed, or has no display and nothing to make one with. */
export function webkitLaunch(): WebKitLaunch | undefined {
  const driver = firstInstalled(['WebKitWebDriver']);
  if (driver === undefined) return undefined;
  if (process.env.DISPLAY !== undefined || process.env.WAYLAND_DISPLAY !== undefined) return { driver };
  const xvfb = firstInstalled(['Xvfb']);
  return xvfb === undefined ? undefined : { driver, xvfb };
}

/** The whole one: the driver's own when it is installed, else the system's. */
function findChromium(): string | undefined {
  const own = chromium.executablePath();
  return existsSync(own) ? own : firstInstalled(['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']);
}

function firstInstalled(names: readonly string[]): string | undefined {
  for (const name of names) {
    const usual = `/usr/bin/${name}`;
    if (existsSync(usual)) return usual;
    try {
      return execFileSync('which', [name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    } catch {
      // Not installed under this name.
    }
  }
  return undefined;
}

/**
 * The features the driver disables, in its order, from its bundled code: it exports them nowhere. Whatever is not as expected
 * throws, or the tests would quietly run without partitioning.
 */
function driverDisabledFeatures(): readonly string[] {
  // Step by step: another package may bring a playwright-core of another version, and that one drives nothing.
  const runner = createRequire(import.meta.resolve('@playwright/test')).resolve('playwright/package.json');
  const driver = dirname(createRequire(runner).resolve('playwright-core/package.json'));
  const code = readFileSync(join(driver, 'lib/coreBundle.js'), 'utf8');
  const list = /\bdisabledFeatures = \[([^\]]*)\]\.filter\(Boolean\)/.exec(code)?.[1];
  const lines = (list ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('//'));
  const names = lines.map((line) => /^"(\w+)",?$/.exec(line)?.[1]).filter((name) => name !== undefined);
  if (names.length !== lines.length || !names.includes(PARTITIONING))
    throw new Error(`${PARTITIONING} is not in the driver's list of disabled features any more: adapt e2e/support/browsers.ts.`);
  return names;
}
