/**
 * What a page has to complain about: policy violations, exceptions and console errors that are ours. Attached before the
 * page is opened, asked at the end. A page's own faults (its favicon under its own policy) are not ours and not told.
 */
import type { Page } from '@playwright/test';

export interface Complaints {
  /** Everything so far, one line each; empty is what every situation wants. */
  all(): Promise<string[]>;
  /** Warnings of the loader. */
  readonly warnings: string[];
}

export async function watch(page: Page, chat: string): Promise<Complaints> {
  const told: string[] = [];
  const warnings: string[] = [];
  page.on('pageerror', ({ message }) => {
    // Firefox reports violations of the page's policy here too; its favicon's are its own.
    const isPolicy = message.startsWith('The page’s settings');
    if (!isPolicy || message.includes(chat)) told.push(`exception: ${message}`);
  });
  page.on('console', (line) => {
    const isOurs = line.text().includes('CallGear') || line.text().includes(chat) || line.location().url.startsWith(chat);
    if (isOurs && line.type() === 'error') told.push(`console: ${line.text()}`);
    if (isOurs && line.type() === 'warning') warnings.push(line.text());
  });
  // In every frame, before anything of it runs.
  await page.addInitScript(() => {
    // A document that comes back from the cache of history has it already.
    if ('policyViolations' in window) return;
    const violations: string[] = [];
    Object.defineProperty(window, 'policyViolations', { value: violations });
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI, sourceFile }) =>
      violations.push(`${effectiveDirective} refused ${blockedURI} in ${sourceFile}`),
    );
  });
  return {
    warnings,
    async all() {
      const violations: string[] = [];
      for (const frame of page.frames()) {
        const here = await frame.evaluate(() => (window as unknown as { policyViolations?: string[] }).policyViolations ?? []);
        violations.push(...here.filter((violation) => frame.url().startsWith(chat) || violation.includes(chat)));
      }
      return [...told, ...violations];
    },
  };
}
