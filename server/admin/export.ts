/**
 * All there is about a visitor as one JSON text, read and printed piece by piece: a conversation may be longer than our memory.
 * It decides nothing about who may have it, and leaves out what would let its reader act for the visitor.
 */
import type { Config } from '../config.ts';
import { everyOne } from '../store/pages.ts';
import type { ChatRecord } from '../store/chats.ts';
import type { StoredFile } from '../store/files.ts';
import type { Reader } from '../store/store.ts';
import type { Visitor } from '../store/visitors.ts';

export interface ExportParts {
  store: Reader;
  visitor: Visitor;
  config: Config;
  /** Mails that were written to files. */
  mails: readonly string[];
  pathOf(file: StoredFile): string;
  print(line: string): void;
}

/** Few, because each event may be as long as a message can be. */
const EVENTS_AT_ONCE = 50;
const READINGS_AT_ONCE = 500;
/** More than one visitor can have of them. */
const LOST = 1_000;

export async function printExport({ store, visitor, mails, pathOf, print }: ExportParts): Promise<void> {
  const { site, id } = visitor;
  const write = createJsonPrinter(print);
  const { ver: _, ...about } = visitor;
  write.member('visitor', about);
  await write.list('chats', chatsOf(store, visitor), async ({ summary }, item) => {
    item.open(summary);
    await write.list('events', eventsOf(store, site, summary.id));
    item.close();
  });
  await write.list(
    'requests',
    everyOne(
      (after: string) => store.requestsOf(site, id, after),
      (request) => request.id,
      '',
    ),
  );
  await write.list('files', filesAround(store, visitor), (file, item) => item.whole({ ...file, path: pathOf(file) }));
  write.member('mails', mails);
  // By a token of the site's own server; as whom is kept as a hash alone.
  write.member('identifiedSince', (await store.identifiedSince(site, id)) ?? null);
  write.member(
    'sessions',
    (await store.sessionsOf(site, id)).map((session) => ({ id: session.id, expiresAt: session.expiresAt })),
  );
  // Who has read it, newest first.
  await write.list(
    'readings',
    everyOne(
      (before: number) => store.audit({ visitor: id }, READINGS_AT_ONCE, before),
      ({ number }) => number,
      Number.MAX_SAFE_INTEGER,
    ),
    ({ number: _, ...entry }, item) => item.whole(entry),
  );
  // Chats of which this visitor was told more than a restored database has.
  write.member('lost', await store.lost({ visitor: id }, LOST));
  write.member('jobs', await store.jobsOf(site, id));
  write.end();
}

/** What the visitor uploaded, sent or not, and what operators sent in these chats. */
export async function* filesAround(reader: Reader, visitor: Visitor): AsyncGenerator<StoredFile, void> {
  const { site, id } = visitor;
  yield* everyOne(
    (after: string) => reader.filesAfter(site, id, after),
    (file) => file.id,
    '',
  );
  for await (const { summary } of chatsOf(reader, visitor)) {
    for await (const file of everyOne(
      (after: string) => reader.filesSentIn(site, summary.id, after),
      (one) => one.id,
      '',
    ))
      if (file.visitor !== id) yield file;
  }
}

function chatsOf(reader: Reader, { site, id }: Visitor): AsyncGenerator<ChatRecord, void> {
  return everyOne(
    (after: number) => reader.chatsOf(site, id, after),
    ({ summary }) => summary.number,
    0,
  );
}

function eventsOf(reader: Reader, site: string, chat: string) {
  return everyOne(
    (after: number) => reader.eventsAfter(site, chat, after, EVENTS_AT_ONCE),
    ({ seq }) => seq,
    0,
  );
}

/** How one item of a list is written: at once, or opened, with lists as further members, and closed. */
interface Item {
  whole(value: object): void;
  open(value: object): void;
  close(): void;
}

/** One object, member by member, a line for each thing in it. */
function createJsonPrinter(print: (line: string) => void) {
  let comma = '';
  print('{');
  const member = (name: string, value: string) => {
    print(`${comma}${JSON.stringify(name)}: ${value}`);
    comma = ',';
  };
  const whole = (value: object) => {
    print(`${comma}${JSON.stringify(value)}`);
    comma = ',';
  };
  const item: Item = {
    whole,
    open(value) {
      print(`${comma}${JSON.stringify(value).slice(0, -1)}`);
      comma = ',';
    },
    close() {
      print('}');
      comma = ',';
    },
  };
  return {
    member: (name: string, value: unknown) => member(name, JSON.stringify(value)),
    async list<T extends object>(name: string, values: AsyncIterable<T>, write: (value: T, item: Item) => unknown = whole): Promise<void> {
      member(name, '[');
      comma = '';
      for await (const value of values) await write(value, item);
      print(']');
      comma = ',';
    },
    end: () => print('}'),
  };
}
