/** Transcripts as a mail server receives them. */
import { mkdtemp, readFile, readdir, rm, utimes } from 'node:fs/promises';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseSettings } from '../../shared/settings.ts';
import { createHandClock } from '../testing/http-world.ts';
import { createFolder } from '../base/folder.ts';
import { createLog } from '../base/log.ts';
import { createSqliteStore } from '../store/sqlite.ts';
import type { NewEvent } from '../store/events.ts';
import type { Store } from '../store/store.ts';
import { codeOf } from './code.ts';
import { createMailer, TRANSCRIPT_BYTES, TRANSCRIPT_MESSAGES, type Mailer } from './mailer.ts';
import type { Language } from '../../shared/languages/languages.ts';
import { writeTranscript } from './transcript.ts';

const HOSTILE = '<img src=x onerror=alert(1)>\r\nBcc: thief@evil.example\r\n.\r\n"\'&';

let dir: string;
let store: Store;
let lines: string[];
let mailer: Mailer | undefined;
const clock = createHandClock(Date.UTC(2030, 4, 6, 7, 8, 9));

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'chat-mail-'));
  lines = [];
  store = await createSqliteStore({ file: join(dir, 'chat.sqlite'), foreignChangeMs: 60_000, clock });
});
afterEach(async () => {
  mailer?.close();
  await store.close();
  await rm(dir, { recursive: true, force: true });
});

/** A chat with one message each way; everything in it is hostile. */
async function writeChat(): Promise<{ site: string; visitor: string; chat: string; uid: string }> {
  return store.transact([], async (tx) => {
    await tx.saveSite({ key: 'shop', name: 'Shop & "Sons"', origins: [], settings: parseSettings({}) });
    await tx.createVisitor({ id: 'v1', site: 'shop', card: { name: 'Vera\r\nX-Evil: 1' }, invite: null, createdAt: 0 });
    let chat = await tx.createChat('shop', 'v1');
    const add = async (event: NewEvent) => void (chat = (await tx.append(chat, event, clock.nowSeconds())).chat);
    const card = { name: 'Ann <b>', position: null, avatar: null };
    await add({ kind: 'chat.started', uid: null, author: { kind: 'visitor' }, group: null, via: 'command' });
    await add({ kind: 'message.added', uid: null, author: { kind: 'visitor' }, text: HOSTILE, file: null });
    await add({ kind: 'operator.joined', uid: null, author: { kind: 'operator', id: 'ann', card }, operator: 'ann', card });
    const file = { link: 'https://files.example/files/abc/a.pdf', name: 'a.pdf', size: 2048, type: 'application/pdf' };
    await add({ kind: 'message.added', uid: null, author: { kind: 'operator', id: 'ann', card }, text: 'a.pdf', file });
    return { site: 'shop', visitor: 'v1', chat: chat.summary.id, uid: 'uid-1' };
  });
}

interface Received {
  to: string[];
  raw: string;
}

async function withSmtp(
  work: (url: string, received: Received[], refuse: (message: string, code: number) => void) => Promise<void>,
): Promise<void> {
  const received: Received[] = [];
  let refusal: (Error & { responseCode: number }) | undefined;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onRcptTo: (_address, _session, done) => done(refusal ?? null),
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        received.push({ to: session.envelope.rcptTo.map(({ address }) => address), raw: Buffer.concat(chunks).toString() });
        done();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  try {
    await work(
      `smtp://127.0.0.1:${port}`,
      received,
      (message, responseCode) => void (refusal = Object.assign(new Error(message), { responseCode })),
    );
  } finally {
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}

function open(smtpUrl: string | null): Mailer {
  mailer = createMailer({
    store,
    config: { smtpUrl, mailFrom: 'chat@shop.example', dataDir: dir, publicUrl: 'https://chat.example' },
    log: createLog('debug', { write: (line) => void lines.push(line) }),
  });
  return mailer;
}

/** Header names in order, and the parts' texts decoded. */
function read(raw: string): { names: string[]; header: (name: string) => string | undefined; parts: string[] } {
  const [head = ''] = raw.split('\r\n\r\n');
  const headers = head
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n')
    .map((line) => line.split(/: ?(.*)/s));
  const boundary = /boundary="([^"]+)"/.exec(head)?.[1] ?? '';
  const parts = raw
    .split(`--${boundary}`)
    .slice(1, -1)
    .map((part) => {
      const [partHead = '', ...body] = part.split('\r\n\r\n');
      const text = body.join('\r\n\r\n');
      if (/base64/i.test(partHead)) return Buffer.from(text, 'base64').toString();
      return /quoted-printable/i.test(partHead)
        ? Buffer.from(
            text.replace(/=\r\n/g, '').replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
            'latin1',
          ).toString()
        : text;
    });
  return { names: headers.map(([name]) => name ?? ''), header: (name) => headers.find(([key]) => key === name)?.[1], parts };
}

