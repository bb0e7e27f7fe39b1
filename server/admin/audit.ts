/** Who has read or taken out what: the audit rows, one line each. Removing them is the retention's business, nobody else's. */
import type { AuditEntry } from '../store/audit.ts';
import { Misused, type Command } from './command.ts';

const STANDARD = 100;
const MOST = 100_000;

export const auditCommands: readonly Command[] = [
  {
    name: 'audit list',
    usage: '[--site KEY] [--visitor ID] [--limit N]',
    does: 'who has opened, exported or erased whose conversations, newest first',
    flags: ['site', 'visitor', 'limit'],
    needs: 'store',
    async run({ store, args, print }) {
      args.words();
      const [site, visitor] = [args.one('site'), args.one('visitor')];
      const given = args.one('limit');
      const of = { ...(site === undefined ? {} : { site }), ...(visitor === undefined ? {} : { visitor }) };
      const names = new Map((await store.operators()).map((operator) => [operator.id, operator.email]));
      const entries = await store.audit(of, parseLimit(given));
      for (const entry of entries) print(lineOf(entry, names));
      if (given === undefined) printRest(print, (await store.countAudit(of)) - entries.length);
    },
  },
];

export function parseLimit(text: string | undefined): number {
  const limit = text === undefined ? STANDARD : Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST)
    throw new Misused(`--limit is ${JSON.stringify(text)}, expected a number from 1 to ${MOST}.`);
  return limit;
}

/** A list that nobody has bounded does not end silently where we have bounded it. */
export function printRest(print: (line: string) => void, more: number): void {
  if (more > 0) print(`${more} more. To see them: --limit ${Math.min(STANDARD + more, MOST)}`);
}

function lineOf({ date, operator, deed, site, visitor }: AuditEntry, names: ReadonlyMap<string, string>): string {
  const who = operator === null ? '(admin command)' : (names.get(operator) ?? operator);
  const whose = visitor ?? (deed === 'requests' ? '(all)' : '(erased)');
  return [new Date(date * 1000).toISOString(), who, deed, site, whose].join('\t');
}
