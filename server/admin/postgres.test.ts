/** The admin command on a PostgreSQL database, beside a server that has it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseConfig } from '../config.ts';
import { seedStore } from '../process/seed.ts';
import { openStore } from '../store/open.ts';
import { createDatabase, hasPostgres, type TestDatabase } from '../testing/postgres.ts';
import { runAdmin } from './run.ts';

describe.runIf(hasPostgres)('administration of a PostgreSQL database', () => {
  let database: TestDatabase;
  let dir: string;
  beforeAll(async () => {
    database = await createDatabase();
    dir = mkdtempSync(join(tmpdir(), 'admin-'));
  });
  afterAll(async () => {
    rmSync(dir, { recursive: true });
    await database.drop();
  });

  const admin = async (...argv: string[]) => {
    const lines: string[] = [];
    const say = (line: string) => void lines.push(line);
    const code = await runAdmin(argv, { DATA_DIR: dir, DATABASE_URL: database.url }, { print: say, complain: say });
    return { code, text: lines.join('\n') };
  };

  it('changes what a running server sees at once', async () => {
    const config = parseConfig({ DATA_DIR: dir, DATABASE_URL: database.url });
    const troubles: unknown[] = [];
    const server = { isHeld: () => true, onTrouble: (reason: string | null) => void troubles.push(reason) };
    const store = await openStore(config, { foreignChangeMs: 60_000, server });
    expect((await seedStore(store, config)).password).toBeTypeOf('string');
    expect(await seedStore(store, config)).toEqual({});
    const changed = new Promise<void>((resolve) => store.onForeignChange(resolve));
    expect(await admin('site', 'add', '--key', 'shop', '--name', 'Shop', '--origin', 'https://shop.example')).toMatchObject({ code: 0 });
    await changed;
    expect(await store.origins('shop')).toEqual(['https://shop.example']);
    expect((await admin('site', 'list')).text).toContain('https://shop.example');
    await store.close();
    expect(troubles).toEqual([]);
  });

  it('leaves backups to the database’s own tools', async () => {
    for (const command of ['backup', 'restore'])
      expect(await admin(command, join(dir, 'copy'))).toEqual({ code: 1, text: expect.stringMatching(/^DATABASE_URL is set: .*pg_dump/) });
  });
});
