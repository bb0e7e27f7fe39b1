/** How days are called, in the language on show. */
import { language } from '../../language/language.ts';
import { t } from '../words.ts';

const DAY_SECONDS = 86_400;

/** Days begin at a quarter of an hour in every zone: what was asked for one of its seconds holds for all. */
const QUARTER_SECONDS = 900;
/** A long conversation is asked for at every drawing; more quarters than these begin anew. */
const MOST_QUARTERS = 5_000;
const quarters = new Map<number, string>();

/** The same for every moment of a day, where the visitor is. */
export function dayKey(date: number): string {
  const quarter = Math.floor(date / QUARTER_SECONDS);
  const known = quarters.get(quarter);
  if (known !== undefined) return known;
  const key = new Date(date * 1000).toDateString();
  if (quarters.size >= MOST_QUARTERS) quarters.clear();
  quarters.set(quarter, key);
  return key;
}

/** `Today`, `Yesterday`, else the date, with its year where it is not this one. Without `now` always the date. */
export function dayLabel(date: number, now?: number): string {
  const day = new Date(date * 1000);
  if (now !== undefined) {
    if (dayKey(date) === dayKey(now)) return t('today');
    // Noon of today less a day is yesterday also where a clock is put forward or back.
    const noon = new Date(now * 1000).setHours(12) / 1000;
    if (dayKey(date) === dayKey(noon - DAY_SECONDS)) return t('yesterday');
  }
  const isThisYear = now !== undefined && day.getFullYear() === new Date(now * 1000).getFullYear();
  return day.toLocaleDateString(language.value, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    ...(isThisYear ? {} : { year: 'numeric' }),
  });
}
