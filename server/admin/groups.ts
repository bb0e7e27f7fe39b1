/** Commands about a site's groups: what visitors choose among, and which operators answer for. */
import { Refused, type Command } from './command.ts';
import { siteOf } from './sites.ts';
import { parseName } from './words.ts';
import { INSTALLATION_LOCK, siteLock } from '../store/locks.ts';

export const groupCommands: readonly Command[] = [
  {
    name: 'group add',
    usage: '--site KEY --name NAME [--id ID]',
    does: 'a group of operators that visitors can choose; the same id again renames it',
    flags: ['site', 'name', 'id'],
    needs: 'store',
    async run({ store, args, print }) {
      args.words();
      const site = args.need('site');
      const name = parseName('--name', args.need('name'));
      const id =
        args.one('id') ??
        name
          .toLowerCase()
          .replace(/[^a-z0-9]+/g, '-')
          .replace(/^-|-$/g, '');
      if (!/^[A-Za-z0-9_-]{1,64}$/.test(id))
        throw new Refused(`The group's id is ${JSON.stringify(id)}, expected 1 to 64 of A-Z, a-z, 0-9, "_" and "-". Give one with --id.`);
      await store.transact([siteLock(site)], async (tx) => {
        await siteOf(tx, site);
        await tx.saveGroup({ site, id, name });
      });
      print(`Group ${site}/${id} (${name}) is there.`);
    },
  },
  {
    name: 'group remove',
    usage: '--site KEY --id ID',
    does: 'visitors can no longer choose it; its operators answer for their other groups, its chats stay',
    flags: ['site', 'id'],
    needs: 'store',
    async run({ store, args, print }) {
      args.words();
      const site = args.need('site');
      const id = args.need('id');
      const path = `${site}/${id}`;
      const left = await store.transact([INSTALLATION_LOCK, siteLock(site)], async (tx) => {
        await siteOf(tx, site);
        const there = await tx.groups(site);
        if (!there.some((group) => group.id === id))
          throw new Refused(
            `${site} has no group ${JSON.stringify(id)}. There are: ${there.map((group) => group.id).join(', ') || 'none'}.`,
          );
        const members = (await tx.operators()).filter(({ groups }) => groups.includes(path));
        // No group at all means every group: nobody is given more to see by taking something away.
        const only = members.filter(({ groups, isRevoked }) => groups.length === 1 && !isRevoked);
        if (only.length > 0) {
          throw new Refused(
            `${only.map(({ email }) => email).join(', ')} ${only.length === 1 ? 'answers' : 'answer'} for ${path} alone. Give each another first: operator set EMAIL --group G (or --all-groups yes).`,
          );
        }
        for (const member of members) await tx.saveOperator({ ...member, groups: member.groups.filter((group) => group !== path) });
        await tx.removeGroup(site, id);
        return members.length;
      });
      print(`Group ${path} was removed (operators who answered for it: ${left}).`);
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
