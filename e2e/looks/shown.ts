/** Looks at one state under every look: measures it and, when pictures are wanted, takes them. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Frame, type Page } from '@playwright/test';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { VisitorPage } from '../support/pages/visitor.ts';
import { apply, FOLDER, isQuick, isWanted, LOOKS, type Look } from './looks.ts';
import { measure } from './measure.ts';

export interface Shown {
  /** Accessible names, in English, of what has to be wholly in sight under every look. */
  readonly inSight?: readonly string[];
  readonly brand: string;
}

/** Sees `state` of the visitor's page under all looks and leaves it as it was. */
export async function shows(visitor: VisitorPage, state: string, { inSight = [], brand }: Shown): Promise<void> {
  const { page } = visitor;
  if (!isWanted('state', state)) return;
  for (const look of LOOKS.filter(({ name }) => isWanted('look', name))) {
    await apply(page, look);
    await speak(page, look.language ?? 'en');
    await measureUnder(look, visitor, state, inSight);
    if (FOLDER !== undefined) {
      const folder = join(FOLDER, brand, state);
      mkdirSync(folder, { recursive: true });
      // A change of the colour scheme comes to the frame a moment later than to the page.
      await chatFrame(page).evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
      await page.screenshot({ path: join(folder, `${look.name}.png`) });
    }
  }
  await apply(page, LOOKS[0]!);
  await speak(page, 'en');
}

async function measureUnder(look: Look, visitor: VisitorPage, state: string, inSight: readonly string[]): Promise<void> {
  const where = `${state}, ${look.name}`;
  await expect.poll(() => faultsIn(visitor.page), { message: where }).toEqual([]);
  if (look.language === undefined) for (const name of inSight) await expectInSight(visitor, name, where, look);
  if (!isQuick && (look.name === 'light' || look.name === 'dark')) await expectAccessible(visitor.page, where);
}

/** Changes the language as the page's script does, and waits until the frame speaks it. */
async function speak(page: Page, language: string): Promise<void> {
  const frame = chatFrame(page);
  if ((await frame.evaluate(() => document.documentElement.lang)) === language) return;
  await page.evaluate((tag) => (window as unknown as { CallGear: { setLanguage(tag: string): void } }).CallGear.setLanguage(tag), language);
  await expect.poll(() => frame.evaluate(() => document.documentElement.lang)).toBe(language);
}

async function faultsIn(page: Page): Promise<string[]> {
  return chatFrame(page).evaluate(measure);
}

async function expectInSight({ frame }: VisitorPage, name: string, where: string, { width, height }: Look): Promise<void> {
  const part = frame
    .getByRole('button', { name, exact: true })
    .or(frame.getByRole('textbox', { name, exact: true }))
    .first();
  await expect
    .poll(
      async () => {
        const box = await part.boundingBox();
        return box !== null && box.x >= -1 && box.y >= -1 && box.x + box.width <= width + 1 && box.y + box.height <= height + 1;
      },
      { message: `${where}: ${name} is in sight` },
    )
    .toBe(true);
}

async function expectAccessible(page: Page, where: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page })
    .include(['iframe.callgear-widget', 'body'])
    .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .disableRules(['region', 'page-has-heading-one', 'landmark-one-main'])
    .analyze();
  expect(
    violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`),
    where,
  ).toEqual([]);
}

function chatFrame(page: Page): Frame {
  const frame = page.frames().find((one) => one.url().includes('/frame/?'));
  if (frame === undefined) throw new Error('The page has no chat.');
  return frame;
}
