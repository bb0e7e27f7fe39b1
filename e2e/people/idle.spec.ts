/** A workplace that nobody uses: it warns that the session will end, ends it on the server, and shows the reason on the sign-in form. */
import { test as base } from '@playwright/test';
import { expect, onOwnServer } from '../support/fixtures.ts';
import { TEST_LIMITS } from '../support/system.ts';

base('[D8] [OP.signIn] an unused workplace warns, stays if somebody acts, else signs out and says why', async ({ browser }) => {
  const limits = JSON.stringify({ ...TEST_LIMITS, timing: { ...TEST_LIMITS.timing, operatorIdleMs: 6_000 } });
  await onOwnServer(browser, { LIMITS: limits }, async (world) => {
    const { visitor, operator } = await world.conversation();
    const warning = operator.page.getByRole('alert').filter({ hasText: 'Nobody has used the workplace for a while' });
    await expect(warning).toBeVisible();
    await warning.getByRole('button', { name: 'Stay signed in' }).click();
    await expect(warning).toHaveCount(0);

    // A visitor who goes on talking is no sign of an operator.
    let number = 0;
    const talk = setInterval(() => void visitor.call('sendChatMessage', `line ${++number}`).catch(() => undefined), 500);
    const door = operator.page.getByRole('alert').filter({ hasText: 'because nobody had used the workplace for a while' });
    await expect(door)
      .toBeVisible({ timeout: 15_000 })
      .finally(() => clearInterval(talk));
    expect(await operator.page.evaluate(() => fetch('/operator/session').then(({ status }) => status))).toBe(401);
    await expect.poll(() => visitor.call('isChatAvailable')).toBe(false);

    await operator.page.getByRole('textbox', { name: 'Email' }).fill('first@example.com');
    await operator.page.getByLabel('Password').fill('correct horse battery');
    await operator.button('Sign in').click();
    await expect(operator.page.getByRole('switch', { name: 'Online' })).toBeVisible();
  });
});
