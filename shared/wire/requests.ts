/**
 * Parsers of everything a client may say on a socket. Every frame that the server accepts passes through them. They refuse
 * unknown members, so a typo in a client is found in its first test. Types are those of `protocol.ts` and `workplace.ts`.
 */
import * as v from 'valibot';
import type { CardField } from '../chat.ts';
import { isEmail } from '../contact.ts';
import {
  COMMENT_MAX_LENGTH,
  BATCH_ITEMS,
  CARD_TEXT,
  CARD_VALUES,
  MESSAGE_MAX_LENGTH,
  codePoints,
  PROPERTIES,
  PROPERTY_NAME,
  PROPERTY_VALUE,
} from '../limits.ts';
import { languageOf } from '../languages/languages.ts';
import { toPlainLine } from '../plain-line.ts';
import { isWellFormed } from '../well-formed.ts';
import type { VisitorFrame } from './protocol.ts';
import type { OperatorFrame } from './workplace.ts';

const id = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,64}$/));
const uid = v.pipe(v.string(), v.regex(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i));
const seq = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER));
const clean = v.pipe(v.string(), v.check(isWellFormed, 'expected well-formed text'));
const short = (max: number) => v.pipe(clean, v.maxLength(max));
/** Text that other people see as a name: on one line, without marks that turn or hide the text beside it. */
const line = (max: number) => v.pipe(short(max), v.transform(toPlainLine));
const messageText = v.pipe(
  clean,
  v.check((s) => s.trim() !== '' && codePoints(s) <= MESSAGE_MAX_LENGTH, 'expected 1 to 4096 characters'),
);
const group = v.nullable(short(64));
const page = v.strictObject({ url: line(2048), title: line(512) });
/** A page's own words about its visitor, for operators to read: at most so long, and one plain line each. */
const propertyChange = v.strictTuple([line(PROPERTY_NAME), v.nullable(line(PROPERTY_VALUE))]);
/** A frame may be newer, and know more languages than this server: one that we do not speak counts as unsaid. */
const language = v.optional(v.pipe(short(35), v.transform(languageOf)));
const cursor = v.nullable(v.strictObject({ chat: id, seq }));
// An array would pass for a record.
const cursors = v.pipe(
  v.unknown(),
  v.check((given) => !Array.isArray(given)),
  v.record(id, seq),
  v.check((r) => Object.keys(r).length <= 50),
);
const version = v.pipe(v.number(), v.integer());
const CARD_LINES = {
  name: line(CARD_TEXT.name),
  email: v.pipe(
    line(CARD_TEXT.email),
    v.check((text) => text === '' || isEmail(text), 'expected an e-mail address'),
  ),
  phone: line(CARD_TEXT.phone),
};
const card = v.strictObject({
  name: v.exactOptional(CARD_LINES.name),
  email: v.exactOptional(CARD_LINES.email),
  phone: v.exactOptional(CARD_LINES.phone),
});
/** `from` is any text: what stands there may be from before addresses were looked at. */
const correctionOf = <F extends CardField>(field: F) =>
  v.strictObject({
    field: v.literal(field),
    from: v.nullable(short(254)),
    to: v.nullable(v.pipe(v.string(), CARD_LINES[field], v.minLength(1))),
  });
const correction = v.variant('field', [correctionOf('name'), correctionOf('email'), correctionOf('phone')]);
const request = v.strictObject({
  name: v.exactOptional(line(CARD_TEXT.name)),
  email: v.exactOptional(line(CARD_TEXT.email)),
  phone: v.exactOptional(line(CARD_TEXT.phone)),
  message: v.exactOptional(short(MESSAGE_MAX_LENGTH)),
  group_id: v.exactOptional(short(64)),
});

const visitorCommand = v.variant('kind', [
  v.strictObject({ uid, kind: v.literal('chat.start'), group }),
  v.strictObject({ uid, kind: v.literal('chat.close') }),
  v.strictObject({ uid, kind: v.literal('message.send'), text: messageText, group }),
  v.strictObject({ uid, kind: v.literal('file.send'), file: id }),
  v.strictObject({ uid, kind: v.literal('invite.accept') }),
  v.strictObject({ uid, kind: v.literal('invite.reject') }),
  v.strictObject({
    uid,
    kind: v.literal('rating.set'),
    mark: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(5)),
    comment: v.exactOptional(short(COMMENT_MAX_LENGTH)),
  }),
  v.strictObject({ uid, kind: v.literal('card.set'), card }),
  v.strictObject({ uid, kind: v.literal('transcript.mail'), address: short(1000) }),
  v.strictObject({ uid, kind: v.literal('request.send'), request, wantsCall: v.exactOptional(v.literal(true)) }),
  v.strictObject({ uid, kind: v.literal('messages.read'), chat: id, seq }),
]);

/** An item of a batch is parsed alone, so that one bad item is refused alone. */
export const visitorCommandSchema = visitorCommand;

const batch = v.pipe(v.array(v.looseObject({ uid })), v.minLength(1), v.maxLength(BATCH_ITEMS));

