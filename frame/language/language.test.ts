/** The texts on show: those of the language, and what the site says differently in it. */
import { expect, test } from 'vitest';
import { t, tn } from '../ui/words.ts';
import { layOver, speak } from './language.ts';

test('[VI.lang] own texts lie over those of their language, and over no other', async () => {
  await speak('pl');
  const ours = [t('waiting'), tn('unread', 5)];
  layOver({
    language: 'pl',
    texts: { waiting: 'Już idziemy', unread: { one: 'jedna', few: '{n} kilka', many: '{n} wiele', other: '{n} inne' } },
  });
  expect([t('waiting'), ...[1, 3, 5, 22].map((n) => tn('unread', n))]).toEqual(['Już idziemy', 'jedna', '3 kilka', '5 wiele', '22 kilka']);
  // The rest is as it was.
  expect(t('typing', { name: 'Ewa' })).toBe('Ewa pisze');

  await speak('de');
  expect([t('waiting'), tn('unread', 5)]).toEqual(['Gleich ist jemand für Sie da', '5 neue Nachrichten']);
  await speak('pl');
  expect(t('waiting')).toBe('Już idziemy');
  layOver({ language: 'pl' });
  expect([t('waiting'), tn('unread', 5)]).toEqual(ours);
});

test('[VI.lang] numbers are written as the language on show writes them', async () => {
  for (const [tag, written] of [
    ['en', '12,345 characters left'],
    ['de', 'Noch 12.345 Zeichen'],
    ['ar', 'بقي \u206812,345\u2069 حرفًا'],
  ] as const) {
    await speak(tag);
    expect(tn('charactersLeft', 12_345)).toBe(written);
  }
});
