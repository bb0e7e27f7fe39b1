/** Commands about operators: who may sign in, where they answer, and what visitors see of them. */
import { randomId } from '../base/ids.ts';
import { parseAddress } from '../mail/address.ts';
import { generatePassword, hashPassword } from '../auth/password.ts';
import { INSTALLATION_LOCK } from '../store/locks.ts';
import type { Operator } from '../store/operators.ts';
import type { Reader } from '../store/store.ts';
import { Misused, Refused, type Arguments, type Command } from './command.ts';
import { keepPicture, type PictureOptions } from './picture.ts';
import { siteOf } from './sites.ts';
import { parseName, parsePassword } from './words.ts';

/** As many bytes as a photo straight from a camera has. */
const AVATAR: PictureOptions = { maxBytes: 20 * 1024 * 1024, side: 256, fit: 'cover' };

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
      const name = parseName('--name', args.need('name'));
      const position = positionOf(args) ?? null;
      const sites = [...new Set(args.many('site'))];
      const avatarFile = args.one('avatar');
      const { password, isNew } = passwordOf(args, [email, name]);
      await refuseKnown(store, email);
      const groups = await groupsOf(store, sites, args.many('group'));
      const avatar = avatarFile === undefined ? null : await keepPicture(avatarFile, config, AVATAR);
      const passwordHash = await hashPassword(password);
      await store.transact([INSTALLATION_LOCK], async (tx) => {
        // One that was revoked comes back under the same id, with nothing of before.
        const id = (await refuseKnown(tx, email))?.id ?? randomId();
        await tx.saveOperator({ id, email, card: { name, position, avatar }, sites, groups, passwordHash, isRevoked: false });
      });
      print(`Operator ${email} added for ${sites.join(', ') || 'all sites'}.`);
      if (isNew) print(`Password (shown once): ${password}`);
    },
  },
  {
    name: 'operator set',
    usage: 'EMAIL [--name N] [--position P] [--avatar FILE] [--email NEW] [--site KEY]… [--all-sites yes] [--group G]… [--all-groups yes]',
    does: 'changes what is named and leaves the rest; --position "" and --avatar "" take it away',
    flags: ['name', 'position', 'avatar', 'email', 'site', 'all-sites', 'group', 'all-groups'],
    needs: 'store',
    async run({ config, store, args, print }) {
      const [email] = args.words('EMAIL');
      const change = changeOf(args);
      const file = args.one('avatar');
      const avatar = file === undefined ? undefined : file === '' ? null : await keepPicture(file, config, AVATAR);
      if (Object.keys(change).length === 0 && avatar === undefined) throw new Misused('Nothing is named that should be changed.');
      const changed = await store.transact([INSTALLATION_LOCK], async (tx) => {
        const before = await operatorOf(tx, email);
        const next = await applyChange(tx, before, change, avatar);
        await tx.saveOperator(next);
        return describeChange(before, next);
      });
      print(changed.length === 0 ? `Operator ${email}: nothing is different.` : `Operator ${email} changed. ${changed.join('. ')}.`);
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
      const known = await operatorOf(store, email);
      const { password, isNew } = passwordOf(args, [known.email, known.card.name]);
      const passwordHash = await hashPassword(password);
      await store.transact([INSTALLATION_LOCK], async (tx) => {
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
      await store.transact([INSTALLATION_LOCK], async (tx) => {
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
  if (known !== undefined && !known.isRevoked)
    throw new Refused(`There is an operator ${email} already. For another password use: operator passwd`);
  return known;
}

function parseEmail(value: string): string {
  const email = parseAddress(value);
  if (email === undefined) throw new Refused(`--email is ${JSON.stringify(value)}, expected one address such as ann@shop.example.`);
  return email.toLowerCase();
}

/** @param words words that an attacker would try for this account, such as its name */
function passwordOf(args: Arguments, words: readonly string[]): { password: string; isNew: boolean } {
  const given = args.one('password');
  return given === undefined ? { password: generatePassword(), isNew: true } : { password: parsePassword(given, words), isNew: false };
}

/** `null`: taken away; undefined: not named. */
function positionOf(args: Arguments): string | null | undefined {
  const given = args.one('position');
  if (given === undefined) return undefined;
  return given.trim() === '' ? null : parseName('--position', given);
}

interface OperatorChange {
  email?: string;
  name?: string;
  position?: string | null;
  /** Empty: all. */
  sites?: string[];
  groups?: string[];
}

/** The checked arguments of `operator set`. @throws Refused, Misused */
function changeOf(args: Arguments): OperatorChange {
  const [email, name, position] = [args.one('email'), args.one('name'), positionOf(args)];
  const sites = listOf(args, 'site', 'all-sites');
  const groups = listOf(args, 'group', 'all-groups');
  return {
    ...(email !== undefined && { email: parseEmail(email) }),
    ...(name !== undefined && { name: parseName('--name', name) }),
    ...(position !== undefined && { position }),
    ...(sites !== undefined && { sites }),
    ...(groups !== undefined && { groups }),
  };
}

/** Those that were named, or none of them for all. An empty list would mean all of them, so it is never got by leaving out. */
function listOf(args: Arguments, flag: string, all: string): string[] | undefined {
  const named = [...new Set(args.many(flag))];
  const isAll = args.one(all);
  if (isAll === undefined) return named.length > 0 ? named : undefined;
  if (isAll !== 'yes') throw new Misused(`--${all} is ${JSON.stringify(isAll)}, expected yes.`);
  if (named.length > 0) throw new Misused(`--${all} and --${flag} exclude each other.`);
  return [];
}

async function applyChange(reader: Reader, before: Operator, change: OperatorChange, avatar: string | null | undefined): Promise<Operator> {
  const { email = before.email, name = before.card.name, position = before.card.position } = change;
  if (email !== before.email && (await reader.operatorByEmail(email)) !== undefined)
    throw new Refused(`There is an operator ${email} already.`);
  const sites = change.sites ?? before.sites;
  for (const key of sites) await siteOf(reader, key);
  const groups = change.groups === undefined ? groupsAt(before, sites) : await groupsOf(reader, sites, change.groups);
  return { ...before, email, card: { name, position, avatar: avatar === undefined ? before.card.avatar : avatar }, sites, groups };
}

/** The groups that are left where the sites changed. @throws Refused when none is: no group would mean every group */
function groupsAt({ groups }: Operator, sites: readonly string[]): string[] {
  const left = sites.length === 0 ? groups : groups.filter((path) => sites.includes(path.split('/')[0] ?? ''));
  if (groups.length > 0 && left.length === 0)
    throw new Refused('None of the groups belongs to these sites. Name the groups too: --group G, or --all-groups yes.');
  return left;
}

function describeChange(before: Operator, next: Operator): string[] {
  const parts: [string, string | null, string | null][] = [
    ['E-mail', before.email, next.email],
    ['Name', before.card.name, next.card.name],
    ['Position', before.card.position, next.card.position],
    ['Picture', before.card.avatar, next.card.avatar],
    ['Sites', before.sites.join(' ') || 'all', next.sites.join(' ') || 'all'],
    ['Groups', before.groups.join(' ') || 'all', next.groups.join(' ') || 'all'],
  ];
  return parts.filter(([, was, is]) => was !== is).map(([what, was, is]) => `${what}: ${was ?? 'none'} → ${is ?? 'none'}`);
}

/** `site/group` for each; a group without its site means the one of that name at each of the operator's sites. */
async function groupsOf(reader: Reader, sites: string[], names: string[]): Promise<string[]> {
  const served = sites.length > 0 ? await Promise.all(sites.map((key) => siteOf(reader, key))) : await reader.sites();
  const known = (await Promise.all(served.map((site) => reader.groups(site.key))))
    .flat()
    .map(({ site, id }) => ({ id, path: `${site}/${id}` }));
  return [
    ...new Set(
      names.flatMap((name) => {
        const found = known.filter(({ id, path }) => id === name || path === name);
        if (found.length === 0)
          throw new Refused(
            `There is no group ${JSON.stringify(name)} at the operator's sites. There are: ${known.map(({ path }) => path).join(', ') || 'none'}.`,
          );
        return found.map(({ path }) => path);
      }),
    ),
  ];
}
