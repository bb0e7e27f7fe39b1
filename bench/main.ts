/** The benchmark: one system, one browser, one table. Each measurement is a file; this one only calls them and prints. */
import { chromium } from '@playwright/test';
import { chromiumLaunch } from '../e2e/browsers.ts';
import { startSystem } from '../e2e/system.ts';
import { measureBridge } from './bridge.ts';
import { measureConversation, measureQueries } from './conversation.ts';
import { measureLoader } from './loader.ts';
import { measureMemory } from './memory.ts';

/** One line of the table. */
export interface Figure {
  what: string;
  value: string;
  /** What we aim for, in words. */
  aim: string;
}

export async function main(): Promise<void> {
  const system = await startSystem();
  const browser = await chromium.launch(chromiumLaunch());
  try {
    const figures = [
      await measureMemory(system),
      ...(await measureBridge(browser)),
      ...(await measureLoader(browser, system)),
      ...(await measureQueries(browser, system)),
      ...(await measureConversation(browser, system)),
    ];
    console.log(`\nNode ${process.version}, Chromium ${browser.version()}\n`);
    console.table(Object.fromEntries(figures.map(({ what, ...rest }) => [what, rest])));
  } finally {
    await browser.close();
    await system.close();
  }
}