describe('a transcript', () => {
  it('[E5] [FF.C8] [ME.sendChatByMail] has constant headers, one recipient, and messages with names and times in two forms', async () => {
    const job = await writeChat();
    await withSmtp(async (url, received) => {
      await open(url).transcript({ ...job, address: 'vera@home.example' });
      expect(received.map(({ to }) => to)).toEqual([['vera@home.example']]);
      const { names, header, parts } = read(received[0]?.raw ?? '');
      expect(names.sort()).toEqual([
        'Auto-Submitted',
        'Content-Type',
        'Date',
        'From',
        'MIME-Version',
        'Message-ID',
        'Subject',
        'To',
        'X-Auto-Response-Suppress',
      ]);
      expect(header('To')).toBe('vera@home.example');
      expect(header('From')).toBe('Chat <chat@shop.example>');
      expect(header('Subject')).toBe('Your chat transcript');
      const [text = '', html = ''] = parts;
      expect(text).toContain('Vera X-Evil: 1, May 6, 2030, 07:08 AM UTC');
      expect(text).toContain('<img src=x onerror=alert(1)>');
      expect(text).toContain('> a.pdf (2 kB, available until Nov 5, 2030): https://files.example/files/abc/a.pdf');
      expect(html).toContain('<b>Ann &#60;b&#62;</b>, May 6, 2030, 07:08 AM UTC');
      expect(html).not.toMatch(/<img|<b>\s*<b>|<a |<script/);
    });
  });

  it('[E6] a code that confirms an address comes in a mail in which nobody’s words stand', async () => {
    const job = { ...(await writeChat()), address: 'vera@home.example', isCode: true };
    await withSmtp(async (url, received) => {
      await open(url).transcript(job);
      const { names, header, parts } = read(received[0]?.raw ?? '');
      expect(names.sort()).toEqual([
        'Auto-Submitted',
        'Content-Type',
        'Date',
        'From',
        'MIME-Version',
        'Message-ID',
        'Subject',
        'To',
        'X-Auto-Response-Suppress',
      ]);
      expect(header('Subject')).toBe('Your confirmation code');
      const [text = '', html = ''] = parts;
      const code = codeOf(job, store.secret);
      const words = (form: string) =>
        form
          .replace(/<[^>]*>/g, ' ')
          .replace(code, '')
          .split(/\s+/)
          .filter(Boolean)
          .join(' ');
      const constant =
        'Your code is . It confirms that this address is yours, and is good for 15 minutes. If you did not ask for it, nothing needs to be done.';
      expect([text.includes(code), html.includes(code), words(text)]).toEqual([true, true, constant]);
      expect(words(html)).toBe(`Your confirmation code ${constant}`);
    });
  });

  it('[E5] no address changes a byte of the headers but the one it stands in', async () => {
    const job = await writeChat();
    await withSmtp(async (url, received) => {
      const sender = open(url);
      const tried = [
        'a@b.example\r\nBcc: c@d.example',
        'a@b.example\nSubject: owned',
        'a@b.example,c@d.example',
        'a@b.example;c@d.example',
        '<a@b.example>',
        'A <a@b.example>',
        '"a\r\nBcc:c@d.example"@b.example',
        'a@b.example\u2028Bcc: c@d.example',
        'a@b.example\0',
        'a@[127.0.0.1]',
        'a@b.example (c)',
        'a b@c.example',
        '',
      ];
      for (const address of tried) await sender.transcript({ ...job, address }).catch(() => undefined);
      expect(received).toEqual([]);
      for (const address of ['vera@home.example', "o'hara+x=y@home.example", '!#$%@home.example'])
        await sender.transcript({ ...job, address });
      const heads = received.map(({ raw }, at) => {
        const [head = ''] = raw.split('\r\n\r\n');
        return head
          .replace(`To: ${['vera@home.example', "o'hara+x=y@home.example", '!#$%@home.example'][at]}`, 'To: ONE')
          .replace(/^Date: .*$/m, 'Date: THEN')
          .replace(/boundary="[^"]+"/, 'boundary="B"');
      });
      expect(heads).toHaveLength(3);
      expect(new Set(heads).size).toBe(1);
      expect(heads[0]).toContain('\r\nTo: ONE\r\n');
    });
  });

  it('[E5] sent twice is the same mail, and another request is another', async () => {
    const job = { ...(await writeChat()), address: 'vera@home.example' };
    await withSmtp(async (url, received) => {
      const sender = open(url);
      await sender.transcript(job);
      await sender.transcript(job);
      await sender.transcript({ ...job, uid: 'uid-2' });
      const ids = received.map(({ raw }) => read(raw).header('Message-ID'));
      expect(ids[0]).toMatch(/^<[0-9a-f]{32}@chat\.example>$/);
      expect([ids[1] === ids[0], ids[2] === ids[0]]).toEqual([true, false]);
    });
  });

  it('[ME.sendChatByMail] that a server will never take is told apart from one that it may take later', async () => {
    const job = { ...(await writeChat()), address: 'vera@home.example' };
    await withSmtp(async (url, received, refuse) => {
      const sender = open(url);
      refuse('no such user', 550);
      await expect(sender.transcript(job)).rejects.toMatchObject({ kind: 'final', step: 'RCPT TO', status: 550 });
      refuse('try later', 451);
      await expect(sender.transcript(job)).rejects.toMatchObject({ kind: 'later', step: 'RCPT TO', status: 451 });
      expect(received).toEqual([]);
    });
    await expect(open('smtp://127.0.0.1:1').transcript(job)).rejects.toMatchObject({ kind: 'installation', code: 'ESOCKET', step: 'CONN' });
  });

  it.each<[string, string, Partial<SMTPServerOptions>, object]>([
    [
      'a wrong password',
      'user:wrong@',
      { authOptional: false, onAuth: (_auth, _session, done) => done(Object.assign(new Error('no'), { responseCode: 535 })) },
      { code: 'EAUTH', step: 'AUTH PLAIN', status: 535 },
    ],
    [
      'a greeting that turns us away',
      '',
      { onConnect: (_session, done) => done(Object.assign(new Error('go away'), { responseCode: 554 })) },
      { status: 554 },
    ],
    [
      'a sender that is refused',
      '',
      { onMailFrom: (_address, _session, done) => done(Object.assign(new Error('not yours'), { responseCode: 550 })) },
      { step: 'MAIL FROM', status: 550 },
    ],
  ])("[FF.B8] %s is the installation's fault, not the mail's", async (_what, account, options, fault) => {
    const server = new SMTPServer({ authOptional: true, allowInsecureAuth: true, disabledCommands: ['STARTTLS'], ...options });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.server.address() as AddressInfo;
      const job = { ...(await writeChat()), address: 'vera@home.example' };
      const error: unknown = await open(`smtp://${account}127.0.0.1:${port}`)
        .transcript(job)
        .catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ kind: 'installation', ...fault });
      expect(String(error)).not.toMatch(/wrong|vera|user/);
    } finally {
      await new Promise<void>((resolve) => server.close(() => resolve()));
    }
  });

  it("[E5] goes to one good address of a chat that is the visitor's own, or nowhere", async () => {
    const job = await writeChat();
    const sender = open(null);
    for (const address of ['a@b.example,c@d.example', 'a@b.example\r\nBcc: c@d.example', '']) {
      expect(sender.check(address)).toBe(false);
      await expect(sender.transcript({ ...job, address })).rejects.toMatchObject({ code: 'invalid_argument' });
    }
    await expect(sender.transcript({ ...job, address: 'a@b.example', visitor: 'v2' })).rejects.toMatchObject({ code: 'not_found' });
    await expect(sender.transcript({ ...job, address: 'a@b.example', site: 'other' })).rejects.toMatchObject({ code: 'not_found' });
    await expect(sender.transcript('nonsense')).rejects.toMatchObject({ code: 'invalid_argument' });
  });

  it('[ME.sendChatByMail] lies in a file where there is no mail server, once, and the log says so without saying whose', async () => {
    const job = { ...(await writeChat()), address: 'vera@home.example' };
    const sender = open(null);
    await sender.transcript(job);
    await sender.transcript(job);
    const files = await readdir(join(dir, 'mail'));
    expect(files).toEqual([expect.stringMatching(/^v1-[0-9a-f]{32}\.eml$/)]);
    expect(await readFile(join(dir, 'mail', files[0] ?? ''), 'utf8')).toContain('\r\nTo: vera@home.example\r\n');
    expect(lines.join('')).toContain('SMTP_URL is not set');
    expect(lines.join('')).not.toContain('vera');
  });
});

