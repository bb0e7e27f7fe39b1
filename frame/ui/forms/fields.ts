/**
 * The forms' fields as data: which ones to ask for, what they are to a browser, and whether a value will do. Forgiving on
 * purpose: the server has the last word, and a strict guess about addresses only turns people away.
 */
import type { CardField, VisitorCard } from '../../../shared/chat.ts';
import { isEmail } from '../../../shared/contact.ts';

export type FieldName = CardField | 'message';

export interface Field {
  name: FieldName;
  is_required: boolean;
  title: string;
}

export type Problem = 'missing' | 'email' | 'phone';

/** What a field is to a browser: its kind, what it fills in by itself, and how its keyboard behaves. */
export const KINDS = {
  name: { type: 'text', autoComplete: 'name', autocapitalize: 'words', spellcheck: false },
  // Addresses and numbers run from left to right in every language.
  email: { type: 'email', inputMode: 'email', autoComplete: 'email', autocapitalize: 'off', spellcheck: false, dir: 'ltr' },
  phone: { type: 'tel', inputMode: 'tel', autoComplete: 'tel', dir: 'ltr' },
} as const;

/** The site's fields that the card lacks, and each required one that the site's list omits. Nothing is asked twice. */
export function detailFields(fields: readonly Field[] | null, required: readonly CardField[], card: VisitorCard): Field[] {
  const asked = (fields ?? []).filter((field) => field.name !== 'message' && !isKnown(card, field.name));
  const extra = required.filter((name) => !asked.some((field) => field.name === name));
  return [...asked.map((field) => ({ ...field, is_required: required.some((name) => name === field.name) })), ...extra.map(plain)];
}

/** The offline form's fields; a call back always needs the phone number, whatever the site's list says. */
export function requestFields(fields: readonly Field[] | null, wantsCall: boolean): Field[] {
  const own = fields?.length ? [...fields] : [plain('email'), plain('message')];
  if (!wantsCall) return own;
  const others = own
    .filter((field) => field.name === 'name' || field.name === 'message')
    .map((field) => ({ ...field, is_required: false }));
  return [plain('phone'), ...others];
}

export function problemOf(field: Field, value: string): Problem | null {
  const text = value.trim();
  if (text === '') return field.is_required ? 'missing' : null;
  if (field.name === 'email' && !isEmail(text)) return 'email';
  if (field.name === 'phone' && (text.match(/\d/g)?.length ?? 0) < 5) return 'phone';
  return null;
}

function isKnown(card: VisitorCard, name: FieldName): boolean {
  return name !== 'message' && (card[name]?.length ?? 0) > 0;
}

function plain(name: FieldName): Field {
  return { name, is_required: true, title: '' };
}
