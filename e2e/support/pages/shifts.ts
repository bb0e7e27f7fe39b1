/** Layout shifts of a page by the browser's own measure (Chromium's alone), for tests and for the bench. */
import type { Page } from '@playwright/test';

/** Sums all shifts from now on, whether or not a recent input would have excused them. The returned function says the sum. */
export async function watchShifts(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    const notes = Object.assign(window as unknown as { shifted: number }, { shifted: 0 });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) notes.shifted += (entry as PerformanceEntry & { value: number }).value;
    }).observe({ type: 'layout-shift' });
  });
  return async () => {
    // Entries are handed out after the frames they are about.
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve)))));
    return page.evaluate(() => (window as unknown as { shifted: number }).shifted);
  };
}
