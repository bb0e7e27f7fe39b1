/** Files in a chat, both ways: they arrive as they were sent. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Download } from '@playwright/test';
import sharp from 'sharp';
import { expect, test } from '../support/fixtures.ts';
import { layLine } from '../support/line.ts';
import { type VisitorPage } from '../support/pages/visitor.ts';
import type { Message } from '../../shared/chat.ts';

interface TestFile {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

const note = (content = 'a note'): TestFile => ({ name: 'note.txt', mimeType: 'text/plain', buffer: Buffer.from(content) });

/** Chooses a file in the page's own field, as a visitor would. */
async function choose(visitor: VisitorPage, ...files: TestFile[]): Promise<void> {
  await visitor.page.getByLabel("Page's file").setInputFiles(files);
}

/** What the customer's `onchange` does. */
const send = (visitor: VisitorPage) => visitor.run((chat) => chat.sendFile(document.querySelector('input[type=file]')));

async function download(link: unknown): Promise<{ bytes: Buffer; headers: Headers }> {
  const answer = await fetch(String(link));
  expect(answer.status).toBe(200);
  return { bytes: Buffer.from(await answer.arrayBuffer()), headers: answer.headers };
}

test('[ME.sendFile] [EV.sendmessage] progress from nothing, then the message under the same uid on all pages; bytes arrive whole', async ({
  world,
}) => {
  const { visitor, operator } = await world.conversation();
  const second = await world.page(visitor);
  const buffer = randomBytes(200_000);
  await choose(visitor, { name: 'plan (A) – ü.bin', mimeType: 'application/octet-stream', buffer });
  expect(await send(visitor)).toBeUndefined();
  const { payload } = await visitor.hears('sendmessage');
  expect(payload).toMatchObject({
    text: 'plan (A) – ü.bin',
    fx_name: 'plan (A) – ü.bin',
    fx_size_info: '195.3 KB',
    fx_link: expect.stringMatching(/^http:\/\/localhost:\d+\/files\//),
    source: 'Visitor',
    sender: 'visitor',
  });
  const progress = await visitor.told<{ uid: string; name: string; size: number; loaded: number; total: number }>('fileprogress');
  expect(progress[0]).toEqual({ uid: payload.uid, name: 'plan (A) – ü.bin', size: buffer.length, loaded: 0, total: expect.any(Number) });
  expect(new Set(progress.map(({ uid }) => uid))).toEqual(new Set([payload.uid]));
  expect((await visitor.order('fileprogress', 'sendmessage')).indexOf('sendmessage')).toBe(progress.length);
  expect((await second.hears('sendmessage')).payload).toEqual(payload);
  expect((await visitor.hears('messagesent')).payload).toEqual({ message: payload, via: 'api' });
  expect(await second.order('fileprogress', 'messagesent')).toEqual([]);
  expect((await download(payload['fx_link'])).bytes.equals(buffer)).toBe(true);
  await expect(operator.log.getByText('plan (A) – ü.bin')).toBeVisible();
});

test('[ME.sendFile] an image keeps its dimensions and loses what the camera knew', async ({ world }) => {
  const { visitor } = await world.conversation();
  const picture = sharp({ create: { width: 320, height: 200, channels: 3, background: '#c0392b' } });
  const buffer = await picture
    .withExif({ IFD0: { Artist: 'Vera Secret' }, IFD3: { GPSLatitude: '59/1 54/1 0/1' } })
    .jpeg()
    .toBuffer();
  expect(buffer.includes('Vera Secret')).toBe(true);
  await choose(visitor, { name: 'photo.jpg', mimeType: 'image/jpeg', buffer });
  await send(visitor);
  const { payload } = await visitor.hears('sendmessage');
  const { bytes } = await download(payload['fx_link']);
  const { width, height, exif, format } = await sharp(bytes).metadata();
  expect({ width, height, exif, format }).toEqual({ width: 320, height: 200, exif: undefined, format: 'jpeg' });
  expect(bytes.includes('Vera Secret')).toBe(false);
});

test('[ME.sendFile] a photograph taken upright stays upright', async ({ world }) => {
  const { visitor } = await world.conversation();
  const buffer = await sharp({ create: { width: 320, height: 200, channels: 3, background: '#c0392b' } })
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer();
  await choose(visitor, { name: 'upright.jpg', mimeType: 'image/jpeg', buffer });
  await send(visitor);
  const { payload } = await visitor.hears('sendmessage');
  const size = await visitor.page.evaluate(async (src) => {
    const image = new Image();
    image.src = src;
    await image.decode();
    return [image.naturalWidth, image.naturalHeight];
  }, String(payload['fx_link']));
  expect(size).toEqual([200, 320]);
});

test('[MS.links] a file’s address is stable and needs no cookie, and what could run is only ever downloaded', async ({ world }) => {
  const { visitor } = await world.conversation();
  await choose(visitor, { name: 'page.html', mimeType: 'text/html', buffer: Buffer.from('<script>alert(1)</script>') });
  await send(visitor);
  const { payload } = await visitor.hears('sendmessage');
  const { bytes, headers } = await download(payload['fx_link']);
  expect(bytes.toString()).toBe('<script>alert(1)</script>');
  expect(headers.get('content-disposition')).toMatch(/^attachment/);
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('content-security-policy')).toContain('sandbox');
  await visitor.open();
  expect((await visitor.run((chat) => chat.getMessages()))[0]?.fx_link).toBe(payload['fx_link']);
});

