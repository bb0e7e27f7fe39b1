/** What one side writes, names or uploads, and the other side sees: it is text, in its place, or a download. It asks nobody for anything. */
import type { Locator } from '@playwright/test';
import sharp from 'sharp';
import { corpusFor, mixFor } from '../support/corpus.ts';
import { expect, test } from '../support/fixtures.ts';
import {
  RUNNING,
  addressOf,
  escaping,
  expectNothingRan,
  expectTexts,
  flat,
  lined,
  noteViolations,
  partsOf,
  startCanary,
  watch,
  watchPaper,
} from '../support/hostile.ts';
import type { VisitorPage } from '../support/pages/visitor.ts';
import type { Workplace } from '../support/pages/workplace.ts';

async function upload(visitor: VisitorPage, files: { name: string; buffer: Buffer }[]): Promise<string[]> {
  const before = (await visitor.heard('sendmessage')).length;
  await visitor.page.getByLabel("Page's file").setInputFiles(files.map((file) => ({ ...file, mimeType: 'application/octet-stream' })));
  await visitor.run((chat) => chat.sendFile(document.querySelector('input[type=file]')));
  await visitor.hears('sendmessage', before + files.length);
  return (await visitor.told<{ fx_link?: string }>('sendmessage')).slice(before).map(({ fx_link: link }) => String(link));
}

test('[A6] [C3] [E8] [E9] [F1] nothing that is written anywhere runs, asks for anything or leaves its place: chat, workplace, mail, paper', async ({
  world,
}) => {
  test.setTimeout(120_000);
  const canary = await startCanary();
  const texts = corpusFor(canary.address);
  const mix = (max: number) => mixFor(canary.address, max);
  const group = await world.group('sales');
  await world.system.admin('group', 'add', '--site', world.key, '--id', group, '--name', mix(80));
  await world.set('chat.title', mix(80));
  await world.set('common.company', mix(80));
  const operator: Workplace = await world.operator(mix(80), { position: mix(80) });
  const visitor = await world.stranger();
  const outside = [watch(visitor.page, world), watch(operator.page, world)];
  for (const { page } of [visitor, operator]) await noteViolations(page);
  // Browsers name themselves and where they came from; neither is shown, so it is only looked for.
  await visitor.page.setExtraHTTPHeaders({ 'user-agent': `UA-${mix(60).replace(/[^\x20-\x7e]/g, '')}` });
  await operator.page.reload();
  await visitor.open(`recorder.html?q=${encodeURIComponent(mix(60))}#${encodeURIComponent(mix(60))}`);
  await visitor.page.evaluate((title) => {
    history.replaceState(null, '', `${location.pathname}?x=<svg onload=owned=1>`);
    document.title = title;
  }, mix(100));

  // An invitation, then everything the visitor can say.
  await operator.open('On site');
  await operator.invite(texts[3] as string);
  await visitor.hears('invite');
  await visitor.openChat();
  await expectNothingRan(visitor.page, operator.page);
  await visitor.done('inviteAccept');
  await operator.sees('In chat');
  expect(await visitor.done('setVisitorCard', { name: mix(120), email: addressOf(mix(120)), phone: mix(50) })).toBe('ok');
  for (const text of [mix(120), addressOf(mix(120)), mix(50)]) await expect(operator.page.locator('body')).toContainText(lined(text));
  for (const text of texts) expect(await visitor.done('sendChatMessage', text)).toBe('ok');
  await upload(visitor, [
    { name: '"><img src=x onerror=owned=1>.txt', buffer: Buffer.from('x') },
    { name: `${'W'.repeat(110)}.txt`, buffer: Buffer.from('x') },
    { name: 'a\u202egpj.exe', buffer: Buffer.from('x') },
  ]);
  await expectTexts(operator.log, texts);
  for (const text of texts) {
    await operator.page.getByRole('textbox', { name: 'Reply' }).fill(`${text} too`);
    await operator.button('Send').click();
  }
  await expectTexts(visitor.log, [...texts, ...texts.map((text) => `${text} too`)]);
  for (const text of texts) await visitor.call('chatTyping', text);
  await expect(operator.page.getByRole('status', { name: /typing/i }).first()).toContainText('WWWWWW');

  await expectNothingRan(visitor.page, operator.page);
  for (const place of [
    visitor.log,
    visitor.frame.locator('body'),
    operator.log,
    operator.page.getByRole('list', { name: 'Visitors' }),
    operator.page.locator('body'),
  ])
    expect(await escaping(place)).toEqual([]);
  expect([await visitor.frame.locator(RUNNING).count(), await operator.page.locator(RUNNING).count()]).toEqual([0, 0]);
  expect(await operator.page.locator('body').textContent()).not.toContain('UA-');

  // On paper: the test reads the document at the moment of printing.
  const paper = await watchPaper(visitor.page.frames().find((each) => each.url().startsWith(`${world.system.chat}/frame/`)));
  await visitor.call('printCurrentChat');
  await expect
    .poll(async () => {
      const printed = flat((await paper()).text);
      return texts.filter((text) => !printed.includes(flat(text)));
    })
    .toEqual([]);
  expect((await paper()).images.filter((src) => !src.startsWith(world.system.chat))).toEqual([]);

  // By mail: opened as a mail program would.
  const to = `${world.key}@example.com`;
  await visitor.call('sendChatByMail', to);
  await expect.poll(() => world.system.mails.filter((mail) => mail.to.includes(to)).length).toBe(1);
  const { text, html } = partsOf(world.system.mails.find((mail) => mail.to.includes(to))?.raw ?? '');
  expect(texts.filter((each) => !flat(text).includes(flat(each)))).toEqual([]);
  const reader = await operator.page.context().newPage();
  await reader.setContent(html);
  expect(await reader.evaluate(() => [...new Set([...document.querySelectorAll('*')].map((element) => element.localName))].sort())).toEqual(
    ['b', 'body', 'br', 'h1', 'head', 'html', 'meta', 'p', 'title'],
  );
  const read = flat((await reader.locator('body').textContent()) ?? '');
  expect(texts.filter((each) => !read.includes(flat(each)))).toEqual([]);
  await expectNothingRan(reader, visitor.page, operator.page);

  expect(outside.flat()).toEqual([]);
  // The server neither: it fetches nothing that anybody wrote.
  expect(canary.asked).toEqual([]);
  canary.close();
});

