/**
 * What the chat does to a page it lives in, by the browser's own measure: the sum of all layout shifts while it opens, closes and
 * grows, in every way it can stand there, and whether a field of the page keeps focus and keys while the frame is taken out and
 * comes back. One shift of the page's own, made on purpose, stands beside them: a measure that finds nothing proves nothing.
 */
import type { Browser } from '@playwright/test';
import { watchShifts } from '../e2e/support/pages/shifts.ts';
import { SOON, VisitorPage } from '../e2e/support/pages/visitor.ts';
import { Workplace } from '../e2e/support/pages/workplace.ts';
import type { System } from '../e2e/support/system.ts';
import type { Figure } from './figure.ts';

const ROUNDS = 5;
const RETURNS = 20;
const OPERATOR = { email: 'bench-place@example.com', password: 'correct horse battery' };

interface Way {
  name: string;
  viewport?: { width: number; height: number };
  isInline?: boolean;
  settings?: object;
}

const WAYS: readonly Way[] = [
  { name: 'launcher and panel' },
  { name: 'in the top left corner', settings: { h_position: 'left', v_position: 'top' } },
  { name: 'on a phone', viewport: { width: 390, height: 760 } },
  { name: 'in a box of the page', isInline: true },
];

export async function measurePlace(browser: Browser, system: System): Promise<Figure[]> {
  const figures: Figure[] = [];
  const base = `${system.shop}/bench`;
  await system.admin('operator', 'add', '--email', OPERATOR.email, '--name', 'Bench', '--site', 'bench', '--password', OPERATOR.password);
  const workplace = await (
    await new Workplace(await (await browser.newContext()).newPage(), system.chat).signIn(OPERATOR.email, OPERATOR.password)
  ).goOnline();
  try {
    for (const way of WAYS)
      figures.push({
        what: `layout shift, ${ROUNDS} × open and close, ${way.name}`,
        value: inWords(await shiftOf(browser, base, way)),
        aim: '0',
      });
    figures.push({
      what: 'layout shift, an invitation that comes and grows into a chat',
      value: inWords(await invited(browser, base, workplace)),
      aim: '0',
    });
    figures.push({
      what: 'layout shift, a banner of the page’s own of 200 px, to compare',
      value: inWords(await ownShift(browser, base)),
      aim: 'more than 0',
    });
    figures.push(await returns(browser, base));
  } finally {
    await workplace.page.context().close();
  }
  return figures;
}

async function onPage<T>(
  browser: Browser,
  base: string,
  path: string,
  work: (visitor: VisitorPage) => Promise<T>,
  viewport: Way['viewport'] = { width: 1280, height: 800 },
): Promise<T> {
  const context = await browser.newContext({ viewport });
  try {
    return await work(await new VisitorPage(await context.newPage(), base).goto(path));
  } finally {
    await context.close();
  }
}

async function shiftOf(browser: Browser, base: string, { viewport, isInline = false, settings = {} }: Way): Promise<number> {
  const work = async (visitor: VisitorPage): Promise<number> => {
    const { page } = visitor;
    await page.evaluate(
      ([isInline, settings]) => {
        window.chat = window.CallGear.UI.createWidget('consultant_chat', { settings });
        window.chat.render(isInline === true ? document.querySelector('#place') : undefined);
      },
      [isInline, settings] as const,
    );
    if (!isInline) await visitor.launcher.waitFor();
    else await page.waitForFunction(() => document.querySelector('#place iframe') !== null);
    const shifted = await watchShifts(page);
    for (let n = 0; n < ROUNDS; n += 1) {
      if (isInline) await visitor.call('show');
      else await visitor.launcher.click();
      await visitor.frame.getByRole('button', { name: 'Start chat' }).or(visitor.box).first().waitFor();
      if (isInline) await visitor.call('hide');
      else await visitor.frame.getByRole('button', { name: 'Close chat' }).click();
      if (!isInline) await visitor.launcher.waitFor();
    }
    return shifted();
  };
  return onPage(browser, base, 'empty.html', work, viewport);
}

const invited = (browser: Browser, base: string, workplace: Workplace): Promise<number> =>
  onPage(browser, base, 'plain.html', async (visitor) => {
    await visitor.launcher.waitFor();
    await workplace.open('On site');
    const shifted = await watchShifts(visitor.page);
    await workplace.invite('Can I help you?');
    await visitor.frame.getByRole('button', { name: 'Accept invitation' }).click();
    await visitor.box.waitFor();
    return shifted();
  });

const ownShift = (browser: Browser, base: string): Promise<number> =>
  onPage(browser, base, 'plain.html', async ({ page }) => {
    const shifted = await watchShifts(page);
    await page.evaluate(() => document.body.prepend(Object.assign(document.createElement('div'), { style: 'height:200px' })));
    return shifted();
  });

const inWords = (shift: number): string => (shift === 0 ? '0' : shift.toFixed(3));

/** Somebody writes in a field of the page while the frame is taken out and comes back, open. */
const returns = (browser: Browser, base: string): Promise<Figure> =>
  onPage(browser, base, 'recorder.html', async (visitor) => {
    const { page } = visitor;
    await visitor.openChat();
    const field = page.getByLabel('Field of the page');
    await field.click();
    await page.evaluate(() => {
      const now = Date.now.bind(Date);
      const notes = Object.assign(window as unknown as { ahead: number; greetings: number; blurs: number }, {
        ahead: 0,
        greetings: 0,
        blurs: 0,
      });
      // More than three new frames within a minute are an unstable one: for the loader a minute passes each time.
      Date.now = () => now() + notes.ahead;
      addEventListener('message', () => void (notes.greetings += 1));
      document.querySelector('[aria-label="Field of the page"]')?.addEventListener('blur', () => void (notes.blurs += 1));
    });
    let typed = '';
    for (let n = 1; n <= RETURNS; n += 1) {
      await page.evaluate(() => {
        (window as unknown as { ahead: number }).ahead += 61_000;
        document.querySelector('iframe.callgear-widget')?.remove();
      });
      await page.keyboard.type('a');
      await page.waitForFunction((n) => (window as unknown as { greetings: number }).greetings >= n, n, { polling: SOON[0] ?? 20 });
      await visitor.frame.getByRole('button', { name: 'Close chat' }).waitFor();
      await page.keyboard.type('b');
      typed += 'ab';
    }
    const arrived = await field.inputValue();
    const blurs = await page.evaluate(() => (window as unknown as { blurs: number }).blurs);
    return {
      what: `a field of the page, while the open chat is taken out and put back ${RETURNS} times`,
      value: `${arrived === typed ? 'all' : arrived.length} of ${typed.length} characters, focus lost ${blurs} times`,
      aim: 'all, 0',
    };
  });
