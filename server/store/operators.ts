/** Operators: who they are, which sites and groups they serve, and how to check their password. */
import { sql, type Kysely } from 'kysely';
import type { OperatorCard, OperatorId, SiteKey } from '../../shared/chat.ts';
import { ChatError } from '../../shared/errors.ts';
import { fromJson } from './queries.ts';
import type { OperatorRow, Tables } from './tables.ts';

export interface Operator {
  id: OperatorId;
  email: string;
  card: OperatorCard;
  /** Sites this operator serves; empty means all, also later ones. */
  sites: SiteKey[];
  /** Groups this operator answers for, `site/group`; empty means all. */
  groups: string[];
  passwordHash: string;
  isRevoked: boolean;
}

/** Reads operators. */
export interface OperatorReader {
  operators(): Promise<Operator[]>;
  operator(id: OperatorId): Promise<Operator | undefined>;
  operatorByEmail(email: string): Promise<Operator | undefined>;
}

/** Changes operators, inside a transaction. */
export interface OperatorWriter {
  saveOperator(operator: Operator): Promise<void>;
}

export function readOperators(db: Kysely<Tables>): OperatorReader {
  return {
    async operators() {
      const rows = await db
        .selectFrom('operator')
        .selectAll()
        .orderBy(sql`lower(email)`)
        .execute();
      return rows.map(toOperator);
    },
    async operator(id) {
      const row = await db.selectFrom('operator').selectAll().where('id', '=', id).executeTakeFirst();
      return row && toOperator(row);
    },
    async operatorByEmail(email) {
      const row = await db
        .selectFrom('operator')
        .selectAll()
        .where(sql`lower(email)`, '=', sql`lower(${email})`)
        .executeTakeFirst();
      return row && toOperator(row);
    },
  };
}

export function writeOperators(db: Kysely<Tables>): OperatorWriter {
  return {
    async saveOperator(operator) {
      const { id, ...rest } = fromOperator(operator);
      const namesake = await readOperators(db).operatorByEmail(operator.email);
      if (namesake !== undefined && namesake.id !== id)
        throw new ChatError('already_taken', `Another operator has the e-mail ${operator.email}.`);
      await db
        .insertInto('operator')
        .values({ id, ...rest })
        .onConflict((c) => c.column('id').doUpdateSet(rest))
        .execute();
    },
  };
}

function toOperator(row: OperatorRow): Operator {
  return {
    id: row.id,
    email: row.email,
    card: fromJson<OperatorCard>(row.card),
    sites: fromJson<string[]>(row.sites),
    groups: fromJson<string[]>(row.groups),
    passwordHash: row.password_hash,
    isRevoked: row.is_revoked === 1,
  };
}

function fromOperator(operator: Operator): OperatorRow {
  return {
    id: operator.id,
    email: operator.email,
    card: JSON.stringify(operator.card),
    sites: JSON.stringify(operator.sites),
    groups: JSON.stringify(operator.groups),
    password_hash: operator.passwordHash,
    is_revoked: operator.isRevoked ? 1 : 0,
  };
}