test('[ME.sendFile] input, File, FileList and array are all taken, and read before the method returns', async ({ world }) => {
  const { visitor } = await world.conversation();
  await choose(visitor, note('from the field'));
  await visitor.run((chat) => {
    const input = document.querySelector<HTMLInputElement>('input[type=file]');
    if (!input?.files?.[0]) throw new Error('no file chosen');
    const [file] = input.files;
    chat.sendFile(input);
    chat.sendFile(file);
    chat.sendFile(input.files);
    chat.sendFile([file, file]);
    window.notes.push(input.files.length);
    input.value = '';
  });
  await visitor.hears('sendmessage', 5);
  expect(await visitor.page.evaluate(() => window.notes)).toEqual([1]);
  const messages = await visitor.told<Message>('sendmessage');
  for (const { fx_link } of messages) expect((await download(fx_link)).bytes.toString()).toBe('from the field');
  expect(new Set(messages.map(({ uid }) => uid)).size).toBe(5);
});

test('[ME.sendFile] an empty selection does nothing', async ({ world }) => {
  const visitor = await world.visitor();
  await visitor.run((chat) => {
    chat.sendFile(document.querySelector('input[type=file]'));
    chat.sendFile([]);
  });
  await visitor.settled();
  expect(await visitor.order('fileprogress', 'sendmessage', 'messagefailed', 'statechange', 'error')).toEqual([]);
});

test('[ME.sendFile] without a chat it starts one', async ({ world }) => {
  const operator = await world.operator();
  const visitor = await world.visitor();
  await choose(visitor, note());
  await send(visitor);
  await visitor.hears('sendmessage');
  expect(await visitor.state()).toBe('chat');
  await operator.open('Waiting');
  await expect(operator.log.getByText('note.txt')).toBeVisible();
});

test('[ME.sendFile] what the site refuses fails alone, and the chat goes on', async ({ world }) => {
  await world.set('chat.file', { max_size: 1000, accept: ['.txt'] });
  const { visitor } = await world.conversation();
  await choose(
    visitor,
    { ...note('x'.repeat(1001)), name: 'large.txt' },
    { ...note(), name: 'program.exe', mimeType: 'application/x-msdownload' },
    note(),
  );
  await send(visitor);
  await visitor.hears('messagefailed', 2);
  const { payload } = await visitor.hears('sendmessage');
  const failed = await visitor.told<{ uid: string; reason: string }>('messagefailed');
  expect(failed.map(({ reason }) => reason)).toEqual(['file_too_large', 'file_refused']);
  expect(payload.text).toBe('note.txt');
  expect(await visitor.done('sendChatMessage', 'still here')).toBe('ok');
});

