/** How a visitor's card grows: the name is replaced, an e-mail or phone is added if it is new, the newest five stay. */
import type { CardChange, VisitorCard } from '../../shared/chat.ts';
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
