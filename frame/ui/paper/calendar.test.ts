/** Days and hours on paper: the site's, wherever the browser is. */
import { beforeEach, expect, test } from 'vitest';
import { speak } from '../../language/language.ts';
import { calendarIn } from './calendar.ts';

/** 30 April 2030, 22:30 in UTC. */
const LATE = Date.UTC(2030, 3, 30, 22, 30) / 1000;

beforeEach(() => speak('en'));

test.each([
  ['UTC', 'Tuesday, April 30, 2030', /^10:30.PM UTC$/],
  ['Asia/Tokyo', 'Wednesday, May 1, 2030', /^7:30.AM GMT\+9$/],
  ['America/New_York', 'Tuesday, April 30, 2030', /^6:30.PM EDT$/],
])('[VI.lang] in %s the day and the hour are those of that zone', (zone, day, hour) => {
  const calendar = calendarIn(zone);
  expect(calendar.dayLabel(LATE)).toBe(day);
  expect(calendar.timeOf(LATE)).toMatch(hour);
});

test('[VI.lang] a day ends when it ends in the zone of the site', () => {
  const [utc, tokyo] = [calendarIn('UTC'), calendarIn('Asia/Tokyo')];
  expect(utc.dayKey(LATE)).toBe(utc.dayKey(LATE - 8 * 3600));
  expect(tokyo.dayKey(LATE)).not.toBe(tokyo.dayKey(LATE - 8 * 3600));
  expect(utc.dayKey(LATE)).not.toBe(utc.dayKey(LATE + 2 * 3600));
  expect(tokyo.dayKey(LATE)).toBe(tokyo.dayKey(LATE + 2 * 3600));
});

test('[VI.lang] a zone that this browser does not know is written as UTC, and says so', () => {
  for (const zone of ['Mars/Olympus', undefined]) expect(calendarIn(zone).stampOf(LATE)).toMatch(/^Apr 30, 2030, 10:30.PM UTC$/);
});

test('[VI.lang] the language is the one on show', async () => {
  await speak('de');
  expect(calendarIn('Europe/Berlin').dayLabel(LATE)).toBe('Mittwoch, 1. Mai 2030');
  expect(calendarIn('Europe/Berlin').stampOf(LATE)).toBe('1. Mai 2030, 00:30 MESZ');
});
