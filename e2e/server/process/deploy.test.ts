/** The files of deploy/, used as far as a machine without a container engine can: the tests run what the files say. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createLimits } from '../../../server/limits/limits.ts';
import { contain, firstOf, mayContain, readRecipe } from './container.ts';
import { install, start, statusOf, type Installation, type Started } from './installation.ts';

const ROOT = new URL('../../..', import.meta.url).pathname;
let installation: Installation;
const started: Started[] = [];
beforeAll(async () => void (installation = await install()), 60_000);
afterAll(() => installation.remove());
afterEach(async () => {
  for (const { child, ended, dataDir } of started.splice(0)) {
    child.kill('SIGKILL');
    await ended;
    rmSync(dataDir, { recursive: true, force: true });
  }
});

const leftovers = (dataDir: string) => readdirSync(dataDir).filter((name) => /server\.pid|-wal$|-shm$|-journal$/.test(name));

/** Ends with the code of the health check, as the recipe says it. */
async function healthOf({ port }: Started): Promise<number> {
  const [program = '', ...args] = readRecipe().health;
  const child = spawn(program === 'node' ? process.execPath : program, args, { env: { PORT: String(port) }, stdio: 'ignore' });
  const [code] = (await once(child, 'exit')) as [number];
  return code;
}

describe('[SV.deploy] the container file', () => {
  it('[FF.B1] runs node itself, under an account that is not root, and copies what there is', () => {
    const recipe = readRecipe();
    expect(recipe.command[0]).toBe('node');
    expect(recipe.user).not.toMatch(/^(root|0)?$/);
    const built = recipe.copies.map(([from]) => from);
    expect(built).toEqual(expect.arrayContaining(['node_modules', 'dist', 'package.json']));
    for (const name of built) expect(existsSync(join(installation.folder, name)), name).toBe(true);
    for (const line of readFileSync(join(ROOT, 'deploy/Dockerfile'), 'utf8').split('\n')) {
      const [, names] = /^COPY (?!--from)(.+) \S+$/.exec(line) ?? [];
      for (const name of names?.split(' ') ?? []) expect(existsSync(join(ROOT, name)), line).toBe(true);
    }
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
    expect(scripts['build']).toBeDefined();
  });

  it('[FF.B1] has a health check that knows a server that lives from one that does not', async () => {
    const { env, command } = readRecipe();
    const { PORT: _, DATA_DIR: __, ...own } = env;
    const server = await start(process.execPath, command.slice(1), { cwd: installation.folder, env: own });
    started.push(server);
    await server.ready();
    expect(await healthOf(server)).toBe(0);
    server.child.kill('SIGTERM');
    expect(await server.ended).toEqual({ code: 0, signal: null });
    expect(await healthOf(server)).toBe(1);
  }, 30_000);

  it.runIf(mayContain())(
    '[FF.B1] as another account, as process 1, with nothing to write to but its data: says goodbye and leaves nothing behind',
    async () => {
      const server = await contain(readRecipe(), installation.folder, realpathSync(join(installation.folder, 'node_modules')));
      started.push(server);
      await server.ready();
      expect(await healthOf(server)).toBe(0);
      const first = firstOf(server) ?? 0;
      const status = readFileSync(`/proc/${first}/status`, 'utf8');
      // Node 24 names its first thread itself.
      expect(status).toMatch(/^Name:\t(node|MainThread)$/m);
      expect(status).toMatch(/^Uid:\t65534\t/m);
      expect(status).toMatch(/^NSpid:\t\d+\t1$/m);
      const mounts = readFileSync(`/proc/${first}/mounts`, 'utf8')
        .split('\n')
        .map((line) => line.split(' '));
      expect(mounts.filter(([, at]) => at === '/').at(-1)?.[3]).toMatch(/^ro\b/);
      expect(mounts.find(([, at]) => at === server.app)?.[3]).toMatch(/^ro\b/);
      process.kill(first, 'SIGTERM');
      expect([await server.ended, leftovers(server.dataDir), await statusOf(server.port, '/healthz')]).toEqual([
        { code: 0, signal: null },
        [],
        undefined,
      ]);
      expect(statSync(join(server.dataDir, 'chat.sqlite')).uid).toBe(65_534);
      rmSync(server.app, { recursive: true });
    },
    60_000,
  );
});

/** Values of the unit, by name; the last one counts, but of `Environment`, which gathers. */
function readUnit(): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const line of readFileSync(join(ROOT, 'deploy/consultant-chat.service'), 'utf8').split('\n')) {
    const [, name, value = ''] = /^(\w+)=(.*)$/.exec(line) ?? [];
    if (name !== undefined) values.set(name, [...(values.get(name) ?? []), value]);
  }
  return values;
}

const hasSystemd = (() => {
  try {
    execFileSync('systemd-analyze', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

describe('[SV.deploy] the systemd unit', () => {
  it('[FF.B1] starts the installed server and ends it by a signal that it handles, in the time it needs', async () => {
    const unit = readUnit();
    const last = (name: string) => unit.get(name)?.at(-1) ?? '';
    const [program = '', ...args] = last('ExecStart').split(' ');
    expect([program, last('User')]).toEqual(['/usr/bin/node', 'consultant-chat']);
    const env = Object.fromEntries((unit.get('Environment') ?? []).map((pair) => pair.split('=') as [string, string]));
    expect(env['DATA_DIR']).toBe(`/var/lib/${last('StateDirectory')}`);
    const { DATA_DIR: _, ...own } = env;
    const server = await start(process.execPath, args, { cwd: installation.folder, env: own });
    started.push(server);
    await server.ready();
    server.child.kill(last('KillSignal') as NodeJS.Signals);
    expect([await server.ended, leftovers(server.dataDir)]).toEqual([{ code: 0, signal: null }, []]);
    // Of `main.ts`: what draining may take, and 13 s around it.
    expect(Number(last('TimeoutStopSec')) * 1000).toBeGreaterThan(createLimits().timing.drainMs + 13_000);
    // A fault of ours is a failure, and so is what a second signal says; a goodbye is none.
    expect(last('Restart')).toBe('on-failure');
  }, 30_000);

  it.runIf(hasSystemd)(
    '[FF.B1] is one that systemd understands',
    () => {
      const folder = mkdtempSync(join(tmpdir(), 'chat-unit-'));
      const file = join(folder, 'consultant-chat.service');
      // Whether the program is there is asked, too; here it may lie elsewhere.
      writeFileSync(file, readFileSync(join(ROOT, 'deploy/consultant-chat.service'), 'utf8').replace('/usr/bin/node', process.execPath));
      const { stdout, stderr } = verify(file);
      expect(`${stdout}${stderr}`.split('\n').filter((line) => line.includes('consultant-chat'))).toEqual([]);
      // And it does look: one word that is none is found.
      writeFileSync(file, `${readFileSync(file, 'utf8')}\n[Service]\nTimeoutStopSeconds=1\n`);
      expect(verify(file).stderr).toContain('TimeoutStopSeconds');
      rmSync(folder, { recursive: true });
    },
    30_000,
  );
});

function verify(file: string): { stdout: string; stderr: string } {
  const result = spawnSync('systemd-analyze', ['verify', '--man=no', file], { encoding: 'utf8' });
  return { stdout: result.stdout, stderr: result.stderr };
}
