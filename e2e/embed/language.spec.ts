/** Whose word counts for the chat's language, and what becomes of words that are none. */
import type { Page } from '@playwright/test';
import { expect, test as base, type World } from '../support/fixtures.ts';
import { VisitorPage } from '../support/pages/visitor.ts';

interface Said {
  /** The page's `<html lang>`. */
  html?: string;
  /** `data-lang` of the loader's tag. */
  tag?: string;
  /** A script that runs before the loader. */
  before?: string;
}

/** People whose browser prefers Swedish. */
const test = base.extend({ locale: 'sv-SE' });

/** A page that says this about its language. */
async function open(world: World, page: Page, { html, tag, before }: Said): Promise<VisitorPage> {
  const { chat, pages } = world.system;
  pages.set(
    `/${world.key}/language.html`,
    `<!doctype html><html${html === undefined ? '' : ` lang="${html}"`}><meta charset="utf-8"><title>Shop</title><h1>Shop</h1>
<script>${before ?? ''}</script><script async src="${chat}/loader.js" data-site="${world.key}"${tag === undefined ? '' : ` data-lang="${tag}"`}></script></html>`,
  );
  return new VisitorPage(page, `${world.system.shop}/${world.key}`).goto('language.html');
}

const launcher = ({ page }: VisitorPage) => page.frameLocator('iframe.callgear-widget').locator('.launcher');

/** Language and direction of the frame's document, as soon as its launcher is drawn. */
async function spokenBy(visitor: VisitorPage): Promise<string> {
  await expect(launcher(visitor)).toBeVisible();
  return launcher(visitor).evaluate(({ ownerDocument: { documentElement } }) => `${documentElement.lang} ${documentElement.dir}`);
}

const wish = ({ page }: VisitorPage, tag: unknown) =>
  page.evaluate((tag) => {
    try {
      (window as unknown as { CallGear: { setLanguage(tag: unknown): void } }).CallGear.setLanguage(tag);
      return 'taken';
    } catch (error) {
      return String(error);
    }
  }, tag);

/** Lines on the console about a language that is none of ours. */
const lines = ({ console }: VisitorPage) => console.filter((line) => line.includes('no texts in'));

const QUEUE = 'window.CallGear = [["setLanguage", "nl"]]';

for (const [who, language, name, said, site] of [
  ['the browser’s, where nobody says anything', 'sv ltr', 'Öppna chatten', {}, ''],
  ['the page’s, before the browser’s', 'de ltr', 'Chat öffnen', { html: 'de-AT' }, ''],
  ['the browser’s, where the page’s is none of ours', 'sv ltr', 'Öppna chatten', { html: 'eo' }, ''],
  ['the site’s, before the page’s', 'fr ltr', 'Ouvrir le chat', { html: 'de' }, 'fr'],
  ['the tag’s data-lang, before the site’s', 'it ltr', 'Apri la chat', { html: 'de', tag: 'it' }, 'fr'],
  ['that of setLanguage, before all of them', 'nl ltr', 'Chat openen', { html: 'de', tag: 'it', before: QUEUE }, 'fr'],
] as const)
  test(`[VI.lang] the language is ${who}`, async ({ world, page }) => {
    if (site) await world.set('common.language', site);
    const visitor = await open(world, page, said);
    expect(await spokenBy(visitor)).toBe(language);
    await expect(launcher(visitor)).toHaveAccessibleName(name);
    expect(lines(visitor)).toEqual([]);
  });

for (const [tag, language, count] of [
  ['pt-PT', 'pt-BR ltr', 1],
  ['eo', 'en ltr', 1],
  ['__proto__', 'en ltr', 1],
  ['', 'sv ltr', 0],
  ['AR-eg', 'ar rtl', 0],
] as const)
  test(`[VI.lang] data-lang="${tag}" begins in ${language}, with ${count} lines on the console`, async ({ world, page }) => {
    const visitor = await open(world, page, { tag });
    expect(await spokenBy(visitor)).toBe(language);
    await launcher(visitor).click();
    await expect(launcher(visitor)).toBeHidden();
    expect(lines(visitor)).toHaveLength(count);
  });

test('[VI.lang] later wishes count at once, what is no tag throws, and what is none of ours is one line', async ({ world, page }) => {
  const visitor = await open(world, page, { html: 'en' });
  expect(await spokenBy(visitor)).toBe('en ltr');
  const becomes = (language: string) => expect.poll(() => spokenBy(visitor)).toBe(language);
  expect(await wish(visitor, 'pl')).toBe('taken');
  await becomes('pl ltr');
  for (const none of ['', null, {}, ['de']]) expect(await wish(visitor, none), JSON.stringify(none)).toMatch(/^TypeError: CallGear/);
  // The frame takes calls in their order: what comes after it says that this one has changed nothing.
  expect(await wish(visitor, 'x'.repeat(10_000))).toBe('taken');
  expect(lines(visitor)).toEqual([]);
  for (const [tag, language] of [
    ['pt-PT', 'pt-BR ltr'],
    [5, 'en ltr'],
    ['fr', 'fr ltr'],
    ['__proto__', 'en ltr'],
    ['de', 'de ltr'],
  ] as const) {
    expect(await wish(visitor, tag)).toBe('taken');
    await becomes(language);
  }
  expect(lines(visitor)).toHaveLength(3);
});

test('[VI.lang] [VI.corner] launcher and panel change sides with the direction, and back', async ({ world, page }) => {
  const visitor = await open(world, page, { html: 'en' });
  const frame = visitor.page.locator('iframe.callgear-widget');
  const side = () =>
    frame.evaluate((element) => {
      const { left, right } = element.getBoundingClientRect();
      return left === 0 ? 'left' : right === document.documentElement.clientWidth ? 'right' : `${left} to ${right}`;
    });
  await expect(launcher(visitor)).toBeVisible();
  for (const [tag, at] of [
    ['he', 'left'],
    ['en', 'right'],
    ['ar', 'left'],
  ] as const) {
    await wish(visitor, tag);
    await expect.poll(side, { message: tag }).toBe(at);
    await expect(launcher(visitor)).toBeInViewport({ ratio: 1 });
  }
  await launcher(visitor).click();
  const panel = visitor.page.frameLocator('iframe.callgear-widget').locator('#panel');
  /** Which side of the header the button that closes stands on. */
  const end = () =>
    panel.evaluate((panel) => {
      const { left, width } = panel.getBoundingClientRect();
      const close = panel.querySelector('header > button:last-of-type')!.getBoundingClientRect();
      return close.left < left + width / 2 ? 'left' : 'right';
    });
  await expect(panel).toBeVisible();
  expect(await side()).toBe('left');
  await expect.poll(end).toBe('left');
  await wish(visitor, 'de');
  await expect.poll(side).toBe('right');
  await expect.poll(end).toBe('right');
});