const visitorFrame = v.variant('t', [
  v.strictObject({
    t: v.literal('hello'),
    v: version,
    site: short(64),
    tab: id,
    page,
    isInvitable: v.boolean(),
    embedder: v.nullish(short(300)),
    language,
    access: v.optional(short(4096)),
    epoch: v.optional(id),
    cursors,
  }),
  v.strictObject({ t: v.literal('send'), items: batch }),
  v.strictObject({ t: v.literal('sync'), chat: id, after: seq }),
  v.strictObject({ t: v.literal('history'), n: seq, before: cursor }),
  v.strictObject({ t: v.literal('typing'), text: short(MESSAGE_MAX_LENGTH * 2) }),
  v.strictObject({ t: v.literal('page'), page, isInvitable: v.boolean() }),
  v.strictObject({ t: v.literal('language'), language }),
  v.strictObject({ t: v.literal('properties'), changes: v.pipe(v.array(propertyChange), v.maxLength(PROPERTIES)) }),
  v.strictObject({ t: v.literal('pong') }),
]);

const operatorCommand = v.variant('kind', [
  v.strictObject({ uid, kind: v.literal('message.send'), chat: id, text: messageText }),
  v.strictObject({ uid, kind: v.literal('file.send'), chat: id, file: id }),
  v.strictObject({ uid, kind: v.literal('chat.join'), chat: id }),
  v.strictObject({ uid, kind: v.literal('chat.take'), chat: id, from: id }),
  v.strictObject({ uid, kind: v.literal('chat.leave'), chat: id }),
  v.strictObject({ uid, kind: v.literal('chat.close'), chat: id }),
  v.strictObject({ uid, kind: v.literal('chat.transfer'), chat: id, operator: id }),
  v.strictObject({ uid, kind: v.literal('visitor.invite'), visitor: id, text: v.pipe(messageText, v.maxLength(1000)) }),
  v.strictObject({ uid, kind: v.literal('invite.withdraw'), visitor: id }),
  v.strictObject({ uid, kind: v.literal('messages.read'), chat: id, seq }),
  v.strictObject({ uid, kind: v.literal('request.done'), request: id }),
  v.strictObject({
    uid,
    kind: v.literal('card.correct'),
    visitor: id,
    corrections: v.pipe(v.array(correction), v.minLength(1), v.maxLength(2 * CARD_VALUES + 1)),
  }),
]);
export const operatorCommandSchema = operatorCommand;

const operatorFrame = v.variant('t', [
  v.strictObject({
    t: v.literal('hello'),
    v: version,
    csrf: short(200),
    tab: id,
    epoch: v.optional(id),
    watching: v.pipe(v.array(v.strictObject({ visitor: id, cursors })), v.maxLength(50)),
  }),
  v.strictObject({ t: v.literal('send'), items: batch }),
  v.strictObject({ t: v.literal('online'), value: v.boolean() }),
  v.strictObject({ t: v.literal('watch'), visitor: id }),
  v.strictObject({ t: v.literal('unwatch'), visitor: id }),
  v.strictObject({ t: v.literal('sync'), chat: id, after: seq }),
  v.strictObject({ t: v.literal('history'), n: seq, visitor: id, before: cursor }),
  v.strictObject({ t: v.literal('requests'), n: seq, after: v.strictObject({ isDone: v.boolean(), date: seq, id }) }),
  v.strictObject({ t: v.literal('typing'), chat: id }),
  v.strictObject({ t: v.literal('used') }),
  v.strictObject({ t: v.literal('pong') }),
]);

/** Everything that can be said on the two sockets, for the table of who may. */
export const visitorFrameSchema = visitorFrame;
export const operatorFrameSchema = operatorFrame;

/** A frame whose batch items are still unparsed: each goes through its command schema on its own. */
export type ParsedVisitorFrame = Exclude<VisitorFrame, { t: 'send' }> | { t: 'send'; items: { uid: string }[] };
export type ParsedOperatorFrame = Exclude<OperatorFrame, { t: 'send' }> | { t: 'send'; items: { uid: string }[] };

/** `undefined` for anything that is no frame of a visitor: the gateway closes with `CLOSE.badFrame`. */
export function parseVisitorFrame(data: string): ParsedVisitorFrame | undefined {
  return parseWith(visitorFrame, data) as ParsedVisitorFrame | undefined;
}

/** The same for an operator's frame. */
export function parseOperatorFrame(data: string): ParsedOperatorFrame | undefined {
  return parseWith(operatorFrame, data) as ParsedOperatorFrame | undefined;
}

function parseWith<S extends v.GenericSchema>(schema: S, data: string): v.InferOutput<S> | undefined {
  try {
    const result = v.safeParse(schema, JSON.parse(data, refusePollution));
    return result.success ? result.output : undefined;
  } catch {
    return undefined;
  }
}

/** Names that could reach a prototype are refused wherever they stand. */
function refusePollution(key: string, value: unknown): unknown {
  if (key === '__proto__' || key === 'constructor' || key === 'prototype') throw new SyntaxError(`key ${key}`);
  return value;
}

export const sessionRequestSchema = v.strictObject({
  site: short(64),
  create: v.boolean(),
  refresh: v.optional(short(200)),
});
export const identityRequestSchema = v.strictObject({
  site: short(64),
  token: short(8192),
  refresh: v.optional(short(200)),
  /** A word of one's own, the same when the same is asked again. */
  once: v.optional(uid),
});
/** Of a visitor who withdraws consent. */
export const withdrawalSchema = v.strictObject({ site: short(64), refresh: v.optional(short(200)) });
/** As many commands as the body of a request holds; each is parsed alone. */
export const beaconSchema = v.strictObject({ tab: id, items: v.pipe(v.array(v.looseObject({ uid })), v.minLength(1)) });
export const loginSchema = v.strictObject({ email: short(254), password: short(1000) });
