/**
 * The pictures in the documents: what one gets, for the top of the README, and the chat in each language. `npm run pictures --
 * documents` takes them anew. `npm test` does not: it would change files that are committed.
 */
import type { FrameLocator, Page } from '@playwright/test';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Language } from '../../shared/languages/languages.ts';
import { expect, test, type World } from '../support/fixtures.ts';
import type { VisitorPage } from '../support/pages/visitor.ts';
import { apply, DOCUMENTS, type Look } from './looks.ts';

const BRAND = '#0d5c63';
const DEMO = new URL('../../demo/', import.meta.url);
/** Documents are read on slow lines, too. */
const MOST_BYTES = { readme: 120_000, language: 30_000 };

/** A first question in each language. */
const QUESTIONS: Record<Language, string> = {
  en: 'Which coffee is right for filter?',
  de: 'Welcher Kaffee passt für Filter?',
  fr: 'Quel café choisir pour le filtre ?',
  es: '¿Qué café va bien para filtro?',
  'pt-BR': 'Qual café é bom para coar?',
  it: 'Quale caffè va bene per il filtro?',
  nl: 'Welke koffie past bij filter?',
  pl: 'Która kawa nadaje się do przelewu?',
  sv: 'Vilket kaffe passar för brygg?',
  ru: 'Какой кофе подойдёт для фильтра?',
  uk: 'Яка кава підійде для фільтра?',
  tr: 'Filtre için hangi kahve uygun?',
  ar: 'أي قهوة تناسب الترشيح؟',
  he: 'איזה קפה מתאים לפילטר?',
  ja: 'フィルターに合うコーヒーはどれですか？',
  zh: '哪款咖啡适合手冲？',
};

if (DOCUMENTS !== undefined) {
  const folder = DOCUMENTS;
  mkdirSync(join(folder, 'languages'), { recursive: true });

  test('the shop and the workplace', async ({ world }, { outputDir }) => {
    test.slow();
    await dress(world);
    const avatar = join(outputDir, 'eva.png');
    mkdirSync(outputDir, { recursive: true });
    writeFileSync(avatar, await portrait());
    const operator = await world.operator('Eva Lindqvist', { position: 'Head roaster', avatar });
    const others = [await shopper(world), await shopper(world)];
    await others[0]!.openChat();
    await others[0]!.say('Do you ship to Norway?');
    await operator.sees('Waiting');
    const visitor = await shopper(world);
    await operator.join();
    await operator.reply('We do, twice a week.');
    await visitor.openChat();
    await visitor.say('Hello! Which of your coffees would you take for filter?');
    await operator.sees('Waiting');
    await operator.open('Waiting');
    await operator.button('Join').click();
    await operator.page
      .getByRole('textbox', { name: 'Reply' })
      .fill('Good day! The **Guji Highland**: jasmine, ripe apricot, a little bergamot.');
    await operator.button('Send').click();
    await expect(visitor.log.getByText('Guji Highland')).toBeVisible();
    await visitor.say('That sounds lovely. Does it go out today?');
    await operator.reads('That sounds lovely. Does it go out today?');
    await operator.reply('Yes: order before noon, and it is in today’s post.');
    await visitor.sees('Yes: order before noon, and it is in today’s post.');
    // A browser that is busy may have been late to say that it keeps what is said.
    const loss = visitor.frame.getByRole('button', { name: 'Dismiss' });
    if (await loss.isVisible()) await loss.click();
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const [name, { page }] of Object.entries({ visitor, operator })) {
        await apply(page, { name, width: 1280, height: 800, media: { colorScheme } });
        await settled(page);
        await keep(await page.screenshot(), join(folder, `${name}-${colorScheme}.png`), MOST_BYTES.readme);
      }
    }
  });

  for (const [tag, question] of Object.entries(QUESTIONS)) {
    test(`the chat in ${tag}`, async ({ world }) => {
      test.slow();
      await dress(world);
      await world.set('chat.questions', [question]);
      world.system.pages.set(
        `/${world.key}/language.html`,
        `<!doctype html><html lang="${tag}"><meta charset="utf-8"><title>Shop</title><body style="background:#f3f4f7"><script async src="${world.system.chat}/loader.js" data-site="${world.key}"></script></html>`,
      );
      const operator = await world.operator('Eva Lindqvist', { position: '' });
      const visitor = await world.stranger();
      const { page } = visitor;
      // By its class: its title is in the language.
      const frame = page.frameLocator('iframe.callgear-widget');
      const look: Look = { name: tag, width: 620, height: 620 };
      await apply(page, look);
      await visitor.goto('language.html');
      await frame.locator('.launcher').click();
      await expect(frame.getByRole('button', { name: question })).toBeVisible();
      await expect(frame.locator('.faces')).toBeVisible();
      const pictures = [await panel(page, frame)];
      await frame.getByRole('button', { name: question }).click();
      await operator.join();
      await expect(frame.locator('.moment')).toContainText('Eva Lindqvist');
      await expect(frame.locator('.header')).toContainText('Eva Lindqvist');
      pictures.push(await panel(page, frame));
      await frame.locator('.menu > button').click();
      await expect(frame.locator('#menu')).toBeVisible();
      pictures.push(await panel(page, frame));
      await keep(await beside(pictures), join(folder, 'languages', `${tag}.png`), MOST_BYTES.language, 50);
    });
  }
}

