/** Commands about sites: who may embed the chat, and how it is set. Groups of operators belong to a site too. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { parseSettings, type SiteSettings } from '../../shared/settings.ts';
import { fileKey } from '../files/files.ts';
import type { Reader, Site } from '../store/store.ts';
import { Misused, Refused, type Command } from './command.ts';

export const siteCommands: readonly Command[] = [
  {
    name: 'site add',
    usage: '--key KEY --name NAME --origin ORIGIN [--origin …]',
    does: 'a new site and the origins that may embed it',
    flags: ['key', 'name', 'origin'],
    needs: 'store',
    async run({ store, args, print }) {
      args.words();
      const key = args.need('key');
      const name = args.need('name').trim();
      const origins = [...new Set(args.many('origin').map(parseOrigin))];
      if (origins.length === 0) throw new Misused('--origin is missing: without one nobody can embed the site.');
      if (!/^[a-z0-9][a-z0-9-]{1,62}$/.test(key)) {
        throw new Refused(`--key is ${JSON.stringify(key)}, expected 2 to 63 of a-z, 0-9 and "-", not beginning with "-".`);
      }
      await store.transact(async (tx) => {
        if (await tx.site(key)) throw new Refused(`There is a site ${key} already.`);
        await tx.saveSite({ key, name, origins, settings: parseSettings({}) });
      });
      print(`Site ${key} added. Its pages need: <script async src="…/loader.js" data-site="${key}"></script>`);
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
    name: 'site remove',
    usage: 'KEY',
    does: 'removes a site with all its visitors, chats and files',
    flags: [],
    needs: 'store',
    async run({ config, store, args, print }) {
      const [key] = args.words('KEY');
      const files = await store.transact(async (tx) => {
        await siteOf(tx, key);
        const found = await tx.filesOf(key, null);
        await tx.removeSite(key);
        return found;
      });
      for (const file of files) await rm(join(config.filesDir, fileKey(file)), { force: true });
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
      await store.transact(async (tx) => {
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
      await store.transact(async (tx) => {
        const site = await siteOf(tx, key);
        if (!site.origins.includes(origin)) throw new Refused(`${key} has no origin ${origin}. It has: ${site.origins.join(', ') || 'none'}.`);
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
      await store.transact(async (tx) => {
        const site = await siteOf(tx, key);
        await tx.saveSite({ ...site, settings: changeSetting(site.settings, path, value) });
      });
      print(`${path} of ${key} is ${JSON.stringify(value)}.`);
    },
  },
  {
    name: 'group add',
    usage: '--site KEY --name NAME [--id ID]',
    does: 'a group of operators that visitors can choose; the same id again renames it',
    flags: ['site', 'name', 'id'],
    needs: 'store',
    async run({ store, args, print }) {
      args.words();
      const site = args.need('site');
      const name = args.need('name').trim();
      const id = args.one('id') ?? name.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '');
      if (!/^[A-Za-z0-9_-]{1,64}$/.test(id)) throw new Refused(`The group's id is ${JSON.stringify(id)}, expected 1 to 64 of A-Z, a-z, 0-9, "_" and "-". Give one with --id.`);
      if (name.length > 80) throw new Refused('--name is longer than 80 characters.');
      await store.transact(async (tx) => {
        await siteOf(tx, site);
        await tx.saveGroup({ site, id, name });
      });
      print(`Group ${site}/${id} (${name}) is there.`);
    },
  },
  {
    name: 'group list',
    usage: '[--site KEY]',
    does: 'all groups',
    flags: ['site'],
    needs: 'store',
    async run({ store, args, print }) {
      args.words();
      const only = args.one('site');
      const sites = only === undefined ? await store.sites() : [await siteOf(store, only)];
      for (const site of sites) {
        for (const group of await store.groups(site.key)) print(`${site.key}/${group.id}\t${group.name}`);
      }
    },
  },
];

/** @throws Refused */
export async function siteOf(reader: Reader, key: string): Promise<Site> {
  const site = await reader.site(key);
  if (site === undefined) throw new Refused(`There is no site ${JSON.stringify(key)}. There are: ${(await reader.sites()).map((each) => each.key).join(', ') || 'none'}.`);
  return site;
}

/** Exactly as a browser says it: this string goes into a header and is compared with others. */
function parseOrigin(value: string): string {
  const isShaped = /^https?:\/\/([a-z0-9.-]+|\[[0-9a-f:.]+\])(:\d+)?$/.test(value);
  if (isShaped && URL.canParse(value) && new URL(value).origin === value) return value;
  const meant = URL.canParse(value) ? new URL(value).origin : 'null';
  const hint = /^https?:\/\/[a-z0-9.:[\]-]+$/.test(meant) ? `, perhaps ${meant}` : '';
  throw new Refused(`The origin is ${JSON.stringify(value)}, expected scheme://host[:port] without a path, such as https://shop.example${hint}.`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refused(`The value is ${JSON.stringify(text)}, expected JSON; a text needs its double quotes: '"${text.replaceAll('"', '')}"'.`);
  }
}

/** The settings with one of them changed. Every setting is there with its default, so a path that is not is a mistake. */
function changeSetting(settings: SiteSettings, path: string, value: unknown): SiteSettings {
  if (/(^|\.)allowed_groups(\.|$)/.test(path)) throw new Refused(`${path} follows from the site's groups. Use: group add`);
  const next: unknown = structuredClone(settings);
  const names = path.split('.');
  const last = names.pop() ?? '';
  let parent = next;
  for (const [depth, name] of names.entries()) parent = childOf(parent, name, names.slice(0, depth).join('.'), path);
  childOf(parent, last, names.join('.'), path);
  Reflect.set(asObject(parent), last, value);
  return parseNamed(next, path);
}

function childOf(parent: unknown, name: string, at: string, path: string): unknown {
  const object = asObject(parent);
  if (Object.hasOwn(object, name) && !(Array.isArray(parent) && name === 'length')) return Reflect.get(object, name);
  const where = at === '' ? 'The settings have' : `${at} has`;
  throw new Refused(`There is no setting ${path}. ${where}: ${Object.keys(object).join(', ') || 'nothing below it'}.`);
}

function asObject(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}

function parseNamed(input: unknown, path: string): SiteSettings {
  try {
    return parseSettings(input);
  } catch (error) {
    if (!v.isValiError(error)) throw error;
    const issue = error.issues[0];
    throw new Refused(`${v.getDotPath(issue) ?? path}: ${issue.message}. Nothing was changed.`);
  }
}
