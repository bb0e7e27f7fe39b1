/**
 * How the process ends: by any signal, also through a process that wraps it, and by an unexpected error. A reader of its output
 * that goes away does not end it. The tests look at the remains: lock, log of the database, port.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { install, start, statusOf, until, type Installation, type Started, type StartOptions } from './installation.ts';

let installation: Installation;
const started: Started[] = [];
beforeAll(async () => void (installation = await install()), 60_000);
afterAll(() => installation.remove());
afterEach(async () => {
  for (const { child, ended, dataDir, port } of started.splice(0)) {
    child.kill('SIGKILL');
    await ended;
    // What lives on when its launcher is killed ends by itself; nothing of a test outlives it.
    await until(async () => (await statusOf(port, '/healthz')) === undefined);
    rmSync(dataDir, { recursive: true, force: true });
  }
});

async function serve(command: string, args: readonly string[], options: StartOptions = {}): Promise<Started> {
  const server = await start(command, args, { cwd: installation.folder, ...options });
  started.push(server);
  return server;
}

/** What a process that ended as it should has left of itself: nothing. */
async function leftovers({ dataDir, port }: Started): Promise<string[]> {
  const rests = readdirSync(dataDir).filter((name) => /server\.pid|-wal$|-shm$|-journal$/.test(name));
  return (await statusOf(port, '/healthz')) === undefined ? rests : [...rests, 'the port'];
}

/** A page's socket, which gets a goodbye when the server ends as it should. */
async function pageAt({ port }: Started): Promise<{ closed: Promise<number> }> {
  const ws = new WebSocket(`ws://127.0.0.1:${port}/socket`, { headers: { host: `localhost:${port}`, origin: `http://localhost:${port}` } });
  await once(ws, 'open');
  return { closed: once(ws, 'close').then(([code]) => code as number) };
}

const NODE = process.execPath;
const GOODBYE = 1012;

describe('[SV.stop] the process that is asked to end', () => {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    it(`[FF.B1] by ${signal} says goodbye, leaves nothing behind, and its code is 0`, async () => {
      const server = await serve(NODE, [installation.main]);
      await server.ready();
      const { closed } = await pageAt(server);
      server.child.kill(signal);
      expect(await server.ended).toEqual({ code: 0, signal: null });
      expect([await closed, await leftovers(server)]).toEqual([GOODBYE, []]);
    }, 30_000);
  }

  it('[SV.leave] behind a balancer says so first, and serves as before until that has noticed', async () => {
    const server = await serve(NODE, [installation.main], { env: { LIMITS: JSON.stringify({ timing: { leaveMs: 5_000 } }) } });
    await server.ready();
    expect(await statusOf(server.port, '/openz')).toBe(200);
    server.child.kill('SIGTERM');
    await until(async () => (await statusOf(server.port, '/openz')) === 404);
    expect([await statusOf(server.port, '/readyz'), await statusOf(server.port, '/loader.js', { host: 'localhost' })]).toEqual([200, 200]);
    const { closed } = await pageAt(server);
    expect([await closed, await server.ended, await leftovers(server)]).toEqual([GOODBYE, { code: 0, signal: null }, []]);
  }, 60_000);

  it('[SV.metrics] answers a monitor on a port of its own, and nobody else there', async () => {
    const server = await serve(NODE, [installation.main], { env: { METRICS_PORT: 'auto' } });
    await server.ready();
    const port = Number(/^Metrics +http:\/\/127\.0\.0\.1:(\d+)\/metrics$/m.exec(server.output())?.[1]);
    const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
    expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('chat_connections{of="visitors"} 0')]);
    expect([await statusOf(port, '/loader.js'), await statusOf(server.port, '/metrics', { host: 'localhost' })]).toEqual([404, 404]);
  }, 60_000);

  it('[FF.B1] while it starts ends when it has started, with 0', async () => {
    const server = await serve(NODE, [installation.main]);
    // The claim on the folder is what the start does first.
    await until(() => existsSync(join(server.dataDir, 'server.lock')));
    server.child.kill('SIGTERM');
    expect([await server.ended, await leftovers(server)]).toEqual([{ code: 0, signal: null }, []]);
  }, 30_000);
});

