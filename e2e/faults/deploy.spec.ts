/**
 * The container file from its first line to its last, without a container engine: a fresh copy of the sources is installed, built and
 * pruned as its first stage says, and what its last stage copies is run as it says. Slow, so it is the campaign's.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from '@playwright/test';
import { contain, firstOf, mayContain, readRecipe } from '../server/process/container.ts';
import { start, statusOf } from '../server/process/installation.ts';

const ROOT = new URL('../..', import.meta.url).pathname;

test('[FF.B1] [SV.deploy] what the container file installs, builds and prunes is enough to serve, and ends with a goodbye @campaign', async () => {
  test.setTimeout(600_000);
  const build = mkdtempSync(join(tmpdir(), 'chat-build-'));
  // As COPY does, without what the ignore file names: nothing that git does not know.
  for (const name of execFileSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8' }).split('\0')) {
    if (name !== '' && existsSync(join(ROOT, name))) cpSync(join(ROOT, name), join(build, name), { recursive: true });
  }
  const commands =
    readFileSync(join(ROOT, 'deploy/Dockerfile'), 'utf8')
      .split(/^FROM /m)[1]
      ?.split('\n')
      .filter((line) => line.startsWith('RUN npm ')) ?? [];
  expect(commands.length).toBeGreaterThan(1);
  const env = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env['PATH']}` };
  for (const command of commands) execFileSync('sh', ['-c', command.slice('RUN '.length)], { cwd: build, env, stdio: 'ignore' });
  expect(existsSync(join(build, 'node_modules/vite'))).toBe(false);

  // Where there are no namespaces, at least what was built is enough.
  const recipe = readRecipe();
  const container = mayContain() ? await contain(recipe, build) : undefined;
  const server = container ?? (await start(process.execPath, recipe.command.slice(1), { cwd: build }));
  try {
    await server.ready();
    for (const path of ['/loader.js', '/operator/']) expect(await statusOf(server.port, path), path).toBe(200);
    process.kill((container === undefined ? server.child.pid : firstOf(container)) ?? NaN, 'SIGTERM');
    expect(await server.ended).toEqual({ code: 0, signal: null });
    expect(readdirSync(server.dataDir).filter((name) => /server\.pid|-wal$|-shm$/.test(name))).toEqual([]);
  } finally {
    server.child.kill('SIGKILL');
    for (const folder of [build, server.dataDir, ...(container === undefined ? [] : [container.app])])
      rmSync(folder, { recursive: true, force: true });
  }
});
