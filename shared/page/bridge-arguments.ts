/**
 * Parsers of what the page tells the frame about itself, and the pieces of all parsers of the bridge's calls: they check every argument
 * once. They are written by hand, because a schema library would weigh more than the rest of the frame's bridge. Code behind
 * them checks nothing again. The commands of the page's script have theirs in `call-arguments.ts`.
 *
 * A wrong argument throws a plain `{code, message}`: of an `Error`, Comlink would carry the stack instead of the code.
 */
import type { Appearance, Known, Presentation, Welcome } from './bridge.ts';
import type { PageInfo } from '../chat.ts';
import type { ErrorCode } from '../errors.ts';

/** The session cuts longer addresses and titles; this only bounds the text that the parser reads. */
const PAGE_TEXT = 16_384;

export function refuse(code: ErrorCode, message: string): never {
  throw { code, message };
}

export function wrong(expected: string): never {
  return refuse('invalid_argument', `Expected ${expected}.`);
}

type Members = Record<string, unknown>;

export function toObject(value: unknown, expected: string): Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : wrong(expected);
}

export function toText(value: unknown, max: number, expected: string): string {
  return typeof value === 'string' && value.length <= max ? value : wrong(expected);
}

function toFlag(value: unknown, expected: string): boolean {
  return typeof value === 'boolean' ? value : wrong(expected);
}

export function toOneOf<const T extends readonly unknown[]>(value: unknown, values: T, expected: string): T[number] {
  return values.includes(value) ? (value as T[number]) : wrong(expected);
}

export const toFlagArgument = (value: unknown): boolean => toFlag(value, 'true or false');

export function toPage(value: unknown): PageInfo {
  const { url, title } = toObject(value, 'a page {url, title}');
  return { url: toText(url, PAGE_TEXT, 'an address'), title: toText(title, PAGE_TEXT, 'a title') };
}

export function toPresentation(value: unknown): Presentation {
  const expected = 'a presentation';
  const { isDrawn, hasLauncher, view, isInline, byVisitor, wantsCall, appearance } = toObject(value, expected);
  return {
    isDrawn: toFlag(isDrawn, expected),
    hasLauncher: toFlag(hasLauncher, expected),
    view: toOneOf(view, ['chat', 'offline_message', null], expected),
    isInline: toFlag(isInline, expected),
    byVisitor: toFlag(byVisitor, expected),
    // Loaders before it had the member leave it to the frame.
    ...(typeof wantsCall === 'boolean' && { wantsCall }),
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
