/** Nobody else on the machine can read the stored data, in a new folder or an old one. And nothing is open unasked. */
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { install, start, statusOf, until, type Installation, type Started, type StartOptions } from './installation.ts';
import { shopPort } from '../../support/listening.ts';

let installation: Installation;
const started: Started[] = [];
beforeAll(async () => void (installation = await install()), 60_000);
afterAll(() => installation.remove());
afterEach(async () => {
  for (const server of started.splice(0)) {
    server.child.kill('SIGTERM');
    await server.ended;
    rmSync(server.dataDir, { recursive: true, force: true });
  }
});

/** As most machines make files: readable by all. */
async function serve(options: StartOptions = {}): Promise<Started> {
  const server = await start('sh', ['-c', `umask 022 && exec ${process.execPath} ${installation.main}`], options);
  started.push(server);
  await server.ready();
  return server;
}

/** Everything below that others may read, write or enter, with its mode. */
function openTo(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).flatMap((name) => {
    const { mode } = statSync(join(folder, name));
    return (mode & 0o077) === 0 ? [] : [`${name} ${(mode & 0o777).toString(8)}`];
  });
}

/** Somebody says hello, sends a file and wants a transcript: everything that is ever written is there. */
async function use({ port }: Started): Promise<void> {
  const origin = `http://localhost:${port}`;
  const headers = { origin, 'sec-fetch-site': 'same-origin' };
  const asked = await fetch(`${origin}/session`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ site: 'demo', create: true }),
  });
  const { access } = (await asked.json()) as { access: string };
  const signedIn = { ...headers, authorization: `Bearer ${access}` };
  const file = await fetch(`${origin}/files?site=demo&uid=${randomUUID()}&name=a.txt`, {
    method: 'POST',
    headers: { ...signedIn, 'content-type': 'application/octet-stream' },
    body: 'some text',
  });
  expect(file.status).toBe(201);
  const items = [
    { uid: randomUUID(), kind: 'message.send', group: null, text: 'hello' },
    { uid: randomUUID(), kind: 'transcript.mail', address: 'vera@home.example' },
  ];
  const said = await fetch(`${origin}/outbox`, {
    method: 'POST',
    headers: { ...signedIn, 'content-type': 'application/json' },
    body: JSON.stringify({ tab: randomUUID(), items }),
  });
  expect(said.status).toBe(200);
}

describe('[SV.private] the stored data', () => {
  it('[FF.B2] is its owner’s alone: database and its log, files, mails, kept builds, locks', async () => {
    const server = await serve({ env: { DEMO_PORT: 'auto' } });
    await use(server);
    await until(() => readdirSync(server.dataDir).includes('mail') && readdirSync(join(server.dataDir, 'mail')).length > 0);
    const names = readdirSync(server.dataDir, { recursive: true, encoding: 'utf8' });
    for (const part of [
      'chat.sqlite',
      'chat.sqlite-wal',
      'chat.sqlite-shm',
      'server.lock',
      'server.pid',
      'files/demo/',
      'mail/',
      'loaders/',
    ])
      expect(
        names.some((name) => name.startsWith(part)),
        part,
      ).toBe(true);
    expect(openTo(server.dataDir)).toEqual([]);
  }, 30_000);

  it('[FF.B2] is closed again in a folder that was open before, and it is said aloud that the folder itself is', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'chat-open-'));
    const before = await start(process.execPath, [installation.main], { dataDir, env: { DEMO_PORT: 'auto' } });
    await before.ready();
    await use(before);
    before.child.kill('SIGKILL');
    await before.ended;
    mkdirSync(join(dataDir, 'avatars'));
    writeFileSync(join(dataDir, 'avatars/ann.png'), 'x');
    execFileSync('chmod', ['-R', 'go+rX', dataDir]);
    expect(openTo(dataDir).length).toBeGreaterThan(5);
    const server = await serve({ dataDir });
    await use(server);
    expect(openTo(dataDir)).toEqual([]);
    expect(server.output()).toContain(`others on this machine may look into ${dataDir}`);
    expect(server.output()).toContain(`chmod 700 ${dataDir}`);
    expect((statSync(dataDir).mode & 0o777).toString(8)).toBe('755');
  }, 30_000);

  it('[FF.B2] is left private by admin commands, which warn as well, and so is a backup', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'chat-admin-'));
    chmodSync(dataDir, 0o755);
    const backup = join(dataDir, 'backup.sqlite');
    const admin = (...args: string[]) =>
      execFileSync('sh', ['-c', `umask 022; ${process.execPath} ${installation.admin} ${args.join(' ')} 2>&1`], {
        env: { PATH: process.env['PATH'], DATA_DIR: dataDir },
      }).toString();
    expect(admin('site', 'list')).toContain(`may look into ${dataDir}`);
    admin('backup', backup);
    expect([openTo(dataDir), readdirSync(dataDir).includes('backup.sqlite')]).toEqual([[], true]);
    chmodSync(dataDir, 0o700);
    expect(admin('site', 'list')).not.toContain('WARNING');
    rmSync(dataDir, { recursive: true });
  }, 30_000);

  it('[FF.B2] is not complained about where all is as it should be', async () => {
    expect((await serve()).output()).not.toContain('WARNING');
  }, 30_000);
});

describe('[SV.shop] the demonstration shop', () => {
  it('[FF.B12] is open on a machine that serves itself, elsewhere only if its administrator asked for it', async () => {
    const local = await serve({ env: { DEMO_PORT: 'auto' } });
    expect(await statusOf(shopPort(local.output()) ?? 0, '/')).toBe(200);
    const asked = await serve({ env: { PUBLIC_URL: 'https://chat.example.com', DEMO_PORT: 'auto' } });
    expect(await statusOf(shopPort(asked.output()) ?? 0, '/')).toBe(200);
    const unasked = await serve({ env: { PUBLIC_URL: 'https://chat.example.com', DEMO_PORT: '' } });
    // The port of the default on a local machine.
    expect([unasked.output().includes('Shop '), unasked.output().includes('Chat ')]).toEqual([false, true]);
  }, 30_000);
});
