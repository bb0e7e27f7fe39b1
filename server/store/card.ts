/**
 * How a visitor's card changes. What visitors say lets it grow: the name is replaced, an e-mail or phone is added if it is new, the
 * newest five stay. What operators put right changes one value where it stands.
 */
import type { CardChange, CardCorrection, VisitorCard } from '../../shared/chat.ts';
import { CARD_VALUES } from '../../shared/limits.ts';

/** A new card; an empty value says nothing. */
export function addToCard(card: VisitorCard, change: CardChange): VisitorCard {
  const next: VisitorCard = { ...card };
  if (change.name) next.name = change.name;
  if (change.email) next.email = addValue(card.email, change.email);
  if (change.phone) next.phone = addValue(card.phone, change.phone);
  return next;
}

function addValue(values: string[] = [], value: string): string[] {
  return values.includes(value) ? [...values] : [...values, value].slice(-CARD_VALUES);
}

/** A new card. A correction whose value somebody else has changed meanwhile does nothing. */
export function correctCard(card: VisitorCard, corrections: readonly CardCorrection[]): VisitorCard {
  const next: VisitorCard = { ...card };
  for (const { field, from, to } of corrections) {
    if (field === 'name') {
      if ((next.name ?? null) !== from) continue;
      if (to === null) delete next.name;
      else next.name = to;
    } else {
      const values = correctValue(next[field] ?? [], from, to);
      if (values.length > 0) next[field] = values;
      else delete next[field];
    }
  }
  return next;
}

function correctValue(values: readonly string[], from: string | null, to: string | null): string[] {
  if (from === null) return to === null ? [...values] : addValue([...values], to);
  const rest = values.filter((value) => value !== to || value === from);
  return rest.flatMap((value) => (value === from ? (to === null ? [] : [to]) : [value]));
}
