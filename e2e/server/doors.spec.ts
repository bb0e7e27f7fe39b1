/** Another page in the visitor's or the operator's own browser can do nothing at our endpoints. */
import { expect, test } from '../support/fixtures.ts';

test('[D1] [D9] another page opens no socket, reads no answer and ends no session, however it asks @whole-browser', async ({ world }) => {
  const operator = await world.operator();
  const { chat } = world.system;
  // In the operator's own browser, where the cookie is: a page of somebody else.
  const page = await operator.page.context().newPage();
  await page.goto(`${world.system.shop}/${world.key}/foreign.html`);

  const sockets = await page.evaluate(
    (origin) =>
      Promise.all(
        ['/socket', '/operator/socket'].map(
          (path) =>
            new Promise<string>((resolve) => {
              const socket = new WebSocket(origin.replace('http', 'ws') + path);
              socket.onopen = () => resolve('opened');
              socket.onclose = ({ code }) => resolve(`closed ${code}`);
            }),
        ),
      ),
    chat,
  );
  expect(sockets).toEqual(['closed 1006', 'closed 1006']);

  const asked = await page.evaluate(
    (origin) =>
      Promise.all(
        [
          ['GET', '/operator/session'],
          ['GET', '/operator/files/0123456789abcdef0123456789abcdef/x'],
          ['POST', '/operator/logout'],
          ['POST', '/session'],
          ['POST', '/operator/stream'],
        ].map(([method, path]) => {
          const how: RequestInit = { method: method ?? 'GET', credentials: 'include' };
          // Once as a request that needs no leave, once as one that does: neither's answer is for this page.
          const plain = fetch(origin + path, { ...how, mode: 'no-cors' }).then(
            ({ type }) => type,
            () => 'failed',
          );
          const asked = fetch(origin + path, {
            ...how,
            headers: { 'content-type': 'application/json' },
            ...(method === 'POST' && { body: '{}' }),
          }).then(
            () => 'read',
            () => 'failed',
          );
          return Promise.all([plain, asked]);
        }),
      ),
    chat,
  );
  for (const [plain, read] of asked) {
    expect(['opaque', 'failed']).toContain(plain);
    expect(read).toBe('failed');
  }

  await page.evaluate((origin) => {
    const form = document.createElement('form');
    form.method = 'POST';
    form.action = `${origin}/operator/logout`;
    document.body.append(form);
    form.submit();
  }, chat);
  await page.waitForURL(`${chat}/operator/logout`);
  // JSON or nothing, and a form cannot send that.
  expect(await page.locator('body').textContent()).toContain('Send JSON');

  // Still signed in, and at work.
  await operator.page.reload();
  await expect(operator.page.getByRole('switch', { name: 'Online' })).toBeVisible();
});
