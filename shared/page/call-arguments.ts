/**
 * Parsers of the commands of the page's script, in the manner of `bridge-arguments.ts`.
 */
import type { FileOffer } from './bridge.ts';
import { refuse, toObject, toOneOf, toText, wrong } from './bridge-arguments.ts';
import type { CardChange, OfflineRequest } from '../chat.ts';
import { isEmail } from '../contact.ts';
import { COMMENT_MAX_LENGTH, CARD_TEXT, MESSAGE_MAX_LENGTH, PROPERTY_VALUE, codePoints } from '../limits.ts';

const UID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;
const FILES_AT_ONCE = 20;
/** The session judges text that a visitor typed; this is more than may cross the bridge at once anyway. */
const TYPED_TEXT = 65_536;

export const toCallId = (value: unknown): string => toText(value, 64, 'the id of a call');
export const toUid = (value: unknown): string => (typeof value === 'string' && UID.test(value) ? value : wrong('a UUID'));
export const toGroup = (value: unknown): string | null => (value === null ? null : toText(value, 64, 'a group id or null'));
export const toDraft = (value: unknown): string => toText(value, TYPED_TEXT, 'the draft as text');
/** However long: what a visitor mistyped is answered by an event, which the session knows how to give. */
export const toAddress = (value: unknown): string => toText(value, TYPED_TEXT, 'a mail address');
export const toProperty = (value: unknown): string => toText(value, PROPERTY_VALUE, 'a short text');
/** As long as a tag ever is. */
export const toLanguageTag = (value: unknown): string => toText(value, 35, 'a language tag');
export const toJwt = (value: unknown): string => toText(value, 8_192, 'a signed token');

export function toMessageText(value: unknown): string {
  const text = toText(value, MESSAGE_MAX_LENGTH * 2, 'a message of at most 4096 characters');
  if (text.trim() === '') wrong('a message that is not empty');
  return codePoints(text) <= MESSAGE_MAX_LENGTH ? text : refuse('too_long', `A message has at most ${MESSAGE_MAX_LENGTH} characters.`);
}

/** What a visitor wrote beside a mark; absent or empty is none. */
export function toComment(value: unknown): string | undefined {
  if (value === undefined || value === '') return undefined;
  const text = toText(value, COMMENT_MAX_LENGTH * 2, `a comment of at most ${COMMENT_MAX_LENGTH} characters`);
  return codePoints(text) <= COMMENT_MAX_LENGTH ? text : refuse('too_long', `A comment has at most ${COMMENT_MAX_LENGTH} characters.`);
}

export function toMark(value: unknown): number {
  return toOneOf(value, [1, 2, 3, 4, 5], 'a whole number from 1 to 5');
}

/** The members of `lengths` that are there, each a text of at most that length. A number counts as its text. */
function toTexts<K extends string>(value: unknown, lengths: Record<K, number>, expected: string): Partial<Record<K, string>> {
  const members = toObject(value, expected);
  const texts: Partial<Record<K, string>> = {};
  for (const key in lengths) {
    const member = members[key];
    if (member !== undefined && member !== null)
      texts[key] = toText(
        typeof member === 'number' ? String(member) : member,
        lengths[key],
        `${key} as text of at most ${lengths[key]} characters`,
      );
  }
  return texts;
}

export function toCardChange(value: unknown): CardChange {
  const change: CardChange = toTexts(value, CARD_TEXT, 'a card {name?, email?, phone?}');
  return !change.email || isEmail(change.email.trim()) ? change : wrong('an e-mail address');
}

export function toRequest(value: unknown): OfflineRequest {
  return toTexts(
    value,
    { name: TYPED_TEXT, email: TYPED_TEXT, phone: TYPED_TEXT, message: TYPED_TEXT, group_id: TYPED_TEXT },
    'a request {name?, email?, phone?, message?, group_id?}',
  );
}

/** Files of the browser only: whatever else is called a file has no bytes that we would send. */
export function toFiles<F>(value: unknown, isFile: (value: unknown) => value is F): { uid: string; file: F }[] {
  if (!Array.isArray(value) || value.length > FILES_AT_ONCE) wrong(`a list of at most ${FILES_AT_ONCE} files`);
  return (value as unknown[]).map((offer) => {
    const { uid, file } = toObject(offer, '{uid, file}') as Partial<FileOffer>;
    return { uid: toUid(uid), file: isFile(file) ? file : wrong('a File') };
  });
}
