/**
 * What the visitor is told when the line is cut for a while, when a site has closed its chat, and when a browser keeps nothing: once,
 * in one place, and without a word that contradicts it.
 */
import { expect, test } from '../support/fixtures.ts';
import { layLine } from '../support/line.ts';
import { SOON, type VisitorPage } from '../support/pages/visitor.ts';
import { recordSpoken } from '../support/spoken.ts';

/** Keeps what the notice above the conversation has said, in order: good news stand there for two seconds. */
async function recordNotices({ frame }: VisitorPage): Promise<() => Promise<string[]>> {
  const body = frame.locator('body');
  await body.evaluate(() => {
    const notices: string[] = [];
    Object.assign(window, { notices });
    new MutationObserver(() => {
      const shown = [...document.querySelectorAll('.notice')].map((notice) => notice.textContent ?? '').join(' | ');
      if (notices.at(-1) !== shown) notices.push(shown);
    }).observe(document, { childList: true, characterData: true, subtree: true });
  });
  return () => body.evaluate(() => (window as unknown as { notices: string[] }).notices);
}

test('[VI.standing] [UI.spoken] a long break is told once when it is noticed and once when it is over, and nobody is claimed to be there', async ({
  world,
}) => {
  const operator = await world.operator();
  const visitor = await world.stranger();
  const line = await layLine(visitor.page);
  let isCut = false;
  // The other way, for networks that let no socket through.
  await visitor.page.route(/\/(session|stream)/, (route) => (isCut ? route.abort() : route.fallback()));
  await visitor.goto('plain.html');
  const { frame } = visitor;
  await visitor.openChat();
  await visitor.hasExtras();
  await expect(frame.getByRole('region').getByText('We are online', { exact: true })).toBeVisible();
  const notices = await recordNotices(visitor);
  const spoken = await recordSpoken(visitor);

  isCut = true;
  await line.cut();
  await expect(frame.locator('.notice')).toHaveText(/^(No connection|Connecting)/);
  await expect(frame.getByRole('region').getByText('We are online', { exact: true })).toHaveCount(0);
  await visitor.say('Written meanwhile');
  await visitor.sees('Written meanwhile');
  isCut = false;
  line.mend();

  await expect.poll(notices, { intervals: SOON, timeout: 30_000 }).toContain('Connected again');
  await expect(frame.locator('.notice')).toHaveCount(0);
  await operator.join();
  await operator.reads('Written meanwhile');
  expect((await notices()).filter((text) => text === 'Connected again')).toEqual(['Connected again']);
  expect((await notices()).filter((text) => text.includes('|'))).toEqual([]);
  // However often the frame has tried to connect meanwhile.
  expect((await notices()).filter((text) => /^No connection/.test(text))).toHaveLength(1);
  expect((await notices()).filter((text) => /^Connecting/.test(text)).length).toBeLessThan(2);
  const all = await spoken();
  expect(all.filter((text) => text.includes('Connected again'))).toEqual(['Connected again']);
  expect(all.filter((text) => /^(No connection|Connecting)/.test(text))).toHaveLength(1);
});

test('[VI.standing] a site that closes its chat says so in one line, offers nothing that leads nowhere, and keeps what was written', async ({
  world,
}) => {
  const { visitor, operator } = await world.conversation();
  const { frame } = visitor;
  await visitor.openChat();
  await operator.reply('Good day');
  await visitor.sees('Good day');
  await visitor.box.fill('half a sent');
  await world.system.admin('site', 'origin', 'remove', world.key, world.system.shop);
  await expect(frame.getByText('The chat is not available right now.')).toHaveCount(1);
  await expect(frame.getByText(/We are|Connecting|No connection|will be with you/)).toHaveCount(0);
  await visitor.sees('Good day');
  await expect(visitor.box).toHaveValue('half a sent');
});

test('[UI.follow] that a browser keeps nothing is said until it is dismissed, and then no more on this page', async ({ world }) => {
  const operator = await world.operator();
  const visitor = await world.stranger();
  await visitor.page.addInitScript(() => {
    IDBObjectStore.prototype.put = (): never => {
      throw new DOMException('Nothing is stored here.', 'UnknownError');
    };
  });
  await visitor.goto('plain.html');
  const { frame } = visitor;
  const notice = frame.getByText(/does not let us save this chat/);
  await visitor.openChat();
  await expect(notice).toHaveCount(0);
  await visitor.say('Hello');
  await operator.join();
  await expect(notice).toBeVisible();
  await frame.getByRole('button', { name: 'Dismiss' }).click();
  await expect(notice).toHaveCount(0);
  await expect(visitor.box).toBeFocused();
  await operator.reply('Good day');
  await visitor.say('Thank you');
  await operator.reads('Thank you');
  await frame.getByRole('button', { name: 'Close chat' }).click();
  await visitor.openChat();
  await visitor.sees('Good day');
  await expect(notice).toHaveCount(0);
});
