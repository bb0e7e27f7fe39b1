/** Each state of the chat has a way on: before it, while nobody answers, after it, and before a consent that a site requires. */
import { expect, test } from '../support/fixtures.ts';

const CALL = {
  messages: [],
  is_alternate_communication_way_enabled: true,
  alternate_communication_way_timeout: 0,
  alternate_communication_way: 'sitephone',
};

test('[VI.empty] the empty chat says who is there, and a question is sent with one press and takes no draft along', async ({ world }) => {
  await world.set('chat.questions', ['Where is my order?', 'Do you ship abroad?']);
  const visitor = await (await world.stranger()).goto('plain.html');
  const { frame } = visitor;
  await visitor.openChat();
  await expect(frame.getByRole('heading', { name: 'How can we help?' })).toBeVisible();
  await expect(frame.getByRole('region').getByText('We are away', { exact: true })).toBeVisible();
  const eva = await world.operator('Eva Lindqvist');
  await world.operator('Tom Ray');
  await expect(frame.getByRole('heading', { name: 'Hi, we are Eva Lindqvist and Tom Ray' })).toBeVisible();
  await world.set('chat.greeting', 'Ask a roaster');
  await expect(frame.getByRole('heading', { name: 'Ask a roaster' })).toBeVisible();

  await visitor.box.fill('And something el');
  await frame.getByRole('button', { name: 'Do you ship abroad?' }).click();
  await visitor.sees('Do you ship abroad?');
  await expect(visitor.box).toHaveValue('And something el');
  await eva.sees('Waiting');
});

test('[VI.alone] [VI.standing] a visitor whose operator leaves is told who left, and that they wait again', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  await visitor.openChat();
  await operator.button('Leave').click();
  const waits = visitor.frame.getByText('Olga Petrova has left. Someone else will be with you shortly.');
  await expect(waits).toBeVisible();
  // One line tells it, until there is something else to tell.
  const left = visitor.log.getByText('Olga Petrova left the chat');
  await expect(left).toHaveCount(0);
  await operator.goOffline();
  await expect(visitor.frame.getByText('We answer here as soon as we are back')).toBeVisible();
  await expect(visitor.frame.getByText('Someone else will be with you')).toHaveCount(0);
  await expect(left).toBeVisible();
  await operator.goOnline();
  await expect(waits).toBeVisible();
  await operator.join();
  await expect(left).toBeVisible();
  await expect(waits).toHaveCount(0);
});

test('[VI.mark] after the end there are a mark, a comment, the transcript and the next chat', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  const { frame } = visitor;
  await visitor.openChat();
  await visitor.say('Thank you!');
  await operator.reads('Thank you!');
  await operator.closeChat();
  const stars = frame.getByRole('group', { name: 'Rate the operator' });
  await stars.getByRole('button', { name: '4', exact: true }).click();
  await expect(operator.log.getByText('Rated 4 of 5')).toBeVisible();
  await frame.getByRole('textbox', { name: 'Your comment' }).fill('Quick and kind.');
  await frame.getByRole('button', { name: 'Send comment' }).click();
  await expect(operator.log.getByText('Rated 4 of 5: Quick and kind.')).toBeVisible();
  await expect(stars.getByRole('button', { name: '4', exact: true })).toHaveAttribute('aria-pressed', 'true');
  await expect(visitor.box).toBeFocused();

  await visitor.say('One more thing');
  await visitor.becomes('chat');
  await expect(stars).toBeHidden();
});

