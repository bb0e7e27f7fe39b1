/** Elements of the page that open the chat: which presses are theirs, which stay the browser's, and where the focus goes. */
import type { Locator, Page } from '@playwright/test';
import { expect, test, type World } from '../support/fixtures.ts';
import type { VisitorPage } from '../support/pages/visitor.ts';

/** A page with this in its body. */
async function open(world: World, body: string): Promise<VisitorPage> {
  const { chat, pages } = world.system;
  pages.set(
    `/${world.key}/buttons.html`,
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>Shop</title><h1>Shop</h1><p>${body}</p>
<script async src="${chat}/loader.js" data-site="${world.key}"></script></html>`,
  );
  const visitor = await (await world.stranger()).goto('buttons.html');
  await expect(visitor.launcher).toBeVisible();
  return visitor;
}

const close = ({ frame }: VisitorPage): Locator => frame.getByRole('button', { name: 'Close chat' });

async function escapes(visitor: VisitorPage): Promise<void> {
  await visitor.page.keyboard.press('Escape');
  await expect(close(visitor)).toHaveCount(0);
}

/** What has the focus on the page. */
const focused = (page: Page) => page.evaluate(() => document.activeElement?.id || document.activeElement?.localName);

test('[VI.wish] click, Enter and Space open what a button or link wishes for, and give the focus back to it', async ({ world }) => {
  await world.operator();
  const visitor = await open(
    world,
    `<button id="open" data-callgear="open">Ask <b>us</b></button> <a id="request" href="#gone" data-callgear="request">Write</a>
     <button id="call" type="button" data-callgear="call"><span>Call me</span></button>`,
  );
  const { page, frame } = visitor;
  const form = (name: string) => frame.getByRole('heading', { name, exact: true });
  for (const [id, keys, opened] of [
    ['open', ['Enter', ' '], visitor.box],
    ['request', ['Enter'], form('Leave a message')],
    ['call', ['Enter', ' '], form('Request a call')],
  ] as const) {
    const ways = [() => page.locator(`#${id}`).click(), ...keys.map((key) => () => page.locator(`#${id}`).press(key))];
    for (const press of ways) {
      await press();
      await expect(opened).toBeVisible();
      await expect.poll(() => focused(page), { message: id }).toBe('iframe');
      await escapes(visitor);
      await expect.poll(() => focused(page), { message: id }).toBe(id);
    }
  }
  expect(page.url()).not.toContain('#gone');

  // What stands inside the element counts as the element, and so does one that comes later.
  await page.getByText('us', { exact: true }).click();
  await expect(visitor.box).toBeVisible();
  await escapes(visitor);
  await page.evaluate(() => document.body.insertAdjacentHTML('beforeend', '<a id="late" href="#gone" data-callgear="open">Later</a>'));
  await page.locator('#late').click();
  await expect(visitor.box).toBeVisible();
  expect(page.url()).not.toContain('#gone');
  expect(visitor.console).toEqual([]);
});

