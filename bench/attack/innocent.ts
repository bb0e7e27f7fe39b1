/**
 * Innocent visitors who only want to be served: some send a message now and then and wait for the acknowledgement. Where a row
 * attacks files, others send a text of five bytes. We record only their waiting times.
 */
import { pause } from './row.ts';
import { ATTACKER, enter, INNOCENT, message, openLine, upload, type Line, type Target, type Visitor } from './target.ts';

export interface Innocents {
  /** Everybody goes on in their own time until `isOver`, at least once. */
  live(isOver: () => boolean): Promise<Waits>;
  close(): void;
}

/** Milliseconds of each round trip. */
export interface Waits {
  /** Of those who live elsewhere. */
  apart: number[];
  /** Of those who share the attacker's address. */
  beside: number[];
  /** What they were refused. */
  refused: string[];
}

const APART = 16;
const BESIDE = 6;
/** A file takes the place of every so manieth message, where files are sent: an address may begin 300 of them in a minute. */
const FILE_EVERY = 5;

export interface Habits {
  /** Whether they send files as well. */
  files: boolean;
  /** Between two things one of them says. */
  everyMs: number;
}

export async function bringInnocents(target: Target, { files, everyMs }: Habits): Promise<Innocents> {
  const come = async (from: string) => {
    const visitor = await enterAtLast(target, from);
    return { from, visitor, line: await openLine(target, from, visitor) };
  };
  const people = await Promise.all([...Array<string>(APART).fill(INNOCENT), ...Array<string>(BESIDE).fill(ATTACKER)].map(come));

  return {
    async live(isOver) {
      const waits: Waits = { apart: [], beside: [], refused: [] };
      await Promise.all(
        people.map(async ({ from, visitor, line }, at) => {
          await pause((at * everyMs) / people.length);
          for (let n = at; n === at || !isOver(); n += 1) {
            const next = pause(everyMs);
            const began = performance.now();
            const refusal = files && n % FILE_EVERY === 0 ? await send(target, from, visitor) : await say(line);
            waits[from === INNOCENT ? 'apart' : 'beside'].push(performance.now() - began);
            if (refusal !== undefined) waits.refused.push(refusal);
            await next;
          }
        }),
      );
      return waits;
    },
    close: () => people.forEach(({ line }) => line.close()),
  };
}

/** Who comes right after an attack by the same address may have to wait for it to be forgotten. */
async function enterAtLast(target: Target, from: string): Promise<Visitor> {
  for (;;) {
    try {
      return await enter(target, from);
    } catch (error) {
      if (!String(error).includes('answered 429')) throw error;
      await pause(100);
    }
  }
}

async function say(line: Line): Promise<string | undefined> {
  const item = message('hello');
  line.tell({ t: 'send', items: [item] });
  const answer = await line.hears((frame) => (frame['uid'] === item.uid && (frame.t === 'ack' || frame.t === 'nack') ? frame : undefined));
  return answer.t === 'ack' ? undefined : `a message: ${String(answer['code'])}`;
}

async function send(target: Target, from: string, visitor: Visitor): Promise<string | undefined> {
  const status = await upload(target, from, visitor, { name: 'note.txt', bytes: Buffer.from('hello') });
  return status === 201 ? undefined : `a file: ${status}`;
}