describe('the transcript of a chat that somebody has made long', () => {
  /** A chat of so many messages, and what of it was read. */
  async function longChat(count: number, textOf: (at: number) => string) {
    const job = await writeChat();
    await store.transact([], async (tx) => {
      const chat = await tx.openChatOf('shop', 'v1');
      for (let at = 0; at < count; at += 1)
        if (chat)
          await tx.append(
            chat,
            { kind: 'message.added', uid: null, author: { kind: 'visitor' }, text: textOf(at), file: null },
            clock.nowSeconds(),
          );
    });
    const counted = { rows: 0, atOnce: 0 };
    const count_ = <T>(rows: T[]): T[] => {
      counted.rows += rows.length;
      counted.atOnce = Math.max(counted.atOnce, rows.length);
      return rows;
    };
    const watched: Store = {
      ...store,
      messagesBefore: async (...asked) => count_(await store.messagesBefore(...asked)),
      eventsAfter: async (...asked) => count_(await store.eventsAfter(...asked)),
    };
    const sent: string[] = [];
    await withSmtp(async (url, received) => {
      const sender = createMailer({
        store: watched,
        config: { smtpUrl: url, mailFrom: 'chat@shop.example', dataDir: dir, publicUrl: 'https://chat.example' },
        log: createLog('silent'),
      });
      await sender.transcript({ ...job, address: 'vera@home.example' });
      sender.close();
      sent.push(...received.map(({ raw }) => raw));
    });
    const raw = sent[0] ?? '';
    return { counted, raw, text: read(raw).parts[0] ?? '' };
  }

  it('[FF.A2] [FF.A9] is read backwards by messages, a few at once, and the mail says that it was cut', async () => {
    const { counted, text } = await longChat(TRANSCRIPT_MESSAGES + 500, (at) => `line ${at};`);
    expect(counted.rows).toBeLessThanOrEqual(TRANSCRIPT_MESSAGES + 25);
    expect(counted.atOnce).toBeLessThanOrEqual(25);
    expect(text).toContain(`Earlier messages are left out: these are the newest ${TRANSCRIPT_MESSAGES.toLocaleString('en')}.`);
    expect(text.match(/line \d+;/g)?.map((line) => Number(line.slice(5, -1)))).toEqual(
      Array.from({ length: TRANSCRIPT_MESSAGES }, (_, at) => at + 500),
    );
  });

  it('[FF.A2] [FF.A9] is bounded in bytes where the messages are long', async () => {
    const { counted, raw, text } = await longChat(100, (at) => `line ${at};${'x'.repeat(15_980)}`);
    const kept = text.match(/line \d+;/g) ?? [];
    expect(kept.length).toBe(Math.floor(TRANSCRIPT_BYTES / 16_000));
    expect(kept.at(-1)).toBe('line 99;');
    expect(text).toContain(`Earlier messages are left out: these are the newest ${kept.length.toLocaleString('en')}.`);
    expect(counted.rows).toBeLessThanOrEqual(25);
    // Text and HTML, in lines of mail.
    expect(Buffer.byteLength(raw)).toBeLessThan(2.5 * TRANSCRIPT_BYTES);
  });
});

