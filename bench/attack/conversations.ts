/** Attacks by reading and writing: long answers, transcripts of long conversations, empty frames, requests without a session. */
import { createHash, randomUUID } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, many, pause, type Row } from './row.ts';
import { ATTACKER, enter, openLine, type Line, type Target } from './target.ts';
import { Database } from '../../server/store/driver.ts';

/** What waits on each line of a flood, at least. */
const FILL_BYTES = 64_000;
/** What one answer of a reading may weigh: a bound, and the message that passes it. */
const MOST_ANSWER = 128 * 1024 + 20 * 1024;
/** By default, of one address (`request.perIpHour`, `mail.perIpHour`). */
const [REQUESTS, MAILS] = [60, 10];
/** What the mail of a transcript may weigh: 200 KB of text, quoted for the way and again as HTML. */
const MOST_MAIL = 2 * 1024 * 1024;

export const readings: Row = {
  id: 'A4',
  what: 'a long conversation read over and over, by 20 sockets',
  async attack(target, { isShort, isOver }) {
    const visitor = await enter(target, ATTACKER, target.long[0]);
    const lines = await Promise.all(Array.from({ length: isShort ? 3 : 20 }, () => openLine(target, ATTACKER, visitor)));
    const tally = { acts: 0, heardKb: 0, answers: 0, mostBytes: 0, ended: 0 };
    for (const { ws } of lines) {
      let bytes = 0;
      ws.on('close', () => (tally.ended += 1));
      ws.on('message', (data: Buffer) => {
        tally.heardKb += data.length / 1024;
        bytes += data.length;
        if (!data.includes('"t":"more"') && !data.includes('"t":"history"')) return;
        tally.answers += 1;
        tally.mostBytes = Math.max(tally.mostBytes, bytes);
        bytes = 0;
      });
    }
    const askOnce = ({ ws, tell, chat = '' }: Line & { chat: string | undefined }): void => {
      for (let n = 0; n < 60 && ws.bufferedAmount < FILL_BYTES; n += 1) {
        tell(n % 2 === 0 ? { t: 'sync', chat, after: 0 } : { t: 'history', n, before: null });
        tally.acts += 1;
      }
    };
    if (isShort) {
      lines.forEach(askOnce);
      while (tally.answers < 6 && tally.ended === 0) await pause(10);
    } else {
      while (!isOver()) {
        lines.forEach(askOnce);
        await pause(5);
      }
    }
    const result = { ...tally, heardKb: Math.round(tally.heardKb) };
    for (const line of lines) line.close();
    return result;
  },
  judge: ({ mostBytes = 0, ended = 0 }) => [
    ...expect(mostBytes <= MOST_ANSWER, `an answer weighs ${mostBytes} bytes, ${MOST_ANSWER} are promised`),
    ...expect(ended === 0, `${ended} who only read were sent away`),
  ],
};

/** One row for both: a request for a transcript makes the server read a long conversation and write a mail of it. */
export const transcripts: Row = {
  id: 'A2, A9',
  what: 'transcripts of long conversations',
  async attack(target, { isShort }) {
    const mails = mailsOf(target);
    const had = mails().length;
    const tally = { acts: 0, admitted: 0, refused: 0, mostMailBytes: 0 };
    for (let n = 0; n < (isShort ? 3 : 12); n += 1) {
      const visitor = await enter(target, ATTACKER, target.long[n % target.long.length]);
      const line = await openLine(target, ATTACKER, visitor);
      const uid = randomUUID();
      const fate = line.hears((frame) => (frame['uid'] === uid && (frame.t === 'mailed' || frame.t === 'nack') ? frame : undefined));
      line.tell({ t: 'send', items: [{ uid, kind: 'transcript.mail', address: `somebody-${n}@example.com` }] });
      tally.acts += 1;
      if ((await fate)['success'] === true) tally.admitted += 1;
      else tally.refused += 1;
      line.close();
    }
    while (mails().length - had < tally.admitted) await pause(20);
    return { ...tally, mostMailBytes: Math.max(0, ...mails()) };
  },
  judge: ({ admitted = 0, mostMailBytes = 0 }) => [
    ...expect(admitted > 0 && admitted <= MAILS, `${admitted} transcripts were sent for one address, 1 to ${MAILS} an hour are promised`),
    ...expect(mostMailBytes > 0 && mostMailBytes <= MOST_MAIL, `a mail weighs ${mostMailBytes} bytes, ${MOST_MAIL} at most are promised`),
  ],
};

