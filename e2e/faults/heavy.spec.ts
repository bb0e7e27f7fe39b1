/** What somebody outside can make heavy: a conversation that fits into no memory, and a job that takes its process with it. Both outlive a restart. */
import { join } from 'node:path';
import { faultyBuild } from './builds.ts';
import { integrity, readStored } from './database.ts';
import { createWriter } from './flood.ts';
import { expect, limits, test, until, type FaultWorld } from './world.ts';
import { Database } from '../../server/store/driver.ts';

/** Nobody's limits stand in the way of a long conversation: it was held over years. */
const MUCH = 1e9;
const WIDE = JSON.stringify({
  ...(JSON.parse(
    limits({ rates: { framesPerSecond: MUCH, framesBurst: MUCH, framesPerAddressSecond: MUCH, framesPerAddressBurst: MUCH } }),
  ) as object),
  text: { bytesPerVisitorDay: MUCH, bytesPerAddressDay: MUCH, bytesPerSiteDay: MUCH },
});
/** 16 KB as they are stored: four bytes a character. */
const LONG = '🙂'.repeat(4_000);
/** A frame holds three of them. */
const AT_ONCE = 3;
/** The text that a transcript may hold, as the mail's encoding writes it: three times as long, and a line each. */
const MOST_MAIL = 2_000_000;

const jobsLeft = ({ system }: FaultWorld): number => {
  const db = new Database(join(system.dataDir, 'chat.sqlite'), { readonly: true, timeout: 5_000 });
  const count = Number(db.prepare("SELECT count(*) FROM job WHERE kind = 'mail'").pluck().get());
  db.close();
  return count;
};

for (const { messages, heapMb, title } of [
  { messages: 2_000, heapMb: 64, title: '2,000 messages, 64 MB' },
  { messages: 25_000, heapMb: 256, title: '25,000 messages, 256 MB @campaign' },
]) {
  test(`[fault 59] a conversation that fits into no memory: the server starts, and its transcript is one mail that says it is cut (${title})`, async ({
    start,
  }) => {
    test.setTimeout(messages * 20 + 120_000);
    const world = await start({ env: { LIMITS: WIDE, NODE_OPTIONS: `--max-old-space-size=${heapMb}` } });
    const { system, site } = world;
    const writer = await createWriter(system.chat, system.shop, site);
    await writer.say(
      Array.from({ length: messages }, (_, n) => `${n + 1} ${LONG}`),
      AT_ONCE,
    );
    await system.stopServer('SIGKILL');
    await system.startServer();

    const pid = system.pid();
    const again = await createWriter(system.chat, system.shop, site, writer.refresh);
    await again.mail('vera@example.com');
    await until(() => system.mails.length === 1, 'the transcript has come');
    await again.say(['and one more']);
    again.close();
    writer.close();

    const [mail] = system.mails;
    expect(mail?.raw.length).toBeLessThan(MOST_MAIL);
    const parts = (mail?.raw ?? '').split(/\r\n\r\n/).map((part) => Buffer.from(part, 'base64').toString());
    expect(
      parts.some((part) => part.includes('Earlier messages are left out')),
      'it says that it is cut',
    ).toBe(true);
    expect(system.pid()).toBe(pid);
    expect(integrity(system.dataDir)).toBe('ok');
    // The start of it too, and what was said while the mail was made.
    expect(readStored(system.dataDir, site).chats[0]?.last_seq).toBeGreaterThanOrEqual(messages + 1);
    expect(jobsLeft(world)).toBe(0);
  });
}

test('[fault 60] a job that ends its process is given up after three tries, and what waited beside it is done once', async ({ start }) => {
  test.setTimeout(120_000);
  const place = 'await mailer.transcript(job.payload);';
  const build = faultyBuild([place, `if (JSON.stringify(job.payload).includes("poison")) process.kill(process.pid, "SIGKILL"); ${place}`]);
  try {
    const world = await start({ main: build.main });
    const { system, site } = world;
    const [poisoner, other] = [await createWriter(system.chat, system.shop, site), await createWriter(system.chat, system.shop, site)];
    for (const writer of [poisoner, other]) await writer.say(['something to be mailed']);
    await Promise.allSettled(
      [poisoner.mail('poison@example.com'), other.mail('sound@example.com')].map((asked) =>
        Promise.race([asked, until(() => system.pid() === undefined, 'the server has died')]),
      ),
    );
    let starts = 0;
    while (starts < 10) {
      await until(() => system.pid() === undefined || jobsLeft(world) === 0, 'the server has died, or has nothing left to do');
      if (system.pid() !== undefined) break;
      starts += 1;
      // It may be dead before it could serve.
      await system.startServer().catch(() => undefined);
    }
    poisoner.close();
    other.close();
    expect(jobsLeft(world)).toBe(0);
    expect(starts).toBeLessThanOrEqual(3);
    // Nobody was mailed twice, whatever was cut off; the poisonous one never came to be.
    expect(system.mails.map(({ to }) => to)).toEqual([['sound@example.com']]);
    expect(integrity(system.dataDir)).toBe('ok');
  } finally {
    build.remove();
  }
});