test('[E1] [E3] stored polyglots are downloads that run nothing, and pictures lose what they carried', async ({ world }) => {
  const { visitor } = await world.conversation();
  const script = '<script>document.title="owned"</script>';
  const gif = Buffer.concat([
    await sharp({ create: { width: 2, height: 2, channels: 3, background: '#fff' } })
      .gif()
      .toBuffer(),
    Buffer.from(`PK\u0003\u0004${script}`),
  ]);
  const jpeg = Buffer.concat([
    await sharp({ create: { width: 2, height: 2, channels: 3, background: '#fff' } })
      .withExif({ IFD0: { Copyright: script } })
      .jpeg()
      .toBuffer(),
    Buffer.from(script),
  ]);
  const files = [
    { name: 'page.html', buffer: Buffer.from(script) },
    { name: 'page.html;.png', buffer: Buffer.from(script) },
    { name: 'utf7.txt', buffer: Buffer.from('+ADw-script+AD4-document.title=+ACI-owned+ACI-+ADw-/script+AD4-') },
    {
      name: 'drawing.svg',
      buffer: Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg">${script.replace('<script>', '<script>//')}</svg>`),
    },
    {
      name: 'drawing.xml',
      buffer: Buffer.from(`<?xml version="1.0"?><x xmlns:h="http://www.w3.org/1999/xhtml"><h:script>document.title="owned"</h:script></x>`),
    },
    { name: 'paper.pdf', buffer: Buffer.from(`%PDF-1.7\n${script}`) },
    { name: '../../CON.html', buffer: Buffer.from(script) },
  ];
  const pictures = [
    { name: 'gifar.gif', buffer: gif },
    { name: 'photo.jpg', buffer: jpeg },
  ];
  const links = await upload(visitor, [...files, ...pictures]);
  for (const link of links.slice(0, files.length)) {
    // A tab each: browsers ask before one tab downloads several files.
    const tab = await visitor.page.context().newPage();
    const downloading = tab.waitForEvent('download');
    // A download ends the navigation that asked for it.
    await tab.goto(link).catch(() => undefined);
    expect((await downloading).suggestedFilename(), link).not.toMatch(/[/\\]/);
    expect([tab.url(), await tab.title()], link).toEqual(['about:blank', '']);
    await tab.close();
  }
  const page = await visitor.page.context().newPage();
  for (const link of links.slice(files.length)) {
    await page.goto(link);
    expect([await page.title(), await page.locator('img').count(), await page.locator('script').count()]).toEqual([
      expect.not.stringContaining('owned'),
      1,
      0,
    ]);
    const bytes = Buffer.from(await (await fetch(link)).arrayBuffer());
    expect([bytes.includes('<script>'), bytes.includes('PK\u0003\u0004')]).toEqual([false, false]);
  }
});

test('[E7] links go to four schemes only, show their host, and tell it nothing', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  await visitor.openChat();
  const bad = [
    `${'javascript'}:alert(1)`,
    `\u0001${'javascript'}:alert(1)`,
    'data:text/html,<script>1</script>',
    '//evil.example',
    'https://bank.example@evil.example/',
    'vbscript:x',
  ];
  const good = ['https://shop.example/a', 'http://shop.example/b', 'https://аpple.com/'];
  for (const text of [...bad, ...good, 'mailto:help@shop.example', 'tel:+31201234567']) await visitor.done('sendChatMessage', text);
  for (const text of [...bad, ...good]) {
    await operator.page.getByRole('textbox', { name: 'Reply' }).fill(text);
    await operator.button('Send').click();
  }
  const links = (log: Locator) =>
    log.locator('a').evaluateAll((all) => (all as HTMLAnchorElement[]).map(({ href, text, rel, target }) => ({ href, text, rel, target })));
  await expectTexts(visitor.log, ['https://xn--pple-43d.com/', 'tel:+31201234567']);
  for (const log of [visitor.log, operator.log]) {
    const found = await links(log);
    expect(
      [...new Set(found.map(({ href }) => new URL(href).protocol))].filter(
        (scheme) => !['http:', 'https:', 'mailto:', 'tel:'].includes(scheme),
      ),
    ).toEqual([]);
    expect(found.filter(({ href }) => href.includes('evil'))).toEqual([]);
    expect(found.some(({ text }) => text === 'https://xn--pple-43d.com/')).toBe(true);
    for (const { rel, target } of found)
      expect([rel.split(' ').sort(), target]).toEqual([['nofollow', 'noopener', 'noreferrer', 'ugc'], '_blank']);
  }
});