async function dress(world: World): Promise<void> {
  await world.set('common.banner_color', BRAND);
  await world.set('chat.is_consultant_operator_rating', true);
}

/** Somebody new on the front page of the demonstration shop. */
async function shopper(world: World): Promise<VisitorPage> {
  await world.set('chat.title', 'Ask a roaster');
  const { pages, chat } = world.system;
  for (const file of ['shop.css', 'shop.js', 'favicon.svg']) pages.set(`/${world.key}/${file}`, readFileSync(new URL(file, DEMO), 'utf8'));
  const html = readFileSync(new URL('index.html', DEMO), 'utf8')
    .replaceAll('http://localhost:8080', chat)
    .replace('data-site="demo"', `data-site="${world.key}"`)
    .replaceAll(/(href|src)="\/(shop|favicon)/g, '$1="$2');
  pages.set(`/${world.key}/shop.html`, html);
  const visitor = await world.stranger();
  await apply(visitor.page, { name: 'shop', width: 1280, height: 800 });
  await visitor.goto('shop.html');
  await expect(visitor.launcher).toBeVisible();
  return visitor;
}

/** Drawn: a change of the colour scheme takes a moment, and in the frame one more. */
async function settled(page: Page): Promise<void> {
  for (const frame of page.frames())
    await frame.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

async function panel(page: Page, frame: FrameLocator): Promise<Buffer> {
  await settled(page);
  const { x, y, width, height } = (await frame.locator('.panel').boundingBox())!;
  return page.screenshot({ clip: { x: x - 2, y: y - 2, width: width + 4, height: height + 4 } });
}

/** Pictures of one size in a row. */
async function beside(pictures: readonly Buffer[]): Promise<Buffer> {
  const { width, height } = await sharp(pictures[0]).metadata();
  const GAP = 16;
  const row = { width: pictures.length * (width + GAP) - GAP, height, channels: 3 as const, background: '#f3f4f7' };
  return sharp({ create: row })
    .composite(pictures.map((input, at) => ({ input, left: at * (width + GAP), top: 0 })))
    .png()
    .toBuffer();
}

async function keep(picture: Buffer, path: string, mostBytes: number, quality = 80): Promise<void> {
  const small = await sharp(picture).png({ palette: true, quality, dither: 0.5, effort: 10, compressionLevel: 9 }).toBuffer();
  expect(small.length, path).toBeLessThanOrEqual(mostBytes);
  writeFileSync(path, small);
}

/** Somebody with dark hair before a warm wall. */
function portrait(): Promise<Buffer> {
  const drawing = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96" width="192" height="192">
    <path fill="#eadcc7" d="M0 0h96v96H0z"/><path fill="#3b2a22" d="M24 44c0-18 10-28 24-28s24 10 24 28v22H24z"/>
    <path fill="#0d5c63" d="M12 96c2-18 16-24 36-24s34 6 36 24z"/><path fill="#e3b08c" d="M40 58h16v14c0 5-16 5-16 0z"/>
    <ellipse cx="48" cy="46" rx="17" ry="20" fill="#f0c3a2"/><path fill="#3b2a22" d="M30 42c2-14 12-18 20-16 8 0 15 5 16 16-8-2-14-5-18-10-4 6-10 9-18 10z"/>
    <path d="M41 56c4 4 10 4 14 0" fill="none" stroke="#a5452c" stroke-width="2" stroke-linecap="round"/></svg>`;
  return sharp(Buffer.from(drawing)).png().toBuffer();
}
