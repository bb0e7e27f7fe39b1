/**
 * The checker: holds what was acknowledged, what the database keeps and what every client shows against each other, and
 * decides the invariants of README.md. It looks at evidence only; bringing about faults and collecting evidence is others' work.
 *
 *   const evidence = async (): Promise<Evidence> => ({
 *     dataDir: system.dataDir, site: world.key,
 *     writings: [{ who: 'Vera', wrote, acked, outbox: [], discarded: [] }],  // in the order of writing
 *     views: [await viewOf(visitor, 'Vera')],                               // pages.ts, for browsers; wire.ts for Node clients
 *     log: system.output(), mails: system.mails,
 *   });
 *   await expectSound(evidence);   // waits until all agree, a minute at most (I9); throws the broken invariants as sentences
 *   check(await evidence());       // the same at once: a list of sentences, `I1: …`
 *
 * A member that is left out is not judged. I13 and I14 are judged by what the evidence says was measured.
 */
import { readStored, type Stored, type StoredChat, type StoredEvent } from './database.ts';

/** What one author has written in one place, and what became of it as that place knows. */
export interface Writing {
  /** For the sentences: `second tab of Vera`. */
  who: string;
  /** In the order of writing. */
  wrote: readonly { uid: string; text: string }[];
  /** Every acknowledgement of a message, repeated ones too. `known`: whether the database had it in the moment it came. */
  acked: readonly { uid: string; message_id?: string | null; known?: boolean }[];
  /** Still to be sent, or refused and not given up. */
  outbox: readonly string[];
  /** Given up by its author. */
  discarded: readonly string[];
}

/** What one client shows, and what it was told. */
export interface Screen {
  who: string;
  /** Whose chats it shows: the visitor's own, or those an operator has open. */
  visitor: string;
  /** Where it shows one chat only. */
  chat?: string;
  /** Everything it shows, oldest first; a message that is not stored yet has no `message_id`. */
  shown: readonly { message_id: string | null; uid: string | null; text: string }[];
  /** Messages that `sendmessage` was told for, in order. */
  told?: readonly string[];
  /** Chats of which its connections have heard. */
  heardOf?: readonly string[];
  /** Read markers in the order they became known. */
  marks?: readonly { chat: string; visitor: number; operator: number }[];
  /** The number it shows as unread. A page counts what came since it was loaded, so it may show less than is unread. */
  unread?: number;
  /** Uncaught errors, refused policies, long tasks of ours: anything the page complained of. */
  complaints?: readonly string[];
}

export interface Evidence {
  /** The server's: its database is read from there. */
  dataDir: string;
  site: string;
  writings: readonly Writing[];
  views: readonly Screen[];
  /** Mails that the mail server accepted. */
  mails?: readonly { to: readonly string[]; raw: string }[];
  /** Everything the server has printed. */
  log?: string;
  /** Tokens and the like; what was written is looked for in the log anyway. */
  secrets?: readonly string[];
  /** The server's memory before and after, in any unit. */
  memory?: { before: number; after: number; tolerance?: number };
}

const CONVERGE_MS = 60_000;
const LOOK_MS = 100;
/** Texts shorter than this stand in a log by chance. */
const TELLING_LENGTH = 6;
/** The invariants that time may still mend: those about messages shown and messages on their way. */
const MENDS = /^I(3|7|9):/;

/** The broken invariants, as sentences; none if all hold. Does not judge messages that are still on their way. */
export function check(evidence: Evidence): string[] {
  const stored = readStored(evidence.dataDir, evidence.site);
  return [
    ...evidence.writings.flatMap((writing) => [
      ...once(writing, stored),
      ...afterCommit(writing),
      ...nowhereLost(writing, stored),
      ...inOrder(writing, stored),
    ]),
    ...withoutHoles(stored),
    ...withoutDoubles(evidence.writings, stored),
    ...evidence.views.flatMap((view) => [
      ...asStored(view, stored),
      ...toldOnce(view),
      ...marksGrow(view, stored),
      ...ownChats(view, stored),
      ...complaints(view),
    ]),
    ...mailedOnce(evidence),
    ...silentLog(evidence),
    ...sameMemory(evidence),
  ];
}

/**
 * Waits until all clients agree and nothing is on its way, for `withinMs` at most, and holds all invariants against that.
 *
 * @throws Error with every broken invariant as a sentence
 */