const ENGLISH = { language: 'en', timeZone: 'UTC' } as const;

it("[VI.lang] a transcript is in the visitor's language and the site's time zone, from right to left where that is", () => {
  const message = {
    kind: 'message.added' as const,
    chat: 'c',
    message_id: 'm',
    seq: 1,
    date: 1_900_000_000,
    uid: null,
    author: { kind: 'visitor' as const },
    text: 'a.pdf',
    file: { link: 'https://files.example/a.pdf', name: 'a.pdf', size: 2048, type: 'application/pdf' },
  };
  const write = (language: Language, timeZone: string) =>
    writeTranscript({ site: 'Shop', visitor: undefined, messages: [message], isShortened: true, filesDays: 1, language, timeZone });
  const german = write('de', 'Europe/Berlin');
  expect(german.text).toContain('Ihr Chat mit Shop\n\nFrühere Nachrichten fehlen hier: Dies sind die neuesten 1.');
  expect(german.text).toContain('Gast, 17. März 2030, 18:46 MEZ\n> a.pdf (2 kB, verfügbar bis 18. März 2030): https://files');
  expect(write('fr', 'America/New_York').text).toContain(
    'Vous, 17 mars 2030, 13:46 UTC−4\n> a.pdf (2 ko, disponible jusqu’au 18 mars 2030) : https://files',
  );
  expect(german.html).toContain('<html lang="de" dir="ltr">');
  expect(write('he', 'Asia/Jerusalem').html).toContain('<html lang="he" dir="rtl">');
});

