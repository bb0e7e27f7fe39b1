/** Commands about mails that have not gone out: which they are, what holds them up, and trying them at once. */
import { systemClock } from '../base/clock.ts';
import { troubleOf } from '../jobs/mail.ts';
import type { Job } from '../store/jobs.ts';
import type { Reader } from '../store/store.ts';
import { Refused, type Command } from './command.ts';

export const mailCommands: readonly Command[] = [
  {
    name: 'mail list',
    usage: '',
    does: 'mails that are still to be sent, with what the mail server answered last',
    flags: [],
    needs: 'store',
    async run({ store, args, print }) {
      args.words();
      for await (const job of waitingMails(store)) print(lineOf(job));
    },
  },
  {
    name: 'mail retry',
    usage: '',
    does: 'tries all of them now, for example after SMTP_URL was put right',
    flags: [],
    needs: 'store',
    async run({ store, args, print }) {
      args.words();
      let count = 0;
      for await (const { key, tries } of waitingMails(store)) {
        await store.transact([], (tx) => tx.delayJob(key, { tries, runAtMs: systemClock.nowMs() }));
        count += 1;
      }
      if (count === 0) throw new Refused('No mail is waiting.');
      print(`Mails that are tried now: ${count}. To see what became of them: npm run admin -- mail list`);
    },
  },
];

async function* waitingMails(store: Reader): AsyncGenerator<Job> {
  for (let page = await store.jobs('mail'); page.length > 0; page = await store.jobs('mail', page.at(-1)?.key)) yield* page;
}

function lineOf(job: Job): string {
  const { site, tries, runAtMs, payload } = job;
  const address = typeof payload === 'object' && payload !== null && 'address' in payload ? String(payload.address) : '';
  const trouble = troubleOf(job);
  const state =
    trouble === undefined
      ? 'not tried yet'
      : `${trouble.code} at ${trouble.step}${trouble.status === null ? '' : ` (${trouble.status})`}, failing since ${new Date(trouble.sinceMs).toISOString()}`;
  return `${site}\tto ${masked(address)}\ttries ${tries}\tnext at ${new Date(runAtMs).toISOString()}\t${state}`;
}

/** Enough to know it again, too little to write to. */
function masked(address: string): string {
  const at = address.lastIndexOf('@');
  return at < 1 ? '(no address)' : `${address.charAt(0)}…${address.slice(at)}`;
}
