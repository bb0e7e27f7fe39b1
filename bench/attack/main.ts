/**
 * `npm run attack` repeats the attacks of part A of docs/found-faults.md against a real server with an installation's limits. It
 * prints the innocent visitors' waiting times and the server's costs. It fails if an innocent visitor waited for more than a
 * quarter of a second or was refused, if a count differs from the promise, if anything stays open or if a process has ended.
 * The short form decides nothing by time.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { quantile } from '../statistics.ts';
import { ROWS, type Order } from './attacker.ts';
import { bringInnocents, type Waits } from './innocent.ts';
import type { Row, Tally } from './row.ts';
import { startAttacked, type AttackedServer } from './server.ts';

const ROOT = new URL('../..', import.meta.url).pathname;

export interface Form {
  isShort: boolean;
  /** Rows by their ids; all if there is none. */
  ids: readonly string[];
}

/** What an innocent may wait at most, all but one in a hundred times. */
const MOST_MS = 250;
/** Who waits longer than this for a server that has nothing to do, waits for the machine. */
const BUSY_MS = 60;
/** Nobody writes more often. */
const PEOPLE_MS = 1_000;
const BEFORE_MS = 4_000;
const DURING_MS = 10_000;
/** Time for closed connections to be gone, and for running work to finish. */
const SETTLED_MS = 60_000;
/** A server that takes less of a processor than this has nothing left to do. */
const IDLE = 0.1;
const IDLE_MS = 500;

interface Result {
  row: Row;
  tally: Tally | undefined;
  faults: string[];
}

/** @returns whether all is as promised */
export async function main({ isShort, ids }: Form, script: string): Promise<boolean> {
  const chosen = ROWS.filter(({ id }) => ids.length === 0 || id.split(', ').some((each) => ids.includes(each)));
  const server = await startAttacked(isShort ? { chats: 1, messages: 40 } : { chats: 6, messages: 1_200 });
  const results: Result[] = [];
  const begin = (): ChildProcess => fork(script, ['--attacker'], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  // What an attack of the long form leaves open ends with its process; those of the short form come to an end of their own.
  const one = isShort ? begin() : undefined;
  try {
    for (const row of chosen) {
      const attacker = one ?? begin();
      const result = await carryOut(server, row, isShort, attacker);
      if (one === undefined) attacker.kill('SIGKILL');
      results.push(result);
      for (const fault of result.faults) console.log(`    FAULT  ${fault}`);
      if (server.ending() !== undefined) break;
    }
  } finally {
    one?.kill('SIGKILL');
    await server.close();
  }
  const failed = results.filter(({ faults }) => faults.length > 0).length + (chosen.length - results.length);
  console.log(`\n${chosen.length - failed} of ${chosen.length} attacks did no harm.`);
  mkdirSync(join(ROOT, 'test-results'), { recursive: true });
  writeFileSync(join(ROOT, 'test-results/attack.json'), JSON.stringify({ passed: chosen.length - failed, failed }));
  return failed === 0 && chosen.length > 0;
}

async function carryOut(server: AttackedServer, row: Row, isShort: boolean, attacker: ChildProcess): Promise<Result> {
  const { target } = server;
  console.log(`\n${row.id}  ${row.what}`);
  const innocents = await bringInnocents(target, { files: row.files === true, everyMs: isShort ? 250 : PEOPLE_MS });
  const watch = new AbortController();
  try {
    // Once, so that everything the server opens on first use is open.
    await innocents.live(() => true);
    const before = isShort ? undefined : await innocents.live(after(BEFORE_MS));
    const had = {
      descriptors: server.figures.descriptors(),
      memory: server.figures.residentMb(),
      cpu: server.figures.cpuSeconds(),
      errors: server.errors().length,
    };
    const heard = once(attacker, 'message', watch) as Promise<[Tally | { error: string }]>;
    let isDone = false;
    const done = heard.then(([answer]) => {
      isDone = true;
      return answer;
    });
    const began = performance.now();
    attacker.send({ row: ROWS.indexOf(row), target, isShort } satisfies Order);
    const isTime = after(DURING_MS);
    const during = innocents.live(() => {
      if (!isShort && isTime() && attacker.connected) attacker.send('end');
      return isDone && (isShort || isTime());
    });
    const answer = await Promise.race([done, once(attacker, 'exit', watch).then(() => ({ error: 'the attacker has ended' }))]);
    isDone = true;
    const waits = await during.catch((error: unknown): Waits => ({ apart: [], beside: [], refused: [String(error)] }));
    const cpu = server.ending() === undefined ? server.figures.cpuSeconds() - had.cpu : Number.NaN;
    const seconds = (performance.now() - began) / 1_000;
    if (!isShort) attacker.kill('SIGKILL');
    const left = await settle(server, had.descriptors, isShort);
    const memory = server.ending() === undefined ? server.figures.residentMb() : Number.NaN;

    const tally = 'error' in answer ? undefined : answer;
    console.log(
      `    ${
        'error' in answer
          ? answer.error
          : Object.entries(answer)
              .map(([name, count]) => `${name} ${count}`)
              .join(', ')
      }`,
    );
    if (before !== undefined && quantile(before.apart, 0.99) > BUSY_MS)
      console.log('    This machine is busy with other things: what follows says less.');
    if (before !== undefined)
      console.log(`    apart  ${told(before.apart)} → ${told(waits.apart)}    beside  ${told(before.beside)} → ${told(waits.beside)}`);
    console.log(
      `    server ${cpu.toFixed(1)} s of processor in ${seconds.toFixed(1)} s, ${((cpu * 1_000) / (tally?.acts ?? Number.NaN)).toFixed(2)} ms an act; memory ${had.memory.toFixed(0)} → ${memory.toFixed(0)} MB; descriptors ${had.descriptors} → ${had.descriptors + left}`,
    );
    const slow = isShort ? [] : (['apart', 'beside'] as const).filter((who) => quantile(waits[who], 0.99) > MOST_MS);
    const ending = server.ending();
    return {
      row,
      tally,
      faults: [
        ...(ending === undefined ? [] : [`the server has ended: ${ending}`]),
        ...('error' in answer ? [`the attack came to no end: ${answer.error}`] : row.judge(answer)),
        ...[...new Set(waits.refused)].map((what) => `innocents were refused ${what}`),
        ...slow.map((who) => `the innocent ${who} waited ${quantile(waits[who], 0.99).toFixed(0)} ms (p99)`),
        ...(left > 0 ? [`${left} descriptors are left open`] : []),
        ...server.errors().slice(had.errors),
      ],
    };
  } finally {
    watch.abort();
    innocents.close();
  }
}

/** @returns how many descriptors more than before stay open */
async function settle(server: AttackedServer, had: number, isShort: boolean): Promise<number> {
  const isLate = after(SETTLED_MS);
  for (;;) {
    if (server.ending() !== undefined) return 0;
    const left = server.figures.descriptors() - had;
    if (isLate() || (left <= 0 && (isShort || (await isIdle(server))))) return Math.max(0, left);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function isIdle({ figures }: AttackedServer): Promise<boolean> {
  const had = figures.cpuSeconds();
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
  return (figures.cpuSeconds() - had) * 1_000 < IDLE * IDLE_MS;
}

function after(ms: number): () => boolean {
  const end = performance.now() + ms;
  return () => performance.now() >= end;
}

const told = (waits: readonly number[]): string => `${quantile(waits, 0.5).toFixed(1)} / ${quantile(waits, 0.99).toFixed(1)} ms`;
