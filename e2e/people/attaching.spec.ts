/** Pasting and dropping, by visitor and operator: text becomes text, files wait for *Send*, and nothing replaces the document. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { expect, test } from '../support/fixtures.ts';

interface Carried {
  text?: string;
  html?: string;
  rtf?: string;
  uri?: string;
  files?: { name: string; type: string; body: string }[];
}

/** As the browser hands it to the document. Returns whether somebody has taken it from the browser, at the drop and while it was dragged. */
function hand(target: Locator, kind: 'paste' | 'drop', carried: Carried): Promise<{ isTaken: boolean; isCancelled: boolean }> {
  return target.evaluate(
    (element, { kind, carried }) => {
      const data = new DataTransfer();
      if (carried.text !== undefined) data.setData('text/plain', carried.text);
      if (carried.html !== undefined) data.setData('text/html', carried.html);
      if (carried.rtf !== undefined) data.setData('text/rtf', carried.rtf);
      if (carried.uri !== undefined) data.setData('text/uri-list', carried.uri);
      for (const { name, type, body } of carried.files ?? []) data.items.add(new File([body], name, { type }));
      const options = { bubbles: true, cancelable: true };
      if (kind === 'paste')
        return { isTaken: !element.dispatchEvent(new ClipboardEvent('paste', { ...options, clipboardData: data })), isCancelled: false };
      const over = new DragEvent('dragover', { ...options, dataTransfer: data });
      const isCancelled = !element.dispatchEvent(over);
      return { isCancelled, isTaken: !element.dispatchEvent(new DragEvent('drop', { ...options, dataTransfer: data })) };
    },
    { kind, carried },
  );
}

const PICTURE = { name: 'image.png', type: 'image/png', body: 'not quite a picture' };
const OFFICE: Record<string, Carried> = {
  'a spreadsheet': { text: '1\t2\r\n3\t4', html: '<table><tr><td>1</td></tr></table>', rtf: '{\\rtf1 1}', files: [PICTURE] },
  'a word processor': { text: 'Dear Sir,', html: '<p>Dear Sir,</p>', rtf: '{\\rtf1 Dear}', files: [PICTURE] },
};

async function expectWaits(page: Page | ReturnType<Page['frameLocator']>, name: string): Promise<void> {
  await expect(page.getByRole('button', { name: `Remove ${name}` })).toBeVisible();
}

test('[FF.E4] [FF.E10] [UI.attach] a visitor: text is pasted as text, pictures and dropped files wait and can be taken back, nothing else is opened', async ({
  world,
}) => {
  const { visitor, operator } = await world.conversation();
  await visitor.run((chat) => void (chat as unknown as { show(): void }).show());
  const { frame } = visitor;
  await expect(frame.getByRole('button', { name: 'Attach file' })).toBeVisible();
  const send = frame.getByRole('button', { name: 'Send', exact: true });
  const discard = (name: string) => frame.getByRole('button', { name: `Remove ${name}` });

  // The browser itself pastes what nobody has taken.
  for (const [from, carried] of Object.entries(OFFICE))
    expect(await hand(visitor.box, 'paste', carried), from).toMatchObject({ isTaken: false });
  await expect(discard('image.png')).toHaveCount(0);

  expect(await hand(visitor.box, 'paste', { html: '<img src="https://a.example/x.png">', files: [PICTURE] })).toMatchObject({
    isTaken: true,
  });
  await expectWaits(frame, 'image.png');
  await expect(operator.log.getByText('image.png')).toHaveCount(0);
  await discard('image.png').click();
  await expect(discard('image.png')).toHaveCount(0);
  await expect(visitor.box).toBeFocused();
  await expect(send).toHaveAttribute('aria-disabled', 'true');

  // Anywhere on the panel, not on the composer alone.
  const file = { name: 'plan.txt', type: 'text/plain', body: 'the plan' };
  for (const place of [frame.getByRole('heading', { level: 1 }), visitor.log, send, visitor.box]) {
    expect(await hand(place, 'drop', { files: [file] })).toEqual({ isCancelled: true, isTaken: true });
    await expectWaits(frame, 'plan.txt');
    await discard('plan.txt').click();
    await expect(discard('plan.txt')).toHaveCount(0);
  }
  // Text has a place of its own, and an address that is dropped beside it opens nothing.
  expect(await hand(visitor.box, 'drop', { text: 'words' })).toMatchObject({ isCancelled: false, isTaken: false });
  expect(await hand(visitor.log, 'drop', { text: 'https://a.example/', uri: 'https://a.example/' })).toEqual({
    isCancelled: true,
    isTaken: true,
  });

  await hand(visitor.log, 'drop', { files: [file] });
  await visitor.say('Here it is');
  await operator.reads('Here it is');
  await expect(operator.log.getByText('plan.txt')).toBeVisible();
  await expect(discard('plan.txt')).toHaveCount(0);

  // Where files are switched off, they are refused; the document stays where it is.
  await world.set('chat.is_file_transfer', false);
  await expect(frame.getByRole('button', { name: 'Attach file' })).toHaveCount(0);
  expect(await hand(visitor.log, 'drop', { files: [file] })).toEqual({ isCancelled: true, isTaken: true });
  await expect(discard('plan.txt')).toHaveCount(0);
});

