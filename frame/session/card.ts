/**
 * The visitor's card as a change leaves it: name replaced, e-mail and phone added if new, the newest five kept. The server
 * decides by the same rule; this one only shows at once what it will say.
 */
import { CARD_FIELDS, type CardChange, type CardField, type VisitorCard } from '../../shared/chat.ts';
import { CARD_VALUES } from '../../shared/limits.ts';

export function changeCard(card: VisitorCard, change: CardChange): VisitorCard {
  const next: VisitorCard = { ...card };
  if (change.name) next.name = change.name;
  for (const field of ['email', 'phone'] as const) {
    const value = change[field];
    if (value) next[field] = addValue(card[field] ?? [], value);
  }
  return next;
}

function addValue(values: readonly string[], value: string): string[] {
  return values.includes(value) ? [...values] : [...values, value].slice(-CARD_VALUES);
}

/** Of the fields the server still misses, those that this change does not fill. */
export function stillRequired(missing: readonly CardField[], change: CardChange): CardField[] {
  return missing.filter((field) => !change[field]);
}

/** The fields of `change` that say something, trimmed. */
export function tidyChange(change: CardChange): CardChange {
  const tidy: CardChange = {};
  for (const field of CARD_FIELDS) {
    const value = change[field]?.trim();
    if (value) tidy[field] = value;
  }
  return tidy;
}
