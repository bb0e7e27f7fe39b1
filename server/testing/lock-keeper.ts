/**
 * A store that refuses what a work writes without having named what it must be alone with. SQLite runs one work at a time, so there
 * a forgotten lock would do no harm, and nothing would tell of it before two servers share a database.
 */
import { lineLockOf } from '../auth/refresh.ts';
import { fileLock, INSTALLATION_LOCK, sessionLock, siteLock, visitorLock, type Lock } from '../store/locks.ts';
import type { Store, Transaction } from '../store/store.ts';

type Writes = {
  [Name in keyof Transaction]?: (tx: Transaction, ...args: Parameters<Transaction[Name]>) => Lock | undefined | Promise<Lock | undefined>;
};

/** What a write has to be alone with; `undefined`: nothing, as with what nobody else knows of yet. */
const NEEDED: Writes = {
  saveSite: (_, { key }) => siteLock(key),
  removeSite: (_, key) => siteLock(key),
  noteRefused: (_, site) => siteLock(site),
  saveGroup: (_, { site }) => siteLock(site),
  removeGroup: (_, site) => siteLock(site),
  saveIdentityKey: (_, { site }) => siteLock(site),
  removeIdentityKey: (_, site) => siteLock(site),
  saveOperator: () => INSTALLATION_LOCK,
  changeCard: (_, __, visitor) => visitorLock(visitor),
  changeProperties: (_, __, visitor) => visitorLock(visitor),
  correctCard: (_, __, visitor) => visitorLock(visitor),
  setInvite: (_, __, visitor) => visitorLock(visitor),
  setLanguage: (_, __, visitor) => visitorLock(visitor),
  eraseVisitor: (_, __, visitor) => visitorLock(visitor),
  createChat: (_, __, visitor) => visitorLock(visitor),
  append: (_, chat) => visitorLock(chat.visitor),
  noteLost: (_, { visitor }) => visitorLock(visitor),
  saveFile: (_, { id }) => fileLock(id),
  markRead: async (tx, site, chat) => {
    const record = await tx.chat(site, chat);
    return record && visitorLock(record.visitor);
  },
  saveSession: async (tx, { id }) => {
    const before = await tx.session(id, 0);
    return before && (before.operator === null ? lineLockOf(before) : sessionLock(id));
  },
};

/** The same store; a write without its lock fails the work, and with it the test. */
export function keepLocks(store: Store): Store {
  const kept: Pick<Store, 'transact'> = {
    transact: (locks, work) => store.transact(locks, (tx) => work(guard(tx, new Set(locks)))),
  };
  // Whatever a test puts into the store's place later counts here as well.
  return Object.assign(Object.create(store) as Store, kept);
}

function guard(tx: Transaction, held: Set<Lock>): Transaction {
  const guarded = Object.create(tx) as Record<string, (...args: unknown[]) => Promise<unknown>>;
  for (const [name, neededBy] of Object.entries(NEEDED)) {
    const write = tx[name as keyof Transaction] as (...args: unknown[]) => Promise<unknown>;
    guarded[name] = async (...args) => {
      const needed = await (neededBy as (...given: unknown[]) => Lock | undefined | Promise<Lock | undefined>)(tx, ...args);
      if (needed !== undefined && !held.has(needed))
        throw new Error(`${name} without ${needed}, with ${[...held].join(', ') || 'no lock'}.`);
      return write(...args);
    };
  }
  return Object.assign(guarded as unknown as Transaction, {
    createVisitor(visitor: Parameters<Transaction['createVisitor']>[0]) {
      // Nobody else can know this one before the work is done.
      held.add(visitorLock(visitor.id));
      return tx.createVisitor(visitor);
    },
  });
}
