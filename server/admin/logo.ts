/** `site logo`: the picture that stands for a site in the chat's header. */
import type { Command } from './command.ts';
import { keepPicture, type PictureOptions } from './picture.ts';
import { siteOf } from './sites.ts';
import { siteLock } from '../store/locks.ts';

/** More bytes than any logo of 160 pixels needs. Nothing of it is cut off. */
const LOGO: PictureOptions = { maxBytes: 1024 * 1024, side: 160, fit: 'contain' };

export const logoCommand: Command = {
  name: 'site logo',
  usage: 'KEY FILE            PNG, JPEG, WebP or GIF of at most 1 MB; "" takes it away',
  does: 'the picture that stands for a site in the chat',
  flags: [],
  needs: 'store',
  async run({ config, store, args, print }) {
    const [key, file] = args.words('KEY', 'FILE');
    await siteOf(store, key);
    const logo = file === '' ? '' : await keepPicture(file, config, LOGO);
    await store.transact([siteLock(key)], async (tx) => {
      const site = await siteOf(tx, key);
      await tx.saveSite({ ...site, settings: { ...site.settings, common: { ...site.settings.common, logo } } });
    });
    print(logo === '' ? `${key} has no logo.` : `The logo of ${key} is ${logo}`);
  },
};
