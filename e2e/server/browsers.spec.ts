/**
 * Is the browser we test with the one visitors have? If storage partitioning were off here, whatever the other tests say about
 * storage would be worth nothing.
 */
import { expect, test, type Page } from '@playwright/test';

const EMBEDDED = 'http://embedded.localhost:9/';

/** What the embedded page finds in its storage when it is shown on `site`; it then leaves the site's name there. */
async function visit(page: Page, site: string): Promise<string | null> {
  await page.goto(`http://${site}:9/`);
  const frame = page.frame({ url: EMBEDDED });
  if (frame === null) throw new Error('The embedded page is missing.');
  return frame.evaluate((name) => {
    const found = localStorage.getItem('site');
    localStorage.setItem('site', name);
    return found;
  }, site);
}

test('Chromium gives one embedded page a storage per embedding site', async ({ context, page }) => {
  await context.route('**/*', (route) =>
    route.fulfill({ contentType: 'text/html', body: route.request().url() === EMBEDDED ? '' : `<iframe src="${EMBEDDED}"></iframe>` }),
  );
  expect(await visit(page, 'one.localhost')).toBeNull();
  expect(await visit(page, 'two.localhost')).toBeNull();
  expect(await visit(page, 'one.localhost')).toBe('one.localhost');
});
