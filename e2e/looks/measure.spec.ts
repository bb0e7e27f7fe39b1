/** The measure itself: each kind of fault, planted, is found; without any it finds nothing. */
import { expect, test } from '../support/fixtures.ts';
import { measure } from './measure.ts';

const PLANTED = [
  ['cut', '.send { position: relative !important; left: 60px }'],
  ['covered', '.composer::after { content: ""; position: fixed; inset: 0; z-index: 9 }'],
  ['overlap', '.composer button { position: absolute !important; left: 20px !important; bottom: 20px !important }'],
  [
    'scrolls two ways',
    '.tail { overflow: auto !important; height: 100px; flex: none !important } .tail > * { width: 900px; height: 2000px }',
  ],
  [
    'text out of sight',
    '.header h1 { position: fixed !important; top: -9px; left: 20px; display: block !important; -webkit-line-clamp: none !important; text-overflow: clip !important; overflow: visible !important }',
  ],
] as const;

test('[UI.looks] each kind of fault that is planted in the interface is found', async ({ world }) => {
  await world.operator();
  const visitor = await (await world.stranger()).goto('plain.html');
  await visitor.page.emulateMedia({ reducedMotion: 'reduce' });
  await visitor.openChat();
  const frame = visitor.page.frames().find((one) => one.url().includes('/frame/?'))!;
  await expect.poll(() => frame.evaluate(measure)).toEqual([]);
  for (const [kind, css] of PLANTED) {
    await frame.evaluate((text) => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(text);
      document.adoptedStyleSheets = [sheet];
    }, css);
    await expect.poll(async () => (await frame.evaluate(measure)).some((fault) => fault.startsWith(kind)), { message: kind }).toBe(true);
  }
});
