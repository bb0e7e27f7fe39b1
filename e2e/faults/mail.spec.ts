/**
 * The mail server fails: it is down, silent, refuses for now or for ever, takes a mail without saying so. The request is kept
 * and tried again. The mail server accepts one mail for each request, and the page gets an answer it can rely on.
 */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { faultyBuild } from './builds.ts';
import { check, expectSound } from './checker.ts';
import { freePort, type Mail } from '../support/system.ts';
import { expect, test, until, type FaultWorld } from './world.ts';

type Mood = 'well' | 'silent' | 'later' | 'never' | 'takes and hangs up';

interface PostOffice {
  mood: Mood;
  /** Mails that were accepted and whose sender was told so, or would have been had the line held. */
  readonly taken: Mail[];
  /** Attempts to deliver. */
  readonly attempts: number;
  close(): Promise<void>;
}

/** An SMTP server that speaks line by line, so that it can fall silent or hang up anywhere. */
async function openPostOffice(port: number): Promise<PostOffice> {
  const taken: Mail[] = [];
  const open = new Set<Socket>();
  let attempts = 0;
  const office: PostOffice = {
    mood: 'well',
    taken,
    get attempts() {
      return attempts;
    },
    async close() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  const server: Server = createServer((socket) => {
    attempts += 1;
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => undefined);
    if (office.mood === 'silent') return;
    let text = '';
    let to: string[] = [];
    let isData = false;
    const say = (line: string): unknown => socket.write(`${line}\r\n`);
    const answer = (line: string): unknown => {
      if (/^(EHLO|HELO)/i.test(line)) return say('250 post.example');
      if (/^MAIL/i.test(line)) return say('250 ok');
      if (/^RCPT/i.test(line)) {
        if (office.mood === 'later') return say('451 4.3.0 try again later');
        if (office.mood === 'never') return say('550 5.1.1 no such person');
        to = [/<([^>]*)>/.exec(line)?.[1] ?? ''];
        return say('250 ok');
      }
      if (/^DATA/i.test(line)) {
        isData = true;
        return say('354 go on');
      }
      return say(/^QUIT/i.test(line) ? '221 bye' : '250 ok');
    };
    say('220 post.example');
    socket.on('data', (data: Buffer) => {
      text += data.toString();
      for (;;) {
        const end = isData ? text.indexOf('\r\n.\r\n') : text.indexOf('\r\n');
        if (end < 0) return;
        const part = text.slice(0, end);
        text = text.slice(end + (isData ? 5 : 2));
        if (!isData) {
          answer(part);
          continue;
        }
        isData = false;
        taken.push({ to, raw: part });
        if (office.mood === 'takes and hangs up') return void socket.destroy();
        say('250 taken');
      }
    });
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return office;
}

const messageId = ({ raw }: Mail): string => /^message-id:\s*(\S+)/im.exec(raw)?.[1] ?? 'none';

/** A visitor who has written a message and asks for the transcript by mail; resolves when the page gets the answer. */
async function askForMail(world: FaultWorld, address: string): Promise<{ success: boolean; error?: string | undefined }> {
  const page = world.person(address).page();
  await page.online();
  page.say('something to be mailed');
  await page.sent();
  page.session.mail(address, { via: 'api' });
  const told = await until(() => page.events.find((event) => event.name === 'sendchatbymail'), `the page of ${address} is told`, 20_000);
  return { success: told.success, error: told.error };
}

test('[fault 55] the mail server is down, silent, refuses, hangs up: tried again, one mail each', async ({ start }) => {
  test.setTimeout(120_000);
  // The real waits are half a minute and more; nothing else about trying again is changed.
  const build = faultyBuild(
    ['2 ** Math.min(job.tries, MOST_TRIES)', '2 ** Math.min(job.tries, MOST_TRIES) / 100'],
    ['SMTP_MS = 2e4;', 'SMTP_MS = 1e3;'],
  );
  const port = await freePort();
  let office: PostOffice | undefined;
  try {
    const world = await start({ main: build.main, env: { SMTP_URL: `smtp://127.0.0.1:${port}` } });

    // Down: nobody listens. The page hears that the mail is on its way, and it is.
    expect(await askForMail(world, 'down@example.com')).toEqual({ success: true });
    office = await openPostOffice(port);
    const post = office;
    await until(() => post.taken.some(({ to }) => to.includes('down@example.com')), 'it is sent when somebody listens');

    post.mood = 'silent';
    const before = post.attempts;
    expect(await askForMail(world, 'silent@example.com')).toEqual({ success: true });
    expect(post.attempts).toBeGreaterThan(before);
    post.mood = 'later';
    expect(await askForMail(world, 'later@example.com')).toEqual({ success: true });
    post.mood = 'well';
    for (const address of ['silent@example.com', 'later@example.com'])
      await until(() => post.taken.some(({ to }) => to.includes(address)), `${address} gets it`);

    post.mood = 'never';
    expect(await askForMail(world, 'never@example.com')).toEqual({ success: false, error: 'mail_refused' });
    post.mood = 'well';

    // Taken, but the answer was lost: it comes again, and is the same mail.
    post.mood = 'takes and hangs up';
    expect(await askForMail(world, 'twice@example.com')).toEqual({ success: true });
    post.mood = 'well';
    const twice = await until(() => {
      const all = post.taken.filter(({ to }) => to.includes('twice@example.com'));
      return all.length === 2 ? all : undefined;
    }, 'it comes again');
    expect(new Set(twice.map(messageId)).size).toBe(1);
    expect(messageId(twice[0] ?? { to: [], raw: '' })).toMatch(/^<[0-9a-f]{32}@localhost>$/);

    // All are done: nothing is tried any more, and nobody has two different mails.
    await askForMail(world, 'last@example.com');
    const ids = new Map(post.taken.map((mail) => [`${mail.to.join()} ${messageId(mail)}`, mail]));
    expect([...ids.values()].map(({ to }) => to[0]).sort()).toEqual([
      'down@example.com',
      'last@example.com',
      'later@example.com',
      'silent@example.com',
      'twice@example.com',
    ]);
    expect(
      check(world.evidence({ mails: post.taken })).filter((sentence) => sentence.startsWith('I11')).length,
      'the checker sees what came twice',
    ).toBe(1);
    await expectSound(() => world.evidence({ mails: [...ids.values()] }));
  } finally {
    build.remove();
    await office?.close();
  }
});
