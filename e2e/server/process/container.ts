/**
 * deploy/Dockerfile without a container engine: what its last stage copies and says, carried out in a namespace of its own. The root of
 * all files is read-only but for the data directory, the account is another one than the owner of the files, and process 1 is what CMD says.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { start, type Started } from './installation.ts';

const ROOT = new URL('../../..', import.meta.url).pathname;
/** Nobody's. */
const ACCOUNT = 65_534;

export interface Recipe {
  /** The copies from the build stage, from and to below the working directory. */
  copies: [from: string, to: string][];
  env: Record<string, string>;
  user: string;
  command: string[];
  health: string[];
}

/** The last stage of the Dockerfile. */
export function readRecipe(): Recipe {
  const stage = (
    readFileSync(join(ROOT, 'deploy/Dockerfile'), 'utf8')
      .split(/^FROM /m)
      .at(-1) ?? ''
  ).split('\n');
  const of = (instruction: string): string[] =>
    stage.filter((line) => line.startsWith(`${instruction} `)).map((line) => line.slice(instruction.length + 1));
  return {
    copies: of('COPY').map((line) => {
      const [, from = '', to = ''] = /^--from=build \/app\/(\S+) \.\/(\S+)$/.exec(line) ?? [];
      if (from === '') throw new Error(`deploy/Dockerfile copies ${line}, expected --from=build /app/X ./X`);
      return [from, to];
    }),
    env: Object.fromEntries(of('ENV').flatMap((line) => line.split(' ').map((pair) => pair.split('=') as [string, string]))),
    user: of('USER')[0] ?? 'root',
    command: JSON.parse(of('CMD')[0] ?? '[]') as string[],
    health: JSON.parse(/ CMD (\[.*\])$/.exec(of('HEALTHCHECK')[0] ?? '')?.[1] ?? '[]') as string[],
  };
}

const INSIDE = [
  'set -e',
  'mount --bind "$DATA_DIR" "$DATA_DIR"',
  'mount --bind "$APP" "$APP"',
  'mount --bind "$MODULES" "$APP/node_modules"',
  'mount -o remount,bind,ro "$APP"',
  'mount -o remount,bind,ro /',
  'cd "$APP"',
  `exec setpriv --reuid=${ACCOUNT} --regid=${ACCOUNT} --clear-groups --no-new-privs -- "$@"`,
].join('\n');
const UNSHARE = ['--mount', '--pid', '--fork', '--mount-proc', '--propagation', 'private'];

/** Whether this machine lets us: root, namespaces, and a node that any account may run. */
export function mayContain(): boolean {
  try {
    execFileSync(
      'unshare',
      [
        ...UNSHARE,
        'sh',
        '-c',
        `mount -o remount,bind,ro / && exec setpriv --reuid=${ACCOUNT} --regid=${ACCOUNT} --clear-groups -- ${process.execPath} --version`,
      ],
      { stdio: 'ignore' },
    );
    return true;
  } catch {
    return false;
  }
}

/** Starts what the recipe says from what was built in `built`. Its modules are those of `modules`. */
export async function contain(recipe: Recipe, built: string, modules = join(built, 'node_modules')): Promise<Started & { app: string }> {
  const app = mkdtempSync(join(tmpdir(), 'chat-container-'));
  chmodSync(app, 0o755);
  for (const [from, to] of recipe.copies) {
    if (from === 'node_modules') mkdirSync(join(app, to));
    else cpSync(join(built, from), join(app, to), { recursive: true });
  }
  execFileSync('chmod', ['-R', 'go+rX', app]);
  const dataDir = mkdtempSync(join(tmpdir(), 'chat-data-'));
  chownSync(dataDir, ACCOUNT, ACCOUNT);
  const { PORT: _, DATA_DIR: __, ...env } = recipe.env;
  const [program = '', ...args] = recipe.command;
  // The image's node is this machine's.
  const command = [program === 'node' ? process.execPath : program, ...args];
  const started = await start('unshare', [...UNSHARE, 'sh', '-c', INSIDE, 'sh', ...command], {
    dataDir,
    env: { ...env, APP: app, MODULES: modules, PATH: `${dirname(process.execPath)}:${process.env['PATH']}` },
  });
  return Object.assign(started, { app });
}

/** The number that process 1 of the inside has on the outside, once it is there. */
export function firstOf({ child }: Started): number | undefined {
  const children = execFileSync('sh', ['-c', `cat /proc/${child.pid}/task/*/children`])
    .toString()
    .trim();
  return children === '' ? undefined : Number(children.split(' ')[0]);
}
