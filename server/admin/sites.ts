/** Commands about sites: who may embed the chat, and how it is set. */
import { parseSettings } from '../../shared/settings.ts';
import { createFolder } from '../base/folder.ts';
import type { Config } from '../config.ts';
import { fileKey } from '../files/files.ts';
import { siteLock } from '../store/locks.ts';
import { everyOne } from '../store/pages.ts';
import type { Site } from '../store/sites.ts';
import type { Reader } from '../store/store.ts';
import { Misused, Refused, type Command } from './command.ts';
import { changeSetting, parseJson, readSetting, settingsOf } from './setting-path.ts';
import { parseName } from './words.ts';

export const siteCommands: readonly Command[] = [
  {
    name: 'site add',
    usage: '--key KEY --name NAME --origin ORIGIN [--origin …]',
    does: 'a new site and the origins that may embed it',
    flags: ['key', 'name', 'origin'],
    needs: 'store',
    async run({ config, store, args, print }) {
      args.words();
      const key = args.need('key');
      const name = parseName('--name', args.need('name'));
      const origins = [...new Set(args.many('origin').map(parseOrigin))];
      if (origins.length === 0) throw new Misused('--origin is missing: without one nobody can embed the site.');
      if (!/^[a-z0-9][a-z0-9-]{1,62}$/.test(key)) {
        throw new Refused(`--key is ${JSON.stringify(key)}, expected 2 to 63 of a-z, 0-9 and "-", not beginning with "-".`);
      }
      await store.transact([siteLock(key)], async (tx) => {
        if (await tx.site(key)) throw new Refused(`There is a site ${key} already.`);
        await tx.saveSite({ key, name, origins, settings: parseSettings({}) });
      });
      print(`Site ${key} added. Its pages need: ${tagOf(key, config)}`);
    },
  },
  {
    name: 'site list',
    usage: '',
    does: 'all sites, their origins and the last embedders that were refused',
    flags: [],
    needs: 'store',
    async run({ store, args, print }) {
      args.words();
      for (const site of await store.sites()) {
        print(`${site.key}\t${site.name}\t${site.origins.join(' ') || '(no origin: nobody can embed it)'}`);
        for (const { origin, date } of site.refused) print(`\trefused ${origin}, last at ${new Date(date * 1000).toISOString()}`);
      }
    },
  },
  {
    name: 'site show',
    usage: 'KEY',
    does: 'one site: its line of script, origins, groups, refused embedders and all settings',
    flags: [],
    needs: 'store',
    async run({ config, store, args, print }) {
      const [key] = args.words('KEY');
      const site = await siteOf(store, key);
      print(`${site.key}\t${site.name}`);
      print(`script\t${tagOf(key, config)}`);
      for (const origin of site.origins) print(`origin\t${origin}`);
      for (const { origin, date } of site.refused) print(`refused\t${origin}, last at ${new Date(date * 1000).toISOString()}`);
      for (const group of await store.groups(key)) print(`group\t${key}/${group.id}\t${group.name}`);
      for (const [path, value] of settingsOf(site.settings)) print(`${path}\t${JSON.stringify(value)}`);
    },
  },
  {
    name: 'site get',
    usage: 'KEY PATH           e.g. site get shop chat.title',
    does: 'one setting of a site, as the JSON that site set takes',
    flags: [],
    needs: 'store',
    async run({ store, args, print }) {
      const [key, path] = args.words('KEY', 'PATH');
      const site = await siteOf(store, key);
      print(JSON.stringify(readSetting(site.settings, path)));
    },
  },
  {
    name: 'site rename',
    usage: 'KEY NAME',
    does: 'another name for people to read; the key in the pages stays',
    flags: [],
    needs: 'store',
    async run({ store, args, print }) {
      const [key, given] = args.words('KEY', 'NAME');
      const name = parseName('NAME', given);
      const before = await store.transact([siteLock(key)], async (tx) => {
        const site = await siteOf(tx, key);
        await tx.saveSite({ ...site, name });
        return site.name;
      });
      print(`${key} is called ${name}, before: ${before}.`);
    },
  },
  {
    name: 'site remove',
    usage: 'KEY',
    does: 'removes a site with all its visitors, chats and files',
    flags: [],
    needs: 'store',
    async run({ config, store, args, print }) {
      const [key] = args.words('KEY');
      const files = await store.transact([siteLock(key)], async (tx) => {
        await siteOf(tx, key);
        const found: string[] = [];
        for await (const { site, id } of everyOne(
          (after: string) => tx.filesAfter(key, null, after),
          (file) => file.id,
          '',
        ))
          found.push(fileKey({ site, id }));
        await tx.removeSite(key);
        return found;
      });
      const folder = createFolder(config.filesDir);
      for (const file of files) await folder.remove(file);
      await store.settle();
      print(`Site ${key} removed, with ${files.length} files.`);
    },
  },
  {
    name: 'site origin add',
    usage: 'KEY ORIGIN',
    does: 'one more origin may embed it',
    flags: [],
    needs: 'store',
    async run({ store, args, print }) {
      const [key, given] = args.words('KEY', 'ORIGIN');
      const origin = parseOrigin(given);
      await store.transact([siteLock(key)], async (tx) => {
        const site = await siteOf(tx, key);
        if (site.origins.includes(origin)) throw new Refused(`${key} has the origin ${origin} already.`);
        await tx.saveSite({ ...site, origins: [...site.origins, origin] });
      });
      print(`${origin} may embed ${key}.`);
    },
  },
  {
    name: 'site origin remove',
    usage: 'KEY ORIGIN',
    does: 'that origin may no longer embed it',
    flags: [],
    needs: 'store',
    async run({ store, args, print }) {
      const [key, origin] = args.words('KEY', 'ORIGIN');
      await store.transact([siteLock(key)], async (tx) => {
        const site = await siteOf(tx, key);
        if (!site.origins.includes(origin))
          throw new Refused(`${key} has no origin ${origin}. It has: ${site.origins.join(', ') || 'none'}.`);
        await tx.saveSite({ ...site, origins: site.origins.filter((other) => other !== origin) });
      });
      print(`${origin} may no longer embed ${key}.`);
    },
  },
  {
    name: 'site set',
    usage: `KEY PATH JSON      e.g. site set shop chat.title '"Ask us"'`,
    does: 'one setting of a site',
    flags: [],
    needs: 'store',
    async run({ store, args, print }) {
      const [key, path, json] = args.words('KEY', 'PATH', 'JSON');
      const value = parseJson(json);
      await store.transact([siteLock(key)], async (tx) => {
        const site = await siteOf(tx, key);
        await tx.saveSite({ ...site, settings: changeSetting(site.settings, path, value) });
      });
      print(`${path} of ${key} is ${JSON.stringify(value)}.`);
    },
  },
];

