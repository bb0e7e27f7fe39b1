/** A store with two sites and three visitors, for the contracts of every store; and the rows that they write. */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach } from 'vitest';
import type { Author, ChatEvent } from '../../shared/chat.ts';
import { parseSettings } from '../../shared/settings.ts';
import type { ChatRecord } from '../store/chats.ts';
import type { CommandAuthor } from '../store/commands.ts';
import type { NewEvent } from '../store/events.ts';
import type { StoredFile } from '../store/files.ts';
import { visitorLock } from '../store/locks.ts';
import type { Operator } from '../store/operators.ts';
import type { StoredSession } from '../store/sessions.ts';
import type { Store } from '../store/store.ts';
import type { Visitor } from '../store/visitors.ts';

export interface StoreUnderTest {
  store: Store;
  /** Closes and opens the same database again. */
  reopen(): Promise<Store>;
  /** Opens the same database a second time, as another process would. */
  beside(): Promise<Store>;
  close(): Promise<void>;
}

export type OpenStore = () => Promise<StoreUnderTest>;

export interface StoreWorld {
  /** The store of this test, as last opened. */
  readonly store: Store;
  /** Closes and opens the same database again; `store` is the new one. */
  reopen(): Promise<Store>;
  /** Opens the same database a second time, as another process would. */
  beside(): Promise<Store>;
  /** Starts a chat of a visitor. */
  begin(visitor?: string, site?: string): Promise<ChatRecord>;
  add(chat: ChatRecord, event: NewEvent): Promise<{ event: ChatEvent; chat: ChatRecord }>;
  eventsOf(chat: ChatRecord): Promise<ChatEvent[]>;
}

export const NOW = 1_700_000_000;
export const VISITOR: Author = { kind: 'visitor' };
export const ANN: Author = { kind: 'operator', id: 'ann', card: { name: 'Ann', position: null, avatar: null } };
export const say = (text: string, uid: string | null = randomUUID(), author: Author = VISITOR): NewEvent => ({
  kind: 'message.added',
  uid,
  author,
  text,
  file: null,
});
const started: NewEvent = { kind: 'chat.started', uid: null, author: VISITOR, group: null, via: 'command' };
export const ended: NewEvent = { kind: 'chat.closed', uid: null, author: VISITOR, by: 'visitor' };
export const visitor = (id: string, site = 'shop'): Visitor => ({
  id,
  site,
  card: {},
  properties: [],
  invite: null,
  language: null,
  createdAt: NOW,
  ver: 1,
});
export const operator = (id: string, email = `${id}@example.com`): Operator => ({
  id,
  email,
  card: { name: id, position: null, avatar: null },
  sites: [],
  groups: [],
  passwordHash: 'hash',
  isRevoked: false,
});
export const session = (id: string, change: Partial<StoredSession> = {}): StoredSession => ({
  id,
  tokenHash: `hash of ${id}`,
  site: null,
  visitor: null,
  operator: null,
  csrf: 'csrf',
  expiresAt: NOW * 2,
  ...change,
});
export const file = (id: string, change: Partial<StoredFile> = {}): StoredFile => ({
  id,
  site: 'shop',
  visitor: 'vera',
  operator: null,
  name: 'note.txt',
  type: 'text/plain',
  size: 5,
  createdAt: NOW,
  state: 'clean',
  ...change,
});
export const author = (id: string, site = 'shop'): CommandAuthor => ({ site, kind: 'visitor', id });

/** Each test of the surrounding `describe` has a store of its own: the sites shop and other, vera and will in the first, olga in the second. */
export function useStore(open: OpenStore): StoreWorld {
  let world: StoreUnderTest;
  let store: Store;

  beforeEach(async () => {
    world = await open();
    store = world.store;
    await store.transact([], async (tx) => {
      for (const key of ['shop', 'other']) await tx.saveSite({ key, name: key, origins: [], settings: parseSettings({}) });
      for (const id of ['vera', 'will']) await tx.createVisitor(visitor(id));
      await tx.createVisitor(visitor('olga', 'other'));
    });
  });
  afterEach(() => world.close());

  return {
    get store() {
      return store;
    },
    reopen: async () => (store = await world.reopen()),
    beside: () => world.beside(),
    begin: (id = 'vera', site = 'shop') =>
      store.transact([visitorLock(id)], async (tx) => (await tx.append(await tx.createChat(site, id), started, NOW)).chat),
    add: (chat, event) => store.transact([visitorLock(chat.visitor)], (tx) => tx.append(chat, event, NOW)),
    eventsOf: (chat) => store.eventsAfter(chat.site, chat.summary.id, 0, 10_000),
  };
}
