/** The workplace's main screens, for `npm run pictures` alone: its rules are tested in `e2e/people/`. */
import { expect, type Page } from '@playwright/test';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from '../support/fixtures.ts';
import { apply, FOLDER, isWanted, LOOKS } from './looks.ts';

const WINDOWS = ['light', 'dark', 'forced colours', 'phone'];

if (FOLDER !== undefined && isWanted('brand', 'workplace')) {
  const folder = join(FOLDER, 'workplace');

  /** Pictures of a screen in each window, which is left as it was. */
  const look = async (page: Page, state: string): Promise<void> => {
    if (!isWanted('state', state)) return;
    mkdirSync(join(folder, state), { recursive: true });
    for (const one of LOOKS.filter(({ name }) => WINDOWS.includes(name) && isWanted('look', name))) {
      await apply(page, one);
      await page.screenshot({ path: join(folder, state, `${one.name}.png`) });
    }
    await apply(page, LOOKS[0]!);
  };

  test('the workplace: sign in, inbox, a request, an invitation, a conversation and its end', async ({ world, browser }) => {
    test.setTimeout(20 * 60_000);
    const door = await browser.newPage();
    await door.goto(`${world.system.chat}/operator/`);
    await door.getByRole('textbox', { name: 'Email' }).fill('eva@example.com');
    await door.getByLabel('Password').fill('not this one');
    await look(door, 'sign in');
    await door.getByRole('button', { name: 'Sign in' }).click();
    await expect(door.getByRole('alert')).not.toBeEmpty();
    await look(door, 'sign in, refused');
    await door.close();

    const early = await (await world.stranger()).goto('plain.html');
    await early.openChat();
    await early.frame.getByRole('button', { name: 'Leave a message' }).click();
    await early.frame.getByRole('textbox', { name: /Email/ }).fill('vera@example.com');
    await early.frame.getByRole('textbox', { name: /Message/ }).fill('Do you ship to Norway?');
    await early.frame.getByRole('button', { name: 'Send' }).click();
    await expect(early.frame.getByText('Thank you')).toBeVisible();

    const operator = await world.operator('Eva Lindqvist', { position: 'Head roaster' });
    const { page } = operator;
    await operator.sees('On site');
    await look(page, 'inbox');
    await operator.open('On site');
    await expect(page.getByRole('textbox', { name: 'Invitation' })).toBeVisible();
    await look(page, 'invitation');

    const visitor = await (await world.stranger()).goto('plain.html');
    await visitor.openChat();
    await visitor.say('Hello, which of your coffees is good for filter?');
    await operator.sees('Waiting');
    await operator.open('Waiting');
    await expect(operator.button('Join')).toBeVisible();
    await look(page, 'somebody waits');
    await operator.button('Join').click();
    await operator.sees('In chat');
    await operator.page.getByRole('textbox', { name: 'Reply' }).fill('The **Guji Highland**:\n- jasmine\n- ripe apricot');
    await operator.button('Send').click();
    await expect(visitor.log.getByText('Guji Highland')).toBeVisible();
    await visitor.say('Lovely 👍');
    await operator.reads('Lovely 👍');
    await visitor.box.fill('And for the moka pot?');
    await expect(page.getByText('And for the moka pot?')).toBeVisible();
    await look(page, 'conversation');
    await operator.button('Close chat').click();
    await expect(page.getByRole('dialog')).toBeVisible();
    await look(page, 'end of a chat');
    await page.getByRole('dialog').getByRole('button', { name: 'End chat' }).click();
    await expect(operator.visitors('In chat')).toHaveCount(0);
    await look(page, 'ended');
  });
}