test('[ME.sendFile] more than ten megabytes is too large for every site', async ({ world }) => {
  const { visitor } = await world.conversation();
  await visitor.run((chat) => chat.sendFile(new File([new Uint8Array(10 * 1024 * 1024 + 1)], 'huge.bin')));
  expect((await visitor.hears('messagefailed')).payload).toMatchObject({ reason: 'file_too_large' });
  expect(await visitor.order('sendmessage')).toEqual([]);
});

test('[ME.isReadyForFileTransfer] while the site allows it and the session is connected', async ({ world }) => {
  const visitor = await world.stranger();
  const line = await layLine(visitor.page);
  await visitor.open();
  await expect.poll(() => visitor.call('isReadyForFileTransfer')).toBe(true);
  await visitor.done('startChat');
  expect(await visitor.call('isReadyForFileTransfer')).toBe(true);
  await line.cut();
  await expect.poll(() => visitor.call('isReadyForFileTransfer')).toBe(false);
});

test('[ME.isReadyForFileTransfer] never where it is switched off, and a file fails there', async ({ world }) => {
  await world.set('chat.is_file_transfer', false);
  const { visitor } = await world.conversation();
  expect(await visitor.call('isReadyForFileTransfer')).toBe(false);
  await choose(visitor, note());
  await send(visitor);
  expect((await visitor.hears('messagefailed')).payload).toMatchObject({ reason: 'disabled' });
});

test('[EV.sendmessage] a file of the operator arrives on all pages, byte for byte', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  const second = await world.page(visitor);
  const buffer = randomBytes(50_000);
  const chooser = operator.page.waitForEvent('filechooser');
  await operator.button('Attach file').click();
  await (await chooser).setFiles({ name: 'offer.pdf', mimeType: 'application/pdf', buffer });
  const { payload } = await visitor.hears('sendmessage');
  expect(payload).toMatchObject({
    text: 'offer.pdf',
    fx_name: 'offer.pdf',
    sender: 'operator',
    from: 'Olga Petrova',
    operator_info: { name: 'Olga Petrova' },
  });
  expect((await second.hears('sendmessage')).payload).toEqual(payload);
  expect((await download(payload['fx_link'])).bytes.equals(buffer)).toBe(true);
  expect(await visitor.call('getUnreadCounter')).toBe(1);
});

test('[ME.sendFile] [P9] a visitor attaches a file by hand, and the operator who opens it is written down', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  await visitor.openChat();
  const chooser = visitor.page.waitForEvent('filechooser');
  await visitor.frame.getByRole('button', { name: 'Attach file' }).click();
  await (await chooser).setFiles(note('by hand'));
  // It waits for *Send*, which the key does from the box.
  await expect(visitor.frame.getByRole('button', { name: 'Remove note.txt' })).toBeVisible();
  await expect(visitor.box).toBeFocused();
  await visitor.page.keyboard.press('Enter');
  const { payload } = await visitor.hears('sendmessage');
  expect((await download(payload['fx_link'])).bytes.toString()).toBe('by hand');
  await expect(visitor.log.getByText('note.txt')).toBeVisible();
  await expect(operator.log.getByText('note.txt')).toBeVisible();

  const rows = async () =>
    (await world.system.admin('audit', 'list', '--site', world.key)).split('\n').filter((row) => row.includes('\tfile\t'));
  expect(await rows()).toEqual([]);
  // Of the context: the tab that it opens in may be gone before anybody listens to it.
  const downloading = new Promise<Download>((resolve) => operator.page.context().once('download', resolve));
  await operator.log.getByRole('link', { name: /note\.txt/ }).click();
  expect((await downloading).suggestedFilename()).toBe('note.txt');
  expect(await readFile(await (await downloading).path(), 'utf8')).toBe('by hand');
  expect(await rows()).toEqual([
    expect.stringMatching(
      `@example\\.com\tfile\t${world.key}\t${String(await visitor.page.evaluate(() => window.CallGear.getVisitorId()))}$`,
    ),
  ]);
});
