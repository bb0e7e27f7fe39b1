/** Commands about operators: who may sign in, where they answer, and what visitors see of them. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Config } from '../config.ts';
import { randomId } from '../ids.ts';
import { parseAddress } from '../mail/address.ts';
import { generatePassword, hashPassword } from '../password.ts';
import type { Operator, Reader } from '../store/store.ts';
import { Refused, type Arguments, type Command } from './command.ts';
import { siteOf } from './sites.ts';

const AVATAR_SIZE = 256;

export const operatorCommands: readonly Command[] = [
  {
    name: 'operator add',
    usage: '--email E --name N [--position P] [--avatar FILE] [--site KEY]… [--group G]… [--password P]',
    does: 'a new operator; without --site for all sites, without --password one is made up and shown once',
    flags: ['email', 'name', 'position', 'avatar', 'site', 'group', 'password'],
    needs: 'store',
    async run({ config, store, args, print }) {
      args.words();
      const email = parseEmail(args.need('email'));
      const name = args.need('name').trim();
      const position = args.one('position')?.trim() || null;
      const sites = [...new Set(args.many('site'))];
      const avatarFile = args.one('avatar');
      const { password, isNew } = passwordOf(args);
      await refuseKnown(store, email);
      const groups = await groupsOf(store, sites, args.many('group'));
      const avatar = avatarFile === undefined ? null : await keepAvatar(avatarFile, config);
      const passwordHash = await hashPassword(password);
      await store.transact(async (tx) => {
        // One that was revoked comes back under the same id, with nothing of before.
        const id = (await refuseKnown(tx, email))?.id ?? randomId();
        await tx.saveOperator({ id, email, card: { name, position, avatar }, sites, groups, passwordHash, isRevoked: false });
      });
      print(`Operator ${email} added for ${sites.join(', ') || 'all sites'}.`);
      if (isNew) print(`Password (shown once): ${password}`);
    },
  },
  {
    name: 'operator list',
    usage: '',
    does: 'all operators, with their sites and groups',
    flags: [],
    needs: 'store',
    async run({ store, args, print }) {
      args.words();
      for (const { email, card, sites, groups, isRevoked } of await store.operators()) {
        const where = `${sites.join(' ') || '(all sites)'}\t${groups.join(' ') || '(all groups)'}`;
        print(`${email}\t${card.name}\t${where}${isRevoked ? '\trevoked' : ''}`);
      }
    },
  },
  {
    name: 'operator passwd',
    usage: 'EMAIL [--password P]',
    does: 'another password; ends the sessions of the old one',
    flags: ['password'],
    needs: 'store',
    async run({ store, args, print }) {
      const [email] = args.words('EMAIL');
      const { password, isNew } = passwordOf(args);
      const passwordHash = await hashPassword(password);
      await store.transact(async (tx) => {
        const operator = await operatorOf(tx, email);
        await tx.saveOperator({ ...operator, passwordHash });
        await tx.removeSessionsOf({ operator: operator.id });
      });
      print(`The password of ${email} was changed and all its sessions ended.`);
      if (isNew) print(`Password (shown once): ${password}`);
    },
  },
  {
    name: 'operator revoke',
    usage: 'EMAIL',
    does: 'may no longer sign in; ends all sessions',
    flags: [],
    needs: 'store',
    async run({ store, args, print }) {
      const [email] = args.words('EMAIL');
      await store.transact(async (tx) => {
        const operator = await operatorOf(tx, email);
        await tx.saveOperator({ ...operator, isRevoked: true });
        await tx.removeSessionsOf({ operator: operator.id });
      });
      print(`Operator ${email} was revoked and all sessions ended.`);
    },
  },
];

async function operatorOf(reader: Reader, email: string): Promise<Operator> {
  const operator = await reader.operatorByEmail(email.trim());
  if (operator === undefined) throw new Refused(`There is no operator with the e-mail ${JSON.stringify(email)}.`);
  return operator;
}

/** The operator who has this e-mail, if he was revoked. @throws Refused if he was not */
async function refuseKnown(reader: Reader, email: string): Promise<Operator | undefined> {
  const known = await reader.operatorByEmail(email);
  if (known !== undefined && !known.isRevoked) throw new Refused(`There is an operator ${email} already. For another password use: operator passwd`);
  return known;
}

function parseEmail(value: string): string {
  const email = parseAddress(value);
  if (email === undefined) throw new Refused(`--email is ${JSON.stringify(value)}, expected one address such as ann@shop.example.`);
  return email.toLowerCase();
}

function passwordOf(args: Arguments): { password: string; isNew: boolean } {
  const given = args.one('password');
  if (given === '') throw new Refused('--password is empty.');
  return given === undefined ? { password: generatePassword(), isNew: true } : { password: given, isNew: false };
}

/** `site/group` for each; a group without its site means the one of that name at each of the operator's sites. */
async function groupsOf(reader: Reader, sites: string[], names: string[]): Promise<string[]> {
  const served = sites.length > 0 ? await Promise.all(sites.map((key) => siteOf(reader, key))) : await reader.sites();
  const known = (await Promise.all(served.map((site) => reader.groups(site.key)))).flat().map(({ site, id }) => ({ id, path: `${site}/${id}` }));
  return [
    ...new Set(
      names.flatMap((name) => {
        const found = known.filter(({ id, path }) => id === name || path === name);
        if (found.length === 0) throw new Refused(`There is no group ${JSON.stringify(name)} at the operator's sites. There are: ${known.map(({ path }) => path).join(', ') || 'none'}.`);
        return found.map(({ path }) => path);
      }),
    ),
  ];
}

/**
 * The picture made anew from its pixels, square, under a name of its own; what else was in the file stays outside. Its
 * address is public: it is shown on customers' pages.
 */
async function keepAvatar(file: string, config: Config): Promise<string> {
  const bytes = await readFile(file).catch(() => {
    throw new Refused(`--avatar: the file ${file} cannot be read.`);
  });
  const picture = await sharp(bytes, { limitInputPixels: config.limits.file.maxPixels || true, failOn: 'error' })
    .autoOrient()
    .resize(AVATAR_SIZE, AVATAR_SIZE, { fit: 'cover' })
    .png()
    .toBuffer()
    .catch(() => {
      throw new Refused(`--avatar: ${file} is no picture that can be read, expected PNG, JPEG, WebP or GIF.`);
    });
  const name = `${randomId()}.png`;
  await mkdir(config.avatarsDir, { recursive: true, mode: 0o700 });
  await writeFile(join(config.avatarsDir, name), picture, { mode: 0o600 });
  return `${config.filesPublicUrl}/avatars/${name}`;
}
