/**
 * What browsers need of a system that a test has started for itself: a site on it, a way to it that can be made bad, and a page
 * that goes on as somebody who has no page.
 */
import { randomBytes } from 'node:crypto';
import { chromium, type Browser, type Page } from '@playwright/test';
import { chromiumLaunch } from '../support/browsers.ts';
import { expect } from '../support/fixtures.ts';
import type { System } from '../support/system.ts';
import type { Wire } from './proxy.ts';

/** A visitor's page that goes on as the visitor who has written. */
export async function goOn(page: Page, { chat }: System, site: string, refresh: string): Promise<void> {
  await page.addInitScript(
    ([chat, key, refresh]) => {
      if (location.origin === chat) localStorage.setItem(key as string, refresh as string);
    },
    [chat, `callgear-${site}`, refresh],
  );
}

export async function addSite(system: System): Promise<string> {
  const site = `t${randomBytes(6).toString('hex')}`;
  await system.admin('site', 'add', '--key', site, '--name', 'Test shop', '--origin', system.shop);
  await expect
    .poll(async () => (await fetch(`${system.chat}/frame/?site=${site}`, { headers: { 'sec-fetch-dest': 'iframe' } })).status)
    .toBe(200);
  return site;
}

/** A browser whose every connection to the chat goes through this wire, under the chat's own address. */
export function browserOver(wire: Wire, { port }: System): Promise<Browser> {
  const options = chromiumLaunch();
  return chromium.launch({
    ...options,
    args: [...(options.args ?? []), `--host-resolver-rules=MAP localhost:${port} 127.0.0.1:${wire.port}`],
  });
}
