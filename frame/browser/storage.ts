/**
 * The visitor's outbox in IndexedDB, one database per site, shared by all its pages. Each item belongs to the page that put
 * it; what a page leaves behind is taken over by another one.
 *
 * Whether a page still lives shows in a lock that it holds while it is there (or, without Web Locks, in a heartbeat). Both
 * end with `pause`: a page in the back/forward cache must hold nothing, and is repeated harmlessly if it comes back.
 * Nothing is opened before it is needed.
 */
import type { OutboxItem, OutboxStore } from '../../shared/client/platform.ts';

export interface OutboxStorage<C> extends OutboxStore<C> {
  /** The page is put aside. */
  pause(): void;
  /** It is back. */
  resume(): void;
  close(): void;
}

interface Row<C> extends OutboxItem<C> {
  tab: string;
}

const ITEMS = 'items';
const PAGES = 'pages';
const BEAT_MS = 10_000;
/** A page that has missed so many beats is gone; a hidden one may be late by a minute. */
const DEAD_MS = 90_000;

export function createOutboxStorage<C>(site: string, tab: string): OutboxStorage<C> {
  const name = `callgear-${site}`;
  const locks = (navigator as { locks?: LockManager }).locks;
  let opening: Promise<IDBDatabase> | undefined;
  let isAlive = true;
  let endLife: (() => void) | undefined;

  function open(): Promise<IDBDatabase> {
    opening ??= openDatabase(name).then(async (db) => {
      db.onclose = db.onversionchange = () => {
        db.close();
        opening = undefined;
      };
      await live(db);
      return db;
    });
    opening.catch(() => (opening = undefined));
    return opening;
  }

  /** Shows that this page lives; resolves when the others can see it. */
  async function live(db: IDBDatabase): Promise<void> {
    if (!isAlive || endLife !== undefined) return;
    endLife = () => undefined;
    if (locks === undefined) {
      const beat = (): Promise<void> => write(db, PAGES, (pages) => pages.put({ tab, at: Date.now() }));
      const timer = setInterval(() => void beat().catch(() => undefined), BEAT_MS);
      endLife = () => clearInterval(timer);
      await beat();
      return;
    }
    await new Promise<void>((resolve) => {
      const held = locks.request(
        `${name}-${tab}`,
        () =>
          new Promise<void>((release) => {
            endLife = release;
            resolve();
          }),
      );
      held.catch(() => resolve());
    });
  }

  /** Runs `work` if the page of that name is gone. */
  async function ifGone(db: IDBDatabase, other: string, work: () => Promise<void>): Promise<void> {
    if (locks !== undefined) {
      await locks.request(`${name}-${other}`, { ifAvailable: true }, async (lock) => {
        if (lock !== null) await work();
      });
      return;
    }
    const page = await read<{ at: number } | undefined>(db, PAGES, (pages) => pages.get(other));
    if (page === undefined || Date.now() - page.at > DEAD_MS) await work();
  }

  /** Rewrites the items of one page that is gone as ours; what another page took first is not there any more. */
  async function take(db: IDBDatabase, other: string, taken: OutboxItem<C>[]): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const transaction = db.transaction([ITEMS, PAGES], 'readwrite');
      const items = transaction.objectStore(ITEMS);
      const rows = items.getAll();
      rows.onsuccess = () => {
        for (const row of rows.result as Row<C>[]) {
          if (row.tab !== other) continue;
          items.put({ ...row, tab });
          taken.push({ uid: row.uid, order: row.order, command: row.command, failed: row.failed });
        }
        transaction.objectStore(PAGES).delete(other);
      };
      watch(transaction, resolve, reject);
    });
  }

  return {
    async put({ uid, order, command, failed }) {
      const db = await open();
      await write(db, ITEMS, (items) => items.put({ uid, order, command, failed, tab }));
    },
    async remove(uid) {
      const db = await open();
      await write(db, ITEMS, (items) => items.delete(uid));
    },
    async adopt() {
      const db = await open();
      const rows = await read<Row<C>[]>(db, ITEMS, (items) => items.getAll());
      const others = new Set(rows.map((row) => row.tab).filter((other) => other !== tab));
      const taken: OutboxItem<C>[] = [];
      // A page that has ended meanwhile takes nothing any more: it would only keep it from the next one.
      for (const other of others) if (isAlive) await ifGone(db, other, () => take(db, other, taken));
      return taken.sort((a, b) => a.order - b.order);
    },
    async clear() {
      const db = await opening?.catch(() => undefined);
      db?.close();
      opening = undefined;
      endLife?.();
      endLife = undefined;
      await new Promise<void>((resolve, reject) => {
        const deletion = indexedDB.deleteDatabase(name);
        deletion.onsuccess = () => resolve();
        deletion.onerror = () => reject(deletion.error);
      });
    },
    pause() {
      isAlive = false;
      endLife?.();
      endLife = undefined;
    },
    resume() {
      isAlive = true;
      void opening?.then(live).catch(() => undefined);
    },
    close() {
      isAlive = false;
      endLife?.();
      void opening?.then(
        (db) => db.close(),
        () => undefined,
      );
    },
  };
}

function openDatabase(name: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(ITEMS, { keyPath: 'uid' });
      request.result.createObjectStore(PAGES, { keyPath: 'tab' });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = request.onblocked = () => reject(request.error);
  });
}

/** Resolves when the change is durable, not when it was merely accepted. */
function write(db: IDBDatabase, store: string, work: (objects: IDBObjectStore) => IDBRequest): Promise<void> {
  return new Promise((resolve, reject) => {
    const transaction = db.transaction(store, 'readwrite');
    watch(transaction, resolve, reject);
    work(transaction.objectStore(store));
  });
}

function read<T>(db: IDBDatabase, store: string, work: (objects: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = work(db.transaction(store, 'readonly').objectStore(store));
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Whatever goes wrong in a transaction ends in its abort. */
function watch(transaction: IDBTransaction, resolve: () => void, reject: (error: DOMException | null) => void): void {
  transaction.oncomplete = () => resolve();
  transaction.onabort = () => reject(transaction.error);
}
