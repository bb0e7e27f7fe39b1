/**
 * The built server as a process of its own, with the limits of a public installation: nothing is widened. Only the data from
 * before the attack (long conversations) is written under wide limits; then the server starts anew.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { untilListening } from '../../e2e/support/listening.ts';
import { LOAD_LIMITS } from '../load/server.ts';
import { figuresOf, type ProcessFigures } from '../process.ts';
import { enter, INNOCENT, message, openLine, PROXY, type Target } from './target.ts';
import { Database } from '../../server/store/driver.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const HOST = 'chat.example.com';
const OPERATOR = { email: 'first@example.com', password: 'correct horse battery' };

export interface AttackedServer {
  readonly target: Target;
  readonly figures: ProcessFigures;
  /** How it ended, if it has. */
  ending(): string | undefined;
  /** Lines of its log that tell of an error. */
  errors(): string[];
  close(): Promise<void>;
}

/** How long the conversations are that are there from the beginning. */
export interface Past {
  chats: number;
  /** Of 16 KB each. */
  messages: number;
}

export async function startAttacked(past: Past): Promise<AttackedServer> {
  const dataDir = mkdtempSync(join(tmpdir(), 'chat-attack-'));
  const origin = `https://${HOST}`;
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    PORT: '0',
    DEMO_PORT: '0',
    DATA_DIR: dataDir,
    LOG_LEVEL: 'warn',
    PUBLIC_URL: origin,
    TRUST_PROXY: `${PROXY}/32`,
    OPERATOR_EMAIL: OPERATOR.email,
    OPERATOR_PASSWORD: OPERATOR.password,
  };
  const wide = {
    ...LOAD_LIMITS,
    rates: { ...LOAD_LIMITS.rates, framesPerSecond: 1e9, framesBurst: 1e9 },
    text: { ...LOAD_LIMITS.text, bytesPerVisitorDay: 1e12 },
  };
  let output = '';
  let child: ChildProcess;

  /** Resolves with the port when the server serves. */
  async function start(limits: object): Promise<number> {
    child = spawn(process.execPath, [join(ROOT, 'dist/server/main.js')], {
      env: { ...env, LIMITS: JSON.stringify(limits) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data: Buffer) => (output += data.toString()));
    return untilListening(child, () => output);
  }
  async function stop(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    await exited;
  }

  const seeding: Target = { port: await start(wide), origin, site: 'shop', dataDir, long: [] };
  await new Promise<void>((resolve, reject) =>
    execFile(
      process.execPath,
      [join(ROOT, 'dist/server/admin.js'), 'site', 'add', '--key', seeding.site, '--name', 'Shop', '--origin', 'https://shop.example'],
      { env: { ...env, LIMITS: '{}' } },
      (error) => (error === null ? resolve() : reject(error)),
    ),
  );
  const long = await Promise.all(Array.from({ length: past.chats }, () => converse(seeding, past.messages)));
  await stop();
  // All that was longer ago than a day.
  const db = new Database(join(dataDir, 'chat.sqlite'));
  db.exec('DELETE FROM spent');
  db.close();
  output = '';
  const target: Target = { ...seeding, port: await start({}), long };

  return {
    target,
    get figures() {
      return figuresOf(child.pid ?? 0);
    },
    ending: () =>
      child.exitCode === null && child.signalCode === null ? undefined : `code ${child.exitCode}, signal ${child.signalCode}:\n${output}`,
    errors: () => output.split('\n').filter((line) => /"level":(50|60)\b/.test(line)),
    async close() {
      await stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** @returns the refresh token of a new visitor who has said so many messages of 16 KB */
async function converse(target: Target, messages: number): Promise<string> {
  const visitor = await firstEnter(target);
  const line = await openLine(target, INNOCENT, visitor);
  const text = '🙂'.repeat(4_096);
  for (let n = 0; n < messages; n += 1) {
    const item = message(text);
    line.tell({ t: 'send', items: [item] });
    const answer = await line.hears((frame) => (frame['uid'] === item.uid ? frame.t : undefined));
    if (answer !== 'ack') throw new Error('What was said before the attack could not be stored.');
  }
  line.close();
  return visitor.refresh;
}

/** The site was added a moment ago: the server may not have noticed yet. */
async function firstEnter(target: Target): ReturnType<typeof enter> {
  for (;;) {
    const visitor = await enter(target, INNOCENT).catch((error: unknown) => {
      if (!String(error).includes('answered 404')) throw error;
    });
    if (visitor !== undefined) return visitor;
  }
}
