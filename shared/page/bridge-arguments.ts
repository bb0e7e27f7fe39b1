/**
 * Parsers of the bridge's calls: they check every argument that the page's script passes to the frame, once. They are written by
 * hand, because a schema library would weigh more than the rest of the frame's bridge. Code behind them checks nothing again.
 *
 * A wrong argument throws a plain `{code, message}`: of an `Error`, Comlink would carry the stack instead of the code.
 */
import type { Appearance, FileOffer, Known, Presentation, Welcome } from './bridge.ts';
import type { CardChange, OfflineRequest, PageInfo } from '../chat.ts';
import { isEmail } from '../contact.ts';
import type { ErrorCode } from '../errors.ts';
import { CARD_TEXT, MESSAGE_MAX_LENGTH, PROPERTY_VALUE, codePoints } from '../limits.ts';

const UID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;
const FILES_AT_ONCE = 20;
/** The session cuts longer addresses and titles; this only bounds the text that the parser reads. */
const PAGE_TEXT = 16_384;
/** The session judges text that a visitor typed; this is more than may cross the bridge at once anyway. */
const TYPED_TEXT = 65_536;

export function refuse(code: ErrorCode, message: string): never {
  throw { code, message };
}

function wrong(expected: string): never {
  return refuse('invalid_argument', `Expected ${expected}.`);
}

type Members = Record<string, unknown>;

function toObject(value: unknown, expected: string): Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : wrong(expected);
}

function toText(value: unknown, max: number, expected: string): string {
  return typeof value === 'string' && value.length <= max ? value : wrong(expected);
}

function toFlag(value: unknown, expected: string): boolean {
  return typeof value === 'boolean' ? value : wrong(expected);
}

function toOneOf<const T extends readonly unknown[]>(value: unknown, values: T, expected: string): T[number] {
  return values.includes(value) ? (value as T[number]) : wrong(expected);
}

export const toFlagArgument = (value: unknown): boolean => toFlag(value, 'true or false');
export const toCallId = (value: unknown): string => toText(value, 64, 'the id of a call');
export const toUid = (value: unknown): string => (typeof value === 'string' && UID.test(value) ? value : wrong('a UUID'));
export const toGroup = (value: unknown): string | null => (value === null ? null : toText(value, 64, 'a group id or null'));
export const toDraft = (value: unknown): string => toText(value, TYPED_TEXT, 'the draft as text');
/** However long: what a visitor mistyped is answered by an event, which the session knows how to give. */
export const toAddress = (value: unknown): string => toText(value, TYPED_TEXT, 'a mail address');
export const toProperty = (value: unknown): string => toText(value, PROPERTY_VALUE, 'a short text');
export const toJwt = (value: unknown): string => toText(value, 8_192, 'a signed token');

export function toMessageText(value: unknown): string {
  const text = toText(value, MESSAGE_MAX_LENGTH * 2, 'a message of at most 4096 characters');
  if (text.trim() === '') wrong('a message that is not empty');
  return codePoints(text) <= MESSAGE_MAX_LENGTH ? text : refuse('too_long', `A message has at most ${MESSAGE_MAX_LENGTH} characters.`);
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

export function toPage(value: unknown): PageInfo {
  const { url, title } = toObject(value, 'a page {url, title}');
  return { url: toText(url, PAGE_TEXT, 'an address'), title: toText(title, PAGE_TEXT, 'a title') };
}

export function toPresentation(value: unknown): Presentation {
  const expected = 'a presentation';
  const { isDrawn, hasLauncher, view, isInline, byVisitor, appearance } = toObject(value, expected);
  return {
    isDrawn: toFlag(isDrawn, expected),
    hasLauncher: toFlag(hasLauncher, expected),
    view: toOneOf(view, ['chat', 'offline_message', null], expected),
    isInline: toFlag(isInline, expected),
    byVisitor: toFlag(byVisitor, expected),
    appearance: toAppearance(appearance ?? {}),
  };
}

/** Appearance is taste, and a page may pass anything there. The site's settings replace values we do not understand. */
function toAppearance(value: unknown): Appearance {
  const { title, h_position, v_position, is_animation_enabled, banner_color } = toObject(value, 'an appearance');
  return {
    ...(typeof title === 'string' && { title: title.slice(0, 80) }),
    ...((h_position === 'left' || h_position === 'right') && { h_position }),
    ...((v_position === 'top' || v_position === 'middle' || v_position === 'bottom') && { v_position }),
    ...(typeof is_animation_enabled === 'boolean' && { is_animation_enabled }),
    ...(typeof banner_color === 'string' && /^#?[0-9a-f]{6}$/i.test(banner_color) && { banner_color: banner_color.replace(/^#?/, '#') }),
  };
}

export function toWelcome(value: unknown, versions: readonly number[]): Welcome {
  const { version, page, isInvitable, presentation, known } = toObject(value, 'a welcome');
  if (typeof version !== 'number' || !versions.includes(version)) refuse('refused', 'This version of the bridge is not spoken here.');
  return {
    version,
    page: toPage(page),
    isInvitable: toFlag(isInvitable, 'isInvitable'),
    presentation: toPresentation(presentation),
    known: known as Known | null,
  };
}
