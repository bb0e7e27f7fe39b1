/** How soon a conversation of ten thousand messages is on the screen, for the visitor who opens it and for the operator; median of five. */
import type { Browser, Frame, Page } from '@playwright/test';
import { FLOOD_LIMITS, createWriter } from '../e2e/faults/flood.ts';
import { VisitorPage } from '../e2e/support/pages/visitor.ts';
import { Workplace } from '../e2e/support/pages/workplace.ts';
import { startSystem } from '../e2e/support/system.ts';
import type { Figure } from './figure.ts';
import { duration, median } from './statistics.ts';

const MANY = 10_000;
const SITE = 'long';
const LAST = `message ${MANY};`;
const ROUNDS = 5;

export async function measureLongChat(browser: Browser): Promise<Figure[]> {
  const system = await startSystem({ LIMITS: FLOOD_LIMITS });
  try {
    await system.admin('site', 'add', '--key', SITE, '--name', 'Long', '--origin', system.shop);
    await system.admin(
      'operator',
      'add',
      '--email',
      'long@example.com',
      '--name',
      'Olga',
      '--site',
      SITE,
      '--password',
      'correct horse battery',
    );
    const writer = await createWriter(system.chat, system.shop, SITE);
    await writer.say(Array.from({ length: MANY }, (_, n) => `message ${n + 1};`));
    writer.close();
    const kept = [system.chat, `callgear-${SITE}`, writer.refresh];

    const context = await browser.newContext();
    const page = await context.newPage();
    await page.addInitScript(([chat, key, refresh]) => {
      if (location.origin === chat && localStorage.getItem(key as string) === null) localStorage.setItem(key as string, refresh as string);
    }, kept);
    const opened: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const visitor = await new VisitorPage(page, `${system.shop}/${SITE}`).open();
      await visitor.launcher.waitFor();
      const frame = page.frames().find((each) => each.url().startsWith(system.chat));
      if (frame === undefined) throw new Error('The page has no frame of the chat.');
      opened.push(await pressUntilSeen(frame, 'Open chat'));
      // The next round finds it closed.
      await visitor.frame.getByRole('button', { name: 'Close chat' }).click();
    }
    await context.close();

    const desk = await browser.newContext();
    const operator = await (
      await new Workplace(await desk.newPage(), system.chat).signIn('long@example.com', 'correct horse battery')
    ).goOnline();
    const chosen: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      await operator.page.reload();
      await operator.visitors('Waiting').waitFor();
      chosen.push(await pressUntilSeen(operator.page, 'Waiting'));
    }
    await desk.close();
    return [
      { what: `chat of ${MANY} messages, from the click to the newest on the screen`, value: duration(median(opened)), aim: '< 1 s' },
      { what: 'the same in the workplace', value: duration(median(chosen)), aim: '< 1 s' },
    ];
  } finally {
    await system.close();
  }
}

/** Presses the button of that name and waits, in the document itself, until the newest message has been drawn. Milliseconds. */
function pressUntilSeen(where: Page | Frame, name: string): Promise<number> {
  return where.evaluate(
    ([name, last]) =>
      new Promise<number>((resolve, reject) => {
        const buttons = [...document.querySelectorAll('button')];
        const button = buttons.find((each) => `${each.ariaLabel ?? ''} ${each.innerText}`.includes(name as string));
        if (button === undefined) return reject(new Error(`There is no button ${name}.`));
        const from = performance.now();
        const look = (): void => {
          const log = document.querySelector<HTMLElement>('[role=log]');
          if (log?.innerText.includes(last as string) === true) resolve(performance.now() - from);
          else requestAnimationFrame(look);
        };
        button.click();
        look();
      }),
    [name, LAST],
  );
}
