import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { verifyPassword } from '../auth/password.ts';
import { seedStore } from './seed.ts';
import { createSqliteStore } from '../store/sqlite.ts';
import type { Store } from '../store/store.ts';

describe('seedStore', () => {
  let dir: string;
  let store: Store;
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'seed-'));
    store = await createSqliteStore({ file: join(dir, 'chat.sqlite'), foreignChangeMs: 500 });
  });
  afterEach(async () => {
    await store.close();
    rmSync(dir, { recursive: true, force: true });
  });

  const config = { demoPort: 8081, operatorEmail: 'op@example.com', operatorName: 'Eva', operatorPassword: null };

  it('[FF.B10] gives an empty installation an operator of the given name and the shop’s site, once', async () => {
    const { password } = await seedStore(store, config);
    const operator = await store.operatorByEmail('op@example.com');
    expect(await verifyPassword(operator?.passwordHash, password ?? '')).toBe(true);
    expect(operator?.card.name).toBe('Eva');
    expect(await store.site('demo')).toMatchObject({ name: 'Demo shop', origins: ['http://127.0.0.1:8081', 'http://localhost:8081'] });
    expect((await store.groups('demo')).map(({ id, name }) => [id, name])).toEqual([
      ['sales', 'Sales'],
      ['support', 'Support'],
    ]);
    const before = await Promise.all([store.sites(), store.operators()]);
    expect(await seedStore(store, config)).toEqual({});
    expect(await Promise.all([store.sites(), store.operators()])).toEqual(before);
  });

  it('takes the given password and tells it to nobody', async () => {
    expect(await seedStore(store, { ...config, operatorPassword: 'given' })).toEqual({});
    expect(await verifyPassword((await store.operators())[0]?.passwordHash, 'given')).toBe(true);
  });

  it('makes no shop where there is none, and follows the shop to another port', async () => {
    await seedStore(store, { ...config, demoPort: 0 });
    expect(await store.sites()).toEqual([]);
    await seedStore(store, config);
    await seedStore(store, { ...config, demoPort: 9000 });
    expect((await store.site('demo'))?.origins).toEqual([
      'http://127.0.0.1:8081',
      'http://localhost:8081',
      'http://127.0.0.1:9000',
      'http://localhost:9000',
    ]);
  });
});
