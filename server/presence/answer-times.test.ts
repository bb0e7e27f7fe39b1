import { describe, expect, test } from 'vitest';
import { usualMinutes } from './answer-times.ts';
import type { FirstAnswer } from '../store/chats.ts';

const answered = (...seconds: number[]): FirstAnswer[] =>
  seconds.map((wait) => ({ startedAt: 1000, answeredAt: 1000 + wait, closedAt: null }));
const unanswered = (seconds: number): FirstAnswer => ({ startedAt: 1000, answeredAt: null, closedAt: 1000 + seconds });
const open: FirstAnswer = { startedAt: 1000, answeredAt: null, closedAt: null };

describe('the usual time of an answer', () => {
  test('[VI.team] is the median in whole minutes, of five chats or more', () => {
    expect(usualMinutes(answered(30, 20, 90, 3000, 100))).toBe(2);
    expect(usualMinutes(answered(0, 0, 0, 0, 0))).toBe(1);
    expect(usualMinutes(answered(30, 20, 90, 3000))).toBeNull();
    expect(usualMinutes([])).toBeNull();
  });

  test('[VI.team] counts a chat that nobody answered as endless, but not one that has just begun or was left at once', () => {
    const many = [unanswered(600), unanswered(600), unanswered(600)];
    expect(usualMinutes([...answered(30, 40), ...many])).toBeNull();
    expect(usualMinutes([...answered(30, 40, 50, 61, 70), unanswered(5), open, open])).toBe(1);
  });

  test('[VI.team] promises nothing beyond half a day', () => {
    const hour = 3600;
    expect(usualMinutes(answered(hour, hour, 3 * hour, 4 * hour, 5 * hour))).toBe(180);
    expect(usualMinutes(answered(hour, hour, 13 * hour, 14 * hour, 15 * hour))).toBeNull();
  });
});