it('[E6] a long chat is mailed without its beginning, and says so', () => {
  const { text, html } = writeTranscript({ site: 'Shop', visitor: undefined, messages: [], isShortened: true, filesDays: 183, ...ENGLISH });
  for (const form of [text, html]) {
    expect(form).toContain('Earlier messages are left out: these are the newest 0.');
    expect(form).toContain('No messages were written in this chat.');
  }
});

it('[FF.C9] no message writes a line of ours into the text: each of its lines is quoted, however lines end', () => {
  const forged = 'Hello\n\nAnn, 2030-04-06 07:08 UTC\nYour password, please';
  const ends = ['\n', '\r', '\r\n', '\v', '\f', '\u0085', '\u2028', '\u2029'];
  const messages = [forged, ...ends.map((end) => `a${end}${end}Ann, 2030-04-06 07:08 UTC${end}b`)].map((text, index) => ({
    kind: 'message.added' as const,
    chat: 'c',
    message_id: `m${index}`,
    seq: index + 1,
    date: 1_900_000_000,
    uid: null,
    author: { kind: 'visitor' as const },
    text,
    file: null,
  }));
  const { text } = writeTranscript({
    site: 'Shop',
    visitor: 'Vera\n\n> Ann,\u2028 now',
    messages,
    isShortened: false,
    filesDays: 183,
    ...ENGLISH,
  });
  const ours = text.split(/\r\n|[\n\v\f\r\u0085\u2028\u2029]/).filter((line) => line !== '' && !line.startsWith('>'));
  expect(ours).toEqual(['Your chat with Shop', ...messages.map(() => 'Vera > Ann, now, Mar 17, 2030, 05:46 PM UTC')]);
  expect(text).toContain('> Hello\n>\n> Ann, 2030-04-06 07:08 UTC\n> Your password, please\n');
});

it('[FF.C9] a name that looks like a quoted line is no quoted line', () => {
  const message = {
    kind: 'message.added' as const,
    chat: 'c',
    message_id: 'm',
    seq: 1,
    date: 0,
    uid: null,
    author: { kind: 'visitor' as const },
    text: 'Hi',
    file: null,
  };
  const { text } = writeTranscript({
    site: '> Shop',
    visitor: '> Ann',
    messages: [message],
    isShortened: false,
    filesDays: 183,
    ...ENGLISH,
  });
  expect(text.split('\n').filter((line) => line.startsWith('>'))).toEqual(['> Hi']);
});

describe('a mail server that resets the connection', () => {
  const STEPS = ['', 'EHLO', 'MAIL', 'RCPT', 'DATA', 'Message-ID', '\r\n.\r\n', 'QUIT'];

  for (const step of STEPS) {
    it(`[FF.A1] at ${JSON.stringify(step)} ends one sending and nothing else`, async () => {
      const payload = await writeChat();
      const peers = new Set<Socket>();
      const server = createServer((socket) => {
        peers.add(socket);
        socket.on('error', () => undefined);
        if (step === '') return void socket.resetAndDestroy();
        socket.write('220 here\r\n');
        let isData = false;
        socket.on('data', (data: Buffer) => {
          const text = data.toString();
          if (text.includes(step)) return void socket.resetAndDestroy();
          if (isData && !text.endsWith('\r\n.\r\n')) return;
          isData = text.startsWith('DATA');
          socket.write(isData ? '354 go on\r\n' : '250 fine\r\n');
        });
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      mailer = createMailer({
        store,
        config: {
          smtpUrl: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
          mailFrom: 'chat@shop.example',
          dataDir: dir,
          publicUrl: 'https://chat.example',
        },
        log: createLog('silent'),
      });
      const sent = await Promise.allSettled(
        Array.from({ length: 10 }, (_, at) => mailer?.transcript({ ...payload, uid: `uid-${at}`, address: 'vera@home.example' })),
      );
      // What was accepted before the end is sent.
      expect(new Set(sent.map(({ status }) => status))).toEqual(new Set([step === 'QUIT' ? 'fulfilled' : 'rejected']));
      for (const peer of peers) peer.destroy();
      await new Promise((resolve) => server.close(resolve));
    });
  }
});

it('keeps no half of a mail that was being written to a file when the process ended', async () => {
  const mailer = open(null);
  const folder = createFolder(dir);
  for (const name of ['old', 'new']) await folder.put(`.parts/${name}`, Buffer.from('half of a mail'));
  await utimes(folder.placeOf('.parts/old'), 5, 5);
  await mailer.tidy(() => Promise.resolve(0), Date.now());
  expect(await readdir(join(dir, '.parts'))).toEqual(['new']);
});
