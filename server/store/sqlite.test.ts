/** The contract over a real file, and SQLite's own features: migrations, locks, a full disk, backup, erasure on disk. */
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database as Connection } from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseSettings } from '../../shared/settings.ts';
import { systemClock, type Clock } from '../base/clock.ts';
import { createGroupCommit } from './group-commit.ts';
import { keyed } from './keyed.ts';
import { migrate, MIGRATIONS, NewerDatabase, versionOf } from './migrate.ts';
import type { Migration } from './migrations/migration.ts';
import { createSqliteStore, renewDatabase } from './sqlite.ts';
import { storeContract } from './store.contract.ts';
import type { Store } from './store.ts';
import { Database } from './driver.ts';

const FOREIGN_MS = 5;

storeContract('SQLite store', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'store-'));
  const openOne = () => createSqliteStore({ file: join(dir, 'chat.sqlite'), foreignChangeMs: FOREIGN_MS });
  let store = await openOne();
  return {
    store,
    beside: openOne,
    async reopen() {
      await store.close();
      return (store = await openOne());
    },
    async close() {
      await store.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
});

describe('the SQLite file', () => {
  let dir: string;
  let file: string;
  const opened: Store[] = [];
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'store-'));
    file = join(dir, 'chat.sqlite');
  });
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close();
    rmSync(dir, { recursive: true, force: true });
  });

  const open = async (options: { migrations?: Migration[]; clock?: Clock } = {}) => {
    const store = await createSqliteStore({ file, foreignChangeMs: FOREIGN_MS, ...options });
    opened.push(store);
    return store;
  };
  const addSite = (store: Store, key: string, name = key) =>
    store.transact([], (tx) => tx.saveSite({ key, name, origins: [], settings: parseSettings({}) }));
  const raw = <T>(use: (db: Connection) => T): T => {
    const db = new Database(file);
    try {
      return use(db);
    } finally {
      db.close();
    }
  };

  it('[ST.migrate] brings a database of version 1 forward, with all that is in it', async () => {
    raw((db) => {
      migrate(db, MIGRATIONS.slice(0, 1), 1);
      db.exec(`INSERT INTO site VALUES ('old', 'Old shop', '["https://old.example"]', '{"chat":{"title":"From long ago"}}');
               INSERT INTO visitor VALUES ('old', 'v1', '{"name":"Vera"}', NULL, 5, 1);
               INSERT INTO chat VALUES ('c1', 'old', 'v1', 1, 1, 1, 2, NULL, NULL, 0, NULL, NULL, 0, 0, 5, NULL);
               INSERT INTO event VALUES ('c1', 1, 'm1', 'chat.started', 'visitor', '', NULL, 5, '{"author":{"kind":"visitor"},"group":null,"via":"command"}');
               INSERT INTO event VALUES ('c1', 2, 'm2', 'message.added', 'visitor', '', 'u1', 6, '{"author":{"kind":"visitor"},"text":"Hi","file":null}');`);
    });
    const next: Migration = { version: MIGRATIONS.length + 1, name: 'next', sql: 'CREATE TABLE novelty (id TEXT)' };
    const store = await open({ migrations: [...MIGRATIONS, next] });
    expect(await store.site('old')).toMatchObject({
      name: 'Old shop',
      settings: { chat: { title: 'From long ago', is_file_transfer: true } },
    });
    expect(await store.openChatOf('old', 'v1')).toMatchObject({ summary: { id: 'c1', lastSeq: 2, isOpen: true } });
    expect((await store.history('old', 'v1', null, 20)).items[0]).toMatchObject({ text: 'Hi', uid: 'u1', message_id: 'm2' });
    await store.close();
    expect(raw(versionOf)).toBe(next.version);
    expect(raw((db) => db.prepare('SELECT name FROM migration ORDER BY version').pluck().all())).toEqual([
      ...MIGRATIONS.map(({ name }) => name),
      'next',
    ]);
  });

  it('[FF.A8] [ST.migrate] gives what an older program remembered of commands a key, a date and an owner', async () => {
    const plain = createHash('sha256').update('"+31 20 1234567"').digest('base64url');
    raw((db) => {
      migrate(db, MIGRATIONS.slice(0, 11), 1);
      db.exec(`INSERT INTO site VALUES ('old', 'Old shop', '[]', '{}'); INSERT INTO visitor VALUES ('old', 'v1', '{}', NULL, 5, 1);
               INSERT INTO chat (id, site, visitor, number, is_open, first_seq, last_seq, is_answered, read_by_visitor, read_by_operator, started_at) VALUES ('c1', 'old', 'v1', 1, 1, 1, 0, 0, 0, 0, 5);`);
      const add = db.prepare('INSERT INTO command VALUES (?, ?, ?, ?, ?, ?)');
      add.run('old', 'visitor', 'v1', 'u1', plain, '{"chat":"c1","seq":1,"date":77}');
      add.run('', 'operator', 'ann', 'u2', plain, '{"chat":"c1"}');
      add.run('old', 'visitor', 'v1', 'file:f', '', '{"chat":null}');
    });
    const store = await open();
    const hash = keyed(store.secret, 'command', plain);
    expect(await store.remembered({ site: 'old', kind: 'visitor', id: 'v1' }, 'u1')).toMatchObject({ hash });
    const rows = raw((db) => db.prepare('SELECT uid, hash, chat, owner, date FROM command ORDER BY uid').all()) as { date: number }[];
    expect(rows).toEqual([
      { uid: 'file:f', hash: '', chat: null, owner: 'old', date: expect.any(Number) },
      { uid: 'u1', hash, chat: 'c1', owner: 'old', date: 77 },
      { uid: 'u2', hash, chat: 'c1', owner: 'old', date: expect.any(Number) },
    ]);
    expect(rows[0]?.date).toBeGreaterThan(1_700_000_000);
    await store.settle();
    for (const name of [file, `${file}-wal`]) expect(existsSync(name) && readFileSync(name).includes(plain)).toBe(false);
  });

  it('[ST.migrate] [VI.lang] empties texts that a site had by default, and leaves those that it has set', async () => {
    /** What an older program stored of a site that had set nothing. */
    const untouched = {
      chat: {
        title: 'Chat with us',
        group_title: 'Who would you like to talk to?',
        retention: { messages: [{ timeout: 15, text: 'Thank you for waiting. An operator will be with you shortly.' }] },
        invite: { is_enabled: true, timeout: 30, text: 'Hello! Can we help you?', name: 'Consultant' },
      },
      offline_message: {
        title: 'Leave a message',
        group_title: 'Who is it for?',
        fields: [
          { name: 'name', title: 'Name', is_required: false },
          { name: 'email', title: 'Email', is_required: true },
          { name: 'message', title: 'Message', is_required: true },
        ],
      },
    };
    const set = {
      chat: {
        title: 'chat with us',
        greeting: 'Chat with us',
        group_title: null,
        retention: {
          messages: [
            { timeout: 5, text: 'Soon' },
            { timeout: 9, text: 'Thank you for waiting. An operator will be with you shortly.' },
          ],
        },
        invite: { text: 'Name', name: 'Olga' },
      },
      offline_message: { title: 'Chat with us', fields: [{ name: 'email', title: 'Your email', is_required: true }] },
    };
    raw((db) => {
      migrate(db, MIGRATIONS.slice(0, 11), 1);
      const add = db.prepare("INSERT INTO site VALUES (?, 'Shop', '[]', ?)");
      for (const [key, settings] of Object.entries({ untouched, set, bare: {} })) add.run(key, JSON.stringify(settings));
    });
    const store = await open();
    const stored = raw((db) => db.prepare('SELECT key, settings FROM site').all()) as { key: string; settings: string }[];
    const settingsOf = (key: string): unknown => JSON.parse(stored.find((row) => row.key === key)?.settings ?? '');
    expect(settingsOf('set')).toEqual(set);
    expect(settingsOf('bare')).toEqual({});
    expect(settingsOf('untouched')).toEqual({
      chat: {
        title: '',
        group_title: '',
        retention: { messages: [{ timeout: 15, text: '' }] },
        invite: { is_enabled: true, timeout: 30, text: '', name: '' },
      },
      offline_message: {
        title: '',
        group_title: '',
        fields: untouched.offline_message.fields.map((field) => ({ ...field, title: '' })),
      },
    });
    // What is read of it is sound, and empty: the words of each language stand there.
    expect((await store.site('untouched'))?.settings.chat).toMatchObject({ title: '', invite: { text: '', name: '' } });
  });

  it('[ST.migrate] [P6] finds out in which chat a stored file was sent, and whom a stored job is about', async () => {
    raw((db) => {
      migrate(db, MIGRATIONS.slice(0, 11), 1);
      const columns = 'id, site, visitor, number, is_open, first_seq, last_seq, is_answered, read_by_visitor, read_by_operator, started_at';
      db.exec(`INSERT INTO site VALUES ('old', 'Old', '[]', '{}'), ('other', 'Other', '[]', '{}');
               INSERT INTO visitor (site, id, card, created_at, chats) VALUES ('old', 'v1', '{}', 5, 1), ('other', 'v2', '{}', 5, 1);
               INSERT INTO chat (${columns}) VALUES ('c1', 'old', 'v1', 1, 1, 1, 9, 0, 0, 0, 5), ('c2', 'other', 'v2', 1, 1, 1, 9, 0, 0, 0, 5);`);
      const addFile = db.prepare(
        "INSERT INTO file (id, site, name, type, size, created_at, state) VALUES (?, 'old', 'a', 'b', 1, 5, 'clean')",
      );
      for (const id of ['first', 'second', 'unsent', 'alien']) addFile.run(id);
      const addEvent = db.prepare("INSERT INTO event VALUES (?, ?, ?, 'message.added', 'visitor', '', NULL, 5, ?)");
      const say = (chat: string, seq: number, link: string | null, text = '') =>
        addEvent.run(chat, seq, `m-${chat}-${seq}`, JSON.stringify({ text, file: link === null ? null : { link } }));
      say('c1', 1, 'https://files.example/files/first/a%2Fb.txt');
      say('c1', 2, 'https://example.com/files/x/files/second/files');
      say('c1', 3, null, 'https://files.example/files/unsent/a.txt');
      say('c2', 1, 'https://files.example/files/alien/a.txt');
      const addJob = db.prepare("INSERT INTO job (key, kind, site, run_at_ms, tries, payload) VALUES (?, 'mail', 'old', 9, 0, ?)");
      for (const payload of [{ visitor: 'v1' }, { chat: 'c1' }, { file: 'first', visitor: null }, null])
        addJob.run(JSON.stringify(payload), JSON.stringify(payload));
    });
    const store = await open();
    const sent = async (id: string) => (await store.chatOfFile({ site: 'old', id }))?.summary.id;
    expect(await Promise.all(['first', 'second', 'unsent', 'alien'].map(sent))).toEqual(['c1', 'c1', undefined, undefined]);
    expect((await store.jobsOf('old', 'v1')).map(({ key }) => key)).toEqual(['{"chat":"c1"}', '{"visitor":"v1"}']);
    expect((await store.visitor('old', 'v1'))?.ver).toBe(1);
  });

  it('removes nothing while it stores something: what has ended, and what is too much, goes by the purge', async () => {
    const store = await open();
    await addSite(store, 'shop');
    await addSite(store, 'other');
    await store.transact([], async (tx) => {
      for (const site of ['shop', 'other']) for (let at = 0; at < 12; at += 1) await tx.noteRefused(site, `https://evil${at}.example`, at);
      for (const nowMs of [0, 10_000]) await tx.takeCaps([{ key: 'a', most: 1, windowMs: 1000 }], nowMs);
      for (const hour of [0, 100]) await tx.addSpent([{ key: 'a', hour, bytes: 1, count: 1 }]);
    });
    const counts = () =>
      raw((db) => ['refused_origin', 'taken', 'spent'].map((table) => db.prepare(`SELECT count(*) FROM ${table}`).pluck().get()));
    expect(counts()).toEqual([24, 2, 2]);
    expect((await store.site('shop'))?.refused).toHaveLength(10);
    await store.transact([], (tx) => tx.purgeShared({ seconds: 10, ms: 10_000 }, { refused: 0, tries: 0 }));
    expect(counts()).toEqual([20, 1, 2]);
    expect((await store.site('shop'))?.refused.map(({ date }) => date)).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
    await store.transact([], (tx) => tx.purgeShared({ seconds: 9e5, ms: 9e8 }, { refused: 3, tries: 0 }));
    expect(counts()).toEqual([18, 0, 0]);
  });

  it('[ST.migrate] makes a step wholly or not at all', async () => {
    const broken: Migration = {
      version: MIGRATIONS.length + 1,
      name: 'broken',
      sql: 'CREATE TABLE half (id TEXT); CREATE TABLE half (id TEXT);',
    };
    await expect(open({ migrations: [...MIGRATIONS, broken] })).rejects.toThrow('already exists');
    expect(raw(versionOf)).toBe(MIGRATIONS.length);
    expect(raw((db) => db.prepare("SELECT count(*) FROM sqlite_master WHERE name = 'half'").pluck().get())).toBe(0);
    await addSite(await open(), 'works');
  });

  it('[ST.migrate] refuses a database of a newer program and leaves it alone', async () => {
    const newer: Migration = { version: MIGRATIONS.length + 1, name: 'newer', sql: 'CREATE TABLE novelty (id TEXT)' };
    await (await open({ migrations: [...MIGRATIONS, newer] })).close();
    const refusal = open();
    await expect(refusal).rejects.toThrow(NewerDatabase);
    await expect(refusal).rejects.toThrow(`has version ${newer.version}, but this program knows versions up to ${MIGRATIONS.length}`);
    expect(raw(versionOf)).toBe(newer.version);
  });

  it('[ST.restart] writes ahead, syncs every commit and overwrites deleted data', async () => {
    const store = await open();
    await addSite(store, 'shop');
    await store.transact([], async (tx) => {
      await tx.createVisitor({ id: 'vera', site: 'shop', card: { name: 'Zanzibar-7341' }, invite: null, createdAt: 1 });
    });
    expect(existsSync(`${file}-wal`)).toBe(true);
    await store.transact([], (tx) => tx.eraseVisitor('shop', 'vera'));
    await store.settle();
    for (const name of [file, `${file}-wal`]) expect(readFileSync(name).includes('Zanzibar-7341')).toBe(false);
  });

  it('[P6] [ST.restart] of who was erased nothing is left, also where rows were moved to make room for others', async () => {
    const store = await open();
    await addSite(store, 'shop');
    const ids = Array.from({ length: 1_000 }, (_, n) => createHash('sha256').update(String(n)).digest('hex'));
    const nameOf = (id: string) => `Zanzibar-${id}`;
    await store.transact([], async (tx) => {
      for (const id of ids)
        await tx.createVisitor({
          id: `v-${id}`,
          site: 'shop',
          card: { name: nameOf(id), phone: ['0'.repeat(parseInt(id.slice(0, 2), 16))] },
          invite: null,
          createdAt: 1,
        });
    });
    const erased = ids.filter((_, n) => n % 2 === 0);
    await store.transact([], async (tx) => {
      for (const id of erased) await tx.eraseVisitor('shop', `v-${id}`);
    });
    await store.settle();
    const bytes = Buffer.concat([file, `${file}-wal`].map((name) => readFileSync(name)));
    expect(erased.filter((id) => bytes.includes(nameOf(id)))).toEqual([]);
    expect((await store.visitor('shop', `v-${ids[1]}`))?.card.name).toBe(nameOf(ids[1] ?? ''));
  });

  it('answers everybody of a turn after one commit', async () => {
    const db = new Database(file);
    const commits: number[] = [];
    db.exec('CREATE TABLE t (n INTEGER)');
    const add = db.prepare('INSERT INTO t VALUES (?)');
    const seen = new Database(file, { readonly: true });
    const group = createGroupCommit(db, systemClock);
    await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        group.run(async () => add.run(n)).then(() => commits.push(seen.prepare<[], number>('SELECT count(*) FROM t').pluck().get() ?? 0)),
      ),
    );
    expect(new Set(commits)).toEqual(new Set([20]));
    await group.close();
    seen.close();
    db.close();
  });

  it('tells everybody when the commit itself fails, and works again afterwards', async () => {
    const db = new Database(file);
    // A deferred constraint is only judged by COMMIT.
    db.exec(`PRAGMA foreign_keys = ON; CREATE TABLE a (id INTEGER PRIMARY KEY);
             CREATE TABLE b (a INTEGER REFERENCES a (id) DEFERRABLE INITIALLY DEFERRED);`);
    const group = createGroupCommit(db, systemClock);
    const good = db.prepare('INSERT INTO a VALUES (1)');
    const bad = db.prepare('INSERT INTO b VALUES (99)');
    const results = await Promise.allSettled([group.run(async () => good.run()), group.run(async () => bad.run())]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await group.run(async () => good.run());
    expect(db.prepare('SELECT count(*) FROM a').pluck().get()).toBe(1);
    await group.close();
    db.close();
  });

  it('waits for another process without holding up the event loop, then goes on', async () => {
    const store = await open();
    const other = new Database(file);
    other.exec('BEGIN IMMEDIATE');
    const write = addSite(store, 'later');
    let turns = 0;
    while (turns < 20) {
      await new Promise((resolve) => setImmediate(resolve));
      turns += 1;
    }
    expect(await store.sites()).toEqual([]);
    other.exec('COMMIT');
    other.close();
    await write;
    expect(await store.site('later')).toBeDefined();
  });

  it('says unavailable when the other process does not end', async () => {
    // A clock whose waits are over at once and take a minute each.
    let now = 0;
    const clock: Clock = {
      nowMs: () => now,
      nowSeconds: () => 0,
      after(ms, fn) {
        if (ms === FOREIGN_MS) return () => undefined;
        setImmediate(() => {
          now += 60_000;
          fn();
        });
        return () => undefined;
      },
    };
    const store = await open({ clock });
    const other = new Database(file);
    other.exec('BEGIN IMMEDIATE');
    await expect(addSite(store, 'never')).rejects.toMatchObject({ code: 'unavailable' });
    other.close();
    await addSite(store, 'now');
  });

  it('says that the disk is full, keeps what it has and goes on when there is room', async () => {
    await (await open()).close();
    const db = new Database(file);
    db.pragma('journal_mode = WAL');
    const group = createGroupCommit(db, systemClock);
    const insert = db.prepare("INSERT INTO site VALUES (?, ?, '[]', '{}')");
    const add = (key: string, name = '') => group.run(async () => insert.run(key, name));
    await add('before');
    db.pragma(`max_page_count = ${String(db.pragma('page_count', { simple: true }))}`);
    const results = await Promise.allSettled([add('big', 'x'.repeat(500_000)), add('small')]);
    expect(results[0]).toMatchObject({ reason: { code: 'storage_full' } });
    db.pragma('max_page_count = 1000000');
    await add('big', 'x'.repeat(500_000));
    expect(db.prepare("SELECT count(*) FROM site WHERE key IN ('before', 'big')").pluck().get()).toBe(2);
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    await group.close();
    db.close();
  });

  it('[SV.health] says that nothing can be stored once that was seen, and finds out by itself when it can again', async () => {
    // Every look at this clock is ten seconds later than the one before, so that nobody waits long.
    let nowMs = 0;
    const store = await open({ clock: { ...systemClock, nowMs: () => (nowMs += 10_000) } });
    expect(await store.isWritable()).toBe(true);
    const blocked = new Database(file);
    blocked.exec('BEGIN EXCLUSIVE');
    expect(await addSite(store, 'refused').catch((error: unknown) => error)).toMatchObject({ code: 'unavailable' });
    expect(await store.isWritable()).toBe(false);
    blocked.exec('ROLLBACK');
    blocked.close();
    expect(await store.isWritable()).toBe(true);
    expect(raw((db) => db.prepare("SELECT count(*) FROM meta WHERE key = 'trial'").pluck().get())).toBe(0);
  });

  it('[SV.admin] is opened and read while somebody else is writing, however long that takes', async () => {
    const served = await open();
    await addSite(served, 'shop');
    await served.close();
    const writer = new Database(file);
    writer.exec('BEGIN IMMEDIATE');
    try {
      const store = await open();
      expect((await store.site('shop'))?.key).toBe('shop');
      expect([store.epoch, store.secret]).toEqual([served.epoch, served.secret]);
    } finally {
      writer.exec('ROLLBACK');
      writer.close();
    }
  });

  it.each([
    [
      'a page of messages',
      `SELECT event.* FROM chat JOIN event ON event.chat = chat.id
       WHERE chat.site = 's' AND chat.visitor = 'v' AND event.kind = 'message.added' AND chat.number = 3 AND event.seq < 9
       ORDER BY chat.number DESC, event.seq DESC LIMIT 21`,
    ],
    ['the files of a chat', "SELECT * FROM file WHERE chat = 'c' AND site = 's' AND id > '' ORDER BY id LIMIT 500"],
    ['the chat of a file', "SELECT chat.* FROM file JOIN chat ON chat.id = file.chat WHERE file.id = 'f' AND chat.site = 's'"],
    ['the jobs about a visitor', "SELECT * FROM job WHERE site = 's' AND visitor = 'v' ORDER BY key"],
    ['the end of those jobs', "DELETE FROM job WHERE site = 's' AND visitor = 'v'"],
  ])('walks the indexes and sorts nothing for %s', async (_, query) => {
    await (await open()).close();
    const plan = raw((db) => db.prepare(`EXPLAIN QUERY PLAN ${query}`).all());
    expect(JSON.stringify(plan)).not.toMatch(/TEMP B-TREE|SCAN/);
  });

  it('copies what was committed, and a restored copy is another lineage without operators signed in', async () => {
    const store = await open();
    await addSite(store, 'shop');
    await store.transact([], async (tx) => {
      await tx.saveSession({ id: 'op', tokenHash: 'a', site: null, visitor: null, operator: 'ann', csrf: '', expiresAt: 4e9 });
      await tx.saveSession({ id: 'vi', tokenHash: 'b', site: 'shop', visitor: 'vera', operator: null, csrf: '', expiresAt: 4e9 });
    });
    const copy = join(dir, 'backup.sqlite');
    await store.backup(copy);
    expect(statSync(copy).mode & 0o077).toBe(0);
    await addSite(store, 'too-late');
    renewDatabase(copy);
    const restored = await createSqliteStore({ file: copy, foreignChangeMs: FOREIGN_MS });
    opened.push(restored);
    expect((await restored.sites()).map(({ key }) => key)).toEqual(['shop']);
    expect(restored.epoch).not.toBe(store.epoch);
    expect(restored.secret).toEqual(store.secret);
    expect(await restored.session('op', 1)).toBeUndefined();
    expect(await restored.session('vi', 1)).toBeDefined();
  });
});