test('[VI.wish] a click for a window or tab of its own, another wish, and an element in a shadow tree stay the page’s', async ({
  world,
}) => {
  const visitor = await open(
    world,
    `<a id="link" href="buttons.html?elsewhere" data-callgear="open">Ask us</a>
     <a id="other" href="#other" data-callgear="dance">Dance</a> <span id="host"></span>`,
  );
  const { page } = visitor;
  const elsewhere = /elsewhere$/;
  for (const click of [{ modifiers: ['ControlOrMeta'] }, { modifiers: ['Shift'] }, { button: 'middle' }] as const) {
    const [popup] = await Promise.all([page.context().waitForEvent('page'), page.locator('#link').click(click as object)]);
    await popup.waitForURL(elsewhere);
    await popup.close();
  }
  await page.locator('#other').click();
  await page.locator('#other').click();
  expect(page.url()).toMatch(/#other$/);
  expect(visitor.console).toEqual(['CallGear: unknown command data-callgear=dance']);

  await page.evaluate(() => {
    const root = document.querySelector('#host')!.attachShadow({ mode: 'open' });
    root.innerHTML = '<a href="#shadow" data-callgear="open">In the shadow</a>';
  });
  await page.getByText('In the shadow').click();
  expect(page.url()).toMatch(/#shadow$/);

  // None of them has opened anything: a plain click does, and changes no address.
  await expect(close(visitor)).toHaveCount(0);
  await page.locator('#link').click();
  await expect(close(visitor)).toBeVisible();
  expect(page.url()).toMatch(/#shadow$/);
});

test('[VI.wish] a wish for a call is forgotten with the form, and one in the chat does not reach the next form', async ({ world }) => {
  await world.operator();
  const visitor = await open(
    world,
    `<button data-callgear="call">Call</button> <button data-callgear="open">Chat</button> <button data-callgear="request">Write</button>`,
  );
  const { page, frame } = visitor;
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const heading = frame.getByRole('heading', { level: 2 });
  await button('Call').click();
  await expect(heading).toHaveText('Request a call');
  await expect(frame.getByRole('textbox', { name: 'Phone' })).toBeVisible();
  // From the form into the chat and back into the other form.
  await button('Chat').click();
  await expect(visitor.box).toBeVisible();
  await button('Write').click();
  await expect(heading).toHaveText('Leave a message');
  // In one form, without closing it.
  await button('Call').click();
  await expect(heading).toHaveText('Request a call');
  await button('Write').click();
  await expect(heading).toHaveText('Leave a message');
});

test('[UI.focus] the page’s own button lends the focus, also when it is gone by the time it would get it back', async ({ world }) => {
  await world.operator();
  const visitor = await open(
    world,
    `<button id="own" onclick="CallGear.openChatWindow()">Ask us</button> <button id="hide" onclick="CallGear.UI.getWidget('consultant_chat').hide()">Hide</button>`,
  );
  const { page } = visitor;
  const own = page.locator('#own');
  await own.press('Enter');
  await expect(visitor.box).toBeFocused();
  // Back on the button Escape closes as it does in the chat, and on another element of the page it is the page's.
  await page.locator('#hide').focus();
  await page.keyboard.press('Escape');
  await own.focus();
  await expect(close(visitor)).toBeVisible();
  await escapes(visitor);
  expect(await focused(page)).toBe('own');

  // A script that closes gives the focus back, a press on the page that closes keeps it.
  await own.press('Enter');
  await expect(visitor.box).toBeFocused();
  await page.evaluate(() => (window.CallGear.UI.getWidget('consultant_chat') as unknown as { hide(): void }).hide());
  await expect.poll(() => focused(page)).toBe('own');
  await own.press('Enter');
  await expect(visitor.box).toBeFocused();
  await page.locator('#hide').click();
  await expect(close(visitor)).toHaveCount(0);
  expect(await focused(page)).toBe('hide');

  await own.press('Enter');
  await expect(visitor.box).toBeFocused();
  await own.evaluate((button) => button.remove());
  await page.keyboard.press('Escape');
  await expect(visitor.launcher).toBeFocused();
  expect(visitor.console).toEqual([]);
});

test('[UI.focus] a page that opens the chat by itself while it loads keeps the focus', async ({ world }) => {
  await world.operator();
  const { chat, pages } = world.system;
  pages.set(
    `/${world.key}/opens.html`,
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>Shop</title><button id="own" autofocus>Buy</button>
<script>
  window.CallGear = [['openChatWindow']];
  // To the browser each question of the driver's is an act of the visitor, and the driver asks unasked. There was none here.
  Object.defineProperty(navigator, 'userActivation', { value: { isActive: false } });
  const look = () => {
    const isOpen = document.querySelector('iframe.callgear-widget')?.clientWidth > 400;
    if (isOpen) setTimeout(() => console.log('open', document.activeElement.id));
    else requestAnimationFrame(look);
  };
  look();
</script><script async src="${chat}/loader.js" data-site="${world.key}"></script></html>`,
  );
  const visitor = await world.stranger();
  const said = visitor.page.waitForEvent('console', (line) => line.text().startsWith('open'));
  await visitor.goto('opens.html');
  expect((await said).text()).toBe('open own');
});

test('[UI.focus] a press on the launcher while the panel still leaves opens it again', async ({ world }) => {
  await world.operator();
  const visitor = await world.stranger();
  const { page, frame } = visitor;
  // So slow that the whole press falls into the time in which the panel leaves.
  const leaving = 160;
  await page.addInitScript((leaving) => {
    const { setTimeout } = window;
    const patient = (run: () => void, ms = 0) => setTimeout(run, ms === leaving ? 60_000 : ms);
    Object.assign(window, { setTimeout: patient });
  }, leaving);
  await visitor.goto('plain.html');
  await visitor.openChat();
  await expect(visitor.box).toBeFocused();
  const place = await page.locator('iframe.callgear-widget').boundingBox();
  if (!place) throw new Error('no frame');
  const leaves = async () => {
    await page.keyboard.press('Escape');
    await expect(frame.locator('.panel.closing')).toHaveCount(1);
    // Who presses a key then has it where the focus went.
    await expect(visitor.launcher).toBeFocused();
  };
  for (const press of [
    () => page.mouse.click(place.x + place.width - 42, place.y + place.height - 42),
    () => page.keyboard.press('Enter'),
    () => page.keyboard.press('Space'),
  ]) {
    await leaves();
    await press();
    await expect(visitor.box).toBeFocused();
    await expect(frame.locator('.panel.closing')).toHaveCount(0);
  }
});
