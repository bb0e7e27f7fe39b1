/**
 * Sends transcripts. Every header is constant but the one recipient, who has passed `parseAddress`; no name, subject or header
 * ever comes from what somebody wrote. Without an SMTP server the mail lies in `DATA_DIR/mail`, and the log says so.
 *
 * The Message-ID is made from the job, so that a mail which was accepted although we never heard the answer is the same mail
 * when it is sent again. How often is tried again is the jobs' business.
 */
import { createHash } from 'node:crypto';
import { createTransport, type SendMailOptions } from 'nodemailer';
import * as v from 'valibot';
import type { ChatId, MessageAdded, SiteKey, VisitorId } from '../../shared/chat.ts';
import { ChatError } from '../../shared/errors.ts';
import { fill } from '../../shared/languages/catalogue.ts';
import { directionOf, type Language } from '../../shared/languages/languages.ts';
import type { Config } from '../config.ts';
import { createFolder, removeAbandoned, type Folder } from '../base/folder.ts';
import type { Log } from '../base/log.ts';
import type { ChatRecord } from '../store/chats.ts';
import type { Site } from '../store/sites.ts';
import type { Reader, Store } from '../store/store.ts';
import type { Visitor } from '../store/visitors.ts';
import { wordsIn } from '../words/catalogues.ts';
import { siteLanguage } from '../words/settings-in.ts';
import { parseAddress } from './address.ts';
import { codeOf } from './code.ts';
import { toMailFault } from './fault.ts';
import { writeTranscript } from './transcript.ts';

export interface Mailer {
  /** Whether this is one mail address that a transcript may go to. */
  check(address: string): boolean;
  /**
   * Sends the transcript a job asks for. Resolves when a mail server has taken it.
   *
   * @throws ChatError `mail_refused`, `not_found` or `invalid_argument` when trying again is no use; anything else may pass
   */
  transcript(payload: unknown): Promise<void>;
  /** Removes mails that were written to files longer ago than their visitor's site keeps them, and what of one was left half-written. */
  tidy(keepMs: (visitor: VisitorId) => Promise<number>, nowMs: number): Promise<void>;
  close(): void;
}

export interface MailerOptions {
  store: Store;
  config: Pick<Config, 'smtpUrl' | 'mailFrom' | 'dataDir' | 'publicUrl'>;
  log: Log;
}

const FROM_NAME = 'Chat';
/** Under which mails lie that could not be handed to a mail server. Each file begins with its visitor's id. */
const MAIL = 'mail';
/** What one mail holds: so many of the newest messages, and so many bytes of what they say. A chat can be longer than our memory. */
export const TRANSCRIPT_MESSAGES = 1_000;
export const TRANSCRIPT_BYTES = 200 * 1024;
/** Few, because each may be as long as a message can be. */
const READ_AT_ONCE = 25;
/** A mail server that takes longer is tried again later. */
const SMTP_MS = 20_000;

const jobSchema = v.object({
  site: v.string(),
  visitor: v.string(),
  chat: v.string(),
  address: v.string(),
  uid: v.string(),
  isCode: v.optional(v.boolean()),
});

export function createMailer({ store, config, log }: MailerOptions): Mailer {
  const folder = createFolder(config.dataDir);
  const post = config.smtpUrl === null ? createShelf(folder, log) : createSmtp(config.smtpUrl);
  const host = new URL(config.publicUrl).hostname;

  async function transcriptOf(site: Site, { summary }: ChatRecord, visitor: Visitor | undefined) {
    return writeTranscript({
      site: site.name,
      visitor: visitor?.card.name,
      filesDays: site.settings.keep.files_days,
      language: languageOf(site, visitor),
      timeZone: site.settings.common.time_zone,
      ...(await newestMessages(store, site.key, summary.id)),
    });
  }

  return {
    check: (address) => parseAddress(address) !== undefined,
    async transcript(payload) {
      const asked = v.safeParse(jobSchema, payload);
      const address = asked.success ? parseAddress(asked.output.address) : undefined;
      if (!asked.success || address === undefined) throw new ChatError('invalid_argument', 'The job names no mail address.');
      const { site: siteKey, visitor: id, chat, uid } = asked.output;
      const [site, visitor, record] = await Promise.all([store.site(siteKey), store.visitor(siteKey, id), store.chat(siteKey, chat)]);
      if (site === undefined || record?.visitor !== id) throw new ChatError('not_found', 'The chat is gone.');
      const words = wordsIn(languageOf(site, visitor));
      const content =
        asked.output.isCode === true
          ? writeCode(codeOf({ ...asked.output, address }, store.secret), languageOf(site, visitor))
          : await transcriptOf(site, record, visitor);
      const key = createHash('sha256')
        .update(JSON.stringify([site.key, id, uid]))
        .digest('hex')
        .slice(0, 32);
      await post.send(`${id}-${key}`, {
        from: { name: FROM_NAME, address: config.mailFrom },
        to: { name: '', address },
        subject: asked.output.isCode === true ? words.codeSubject : words.mailSubject,
        messageId: `<${key}@${host}>`,
        headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
        ...content,
        xMailer: false,
        disableFileAccess: true,
        disableUrlAccess: true,
      });
    },
    async tidy(keepMs, nowMs) {
      for (const { key, putMs } of await folder.list(MAIL)) {
        const visitor = key.slice(MAIL.length + 1, Math.max(0, key.lastIndexOf('-')));
        if (putMs + (await keepMs(visitor)) < nowMs) await folder.remove(key);
      }
      await removeAbandoned(folder, nowMs);
    },
    close: () => post.close(),
  };
}

