/**
 * For tests of the process itself, without a browser: an installation in a folder of its own, as somebody has it who has built once.
 * The programs are the real ones, built here; pages and loader, which no browser loads, are a line each. Nothing here knows what a
 * test is about.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createBuilder } from 'vite';
import { listeningPort } from '../../support/listening.ts';

const ROOT = new URL('../../..', import.meta.url).pathname;

export interface Installation {
  readonly folder: string;
  readonly main: string;
  readonly admin: string;
  remove(): void;
}

/** Builds the server's programs into a folder with what `npm start` needs beside them. */
export async function install(): Promise<Installation> {
  const folder = mkdtempSync(join(tmpdir(), 'chat-installation-'));
  // Empty folders stand for the sources: their builds are in dist/.
  for (const room of ['shared', 'host', 'frame', 'operator', 'server']) mkdirSync(join(folder, room));
  for (const name of ['package.json', 'package-lock.json', 'vite.config.ts', 'scripts', 'demo'])
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const dist = join(folder, 'dist');
  const builder = await createBuilder({ root: ROOT, logLevel: 'error', build: { outDir: dist } });
  const { server } = builder.environments;
  if (server === undefined) throw new Error('vite.config.ts has no environment "server".');
  await builder.build(server);
  for (const page of ['loader/loader.js', 'frame/index.html', 'operator/index.html']) {
    mkdirSync(join(dist, page, '..'), { recursive: true });
    writeFileSync(
      join(dist, page),
      page.endsWith('.js') ? '(()=>{})();' : '<!doctype html><html lang="en"><head><title>Chat</title></head><body></body></html>',
    );
  }
  writeFileSync(join(dist, 'licenses.txt'), '');
  // The build is up to date with the sources: `npm start` has nothing to build.
  const { fingerprint, markBuilt } = (await import(pathToFileURL(join(folder, 'scripts/built.mjs')).href)) as {
    fingerprint(): string;
    markBuilt(print: string): void;
  };
  markBuilt(fingerprint());
  return {
    folder,
    main: join(dist, 'server/main.js'),
    admin: join(dist, 'server/admin.js'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** How it ended. */
export interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface Started {
  readonly child: ChildProcess;
  /** Where it listens; 0 until it has printed that. */
  readonly port: number;
  readonly dataDir: string;
  /** Everything it has printed. */
  readonly output: () => string;
  readonly ended: Promise<Ending>;
  /** Resolves when the server can serve. Rejects when it has ended instead. */
  ready(): Promise<void>;
}

export interface StartOptions {
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** An existing folder instead of a new one. */
  dataDir?: string;
}

/** Starts a command that leads to a server, on a port that it chooses and in a data directory of its own. */
export async function start(
  command: string,
  args: readonly string[],
  { env = {}, cwd, dataDir = mkdtempSync(join(tmpdir(), 'chat-process-')) }: StartOptions = {},
): Promise<Started> {
  const child = spawn(command, args, {
    cwd,
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      PORT: '0',
      DEMO_PORT: '0',
      DATA_DIR: dataDir,
      OPERATOR_PASSWORD: 'correct horse battery',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (data: Buffer) => (output += data.toString()));
  child.stderr.on('data', (data: Buffer) => (output += data.toString()));
  const ended = once(child, 'exit').then(([code, signal]): Ending => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
  }));
  const isOver = { now: false };
  void ended.then(() => (isOver.now = true));
  return {
    child,
    get port() {
      return listeningPort(output) ?? 0;
    },
    dataDir,
    ended,
    output: () => output,
    async ready() {
      while (listeningPort(output) === undefined) {
        if (isOver.now) throw new Error(`It ended before it could serve:\n${output}`);
        await nextMoment();
      }
    },
  };
}

/** The status of the answer, `undefined` where nobody listens or the connection was cut. */
export function statusOf(port: number, path: string, headers: Record<string, string> = {}): Promise<number | undefined> {
  return fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: 'close', ...headers } }).then(
    async (answer) => {
      await answer.arrayBuffer();
      return answer.status;
    },
    () => undefined,
  );
}

/** Waits until `isSo`; a test that waits in vain ends by its own time. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await nextMoment();
}

const nextMoment = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

/** Sockets that a process has open, by its descriptors. */
export function socketsOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).filter((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith('socket:');
    } catch {
      return false;
    }
  }).length;
}

/** Whether nobody is connected to this port of this machine: what asked whether the server is ready is gone, too. */
export function isQuiet(port: number): boolean {
  const local = new RegExp(`^\\s*\\d+: [0-9A-F]+:${port.toString(16).toUpperCase().padStart(4, '0')} \\S+ (\\S\\S)`);
  const LISTENS = '0A';
  const states = readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => local.exec(line)?.[1] ?? LISTENS);
  // TIME_WAIT belongs to nobody any more.
  return states.every((state) => state === LISTENS || state === '06');
}

/** A raw connection that hears its own errors. */
export async function dial(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
  return socket;
}
