/** The built server as a process of its own, with limits that do not disturb the measurement. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { untilListening } from '../../e2e/support/listening.ts';
import { figuresOf } from '../process.ts';

const ROOT = new URL('../..', import.meta.url).pathname;

/** With thousands of open chats to read, on a machine that has thousands of clients knocking meanwhile. */
const START_WITHIN_MS = 90_000;

/** All clients come from one address, and are quicker than people. */
const MUCH = 1e9;
export const LOAD_LIMITS = {
  rates: {
    messagesPerSecond: 1_000,
    messagesBurst: 2_000,
    messagesPerAddressSecond: MUCH,
    messagesPerAddressBurst: MUCH,
    framesPerAddressSecond: MUCH,
    framesPerAddressBurst: MUCH,
    connectsPerAddressSecond: MUCH,
    connectsPerAddressBurst: MUCH,
    requestsPerSecond: MUCH,
    requestsBurst: MUCH,
    sessionsPerMinute: 1_000_000,
    connectionsPerAddress: 100_000,
    newVisitorsPerSiteMinute: 1_000_000,
    connectionsPerSite: 100_000,
    readsPerSecond: 1_000_000,
    readsBurst: 1_000_000,
  },
  text: { bytesPerAddressDay: 1e12, bytesPerSiteDay: 1e12 },
  login: { tries: 1_000 },
};

export interface LoadServer {
  chat: string;
  port: number;
  database: string;
  admin(...args: string[]): Promise<void>;
  /** The most files it may have open, as the system says. */
  openFiles(): string;
  residentMb(): number;
  /** Seconds of processor it has used. */
  cpuSeconds(): number;
  /** Kills it and starts it again at once: every connection is cut in the same moment. */
  killAndStart(): Promise<void>;
  stop(): Promise<void>;
  remove(): void;
}

export async function startServer(flags: string[]): Promise<LoadServer> {
  const dataDir = mkdtempSync(join(tmpdir(), 'chat-load-'));
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    PORT: '0',
    DEMO_PORT: '0',
    DATA_DIR: dataDir,
    LOG_LEVEL: 'warn',
    LIMITS: JSON.stringify(LOAD_LIMITS),
    OPERATOR_EMAIL: 'first@example.com',
    OPERATOR_PASSWORD: 'correct horse battery',
  };
  let output = '';
  let child = spawnServer();
  const port = await untilListening(child, () => output);
  const chat = `http://localhost:${port}`;
  // Started again, the server keeps its address.
  env['PORT'] = String(port);

  function spawnServer(): ChildProcess {
    const spawned = spawn(process.execPath, [...flags, join(ROOT, 'dist/server/main.js')], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    spawned.stdout.on('data', (data: Buffer) => (output += data.toString()));
    return spawned;
  }
  async function start(): Promise<void> {
    child = spawnServer();
    const deadline = Date.now() + START_WITHIN_MS;
    for (;;) {
      const answer = await fetch(`${chat}/readyz`).catch(() => undefined);
      if (answer?.ok) return;
      if (child.exitCode !== null || Date.now() > deadline) throw new Error('The server did not start.');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  async function stop(signal: NodeJS.Signals): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }
  const read = (file: string): string => readFileSync(`/proc/${child.pid}/${file}`, 'utf8');

  return {
    chat,
    port,
    database: join(dataDir, 'chat.sqlite'),
    admin: (...args) =>
      new Promise((resolve, reject) =>
        execFile(process.execPath, [join(ROOT, 'dist/server/admin.js'), ...args], { env }, (error, stdout, stderr) =>
          error ? reject(new Error(stderr || stdout)) : resolve(),
        ),
      ),
    openFiles: () => /^Max open files\s+(\S+)/m.exec(read('limits'))?.[1] ?? '?',
    residentMb: () => figuresOf(child.pid ?? 0).residentMb(),
    cpuSeconds: () => figuresOf(child.pid ?? 0).cpuSeconds(),
    async killAndStart() {
      await stop('SIGKILL');
      await start();
    },
    stop: () => stop('SIGTERM'),
    remove: () => rmSync(dataDir, { recursive: true, force: true }),
  };
}
