/**
 * The pictures that an administrator names: an operator's and a site's. Each is made anew from its pixels, under a name of its own, so
 * that nothing else of the file gets out. Its address is public: it is shown on customers' pages.
 */
import { readFile, stat } from 'node:fs/promises';
import sharp from 'sharp';
import { createFolder } from '../base/folder.ts';
import { randomId } from '../base/ids.ts';
import type { Config } from '../config.ts';
import { Refused } from './command.ts';
import { refuseOthers } from './plain-file.ts';

/** No SVG: it is a program, and its look is its viewer's. */
const FORMATS: ReadonlySet<string | undefined> = new Set(['png', 'jpeg', 'webp', 'gif']);

export interface PictureOptions {
  maxBytes: number;
  /** Pixels of each side of what is kept. */
  side: number;
  /** `cover` cuts off what is not square, `contain` leaves room beside it. */
  fit: 'cover' | 'contain';
}

/**
 * Keeps the picture and returns its address.
 *
 * @throws Refused
 */
export async function keepPicture(file: string, config: Config, { maxBytes, side, fit }: PictureOptions): Promise<string> {
  const bytes = await read(file, maxBytes);
  const noPicture = (): never => {
    throw new Refused(`${file} is no picture that can be shown, expected PNG, JPEG, WebP or GIF.`);
  };
  const { format } = await sharp(bytes).metadata().catch(noPicture);
  if (!FORMATS.has(format)) noPicture();
  const picture = await sharp(bytes, { limitInputPixels: config.limits.file.maxPixels || true, failOn: 'error' })
    .autoOrient()
    .resize(side, side, { fit, background: '#0000' })
    .png()
    .toBuffer()
    .catch(noPicture);
  const name = `${randomId()}.png`;
  await createFolder(config.avatarsDir).put(name, picture);
  return `${config.filesPublicUrl}/avatars/${name}`;
}

/** What the file holds, asked for its size first. @throws Refused */
async function read(file: string, maxBytes: number): Promise<Buffer> {
  refuseOthers(file);
  try {
    const { size } = await stat(file);
    if (size > maxBytes) throw new Refused(`${file} has ${size} bytes, expected at most ${maxBytes}.`);
    return await readFile(file);
  } catch (error) {
    if (error instanceof Refused) throw error;
    throw new Refused(`The file ${file} cannot be read.`);
  }
}
