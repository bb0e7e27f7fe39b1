/**
 * Where an operator's outbox outlives the page: one IndexedDB per operator. Several pages of one operator share it. Each
 * holds a lock while it lives, so that a new page takes over only what closed pages left behind. Without locks it takes over
 * everything: the server runs a command only once, even if it comes twice.
 */
import type { OperatorId, Uid } from '../../shared/chat.ts';
import type { OutboxItem, OutboxStore } from '../../shared/client/platform.ts';
import type { OperatorCommand } from '../../shared/wire/workplace.ts';

interface Row extends OutboxItem<OperatorCommand> {
  page: Uid;
}

const TABLE = 'outbox';

export function createStorage(operator: OperatorId, page: Uid): OutboxStore<OperatorCommand> & { close(): void } {
  const name = `workplace:${operator}`;
  const opening = openDatabase(name);
  // Each use of it reports the failure; an unused one needs no report.
  opening.catch(() => undefined);
  const letGo = holdLock(`${name}:${page}`);

  async function run<T>(mode: IDBTransactionMode, work: (table: IDBObjectStore) => IDBRequest<T>): Promise<T> {
    const database = await opening;
    return new Promise((resolve, reject) => {
      const transaction = database.transaction(TABLE, mode, { durability: 'strict' });
      const request = work(transaction.objectStore(TABLE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error ?? new Error('aborted'));
    });
  }

  return {
    async put(item) {
      await run('readwrite', (table) => table.put({ ...item, page } satisfies Row));
    },
    async remove(uid) {
      await run('readwrite', (table) => table.delete(uid));
    },
    async adopt() {
      const alive = await livingPages(`${name}:`);
      const rows = await run('readonly', (table): IDBRequest<Row[]> => table.getAll());
      const left = rows.filter((row) => row.page === page || !alive.has(row.page));
      for (const row of left) await run('readwrite', (table) => table.put({ ...row, page }));
      return left.map(({ page: _, ...item }) => item);
    },
    async clear() {
      await run('readwrite', (table) => table.clear());
    },
    close() {
      letGo();
      // Running transactions may end first.
      opening.then(
        (database) => database.close(),
        () => undefined,
      );
    },
  };
}

function openDatabase(name: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(TABLE, { keyPath: 'uid' });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('refused'));
  });
}

/** Holds a lock named after this page, until the caller lets go or the page is gone. */
function holdLock(name: string): () => void {
  let letGo = (): void => undefined;
  const held = new Promise<void>((resolve) => (letGo = resolve));
  // Absent on plain http.
  if ('locks' in navigator) navigator.locks.request(name, () => held).catch(() => undefined);
  return letGo;
}

async function livingPages(prefix: string): Promise<Set<string>> {
  if (!('locks' in navigator)) return new Set();
  const { held = [] } = await navigator.locks.query();
  return new Set(held.flatMap(({ name }) => (name?.startsWith(prefix) ? [name.slice(prefix.length)] : [])));
}
