/**
 * Turns the arguments of a customer's script into the values that the loader works with. An unusable argument stops the caller at
 * once with a `TypeError` that says what was expected.
 */
import { checkFunction, expected } from './report.ts';

/** A customer's callback, with the outcome of its call. */
type Callback = (outcome?: object) => void;

/** `value`, unless it counts as absent: `null`, an empty string, or the event of `onclick = chat.startChat`. */
export function given(value: unknown): unknown {
  return value === null || value === '' || Object(value).preventDefault ? undefined : value;
}

/** A string or number as text; absent is empty. What a visitor typed passes. */
export function toText(value: unknown): string {
  if (/^(undefined|string|number)$/.test(typeof value)) return String(value ?? '');
  return expected('a string');
}

/** Those members of `value` that are there, as texts; `names` are separated by blanks. */
export function toTexts(value: unknown, names: string): Record<string, string> {
  if (value !== undefined && typeof value !== 'object') expected('an object');
  const texts = names.split(' ').map((name) => [name, toText(given(Object(value)[name])).trim()]);
  return Object.fromEntries(texts.filter(([, text]) => text));
}

/** A function, or nothing. */
export function toCallback(value: unknown): Callback | undefined {
  if (value !== undefined) checkFunction(value);
  return value as undefined;
}

/** The files of an input, a list or one file; they are taken now, because callers reset the element next. */
export function toFiles(input: unknown): unknown[] {
  const isFile = (value: unknown) => ({}).toString.call(value) === '[object File]';
  const list = Object(input).files || input || [];
  // Functions and windows have a length as well, and a length may be anything.
  const isList = typeof list === 'object' && list.length < 1e4 && !list.window;
  const files: unknown[] = isFile(input) ? [input] : isList ? Array.from(list) : [list];
  return files.every(isFile) ? files : expected('files');
}

/** An element and nothing else: no selector, no collection, no document. */
export function isElement(value: unknown): value is HTMLElement {
  return Object(value).nodeType === 1;
}