/** Sizes of the mails that lie where an installation without a mail server puts them. */
function mailsOf({ dataDir }: Target): () => number[] {
  const folder = join(dataDir, 'mail');
  return () => {
    try {
      return readdirSync(folder)
        .filter((name) => name.endsWith('.eml'))
        .map((name) => statSync(join(folder, name)).size);
    } catch {
      // Nobody has been sent anything yet.
      return [];
    }
  };
}

export const requests: Row = {
  id: 'A6, A8',
  what: 'applications by visitors who are new each time',
  async attack(target, { isShort }) {
    const visitors = isShort ? 8 : 13;
    const tally = { acts: visitors * 10, admitted: 0, refused: 0, guessed: 0 };
    const phone = '+49 30 1234567';
    await many(visitors, 5, async () => {
      const line = await openLine(target, ATTACKER, await enter(target, ATTACKER));
      for (let n = 0; n < 10; n += 1) {
        const uid = randomUUID();
        line.tell({ t: 'send', items: [{ uid, kind: 'request.send', request: { phone } }] });
        const answer = await line.hears((frame) =>
          frame['uid'] === uid && (frame.t === 'ack' || frame.t === 'nack') ? frame.t : undefined,
        );
        if (answer === 'ack') tally.admitted += 1;
        else tally.refused += 1;
      }
      line.close();
    });
    tally.guessed = guesses(target, { kind: 'request.send', request: { phone } });
    return tally;
  },
  judge: ({ acts, admitted = 0, refused = 0, guessed }) => [
    ...expect(
      admitted <= REQUESTS && admitted + refused === acts,
      `of ${acts} applications of one address ${admitted} were stored and ${refused} refused, ${REQUESTS} an hour are promised`,
    ),
    ...expect(guessed === 0, `${guessed} commands can be guessed from what is stored of them`),
  ],
};

/** In how many rows that remember commands this one can be recognised without the installation's secret. */
function guesses({ dataDir }: Target, command: object): number {
  const sorted = (value: unknown): unknown =>
    typeof value !== 'object' || value === null
      ? value
      : Object.entries(value)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([key, member]) => [key, sorted(member)]);
  const hashes = [command, sorted(command)].flatMap((form) =>
    (['hex', 'base64', 'base64url'] as const).map((encoding) => createHash('sha256').update(JSON.stringify(form)).digest(encoding)),
  );
  const db = new Database(join(dataDir, 'chat.sqlite'), { readonly: true, timeout: 5_000 });
  const rows = db.prepare<[], Record<string, unknown>>('SELECT * FROM command').all();
  db.close();
  return rows.filter((row) => Object.values(row).some((value) => typeof value === 'string' && hashes.some((hash) => value.includes(hash))))
    .length;
}

export const frames: Row = {
  id: 'A11',
  what: 'typing, pages, properties, items that are none: as much as 20 sockets take',
  async attack(target, { isShort, isOver }) {
    const lines = await Promise.all(
      Array.from({ length: isShort ? 3 : 20 }, async (_, n) =>
        openLine(target, ATTACKER, n % 2 === 0 ? await enter(target, ATTACKER) : undefined),
      ),
    );
    const tally = { acts: 0, answered: 0, ended: 0 };
    const words: (() => object)[] = [
      () => ({ t: 'typing', text: 'x'.repeat(1_000) }),
      () => ({ t: 'page', page: { url: `https://shop.example/${'x'.repeat(1_500)}`, title: randomUUID() }, isInvitable: true }),
      () => ({ t: 'send', items: Array.from({ length: 20 }, () => ({ uid: randomUUID(), kind: 'message.send', text: 5 })) }),
      () => ({ t: 'send', items: [{ uid: randomUUID(), kind: 'nothing' }] }),
      () => ({ t: 'properties', changes: [['plan', randomUUID()]] }),
      () => ({ t: 'pong' }),
    ];
    for (const { ws } of lines) ws.on('message', () => (tally.answered += 1)).on('close', () => (tally.ended += 1));
    const say = ({ ws, tell }: Line, most: number): void => {
      for (let n = 0; n < most && ws.bufferedAmount < FILL_BYTES; n += 1) {
        tell(words[n % words.length]?.() ?? {});
        tally.acts += 1;
      }
    };
    if (isShort) {
      for (const line of lines) say(line, 300);
      while (tally.answered < 100) await pause(10);
    } else {
      while (!isOver()) {
        for (const line of lines) say(line, 60);
        await pause(5);
      }
    }
    const result = { ...tally };
    for (const line of lines) line.close();
    return result;
  },
  judge: ({ ended = 0 }) => expect(ended === 0, `${ended} who said too much were sent away instead of being made to wait`),
};
