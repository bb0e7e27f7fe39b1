/** Files as their parts see them: names, types, images. What goes over HTTP is in routes/files.test.ts. */
import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { effortOf } from '../../shared/effort.ts';
import { createWorld, SITE } from '../testing/room-world.ts';
import { createFiles } from './files.ts';
import { createImageEncoder } from './image.ts';
import { cleanName, contentDisposition } from './name.ts';
import { isAccepted, nameForImage, sniff } from './type.ts';

describe('names', () => {
  it('[E3] [BI.file] lose what lies, hides or leads elsewhere, and keep what people write', () => {
    const cases: [string, string][] = [
      ['Отчёт 2024 – final (2).pdf', 'Отчёт 2024 – final (2).pdf'],
      ['日本語.png', '日本語.png'],
      ['🧾 invoice.pdf', '🧾 invoice.pdf'],
      ['cafe\u0301.txt', 'caf\u00e9.txt'],
      ['a\u202Egpj.exe', 'agpj.exe'],
      ['x\u2066y\u2069z\u200b\ufeff.txt', 'xyz.txt'],
      ['a\r\nSet-Cookie: b=c.txt', 'aSet-Cookie_ b=c.txt'],
      ['the "final" <draft> | v2*?.pdf', 'the "final" <draft> | v2*?.pdf'],
      ['C:x.txt', 'C_x.txt'],
      ['../../etc/passwd', '_.._etc_passwd'],
      ['..\\..\\boot.ini', '_.._boot.ini'],
      ['.htaccess', 'htaccess'],
      ['CON', '_CON'],
      ['con.txt', '_con.txt'],
      ['report.pdf. . .', 'report.pdf'],
      ['lone \ud800 surrogate', 'lone surrogate'],
      ['\0\u0007', 'file'],
      ['...', 'file'],
      ['', 'file'],
      ['   ', 'file'],
    ];
    for (const [given, clean] of cases) expect(cleanName(given), JSON.stringify(given)).toBe(clean);
  });

  it.each([
    'عکس‌های من.jpg',
    'क्‍ष.txt',
    'ශ්‍රී ලංකා.pdf',
    'family 👨‍👩‍👧‍👦.png',
    '👩🏽‍💻 at work.jpg',
    '🏳️‍🌈.gif',
    '❤️‍🔥.png',
    '🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f} v 🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}.txt',
  ])('[FF.E13] %j keeps what holds its signs together', (name) => {
    expect(cleanName(name)).toBe(name.normalize('NFC'));
  });

  it.each([
    ['a\u200db.ex\u200ce', 'ab.exe'],
    ['é\u200dé.png', 'éé.png'],
    ['\u200d\u200c.png', 'png'],
    ['عکس\u202egpj.exe', 'عکسgpj.exe'],
    ['👨\u200d\u202e👩.png', '👨👩.png'],
    ['1\u200d2\u{e0067}\u{e007f}.txt', '12.txt'],
  ])('[FF.E13] %j: what only hides or turns is taken away all the same', (given, clean) => {
    expect(cleanName(given)).toBe(clean);
  });

  it('[E3] are at most 120 characters, the extension among them', () => {
    const long = cleanName(`${'🙂'.repeat(5_000)}.pdf`);
    expect([...long]).toHaveLength(120);
    expect(long).toMatch(/🙂\.pdf$/u);
    expect([...cleanName(`a.${'b'.repeat(10_000)}`)]).toHaveLength(120);
    // However long it is, no more is looked at than of a name that is cut.
    for (const part of ['. ', '.', ' ', '\u202e']) {
      const effort = (length: number) => effortOf(cleanName, `${part.repeat(length / part.length)}x`);
      expect(effort(50_000), part).toBe(effort(1_002));
    }
  });

  it('[E3] come into a header as ASCII alone', () => {
    expect(contentDisposition('attachment', 'Отчёт "1"; \'x\'.pdf')).toBe(
      "attachment; filename*=UTF-8''%D0%9E%D1%82%D1%87%D1%91%D1%82%20%221%22%3B%20%27x%27.pdf",
    );
  });

  it('[E1] say what an image is', () => {
    expect(nameForImage('holiday.JPG', 'image/jpeg')).toBe('holiday.JPG');
    expect(nameForImage('holiday.html', 'image/png')).toBe('holiday.html.png');
    expect(nameForImage('notes.txt', 'text/plain')).toBe('notes.txt');
  });
});

