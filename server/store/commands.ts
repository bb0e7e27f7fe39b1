/** Commands that were carried out: the answer to each, so that a repeated command is answered again and not done twice. */
import { sql, type Kysely } from 'kysely';
import type { SiteKey, Uid, UnixSeconds } from '../../shared/chat.ts';
import type { CommandResult } from '../../shared/wire/protocol.ts';
import type { Clock } from '../base/clock.ts';
import { fromJson, stored } from './queries.ts';
import type { Tables } from './tables.ts';

/** Who gave a command. With the uid it is the idempotency key, as long as messages of that time are kept. */
export interface CommandAuthor {
  site: SiteKey;
  kind: 'visitor' | 'operator';
  id: string;
}

export interface RememberedCommand {
  /** A keyed hash of the command without its uid: the same uid with another body is refused. */
  hash: string;
  result: CommandResult;
}

/** Reads commands. */
export interface CommandReader {
  remembered(author: CommandAuthor, uid: Uid): Promise<RememberedCommand | undefined>;
}

/** Changes commands, inside a transaction. */
export interface CommandWriter {
  /** @param owner the site with whose messages it goes; by itself the author's, else the chat's */
  remember(author: CommandAuthor, uid: Uid, command: RememberedCommand, owner?: SiteKey): Promise<void>;
  /** Forgets at most `limit` commands from before that moment; `null`: those that belong to no site. Returns how many. */
  purgeCommands(site: SiteKey | null, before: UnixSeconds, limit: number): Promise<number>;
}

export function readCommands(db: Kysely<Tables>): CommandReader {
  return {
    async remembered(author, uid) {
      const row = await db
        .selectFrom('command')
        .select(['hash', 'result'])
        .where('site', '=', author.site)
        .where('author_kind', '=', author.kind)
        .where('author_id', '=', author.id)
        .where('uid', '=', uid)
        .executeTakeFirst();
      return row && { hash: row.hash, result: toResult(row.result) };
    },
  };
}

export function writeCommands(db: Kysely<Tables>, clock: Clock): CommandWriter {
  return {
    async remember(author, uid, { hash, result }, owner = author.site) {
      const ofChat =
        owner !== '' || result.chat === null
          ? undefined
          : await db.selectFrom('chat').select('site').where('id', '=', result.chat).executeTakeFirst();
      const row = await db
        .insertInto('command')
        .values({
          site: author.site,
          author_kind: author.kind,
          author_id: author.id,
          uid,
          hash,
          result: JSON.stringify(result),
          date: clock.nowSeconds(),
          chat: result.chat,
          owner: ofChat?.site ?? owner,
        })
        .onConflict((c) => c.doNothing())
        .returning('uid')
        .executeTakeFirst();
      stored(row, 'uid_conflict', 'This uid was used before.');
    },
    async purgeCommands(site, before, limit) {
      const old = db
        .selectFrom('command')
        .select(['site', 'author_kind', 'author_id', 'uid'])
        .where('owner', '=', site ?? '')
        .where('date', '<', before)
        .orderBy('date')
        .limit(limit);
      const { numDeletedRows } = await db
        .deleteFrom('command')
        .where(sql<boolean>`(site, author_kind, author_id, uid) IN ${old}`)
        .executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    },
  };
}

function toResult(text: string): CommandResult {
  return fromJson<CommandResult>(text);
}