export async function expectSound(look: () => Promise<Evidence> | Evidence, { withinMs = CONVERGE_MS } = {}): Promise<Evidence> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const evidence = await look();
    const broken = [...check(evidence), ...onTheWay(evidence)];
    if (broken.length === 0) return evidence;
    const canMend = broken.every((sentence) => MENDS.test(sentence));
    if (!canMend || Date.now() > deadline) {
      const late = canMend ? [`I9: after ${withinMs / 1000} s the clients do not agree.`] : [];
      throw new Error([...late, ...broken].join('\n'));
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** What has not arrived yet, although the fault is over. */
function onTheWay({ writings, views }: Evidence): string[] {
  return [
    ...writings.filter(({ outbox }) => outbox.length > 0).map(({ who, outbox }) => `I9: ${who} still has ${list(outbox)} to send.`),
    ...views.flatMap(({ who, shown }) => {
      const unsent = shown.filter(({ message_id }) => message_id === null).map(({ text }) => text);
      return unsent.length > 0 ? [`I9: ${who} still shows as unsent: ${list(unsent)}.`] : [];
    }),
  ];
}

// ── the database and the acknowledgements ───────────────────────────────────────────────────────────────────────────

function once({ who, acked }: Writing, { events }: Stored): string[] {
  return [...new Map(acked.map((ack) => [ack.uid, ack])).values()].flatMap(({ uid, message_id }) => {
    const found = events.filter((event) => event.uid === uid);
    if (found.length !== 1) return [`I1: ${who} had ${uid} acknowledged, and the database holds it ${found.length} times.`];
    const is = found[0]?.message_id;
    return message_id === undefined || message_id === null || message_id === is
      ? []
      : [`I1: ${who} had ${uid} acknowledged as ${message_id}, and the database holds it as ${is}.`];
  });
}

/** Also what was never acknowledged is there once at most, and nothing is said twice under two names. */
function withoutDoubles(writings: readonly Writing[], { events }: Stored): string[] {
  return writings.flatMap(({ who, wrote }) =>
    wrote.flatMap(({ uid, text }) => {
      const copies = events.filter((event) => event.uid === uid).length;
      return copies > 1 ? [`I1: ${quote(text)} of ${who} is in the database ${copies} times.`] : [];
    }),
  );
}

function afterCommit({ who, acked }: Writing): string[] {
  return acked.filter(({ known }) => known === false).map(({ uid }) => `I10: ${who} had ${uid} acknowledged before it was committed.`);
}

function nowhereLost({ who, wrote, outbox, discarded }: Writing, { events }: Stored): string[] {
  const known = new Set([...events.map(({ uid }) => uid), ...outbox, ...discarded]);
  return wrote
    .filter(({ uid }) => !known.has(uid))
    .map(({ uid, text }) => `I4: ${quote(text)} (${uid}) of ${who} is neither in the outbox nor in the database.`);
}

function inOrder({ who, wrote }: Writing, { events }: Stored): string[] {
  const places = new Map(wrote.map(({ uid }, at) => [uid, at]));
  const order = new Map<string, string[]>();
  // Chats of one visitor follow each other; an operator writes into several, whose order says nothing.
  for (const event of events) {
    if (event.uid === null || !places.has(event.uid)) continue;
    const key = event.author_kind === 'operator' ? event.chat : 'own';
    order.set(key, [...(order.get(key) ?? []), event.uid]);
  }
  return [...order.values()].flatMap((uids) => {
    const at = uids.findIndex((uid, index) => index > 0 && (places.get(uid) ?? 0) < (places.get(uids[index - 1] ?? '') ?? 0));
    if (at < 0) return [];
    const text = (uid: string | undefined) => quote(wrote.find((words) => words.uid === uid)?.text ?? '');
    return [`I5: ${who} wrote ${text(uids[at])} before ${text(uids[at - 1])}, and they stand the other way round.`];
  });
}

function withoutHoles({ chats, events }: Stored): string[] {
  const byChat = new Map<string, number[]>();
  for (const { chat, seq } of events) byChat.set(chat, [...(byChat.get(chat) ?? []), seq]);
  return chats.flatMap(({ id, first_seq, last_seq }) => {
    const numbers = byChat.get(id) ?? [];
    const isWhole = numbers.length === last_seq - first_seq + 1 && numbers.every((seq, at) => seq === first_seq + at);
    return isWhole ? [] : [`I2: chat ${id} counts ${first_seq} … ${last_seq} and holds ${list(numbers.map(String))}.`];
  });
}

// ── the views ───────────────────────────────────────────────────────────────────────────────────────────────────────

function messagesOf({ visitor, chat }: Screen, { chats, events }: Stored): StoredEvent[] {
  const own = new Set(chats.filter((each) => each.visitor === visitor && (chat === undefined || each.id === chat)).map(({ id }) => id));
  return events.filter((event) => event.kind === 'message.added' && own.has(event.chat));
}

/** A client shows the newest part of the stored messages, whole and in order; it need not have loaded all. */
function asStored(view: Screen, stored: Stored): string[] {
  const all = messagesOf(view, stored);
  const shown = view.shown.filter(({ message_id }) => message_id !== null);
  const ids = shown.map(({ message_id }) => message_id);
  const doubled = ids.filter((id, at) => ids.indexOf(id) !== at);
  if (doubled.length > 0)
    return [
      `I3: ${view.who} shows ${list(shown.filter(({ message_id }) => doubled.includes(message_id)).map(({ text }) => text))} more than once.`,
    ];
  const unsentTwice = view.shown.filter(
    ({ message_id, uid }) => message_id === null && uid !== null && shown.some((other) => other.uid === uid),
  );
  if (unsentTwice.length > 0) return [`I3: ${view.who} shows ${list(unsentTwice.map(({ text }) => text))} as sent and as unsent.`];
  const expected = all.slice(all.length - Math.min(shown.length, all.length));
  const at = shown.findIndex(({ message_id, text }, index) => message_id !== expected[index]?.message_id || text !== expected[index]?.text);
  // Showing nothing of something is no window on it.
  if (at < 0 && (shown.length > 0 || all.length === 0)) return [];
  return [
    `I3: ${view.who} shows ${list(shown.map(({ text }) => text))}; the database says ${list(expected.length > 0 ? expected.map(({ text }) => text ?? '') : all.map(({ text }) => text ?? ''))}.`,
  ];
}

function toldOnce({ who, told = [] }: Screen): string[] {
  const doubled = new Set(told.filter((id, at) => told.indexOf(id) !== at));
  return [...doubled].map((id) => `I6: ${who} was told of message ${id} ${told.filter((other) => other === id).length} times.`);
}

function marksGrow({ who, visitor, marks = [], unread, ...rest }: Screen, stored: Stored): string[] {
  const before = new Map<string, { visitor: number; operator: number }>();
  const back = marks.flatMap((mark) => {
    const last = before.get(mark.chat);
    before.set(mark.chat, mark);
    return last !== undefined && (mark.visitor < last.visitor || mark.operator < last.operator)
      ? [`I7: for ${who} a read marker of chat ${mark.chat} went back.`]
      : [];
  });
  const beyond = stored.chats
    .filter((chat) => chat.visitor === visitor && Math.max(chat.read_by_visitor, chat.read_by_operator) > chat.last_seq)
    .map(({ id }) => `I7: chat ${id} is read beyond its end.`);
  const left = unreadOf({ who, visitor, ...rest }, stored);
  const over = unread !== undefined && unread > left ? [`I7: ${who} counts ${unread} unread messages; ${left} are unread.`] : [];
  return [...back, ...beyond, ...over];
}

function unreadOf(view: Screen, stored: Stored): number {
  const chats = new Map<string, StoredChat>(stored.chats.map((chat) => [chat.id, chat]));
  return messagesOf(view, stored).filter(
    ({ chat, seq, author_kind }) => author_kind === 'operator' && seq > (chats.get(chat)?.read_by_visitor ?? 0),
  ).length;
}

function ownChats({ who, visitor, heardOf = [] }: Screen, { chats }: Stored): string[] {
  const strange = new Set(heardOf.filter((id) => chats.find((chat) => chat.id === id)?.visitor !== visitor));
  return [...strange].map((id) => `I8: ${who} heard of chat ${id}, which is somebody else's.`);
}

function complaints({ who, complaints: all = [] }: Screen): string[] {
  return all.map((complaint) => `I14: ${who} complained: ${complaint}`);
}

// ── the surroundings ────────────────────────────────────────────────────────────────────────────────────────────────

function mailedOnce({ mails = [] }: Evidence): string[] {
  const ids = mails.map(({ to, raw }) => `${/^message-id:\s*(\S+)/im.exec(raw)?.[1] ?? 'no id'} to ${to.join(', ')}`);
  const doubled = new Set(ids.filter((id, at) => ids.indexOf(id) !== at));
  return [...doubled].map((id) => `I11: mail ${id} was accepted ${ids.filter((other) => other === id).length} times.`);
}

function silentLog({ log = '', secrets = [], writings }: Evidence): string[] {
  if (log === '') return [];
  const words = writings.flatMap(({ wrote }) => wrote.map(({ text }) => text)).filter((text) => text.length >= TELLING_LENGTH);
  return [
    ...words.filter((text) => log.includes(text)).map((text) => `I12: the log holds what was written: ${quote(text)}.`),
    ...secrets
      .filter((secret) => log.includes(secret))
      .map((secret) => `I12: the log holds a secret that begins with ${quote(secret.slice(0, 4))}.`),
  ];
}

function sameMemory({ memory }: Evidence): string[] {
  if (memory === undefined) return [];
  const { before, after, tolerance = 0.1 } = memory;
  return after > before * (1 + tolerance) ? [`I13: the server's memory was ${before} and is ${after} now.`] : [];
}

function quote(text: string): string {
  return `"${text.length > 40 ? `${text.slice(0, 39)}…` : text}"`;
}

function list(texts: readonly string[]): string {
  return texts.length === 0
    ? 'nothing'
    : texts.length > 30
      ? `${texts.slice(0, 30).join(', ')} and ${texts.length - 30} more`
      : texts.join(', ');
}
