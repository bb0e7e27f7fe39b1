/**
 * Brings a database to the shape this program knows, forward only, one numbered step after the other. Each step and the note
 * that it was made are one transaction, so a process killed in between leaves the shape before or the shape after.
 */
import type { Database } from 'better-sqlite3';
import { beginning } from './migrations/0001-beginning.ts';
import { taken } from './migrations/0002-taken.ts';
import { audit } from './migrations/0003-audit.ts';
import { doors } from './migrations/0004-doors.ts';
import { fileState } from './migrations/0005-file-state.ts';
import { confirmation } from './migrations/0006-confirmation.ts';
import { identityUse } from './migrations/0007-identity-use.ts';
import { lost } from './migrations/0008-lost.ts';
import { operatorUse } from './migrations/0009-operator-use.ts';
import { missed } from './migrations/0010-missed.ts';
import { jobBegun } from './migrations/0011-job-begun.ts';
import { commandKeyed } from './migrations/0012-command-keyed.ts';
import { spent } from './migrations/0013-spent.ts';
import type { Migration, PostgresMigration } from './migrations/migration.ts';
import { properties } from './migrations/0014-properties.ts';
import { pictureSize } from './migrations/0015-picture-size.ts';
import { requestByVisitor } from './migrations/0016-request-by-visitor.ts';
import { chatStates } from './migrations/0017-chat-states.ts';
import { languages } from './migrations/0018-languages.ts';
import { links } from './migrations/0019-links.ts';
import { postgresBeginning } from './migrations/postgres-beginning.ts';

export const MIGRATIONS: readonly Migration[] = [
  beginning,
  taken,
  audit,
  doors,
  fileState,
  confirmation,
  identityUse,
  lost,
  operatorUse,
  missed,
  jobBegun,
  commandKeyed,
  spent,
  properties,
  pictureSize,
  requestByVisitor,
  chatStates,
  languages,
  links,
];

/** PostgreSQL begins with the shape of that time. Whatever comes later has a text for each of the two. */
export const POSTGRES_MIGRATIONS: readonly PostgresMigration[] = [postgresBeginning];

/** The database was written by a newer program. Nothing was changed. */
export class NewerDatabase extends Error {
  constructor(file: string, version: number, known: number) {
    super(
      `The database ${file} has version ${version}, but this program knows versions up to ${known}. Start the newer program, or restore a backup made before it.`,
    );
    this.name = 'NewerDatabase';
  }
}

/** @throws NewerDatabase */
export function migrate(db: Database, migrations: readonly Migration[], nowSeconds: number): void {
  const known = migrations.length;
  if (versionOf(db) > known) throw new NewerDatabase(db.name, versionOf(db), known);
  if (versionOf(db) === known) return;
  db.exec('CREATE TABLE IF NOT EXISTS migration (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT');
  for (const migration of migrations) {
    db.transaction(() => {
      // Asked again inside the lock: the server and an admin command may start at the same time.
      if (versionOf(db) >= migration.version) return;
      db.exec(migration.sql);
      db.prepare('INSERT INTO migration VALUES (?, ?, ?)').run(migration.version, migration.name, nowSeconds);
    }).immediate();
  }
}

/** 0 for an empty database. */
export function versionOf(db: Database): number {
  const table = db.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'migration'").get();
  if (table === undefined) return 0;
  const version: unknown = db.prepare('SELECT max(version) FROM migration').pluck().get();
  return typeof version === 'number' ? version : 0;
}
