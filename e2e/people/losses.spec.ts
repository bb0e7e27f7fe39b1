/**
 * What people are told when the server knows less than it did: messages that became too old, and a backup that knows nothing of
 * the last ones. Each has a server of its own, whose clock or database is somebody else's no longer.
 */
import { join } from 'node:path';
import { test as base } from '@playwright/test';
import { createServerClock } from '../faults/clock.ts';
import { expect, onOwnServer } from '../support/fixtures.ts';
import { TEST_LIMITS } from '../support/system.ts';

const HOUR_MS = 3_600_000;
const SHORTENED = 'Earlier messages are no longer kept';

base('[P7] where a conversation has lost its beginning, the visitor and the operator are told', async ({ browser }) => {
  const clock = createServerClock();
  const limits = JSON.stringify({ ...TEST_LIMITS, timing: { ...TEST_LIMITS.timing, purgeMs: 200 } });
  await onOwnServer(browser, { ...clock.env, LIMITS: limits }, async (world) => {
    const visitor = await world.visitor();
    await visitor.openChat();
    await visitor.say('said long ago');
    await visitor.becomes('chat');
    await visitor.sees('said long ago');
    await expect(visitor.log).not.toContainText(SHORTENED);
    await world.system.admin('site', 'set', world.key, 'keep.messages_days', '1');
    clock.shift(25 * HOUR_MS);

    // On the page that is open, and on the next one.
    await visitor.sees(SHORTENED);
    await expect(visitor.log).not.toContainText('said long ago');
    await visitor.say('said today');
    await visitor.sees('said today');
    await expect(visitor.frame.getByText('Not sent')).toHaveCount(0);
    await visitor.open();
    await visitor.openChat();
    await visitor.sees('said today');
    await visitor.sees(SHORTENED);

    const operator = await world.operator();
    await operator.open('Waiting');
    await operator.reads('said today');
    await operator.reads(SHORTENED);
    await operator.reply('an answer');
    await visitor.sees('an answer');
  });
});

base('[fault 39] [P7] restored from a backup: visitor and operator see a notice of the loss', async ({ browser }) => {
  await onOwnServer(browser, {}, async (world) => {
    const email = 'first@example.com';
    const { visitor, operator } = await world.conversation();
    await visitor.openChat();
    await visitor.say('said before the backup');
    await operator.reads('said before the backup');
    const backup = join(world.system.dataDir, 'a.backup');
    await world.system.admin('backup', backup);
    await operator.reply('said after the backup');
    await visitor.sees('said after the backup');
    const restored = visitor.frame.getByText('We restored the chat from a backup. The latest messages may be missing.');
    await expect(restored).toHaveCount(0);

    await world.system.stopServer();
    await world.system.admin('restore', backup);
    await world.system.startServer();
    await expect(restored).toBeVisible();
    await visitor.sees('said before the backup');
    await expect(visitor.log).not.toContainText('said after the backup');
    await visitor.say('said again');
    await visitor.sees('said again');

    // A backup may be older than an operator's dismissal, so operators sign in again, in the same document.
    await operator.page.getByRole('textbox', { name: 'Email' }).fill(email);
    await operator.page.getByLabel('Password').fill('correct horse battery');
    await operator.button('Sign in').click();
    const told = operator.page.getByRole('status').filter({ hasText: 'restored from a backup' });
    await expect(told).toBeVisible();
    await told.getByRole('button', { name: 'Dismiss' }).click();
    await expect(told).toHaveCount(0);
  });
});
