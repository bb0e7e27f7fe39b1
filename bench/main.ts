/**
 * The benchmark: one system, one browser, one table. Each measurement is a file; this one only calls them and prints. Named ones
 * run alone: `npm run bench -- vitals`.
 */
import { chromium, type Browser } from '@playwright/test';
import { chromiumLaunch } from '../e2e/support/browsers.ts';
import { startSystem, type System } from '../e2e/support/system.ts';
import { measureBridge } from './bridge.ts';
import { measureConversation, measureQueries } from './conversation.ts';
import type { Figure } from './figure.ts';
import { measureFlood } from './flood.ts';
import { measureLoader } from './loader.ts';
import { measureLongChat } from './long-chat.ts';
import { measureMemory } from './memory.ts';
import { measurePlace } from './place.ts';
import { measureVitals } from './vitals.ts';

/** In the order they run: the server's memory before anybody was there. */
const MEASUREMENTS: Readonly<Record<string, (browser: Browser, system: System) => Promise<Figure[]>>> = {
  memory: async (_browser, system) => [await measureMemory(system)],
  bridge: (browser) => measureBridge(browser),
  loader: measureLoader,
  queries: measureQueries,
  conversation: (browser) => measureConversation(browser),
  flood: (_browser, system) => measureFlood(system),
  'long-chat': (browser) => measureLongChat(browser),
  place: measurePlace,
  vitals: (_browser, system) => measureVitals(system, false),
  'vitals-together': (_browser, system) => measureVitals(system, true),
};

export async function main(names: readonly string[]): Promise<void> {
  const unknown = names.filter((name) => !(name in MEASUREMENTS));
  if (unknown.length > 0)
    throw new Error(`No such measurement: ${unknown.join(', ')}. There are: ${Object.keys(MEASUREMENTS).join(', ')}.`);
  const system = await startSystem();
  const browser = await chromium.launch(chromiumLaunch({ isWhole: true }));
  try {
    await system.admin('site', 'add', '--key', 'bench', '--name', 'Bench', '--origin', system.shop);
    const figures: Figure[] = [];
    for (const [name, measure] of Object.entries(MEASUREMENTS)) {
      if (names.length > 0 && !names.includes(name)) continue;
      figures.push(...(await measure(browser, system)));
    }
    console.log(`\nNode ${process.version}, Chromium ${browser.version()}\n`);
    console.table(Object.fromEntries(figures.map(({ what, ...rest }) => [what, rest])));
  } finally {
    await browser.close();
    await system.close();
  }
}
