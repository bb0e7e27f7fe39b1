/** What a restore has lost of acknowledged messages, as clients that came back have shown: one line for each chat. Texts are gone. */
import type { Lost } from '../store/losses.ts';
import { parseLimit, printRest } from './audit.ts';
import type { Command } from './command.ts';

export const lostCommands: readonly Command[] = [
  {
    name: 'lost list',
    usage: '[--site KEY] [--limit N]',
    does: 'chats of which clients were told more than a restored database has, newest first',
    flags: ['site', 'limit'],
    needs: 'store',
    async run({ store, args, print }) {
      args.words();
      const site = args.one('site');
      const of = site === undefined ? {} : { site };
      const given = args.one('limit');
      const rows = await store.lost(of, parseLimit(given));
      for (const row of rows) print(lineOf(row));
      if (given === undefined) printRest(print, (await store.countLost(of)) - rows.length);
    },
  },
];

function lineOf({ site, visitor, chat, stored, claimed, date }: Lost): string {
  const what =
    stored === null
      ? `up to ${claimed} events, and the chat itself (begun after the backup, or removed since)`
      : `events ${stored + 1} to ${claimed}`;
  return [new Date(date * 1000).toISOString(), site, `visitor ${visitor}`, `chat ${chat}`, what].join('\t');
}
