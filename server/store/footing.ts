/**
 * Whether the database we have open is still the one that stands at its path, whole, and ours alone. Somebody can remove or
 * replace the file under a running program, which then writes into a file that nobody will ever find again. Somebody can
 * overwrite a page of it, or remove our lock and so let a second server in. In all these cases we may promise nothing: we
 * refuse writes as *later*, and reading goes on as far as it can.
 *
 * A folder that comes back is the old footing again. Damage and another server stay so until a restart.
 */
import { statSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { ChatError } from '../../shared/errors.ts';
import { isDamage } from './sqlite-faults.ts';
import { RESTORE_HINT } from './unusable.ts';

/** Nothing can be stored now; the administrator heard the reason when the trouble began. */
export class OutOfService extends ChatError {
  constructor(reason: string) {
    super('unavailable', reason);
  }
}

export interface Footing {
  /** @throws OutOfService when nothing may be promised now */
  assert(): void;
  /** The same inside a transaction, where nobody else can be writing. */
  assertAlone(): void;
  /** Looks, and tells if something has become different. */
  look(): boolean;
  /** Checks whether an error shows damage; the caller that met the error throws it on. */
  note(error: unknown): void;
}

export interface FootingOptions {
  file: string;
  db: Database;
  /** A server's: the name under which it holds the database against any other. */
  holder?: string | undefined;
  /** Whether the folder's lock is ours. */
  isHeld?: (() => boolean) | undefined;
  /** `null`: all is well again. */
  onTrouble?: ((reason: string | null) => void) | undefined;
}

/** Made when the database has been written to by us, so that its log is there. */
export function createFooting({ file, db, holder, isHeld, onTrouble }: FootingOptions): Footing {
  const files = [file, `${file}-wal`, `${file}-shm`];
  const opened = files.map(identityOf);
  let lasting: string | undefined;
  let told: string | undefined;

  if (holder !== undefined)
    db.prepare("INSERT INTO meta (key, value) VALUES ('holder', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value").run(holder);
  const readHolder = db.prepare("SELECT value FROM meta WHERE key = 'holder'").pluck();

  const trouble = (): string | undefined => {
    if (lasting !== undefined) return lasting;
    const moved = files.find((each, at) => identityOf(each) !== opened[at]);
    if (moved !== undefined)
      return `${moved} is not the file that was opened: it was removed, moved or replaced. Put it back, or stop the server and restore a backup: ${RESTORE_HINT}.`;
    return isHeld?.() === false ? `Another server has taken the folder of ${file}. Stop one of them.` : undefined;
  };

  const tell = (): string | undefined => {
    const now = trouble();
    if (now !== told) {
      told = now;
      onTrouble?.(now ?? null);
    }
    return now;
  };

  const assert = () => {
    const reason = tell();
    if (reason !== undefined) throw new OutOfService(reason);
  };

  return {
    assert,
    assertAlone() {
      if (holder === undefined || lasting !== undefined || readHolder.get() === holder) return;
      lasting = `Another server has taken the database ${file}. Stop one of them.`;
      assert();
    },
    look: () => tell() === undefined,
    note(error) {
      if (lasting !== undefined || !isDamage(error)) return;
      lasting = `The database ${file} is damaged (${error.code}). Stop the server and restore a backup: ${RESTORE_HINT}.`;
      tell();
    },
  };
}

function identityOf(file: string): string {
  const found = statSync(file, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? 'none' : `${found.dev}:${found.ino}`;
}