test('[VI.mark] a mark given before the operator left and came back stands at the end, can be changed, and goes into the export', async ({
  world,
}) => {
  const { visitor, operator } = await world.conversation();
  const { frame } = visitor;
  await visitor.openChat();
  await visitor.say('Thank you!');
  await operator.reads('Thank you!');
  const stars = frame.getByRole('group', { name: 'Rate the operator' });
  const star = (mark: number) => stars.getByRole('button', { name: String(mark), exact: true });
  await visitor.openMenu();
  await star(4).click();
  await expect(operator.log.getByText('Rated 4 of 5')).toBeVisible();
  await visitor.page.keyboard.press('Escape');
  await operator.button('Leave').click();
  await expect(frame.getByText(/Olga Petrova has left/)).toBeVisible();
  await operator.join();
  await operator.closeChat();
  await expect(star(4)).toHaveAttribute('aria-pressed', 'true');
  await star(2).click();
  await expect(star(2)).toHaveAttribute('aria-pressed', 'true');
  await expect(star(4)).toHaveAttribute('aria-pressed', 'false');
  await frame.getByRole('textbox', { name: 'Your comment' }).fill('Left me alone.');
  await frame.getByRole('button', { name: 'Send comment' }).click();
  await expect(operator.log.getByText('Rated 2 of 5: Left me alone.')).toBeVisible();

  await visitor.open();
  await visitor.openChat();
  await expect(star(2)).toHaveAttribute('aria-pressed', 'true');
  const stored = await world.system.admin('visitor', 'export', (await visitor.page.evaluate(() => window.CallGear.getVisitorId())) ?? '');
  expect(stored).toContain('Left me alone.');

  await frame.getByRole('button', { name: 'Email transcript' }).click();
  await frame.getByRole('textbox', { name: 'Email', exact: true }).fill('vera@example.com');
  await frame.getByRole('button', { name: 'Send', exact: true }).click();
  await expect.poll(() => world.system.mails.filter(({ to }) => to.includes('vera@example.com')).length).toBeGreaterThan(0);
  await frame.getByRole('button', { name: 'Continue' }).click();
  await frame.getByRole('button', { name: 'Start chat' }).click();
  await operator.sees('Waiting');
  await expect(stars).toBeHidden();
});

test('[VI.request] [VI.standing] the offer of a call replaces the wait, has a title of its own, and does not come again', async ({
  world,
}) => {
  await world.set('chat.retention', CALL);
  const visitor = await world.visitor();
  const { frame } = visitor;
  const offer = frame.getByText('Everyone is busy. Shall we call you back?');
  await visitor.openChat();
  await visitor.say('Anybody?');
  await expect(offer).toBeVisible();
  await expect(frame.getByText('Someone will be with you shortly')).toBeHidden();
  await frame.getByRole('button', { name: 'Request a call' }).click();
  await expect(frame.getByRole('heading', { name: 'Request a call' })).toBeVisible();
  await frame.getByRole('textbox', { name: 'Phone' }).fill('+43 1 2345678');
  await frame.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(frame.getByText('We will call you as soon as we can.')).toBeVisible();
  await frame.getByRole('button', { name: 'Back to the chat' }).click();
  await visitor.sees('Anybody?');
  await expect(frame.getByText('We will call you as soon as we can.')).toBeVisible();
  await expect(offer).toBeHidden();

  await visitor.open();
  await visitor.openChat();
  await visitor.sees('Anybody?');
  await expect(frame.getByText('We will call you as soon as we can.')).toBeVisible();
  await expect(offer).toBeHidden();
});

test('[VI.request] a call that the page offers is one everywhere: its title, its trace, and the line of the workplace', async ({
  world,
}) => {
  const operator = await world.operator();
  const visitor = await world.visitor();
  const { frame, page } = visitor;
  await visitor.openChat();
  await visitor.say('Hello');
  await operator.join();
  await operator.closeChat();
  await page.evaluate(() => (window.CallGear as unknown as { openSitePhonePanel(): void }).openSitePhonePanel());
  await expect(frame.getByRole('heading', { name: 'Request a call' })).toBeVisible();
  await frame.getByRole('textbox', { name: 'Phone' }).fill('+43 1 2345678');
  await frame.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(frame.getByText('We will call you as soon as we can.')).toBeVisible();
  await frame.getByRole('button', { name: 'Back to the chat' }).click();
  await visitor.sees('You requested a call');
  await visitor.open();
  await visitor.openChat();
  await visitor.sees('You requested a call');

  const request = operator.page.getByRole('list', { name: 'Requests' }).getByRole('listitem');
  await expect(request).toContainText('+43 1 2345678');
  await expect(request).toContainText('Call back');
});