describe('types', () => {
  const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

  it('[E1] are read from the bytes, and what a browser would run is plain bytes', async () => {
    const cases: [Buffer, string, string][] = [
      [png, 'a.html', 'image/png'],
      [Buffer.from('%PDF-1.7\n%âãÏÓ\n'), 'a.png', 'application/pdf'],
      [Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'), 'a.svg', 'application/octet-stream'],
      [Buffer.from('<?xml version="1.0"?><svg/>'), 'a.png', 'application/octet-stream'],
      [Buffer.from('<!doctype html><script>alert(1)</script>'), 'a.html', 'application/octet-stream'],
      [Buffer.from('MZ\x90\0\x03'), 'a.pdf', 'application/octet-stream'],
      [Buffer.from('hello'), 'a.txt', 'text/plain'],
      [Buffer.from([0x68, 0xc3, 0x28, 0x69]), 'a.txt', 'application/octet-stream'],
      [Buffer.from('a\0b'), 'a.txt', 'application/octet-stream'],
      [Buffer.from('{}'), 'a.json', 'application/octet-stream'],
      [Buffer.alloc(0), 'a.bin', 'application/octet-stream'],
    ];
    for (const [bytes, name, type] of cases)
      expect(await sniff(bytes, name), `${name} ${bytes.toString('latin1').slice(0, 20)}`).toBe(type);
  });

  it('[BI.file] are taken as the site says, by name or by content', () => {
    expect(isAccepted([], 'a.exe', 'application/octet-stream')).toBe(true);
    expect(isAccepted(['.pdf', 'image/*'], 'a.PDF', 'application/pdf')).toBe(true);
    expect(isAccepted(['.pdf', 'image/*'], 'a.png', 'image/png')).toBe(true);
    expect(isAccepted(['.pdf'], 'a.pdf', 'application/octet-stream')).toBe(false);
    expect(isAccepted(['.pdf'], 'a.png', 'image/png')).toBe(false);
    expect(isAccepted(['image/*'], 'a.png', 'application/octet-stream')).toBe(false);
    expect(isAccepted(['.dwg'], 'plan.dwg', 'application/octet-stream')).toBe(true);
    expect(isAccepted(['text/plain'], 'a.txt', 'text/plain')).toBe(true);
  });
});

describe('images', () => {
  const encoder = createImageEncoder({ maxPixels: 1_000_000, decodeMs: 5_000 });
  const picture = (width: number, height: number) =>
    sharp({ create: { width, height, channels: 3, background: { r: 200, g: 30, b: 30 } } });
  const sizeOf = async (bytes: Buffer) => {
    const { width, height, format } = await sharp(bytes).metadata();
    return { width, height, format };
  };

  it('[E1] [ME.sendFile] keep width and height and lose everything that is not a pixel', async () => {
    for (const [type, format] of [
      ['image/png', 'png'],
      ['image/jpeg', 'jpeg'],
      ['image/webp', 'webp'],
      ['image/gif', 'gif'],
    ] as const) {
      const exif = { IFD0: { Copyright: 'SECRET-PLACE' }, IFD3: { GPSLatitude: '52/1 31/1 0/1' } };
      const given = Buffer.concat([
        await picture(321, 123).toFormat(format).withExif(exif).toBuffer(),
        Buffer.from('<script>alert(1)</script>'),
      ]);
      const { bytes: kept, pixels } = await encoder.encode(given, type);
      expect(pixels, type).toEqual({ width: 321, height: 123 });
      expect(await sizeOf(kept), type).toEqual({ width: 321, height: 123, format });
      expect((await sharp(kept).metadata()).exif, type).toBeUndefined();
      expect(kept.includes('SECRET-PLACE'), type).toBe(false);
      expect(kept.includes('<script>'), type).toBe(false);
    }
  });

  it('[E1] are as people saw them, when a photograph lay on its side', async () => {
    const lying = await picture(300, 200).jpeg().withMetadata({ orientation: 6 }).toBuffer();
    const { bytes, pixels } = await encoder.encode(lying, 'image/jpeg');
    expect(await sizeOf(bytes)).toMatchObject({ width: 200, height: 300 });
    expect(pixels).toEqual({ width: 200, height: 300 });
  });

  it('[E1] keep moving', async () => {
    const frames = await Promise.all(
      [0, 120, 240].map((r) =>
        sharp({ create: { width: 20, height: 10, channels: 3, background: { r, g: 0, b: 0 } } })
          .png()
          .toBuffer(),
      ),
    );
    const moving = await sharp(frames, { join: { animated: true } })
      .gif({ delay: [100, 100, 100] })
      .toBuffer();
    const { bytes, pixels } = await encoder.encode(moving, 'image/gif');
    expect((await sharp(bytes, { animated: true }).metadata()).pages).toBe(3);
    expect(pixels).toEqual({ width: 20, height: 10 });
  });

  it('[FF.A5] pictures say in their head how much there is to decode; beyond the bound nothing is decoded', async () => {
    const frames = await Promise.all(
      [0, 120, 240].map((r) =>
        sharp({ create: { width: 200, height: 100, channels: 3, background: { r, g: 0, b: 0 } } })
          .png()
          .toBuffer(),
      ),
    );
    const moving = await sharp(frames, { join: { animated: true } })
      .gif({ delay: [100, 100, 100] })
      .toBuffer();
    const all = [
      await picture(500, 1_000).webp().toBuffer(),
      moving,
      await picture(1_001, 1_000).png().toBuffer(),
      Buffer.from('no picture'),
    ];
    expect(await Promise.all(all.map((bytes) => encoder.megapixels(bytes)))).toEqual([0.5, 0.06, 0, 0]);
  });

  it('[E2] [FF.C7] are refused when they are too large or broken, and it is said which', async () => {
    const large = await picture(1_001, 1_000).png().toBuffer();
    const bomb = Buffer.from(await picture(1, 1).png().toBuffer());
    bomb.writeUInt32BE(65_535, 16);
    bomb.writeUInt32BE(65_535, 20);
    const cut = (await picture(500, 500).png({ compressionLevel: 0 }).toBuffer()).subarray(0, 2_000);
    for (const bytes of [large, bomb])
      await expect(encoder.encode(bytes, 'image/png')).rejects.toMatchObject({ code: 'picture_too_large' });
    await expect(encoder.encode(cut, 'image/png')).rejects.toMatchObject({ code: 'file_damaged' });
  });
});

describe('a picture whose sender has hung up', () => {
  it('[FF.A5] is not decoded, and leaves nothing; sent again it is taken', async () => {
    const world = await createWorld();
    const filesDir = join(dirname(world.file), 'files');
    const files = await createFiles({
      ...world,
      config: { dataDir: dirname(world.file), filesDir, filesPublicUrl: 'https://files.example', limits: world.limits },
    });
    const visitor = await world.addVisitor();
    const uid = randomUUID();
    const bytes = await sharp({ create: { width: 50, height: 50, channels: 3, background: '#268' } })
      .png()
      .toBuffer();
    const send = (isGone: boolean) =>
      files.receive({
        site: SITE,
        owner: { visitor },
        address: '192.0.2.1',
        uid,
        name: 'a.png',
        bytes: Readable.from([bytes]),
        maxBytes: 10_000,
        accept: ['image/*'],
        mayStill: () => Promise.resolve(true),
        isGone: () => isGone,
      });
    await expect(send(true)).rejects.toMatchObject({ code: 'upload_failed' });
    expect(await readdir(filesDir)).toEqual([]);
    expect(await readdir(join(dirname(world.file), '.incoming'))).toEqual([]);
    expect(await send(false)).toMatchObject({ type: 'image/png' });
    await world.close();
  });
});