/** @throws Refused */
export async function siteOf(reader: Reader, key: string): Promise<Site> {
  const site = await reader.site(key);
  if (site === undefined)
    throw new Refused(
      `There is no site ${JSON.stringify(key)}. There are: ${(await reader.sites()).map((each) => each.key).join(', ') || 'none'}.`,
    );
  return site;
}

function tagOf(key: string, { publicUrl }: Config): string {
  return `<script async src="${publicUrl}/loader.js" data-site="${key}"></script>`;
}

/** Exactly as a browser says it: this string goes into a header and is compared with others. */
function parseOrigin(value: string): string {
  const expected = 'expected scheme://host[:port] without a path, such as https://shop.example';
  if (value.includes('*'))
    throw new Refused(`The origin is ${JSON.stringify(value)}, ${expected}. There are no wildcards: name each origin.`);
  const isShaped = /^https?:\/\/([a-z0-9.-]*[a-z0-9-]|\[[0-9a-f:.]+\])(:\d+)?$/.test(value);
  if (isShaped && URL.canParse(value) && new URL(value).origin === value) return value;
  const meant = URL.canParse(value) ? new URL(value).origin.replace(/\.(?=$|:\d+$)/, '') : 'null';
  const hint = /^https?:\/\/[a-z0-9.:[\]-]+$/.test(meant) ? `, perhaps ${meant}` : '';
  throw new Refused(`The origin is ${JSON.stringify(value)}, ${expected}${hint}.`);
}
