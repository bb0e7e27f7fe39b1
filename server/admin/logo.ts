/** `site logo`: the picture that stands for a site in the chat's header. Made anew from its pixels, as an operator's picture is. */
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { randomId } from '../base/ids.ts';
import type { Config } from '../config.ts';
import { Refused, type Command } from './command.ts';
import { refuseOthers } from './plain-file.ts';
import { siteOf } from './sites.ts';

/** More than any logo of 160 pixels needs. */
const MAX_BYTES = 1024 * 1024;
const SIZE = 160;
/** No SVG: it is a program, and its look is its viewer's. */
const FORMATS: ReadonlySet<string | undefined> = new Set(['png', 'jpeg', 'webp', 'gif']);

export const logoCommand: Command = {
  name: 'site logo',
  usage: 'KEY FILE            PNG, JPEG, WebP or GIF of at most 1 MB; "" takes it away',
  does: 'the picture that stands for a site in the chat',
  flags: [],
  needs: 'store',
  async run({ config, store, args, print }) {
    const [key, file] = args.words('KEY', 'FILE');
    await siteOf(store, key);
    const logo = file === '' ? '' : await keepLogo(file, config);
    await store.transact(async (tx) => {
      const site = await siteOf(tx, key);
      await tx.saveSite({ ...site, settings: { ...site.settings, common: { ...site.settings.common, logo } } });
    });
    print(logo === '' ? `${key} has no logo.` : `The logo of ${key} is ${logo}`);
  },
};

/** @throws Refused */
async function keepLogo(file: string, config: Config): Promise<string> {
  refuseOthers(file);
  const unreadable = () => new Refused(`The file ${file} cannot be read.`);
  const { size } = await stat(file).catch(() => {
    throw unreadable();
  });
  if (size > MAX_BYTES) throw new Refused(`${file} has ${size} bytes, expected at most ${MAX_BYTES}.`);
  const bytes = await readFile(file).catch(() => {
    throw unreadable();
  });
  const noPicture = new Refused(`${file} is no picture that can be shown, expected PNG, JPEG, WebP or GIF.`);
  const { format } = await sharp(bytes)
    .metadata()
    .catch(() => ({ format: undefined }));
  if (!FORMATS.has(format)) throw noPicture;
  const picture = await sharp(bytes, { limitInputPixels: config.limits.file.maxPixels || true, failOn: 'error' })
    .autoOrient()
    .resize(SIZE, SIZE, { fit: 'contain', background: '#0000' })
    .png()
    .toBuffer()
    .catch(() => {
      throw noPicture;
    });
  const name = `${randomId()}.png`;
  await mkdir(config.avatarsDir, { recursive: true, mode: 0o700 });
  await writeFile(join(config.avatarsDir, name), picture, { mode: 0o600 });
  return `${config.filesPublicUrl}/avatars/${name}`;
}
