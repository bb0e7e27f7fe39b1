/** How days and times are called, in the language on show. */
import { language } from '../../language/language.ts';
import { t } from '../words.ts';

const DAY_SECONDS = 86_400;

/** The same for every moment of a day, where the visitor is. */
export function dayKey(date: number): string {
  return new Date(date * 1000).toDateString();
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

export function timeOf(date: number): string {
  return new Date(date * 1000).toLocaleTimeString(language.value, { hour: 'numeric', minute: '2-digit' });
}