/** The keys of a visitor's mails that were written to files, because there is no mail server. */
export async function mailsOf(visitor: VisitorId, folder: Pick<Folder, 'list'>): Promise<string[]> {
  return (await folder.list(MAIL)).map(({ key }) => key).filter((key) => key.startsWith(`${MAIL}/${visitor}-`));
}

/** What the visitor is written to in: their own language, else the site's. */
function languageOf(site: Site, visitor: Visitor | undefined): Language {
  return visitor?.language ?? siteLanguage(site.settings);
}

/** Constant in each language except for the code: who did not ask for this mail reads nothing that a stranger wrote. */
function writeCode(code: string, language: Language): { text: string; html: string } {
  const words = wordsIn(language);
  const lines = [fill(words.codeIs, { code }), words.codeHint, words.codeOther];
  return {
    text: `${lines.join('\n\n')}\n`,
    html: `<!doctype html><html lang="${language}" dir="${directionOf(language)}"><head><meta charset="utf-8"><title>${words.codeSubject}</title></head><body><p>${lines.join('</p><p>')}</p></body></html>`,
  };
}

/** Read backwards, and no further than the mail goes. */
async function newestMessages(store: Reader, site: SiteKey, chat: ChatId): Promise<{ messages: MessageAdded[]; isShortened: boolean }> {
  const newest: MessageAdded[] = [];
  let bytes = 0;
  for (let before: number | null = null; ; before = newest.at(-1)?.seq ?? null) {
    const page: MessageAdded[] = await store.messagesBefore(site, chat, before, READ_AT_ONCE);
    for (const message of page) {
      bytes += bytesOf(message);
      if (newest.length === TRANSCRIPT_MESSAGES || bytes > TRANSCRIPT_BYTES) return { messages: newest.reverse(), isShortened: true };
      newest.push(message);
    }
    if (page.length < READ_AT_ONCE) return { messages: newest.reverse(), isShortened: false };
  }
}

function bytesOf({ text, file }: MessageAdded): number {
  return Buffer.byteLength(text) + (file === null ? 0 : Buffer.byteLength(file.link));
}

interface Post {
  /** `key` is the same when the same mail is sent again, and begins with whose it is, so that erasing can find it. */
  send(key: string, mail: SendMailOptions): Promise<void>;
  close(): void;
}

function createSmtp(url: string): Post {
  const transport = createTransport({ url, connectionTimeout: SMTP_MS, greetingTimeout: SMTP_MS, socketTimeout: SMTP_MS });
  // What a sending has met with is its own error; what a connection says afterwards is nobody's.
  transport.on('error', () => undefined);
  return {
    async send(_key, mail) {
      try {
        await transport.sendMail(mail);
      } catch (error) {
        throw toMailFault(error);
      }
    },
    close: () => transport.close(),
  };
}

/** For machines without a mail server: the mail as it would have been sent, one file each, the same file when sent again. */
function createShelf(folder: Folder, log: Log): Post {
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  return {
    async send(key, mail) {
      const { message } = await transport.sendMail(mail);
      if (!Buffer.isBuffer(message)) throw new Error('the mail was not written into memory');
      await folder.put(`${MAIL}/${key}.eml`, message);
      log.info({ folder: folder.placeOf(MAIL) }, 'SMTP_URL is not set: the mail was written to a file');
    },
    close: () => transport.close(),
  };
}