test('[VI.attach] [UI.attach] picked files wait with their preview; of others it is said why they cannot be sent', async ({ world }) => {
  await world.set('chat.file', { max_size: 1024 * 1024, accept: ['image/*', '.pdf'] });
  const { visitor, operator } = await world.conversation();
  await visitor.openChat();
  const { frame, page } = visitor;
  const pick = async (...files: { name: string; mimeType: string; buffer: Buffer }[]): Promise<void> => {
    const chooser = page.waitForEvent('filechooser');
    await frame.getByRole('button', { name: 'Attach file' }).click();
    await (await chooser).setFiles(files);
  };
  const picture = { name: 'cup.png', mimeType: 'image/png', buffer: await page.screenshot() };
  await pick(picture, { name: 'offer.pdf', mimeType: 'application/pdf', buffer: Buffer.from('an offer') });
  await expect(frame.getByRole('img', { name: 'cup.png' })).toBeVisible();
  await expect(frame.getByRole('status').filter({ hasText: '2 files wait to be sent' })).toHaveCount(1);
  await expect(frame.getByRole('listitem').filter({ hasText: 'offer.pdf' })).toContainText('0.1 kB');
  for (const name of ['cup.png', 'offer.pdf']) {
    const { width = 0, height = 0 } = (await frame.getByRole('button', { name: `Remove ${name}` }).boundingBox()) ?? {};
    expect(Math.min(width, height), name).toBeGreaterThanOrEqual(44);
  }

  await pick({ name: 'setup.exe', mimeType: 'application/x-msdownload', buffer: Buffer.from('MZ') });
  await expect(frame.getByText('setup.exe is of a type that we do not accept. We accept JPG, PNG, GIF, WEBP, or PDF.')).toBeVisible();
  await pick({ name: 'film.png', mimeType: 'image/png', buffer: Buffer.alloc(1024 * 1024 + 1) });
  await expect(frame.getByText('film.png is larger than 1 MB.')).toBeVisible();
  await pick(...Array.from({ length: 9 }, (_, at) => ({ ...picture, name: `cup-${at}.png` })));
  await expect(frame.getByRole('button', { name: /^Remove / })).toHaveCount(10);
  await expect(frame.getByText('Too many at once: 10 files at most. Left out: cup-8.png.')).toBeVisible();

  await visitor.box.press('Enter');
  await expect(operator.log.getByRole('link', { name: 'cup.png' })).toBeVisible();
  await expect(frame.getByRole('button', { name: /^Remove / })).toHaveCount(0);
  await expect(frame.getByText('too many at once')).toHaveCount(0);
});

test('[VI.attach] a folder that is dropped is named and left out, and the files beside it wait', async ({ world }) => {
  const visitor = await (await world.stranger()).goto('plain.html');
  const { frame, page } = visitor;
  await visitor.openChat();
  await visitor.hasExtras();
  const folder = mkdtempSync(join(tmpdir(), 'Photos-'));
  const file = join(folder, 'notes.txt');
  writeFileSync(file, 'not quite nothing');
  const { x = 0, y = 0 } = (await visitor.box.boundingBox()) ?? {};
  const cdp = await page.context().newCDPSession(page);
  const data = { items: [], files: [folder, file], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await cdp.send('Input.dispatchDragEvent', { type, x: x + 20, y: y + 20, data });
  await expectWaits(frame, 'notes.txt');
  await expect(frame.getByText(`${basename(folder)} is of a type that we do not accept.`)).toBeVisible();
  await expect(frame.getByRole('button', { name: /^Remove / })).toHaveCount(1);
  rmSync(folder, { recursive: true });
});

test('[FF.E4] [FF.E10] [UI.attach] an operator: the same, for the visitor it was meant for', async ({ world }) => {
  const { operator } = await world.conversation();
  const { page, log } = operator;
  const box = page.getByRole('textbox', { name: 'Reply' });
  const file = { name: 'offer.txt', type: 'text/plain', body: 'the offer' };
  for (const [from, carried] of Object.entries(OFFICE)) expect(await hand(box, 'paste', carried), from).toMatchObject({ isTaken: false });
  expect(await hand(box, 'paste', { files: [PICTURE] })).toMatchObject({ isTaken: true });
  await expectWaits(page, 'image.png');
  await page.getByRole('button', { name: 'Remove image.png' }).click();
  await expect(page.getByRole('button', { name: 'Remove image.png' })).toHaveCount(0);

  expect(await hand(page.getByRole('list', { name: 'Visitors' }), 'drop', { files: [file] })).toEqual({ isCancelled: true, isTaken: true });
  expect(await hand(log, 'drop', { files: [file] })).toEqual({ isCancelled: true, isTaken: true });
  await expectWaits(page, 'offer.txt');
  await expect(log.getByText('offer.txt')).toHaveCount(0);
  await operator.button('Send').click();
  await expect(log.getByRole('link', { name: /offer\.txt/ })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Remove offer.txt' })).toHaveCount(0);
});
