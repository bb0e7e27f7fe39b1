/**
 * The reason for a failed mail, for the administrator: the step of the conversation with the mail server, and its code. It
 * contains nothing of the mail, neither its address nor the server's text about it.
 */

/** What failed: `final` for this mail, or for now; `installation`: no mail at all goes out this way. */
export type MailFaultKind = 'final' | 'later' | 'installation';

export class MailFault extends Error {
  readonly kind: MailFaultKind;
  /** The library's word, such as `EAUTH` or `ETIMEDOUT`. */
  readonly code: string;
  /** The command that was being carried out, such as `AUTH PLAIN` or `RCPT TO`. */
  readonly step: string;
  /** The server's answer; `null`: it gave none. */
  readonly status: number | null;

  constructor(at: { code: string; step: string; status: number | null }) {
    super(`The mail server did not take the mail: ${at.code} at ${at.step}${at.status === null ? '' : ` (${at.status})`}.`);
    this.name = 'MailFault';
    this.code = at.code;
    this.step = at.step;
    this.status = at.status;
    this.kind = kindOf(at);
  }
}

/**
 * What the mail server says before it has heard of a recipient (greeting, encryption, password, sender) is about us and not about
 * this mail: somebody can put it right, and the mail can still go. What it refuses afterwards with 5xx it will never take.
 */
function kindOf({ step, status }: { step: string; status: number | null }): MailFaultKind {
  const isAboutThisMail = /^(RCPT|DATA|BDAT)\b/.test(step);
  if (!isAboutThisMail) return 'installation';
  return status !== null && status >= 500 ? 'final' : 'later';
}

/** From what nodemailer rejects with. */
export function toMailFault(error: unknown): MailFault {
  const { code, command, responseCode } = (typeof error === 'object' && error !== null ? error : {}) as Record<string, unknown>;
  return new MailFault({
    code: typeof code === 'string' ? code.slice(0, 40) : 'EUNKNOWN',
    // Parts of a command could hold what it was about: only its name is kept.
    step: typeof command === 'string' ? (/^[A-Z]+( (TO|FROM|PLAIN|LOGIN|CRAM-MD5|XOAUTH2))?/.exec(command)?.[0] ?? 'CONN') : 'CONN',
    status: typeof responseCode === 'number' ? responseCode : null,
  });
}
