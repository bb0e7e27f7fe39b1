/**
 * Days and hours as they were in the site's time zone: who reads the paper knows the site, and not where it was printed. On the
 * screen they are the visitor's own (`messages/days.ts`).
 */
import { language } from '../../language/language.ts';
import type { Calendar } from '../messages/lines.tsx';

/** The site's calendar, and the whole moment that stands beside a message. */
interface SiteCalendar extends Calendar {
  stampOf(date: number): string;
}

/** @param wanted an IANA name; one that this browser does not know yet, as one that is missing, means UTC */
export function calendarIn(wanted: string | undefined): SiteCalendar {
  const timeZone = wanted !== undefined && isKnown(wanted) ? wanted : 'UTC';
  const written = (how: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat(language.peek(), { ...how, timeZone });
    return (date: number) => format.format(date * 1000);
  };
  return {
    dayKey: written({ year: 'numeric', month: 'numeric', day: 'numeric' }),
    // Tomorrow "today" is another day: paper names all of them.
    dayLabel: written({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }),
    timeOf: written({ hour: 'numeric', minute: '2-digit', timeZoneName: 'short' }),
    stampOf: written({ year: 'numeric', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', timeZoneName: 'short' }),
  };
}

function isKnown(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
