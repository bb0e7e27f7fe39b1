/** The contract over PostgreSQL, and what only it does: works that meet, connections that end, a database that is not ours. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { parseSettings } from '../../shared/settings.ts';
import { createDatabase, hasPostgres, type TestDatabase } from '../testing/postgres.ts';
import { operator, visitor } from '../testing/store-world.ts';
import { MIGRATIONS, NewerDatabase, POSTGRES_MIGRATIONS } from './migrate.ts';
import { createPostgresStore } from './postgres.ts';
import { storeContract } from './store.contract.ts';
import type { Store, Transaction } from './store.ts';
import { UnusableDatabase } from './unusable.ts';

it('every step after the first shape of PostgreSQL is made in both databases', () => {
  const first = POSTGRES_MIGRATIONS[0]?.version ?? 0;
  const later = MIGRATIONS.filter(({ version }) => version > first).map(({ version, name }) => ({ version, name }));
  expect(POSTGRES_MIGRATIONS.slice(1).map(({ version, name }) => ({ version, name }))).toEqual(later);
  expect(MIGRATIONS.some(({ version }) => version === first)).toBe(true);
});

describe.runIf(hasPostgres)('PostgreSQL', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase();
  });
  afterAll(() => database.drop());

  storeContract('store', async () => {
    await database.empty();
    const openOne = () => createPostgresStore({ url: database.url });
    let store = await openOne();
    return {
      store,
      beside: openOne,
      async reopen() {
        await store.close();
        return (store = await openOne());
      },
      close: () => store.close(),
    };
  });
});

describe.runIf(hasPostgres)('a PostgreSQL database', () => {
  let database: TestDatabase;
  const opened: Store[] = [];
  beforeAll(async () => {
    database = await createDatabase();
  });
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close();
  });
  afterAll(() => database.drop());

  const open = async (options: Partial<Parameters<typeof createPostgresStore>[0]> = {}) => {
    const store = await createPostgresStore({ url: database.url, ...options });
    opened.push(store);
    return store;
  };
  /** A store with a site and two visitors of these names. */
  const openWith = async (...ids: string[]) => {
    const store = await open();
    await store.transact([], async (tx) => {
      await tx.saveSite({ key: 'shop', name: 'shop', origins: [], settings: parseSettings({}) });
      for (const id of ids) await tx.createVisitor(visitor(id));
    });
    return store;
  };
  const fresh = async () => {
    const own = await createDatabase();
    onTestFinished(() => own.drop());
    return own;
  };
  const refusal = (url: string) =>
    createPostgresStore({ url }).then(
      () => expect.unreachable(),
      (error: unknown) => error as Error,
    );
  /** Ends connections of stores, as a restart of the database would. */
  const sever = (which: 'control' | 'in a work') =>
    database.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND
       ${which === 'control' ? "application_name LIKE 'chat-control-%'" : "application_name LIKE 'chat-%' AND state = 'idle in transaction'"}`,
    );

  it('two works that stand in each other’s way are both done, one at its second try', async () => {
    const [one, other] = [randomUUID(), randomUUID()];
    const store = await openWith(one, other);
    let tries = 0;
    let meet = () => {};
    const met = new Promise<void>((resolve) => {
      meet = resolve;
    });
    const changeBoth = (first: string, second: string) => async (tx: Transaction) => {
      tries += 1;
      await tx.changeCard('shop', first, { name: first });
      if (tries === 2) meet();
      await met;
      await tx.changeCard('shop', second, { name: first });
    };
    await Promise.all([store.transact([], changeBoth(one, other)), store.transact([], changeBoth(other, one))]);
    expect(tries).toBe(3);
    const names = await Promise.all([one, other].map(async (id) => (await store.visitor('shop', id))?.card.name));
    expect(names[0]).toBe(names[1]);
  });

  it('a work that lost its connection is done once, and by another', async () => {
    const id = randomUUID();
    const store = await openWith(id);
    let tries = 0;
    await store.transact([], async (tx) => {
      tries += 1;
      await tx.changeCard('shop', id, { email: `${tries}@example.com` });
      if (tries === 1) await sever('in a work');
      await tx.changeCard('shop', id, { name: 'Vera' });
    });
    expect(tries).toBe(2);
    expect((await store.visitor('shop', id))?.card).toEqual({ name: 'Vera', email: ['2@example.com'] });
    expect(await store.isWritable()).toBe(true);
  });

  it('a work that goes on after a failed statement is not taken for done', async () => {
    const store = await openWith();
    const work = store.transact([], async (tx) => {
      await tx.createVisitor(visitor(randomUUID(), 'nowhere')).catch(() => {});
    });
    await expect(work).rejects.toThrow('nothing of it was stored');
  });

  it('what a work leaves behind touches nobody else’s transaction', async () => {
    const id = randomUUID();
    const store = await openWith(id);
    let stray: Transaction | undefined;
    await store.transact([], async (tx) => {
      stray = tx;
    });
    await expect(stray?.changeCard('shop', id, { name: 'Stray' })).rejects.toThrow('after the end of its work');
  });

  it('tells that everything may have changed when nobody could tell us for a while', async () => {
    const store = await open();
    const changed = new Promise<void>((resolve) => store.onForeignChange(resolve));
    await sever('control');
    await changed;
  });

  it('a second server on the same database is refused by name, and may have it as soon as the first has gone', async () => {
    const troubles: (string | null)[] = [];
    const server = { onTrouble: (reason: string | null) => void troubles.push(reason) };
    const first = await open({ server });
    const error = await createPostgresStore({ url: database.url, server }).then(
      () => expect.unreachable(),
      (refused: unknown) => refused as Error,
    );
    expect(error).toBeInstanceOf(UnusableDatabase);
    expect(error.message).toMatch(
      new RegExp(`^Another server \\(process ${process.pid} on .+\\) uses the database ${database.name} at .+ Stop it first`),
    );
    // The admin command may.
    await (await open()).transact([], (tx) => tx.saveOperator(operator(randomUUID())));
    await first.close();
    await open({ server });
    expect(troubles).toEqual([]);
  });

  it('a server that lost its connection for orders takes its place again', async () => {
    const troubles: (string | null)[] = [];
    const store = await open({ server: { onTrouble: (reason) => void troubles.push(reason) } });
    const changed = new Promise<void>((resolve) => store.onForeignChange(resolve));
    await sever('control');
    await changed;
    await store.transact([], (tx) => tx.saveOperator(operator(randomUUID())));
    expect(troubles).toEqual([]);
    expect(await database.query('SELECT host FROM node')).toHaveLength(1);
  });

  it('says in one line what is wrong with the address, and never the password', async () => {
    const address = new URL(database.url);
    address.password = 'secret';
    address.pathname = '/nowhere';
    const missing = await refusal(address.href);
    expect(missing).toBeInstanceOf(UnusableDatabase);
    expect(missing.message).toMatch(
      /^The database nowhere at 127\.0\.0\.1:\d+ cannot be used \(database "nowhere" does not exist\): make it first/,
    );
    address.port = '1';
    const unreachable = await refusal(address.href);
    expect(unreachable).toBeInstanceOf(UnusableDatabase);
    expect(unreachable.message).toMatch(
      /^The database nowhere at 127\.0\.0\.1:1 cannot be reached \(.*ECONNREFUSED.*\): expected a PostgreSQL server/,
    );
    for (const { message } of [missing, unreachable]) expect(message).not.toMatch(/secret|\n/);
  });

  it('leaves a database alone that holds something else', async () => {
    const own = await fresh();
    await own.query('CREATE TABLE somebody_elses (id integer)');
    expect((await refusal(own.url)).message).toMatch(
      /is not empty, and what it holds is not this program's: expected a database of its own/,
    );
    expect(await own.query("SELECT 1 FROM pg_tables WHERE schemaname = 'public'")).toHaveLength(1);
  });

  it('leaves a database alone that a newer program has written', async () => {
    const own = await fresh();
    await (await createPostgresStore({ url: own.url })).close();
    await own.query("INSERT INTO migration VALUES (10000, 'from the future', 0)");
    expect(await refusal(own.url)).toBeInstanceOf(NewerDatabase);
  });

  it('says which right is missing', async () => {
    const own = await fresh();
    const role = `role_${randomUUID().replaceAll('-', '')}`;
    await own.query(`CREATE ROLE ${role} LOGIN PASSWORD 'secret'`);
    onTestFinished(async () => void (await database.query(`DROP ROLE IF EXISTS ${role}`)));
    const address = new URL(own.url);
    [address.username, address.password] = [role, 'secret'];
    const error = await refusal(address.href);
    expect(error.message).toMatch(/permission denied for schema public\): the user needs the right to make tables there: GRANT CREATE/);
    expect(error.message).not.toContain('secret');
  });

  it('two programs that start at once on an empty database make it once, and know the same secret', async () => {
    const own = await fresh();
    const stores = await Promise.all([1, 2, 3].map(() => createPostgresStore({ url: own.url })));
    const epochs = new Set(stores.map(({ epoch, secret }) => `${epoch} ${Buffer.from(secret).toString('hex')}`));
    for (const store of stores) await store.close();
    expect(epochs.size).toBe(1);
    expect(await own.query('SELECT 1 FROM migration')).toHaveLength(POSTGRES_MIGRATIONS.length);
  });

  it('a step that fails is undone, and made at the next start', async () => {
    const own = await fresh();
    const next = { version: 10_000, name: 'next' };
    const broken = [...POSTGRES_MIGRATIONS, { ...next, postgres: 'CREATE TABLE half (id integer); SELECT no_such_column FROM half' }];
    await expect(createPostgresStore({ url: own.url, migrations: broken })).rejects.toThrow('no_such_column');
    expect(await own.query("SELECT 1 FROM pg_tables WHERE tablename = 'half'")).toEqual([]);
    const mended = [...POSTGRES_MIGRATIONS, { ...next, postgres: 'CREATE TABLE whole (id integer)' }];
    await (await createPostgresStore({ url: own.url, migrations: mended })).close();
    expect(await own.query('SELECT 1 FROM whole')).toEqual([]);
  });
});