describe('[SV.stop] through what stands before it', () => {
  const ways = {
    'npm start': ['npm', ['start'], ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGKILL']],
    'sh -c "npm start"': ['sh', ['-c', 'npm start'], ['SIGTERM', 'SIGHUP']],
    'a shell that has something else to do first': ['sh', ['-c', 'echo first && npm start 2>&1; echo last'], ['SIGTERM']],
    'npm run dev': ['npm', ['run', 'dev'], ['SIGTERM', 'SIGHUP']],
  } as const;

  for (const [name, [command, args, signals]] of Object.entries(ways)) {
    for (const signal of signals) {
      it(`[FF.B1] ${name}, ${signal} reaches the server: goodbye, no port, no lock, no log`, async () => {
        const server = await serve(command, args);
        await server.ready();
        const { closed } = await pageAt(server);
        server.child.kill(signal);
        expect(await closed).toBe(GOODBYE);
        await until(async () => (await leftovers(server)).length === 0);
        // npm passes on what it was told, so it waits and ends as the server has.
        if (name === 'npm start' && (signal === 'SIGTERM' || signal === 'SIGINT'))
          expect(await server.ended).toEqual({ code: 0, signal: null });
      }, 60_000);
    }
  }

  it('[FF.B1] a shell that has sent it into the background may go', async () => {
    const { isForeground } = (await import(pathToFileURL(join(installation.folder, 'scripts/launchers.mjs')).href)) as {
      isForeground(command: string): boolean;
    };
    for (const command of ['npm start', 'cd /srv && npm start', 'npm start 2>&1 | tee log', 'npm start >& log', 'npm start &> log || echo'])
      expect(isForeground(command), command).toBe(true);
    for (const command of ['npm start &', 'nohup npm start >log 2>&1 &', 'npm start & sleep 1', '(npm start &)'])
      expect(isForeground(command), command).toBe(false);
  });
});

/** Another process id 1 and a view of the files of its own, where the machine lets us. */
const mayUnshare = (() => {
  try {
    execFileSync('unshare', ['--pid', '--fork', '--kill-child', '--mount-proc', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

describe.runIf(mayUnshare)('[SV.stop] as process 1', () => {
  // `unshare` waits for its child and does not pass signals on: the first process within is asked by its number outside.
  const pidOfFirst = async ({ child }: Started): Promise<number> => {
    let pid = NaN;
    await until(
      () =>
        !Number.isNaN(
          (pid = Number(
            execFileSync('sh', ['-c', `cat /proc/${child.pid}/task/*/children`])
              .toString()
              .trim()
              .split(' ')[0] || NaN,
          )),
        ),
    );
    return pid;
  };

  for (const [name, command] of [
    ['node', [NODE, 'dist/server/main.js']],
    ['npm start', ['npm', 'start']],
  ] as const) {
    it(`[FF.B1] ${name} says goodbye and leaves nothing behind`, async () => {
      const server = await serve('unshare', ['--pid', '--fork', '--mount-proc', ...command]);
      await server.ready();
      const { closed } = await pageAt(server);
      process.kill(await pidOfFirst(server), 'SIGTERM');
      expect([await server.ended, await closed, await leftovers(server)]).toEqual([{ code: 0, signal: null }, GOODBYE, []]);
    }, 60_000);
  }
});

describe('[SV.fault] an error that nobody expected', () => {
  const folder = mkdtempSync(join(tmpdir(), 'chat-fault-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  // Loaded before the server into the same process: the error is none of ours and comes from nowhere.
  const faults = join(folder, 'faults.mjs');
  writeFileSync(
    faults,
    `
    process.on('SIGUSR2', () => setImmediate(() => { throw new Error('thrown by nobody'); }));
    process.on('SIGWINCH', () => void Promise.reject(new Error('rejected by nobody')));
  `,
  );

  for (const [signal, words, origin] of [
    ['SIGUSR2', 'thrown by nobody', 'uncaughtException'],
    ['SIGWINCH', 'rejected by nobody', 'unhandledRejection'],
  ] as const) {
    it(`[FF.A1] is logged (${origin}), requests under way come to their end, and the code is 70`, async () => {
      const server = await serve(NODE, ['--import', faults, installation.main]);
      await server.ready();
      const { closed } = await pageAt(server);
      server.child.kill(signal);
      expect([await server.ended, await closed, await leftovers(server)]).toEqual([{ code: 70, signal: null }, GOODBYE, []]);
      const line =
        server
          .output()
          .split('\n')
          .find((text) => text.includes(words)) ?? '{}';
      expect(JSON.parse(line)).toMatchObject({ level: 60, origin, err: { message: words } });
    }, 30_000);
  }
});

describe('[SV.output] a reader of the output that goes away', () => {
  it('[FF.A1] does not end the server', async () => {
    const server = await serve(NODE, [installation.main]);
    await server.ready();
    server.child.stdout?.destroy();
    server.child.stderr?.destroy();
    // Each of these writes a line.
    for (let i = 0; i < 50; i += 1) {
      await fetch(`http://127.0.0.1:${server.port}/operator/login`, {
        method: 'POST',
        body: JSON.stringify({ email: `${i}@nowhere.example`, password: 'x' }),
        headers: { 'content-type': 'application/json', origin: `http://localhost:${server.port}` },
      }).then((answer) => answer.arrayBuffer());
    }
    expect(await statusOf(server.port, '/readyz')).toBe(200);
    server.child.kill('SIGTERM');
    expect(await server.ended).toEqual({ code: 0, signal: null });
  });

  it('[FF.A1] does not end an admin command before its work is done, nor make it fail', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'chat-admin-'));
    const env = { PATH: process.env['PATH'], DATA_DIR: dataDir };
    const admin = (...args: string[]) => spawn(NODE, [installation.admin, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (let i = 0; i < 5; i += 1) {
      const child = admin('site', 'add', '--key', `shop-${i}`, '--name', 'Shop', '--origin', 'https://shop.example');
      let complaints = '';
      child.stderr.on('data', (data: Buffer) => (complaints += data.toString()));
      child.stdout.destroy();
      expect([await once(child, 'exit'), complaints]).toEqual([[0, null], '']);
    }
    const list = admin('site', 'list');
    let printed = '';
    list.stdout.on('data', (data: Buffer) => (printed += data.toString()));
    await once(list, 'close');
    for (let i = 0; i < 5; i += 1) expect(printed).toContain(`shop-${i}`);
    rmSync(dataDir, { recursive: true });
  }, 60_000);
});
