/**
 * One whole system for one test worker: the real server started by its command on a port that it chooses, a mail server that
 * receives, and a web server of "customers" on another origin. Nothing of ours is replaced; only waits are shortened, through
 * the server's own configuration.
 */
import { fork, spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { SMTPServer } from 'smtp-server';
import { untilListening } from './listening.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const SITE = join(ROOT, 'e2e/site');

/** Waits that are shortened, and rates that are widened because all tests come from one address. */
export const TEST_LIMITS = {
  rates: {
    messagesPerSecond: 50,
    messagesBurst: 100,
    sessionsPerMinute: 10_000,
    connectionsPerAddress: 1_000,
    framesPerSecond: 10_000,
    framesBurst: 40_000,
  },
  login: { tries: 1_000 },
  mail: { perSiteHour: 10_000, perIpHour: 10_000 },
  request: { perIpHour: 10_000, perIpDay: 10_000 },
  timing: {
    presenceGraceMs: 400,
    foreignChangeMs: 100,
    jobPollMs: 100,
    drainMs: 2_000,
    client: { backoffMinMs: 100, backoffMaxMs: 500, typingMs: 100 },
  },
};

export interface Mail {
  to: string[];
  raw: string;
}

export interface System {
  /** Origin of the chat. */
  readonly chat: string;
  /** Origin of the customers' pages: another site than the chat's. */
  readonly shop: string;
  readonly dataDir: string;
  readonly mails: Mail[];
  /** Pages and scripts of the customers' server besides those of `e2e/site`, by path: `/<site key>/<file>`. */
  readonly pages: Map<string, string>;
  readonly port: number;
  /** Everything the server has printed. */
  readonly output: () => string;
  /** Of the server's process; `undefined` while it does not run. */
  readonly pid: () => number | undefined;
  admin(...args: string[]): Promise<string>;
  stopServer(signal?: NodeJS.Signals): Promise<void>;
  startServer(main?: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * A port nobody listens on now, for programs that cannot choose one and say which. Not one of those that the system hands out
 * by itself: another connection of a busy machine would get it before the program does. Our own server chooses its port.
 */
export async function freePort(): Promise<number> {
  const port = randomInt(15_000, 31_000);
  const probe = createTcpServer();
  const isFree = await new Promise<boolean>((resolve) =>
    probe.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true)),
  );
  if (!isFree) return freePort();
  probe.close();
  await once(probe, 'close');
  return port;
}

/** @param main the server's program, if not the one that was built */
export async function startSystem(extra: NodeJS.ProcessEnv = {}, main = join(ROOT, 'dist/server/main.js')): Promise<System> {
  const dataDir = mkdtempSync(join(tmpdir(), 'chat-e2e-'));
  const mails: Mail[] = [];
  const smtp = receiveMail(mails);
  const post = smtp.listen(0, '127.0.0.1');
  await once(post, 'listening');
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    PORT: '0',
    DEMO_PORT: '0',
    DATA_DIR: dataDir,
    SMTP_URL: `smtp://127.0.0.1:${(post.address() as AddressInfo).port}`,
    MAIL_FROM: 'chat@example.com',
    OPERATOR_EMAIL: 'first@example.com',
    OPERATOR_PASSWORD: 'correct horse battery',
    LIMITS: JSON.stringify(TEST_LIMITS),
    LOG_LEVEL: 'info',
    ...extra,
  };
  let output = '';
  let server: ChildProcess | undefined;

  function spawnServer(program: string): ChildProcess {
    server = spawn(process.execPath, [program], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const child = server;
    child.stdout?.on('data', (data: Buffer) => (output += data.toString()));
    child.stderr?.on('data', (data: Buffer) => (output += data.toString()));
    return child;
  }
  const port = await untilListening(spawnServer(main), () => output);
  const chat = `http://localhost:${port}`;
  // Started again, the server keeps its address.
  env['PORT'] = String(port);
  const pages = new Map<string, string>();
  const site = serveSite(chat, pages);
  await once(site, 'listening');
  const shop = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
  const admin = startAdmin(env);

  async function startServer(program = main): Promise<void> {
    const child = spawnServer(program);
    await ready(
      `${chat}/readyz`,
      () => child.exitCode !== null,
      () => output,
    );
  }
  async function stopServer(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    const exited = once(server, 'exit');
    server.kill(signal);
    await exited;
  }

  return {
    chat,
    shop,
    port,
    dataDir,
    mails,
    pages,
    output: () => output,
    pid: () => (server === undefined || server.exitCode !== null || server.signalCode !== null ? undefined : server.pid),
    startServer,
    stopServer,
    admin: admin.run,
    async close() {
      admin.close();
      await stopServer();
      site.closeAllConnections();
      site.close();
      await new Promise<void>((resolve) => smtp.close(() => resolve()));
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Where administration commands are run (admin-runner.mjs); begun with the first. */
function startAdmin(env: NodeJS.ProcessEnv): { run(...args: string[]): Promise<string>; close(): void } {
  const waiting = new Map<number, (answer: { output: string; isDone: boolean }) => void>();
  let runner: ChildProcess | undefined;
  let count = 0;
  const begin = (): ChildProcess => {
    const child = fork(join(ROOT, 'e2e/support/admin-runner.mjs'), [join(ROOT, 'dist/server/admin.js')], { env, execArgv: [] });
    child.on('message', ({ id, ...answer }: { id: number; output: string; isDone: boolean }) => {
      waiting.get(id)?.(answer);
      waiting.delete(id);
    });
    child.once('exit', (code, signal) => {
      if (runner === child) runner = undefined;
      for (const end of waiting.values()) end({ output: `the runner ended (${code ?? signal})`, isDone: false });
      waiting.clear();
    });
    return child;
  };
  return {
    async run(...args) {
      runner ??= begin();
      const id = (count += 1);
      const answered = new Promise<{ output: string; isDone: boolean }>((resolve) => waiting.set(id, resolve));
      runner.send({ id, args });
      const { output, isDone } = await answered;
      if (!isDone) throw new Error(`admin ${args.join(' ')}: ${output}`);
      return output;
    },
    close: () => void runner?.kill(),
  };
}

/** Waits until the server says it can serve; a server that has died tells what it printed. */
async function ready(url: string, isDead: () => boolean, output: () => string): Promise<void> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
    if (isDead() || Date.now() > deadline) throw new Error(`The server did not start:\n${output()}`);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

function receiveMail(mails: Mail[]): SMTPServer {
  return new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, session, done) {
      let raw = '';
      stream.on('data', (chunk: Buffer) => (raw += chunk.toString()));
      stream.on('end', () => {
        mails.push({ to: session.envelope.rcptTo.map((to) => to.address), raw });
        done();
      });
    },
  });
}

const TYPES: Record<string, string> = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css' };

/**
 * The customers' web server. `/<site key>/<page>.html` is `e2e/site/<page>.html` with `{{CHAT}}` and `{{SITE}}` filled in, so that
 * every test can have a site of its own; `{{name}}` is what `?name=…` says. `?csp=…` sends that policy with it, and
 * `?header=Name: value` any other header, as often as it is given.
 */
function serveSite(chat: string, pages: ReadonlyMap<string, string>): Server {
  return createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://site');
    const [, key = '', ...rest] = url.pathname.split('/');
    const made = pages.get(url.pathname);
    if (made !== undefined) {
      response.setHeader('content-type', TYPES[extname(url.pathname)] ?? 'text/plain').end(made);
      return;
    }
    const file = join(SITE, rest.join('/') || 'none');
    if (!file.startsWith(`${SITE}/`) || !existsSync(file)) {
      response.writeHead(404).end();
      return;
    }
    const type = TYPES[extname(file)];
    response.setHeader('content-type', type ?? 'application/octet-stream');
    response.setHeader('cache-control', 'no-store');
    const policy = url.searchParams.get('csp');
    if (policy) response.setHeader('content-security-policy', policy.replaceAll('CHAT', chat));
    for (const header of url.searchParams.getAll('header'))
      response.setHeader(
        header.slice(0, header.indexOf(':')),
        header
          .slice(header.indexOf(':') + 1)
          .trim()
          .replaceAll('CHAT', chat),
      );
    const filled: Record<string, string> = { ...Object.fromEntries(url.searchParams), CHAT: chat, SITE: key };
    if (type === undefined) createReadStream(file).pipe(response);
    else response.end(readFileSync(file, 'utf8').replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => filled[name] ?? ''));
  }).listen(0, '127.0.0.1');
}