test('[VI.consent] a required consent is asked for in the chat, claims nobody, keeps the draft and is remembered', async ({ world }) => {
  const operator = await world.operator();
  await world.set('common.privacy_url', 'https://shop.example/privacy');
  await world.set('consent', 'required');
  const visitor = await (await world.stranger()).goto('plain.html');
  const { frame } = visitor;
  const agree = frame.getByRole('button', { name: 'Agree and chat' });
  await visitor.openChat();
  await expect(frame.getByRole('link', { name: 'Privacy' })).toHaveAttribute('href', 'https://shop.example/privacy');
  await expect(frame.getByText(/We are|Connecting/)).toHaveCount(0);
  await frame.getByRole('button', { name: 'Not now' }).click();
  await visitor.openChat();
  await visitor.box.fill('Is it in stock?');
  await visitor.box.press('Enter');
  await expect(agree).toBeFocused();
  await expect(visitor.box).toHaveValue('Is it in stock?');
  await expect(operator.visitors()).toHaveCount(0);

  await agree.click();
  await visitor.sees('Is it in stock?');
  await operator.sees('Waiting');
  await expect(visitor.box).toHaveValue('');

  await visitor.goto('plain.html');
  await visitor.openChat();
  await visitor.sees('Is it in stock?');
  await expect(agree).toBeHidden();
});

test('[VI.consent] [UI.low] in the smallest window both answers are in sight beside the question, and what was written waits for them', async ({
  world,
}) => {
  await world.set('common.privacy_url', 'https://shop.example/privacy');
  await world.set('consent', 'required');
  for (const [language, agree, later, message] of [
    ['en', 'Agree and chat', 'Not now', 'Message'],
    ['de', 'Zustimmen und chatten', 'Nicht jetzt', 'Nachricht'],
  ] as const) {
    await world.set('common.language', language);
    const { page } = await (await world.stranger()).goto('plain.html');
    const frame = page.frameLocator('iframe.callgear-widget');
    const launcher = frame.locator('.launcher');
    await launcher.click();
    await frame.getByRole('textbox', { name: message }).fill('Is it in stock?');
    await page.setViewportSize({ width: 320, height: 256 });
    for (const name of [agree, later])
      await expect
        .poll(
          () =>
            frame.getByRole('button', { name, exact: true }).evaluate((button) => {
              const { left, top, right, bottom } = button.getBoundingClientRect();
              const isFree = button.contains(document.elementFromPoint((left + right) / 2, (top + bottom) / 2));
              return isFree && left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight;
            }),
          { message: `${name} is in sight` },
        )
        .toBe(true);
    await frame.getByRole('button', { name: later }).click();
    await page.setViewportSize({ width: 1000, height: 700 });
    await launcher.click();
    await expect(frame.getByRole('textbox', { name: message })).toHaveValue('Is it in stock?');
  }
});

test('[VI.chats] earlier chats stand in a list by operator, and one is opened at its beginning', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  const { frame } = visitor;
  await visitor.openChat();
  await visitor.say('Where is my order?');
  for (let n = 0; n < 12; n += 1) await operator.reply(`It is on its way, step ${n}`);
  await visitor.sees('It is on its way, step 11');
  await operator.closeChat();
  await visitor.say('It came broken.');
  await visitor.sees('It came broken.');

  await visitor.choose('Your chats');
  const lines = frame.getByRole('listitem');
  await expect(lines).toHaveText([/You.*It came broken\./, /Olga Petrova.*It is on its way, step 11/]);
  await expect(frame.getByRole('button', { name: 'Back to the chat' })).toBeFocused();
  await lines.getByRole('button', { name: /Olga Petrova/ }).click();
  await expect(visitor.log.getByText('Where is my order?')).toBeInViewport();
  await expect(visitor.log.getByText('It came broken.')).not.toBeInViewport();
  await expect(visitor.box).toBeFocused();

  await visitor.choose('Your chats');
  await visitor.page.keyboard.press('Escape');
  await expect(visitor.box).toBeFocused();
  await expect(visitor.log.getByText('It came broken.')).toBeInViewport();
});
