/** What operators read when something did not happen: one true sentence for each cause. */
import { describe, expect, test } from 'vitest';
import { ERROR_CODES } from '../../shared/errors.ts';
import { reason, refusalText } from './strings.ts';

/** Codes that no command of an operator and no upload of theirs is ever refused with: the page's bridge, the visitor's mail. */
const ELSEWHERE = new Set<string>([
  'mail_refused',
  'frame_blocked',
  'frame_unstable',
  'frame_unavailable',
  'refused',
  'unreachable',
  'timeout',
  'not_callable',
  'destroyed',
  'internal',
]);

describe('[FF.C7] refusals', () => {
  test('name who has the chat now, or that nobody has', () => {
    expect(refusalText('chat.join', 'already_taken', 'Otto')).toBe('You could not join: Otto has this chat now.');
    expect(reason('forbidden', 'Otto')).toBe('Otto has this chat now.');
    expect(reason('forbidden', null)).toContain('Join it');
  });

  test('name the problem of a file', () => {
    const files = ['file_empty', 'file_too_large', 'file_refused', 'file_damaged', 'file_unsafe', 'picture_too_large'] as const;
    expect(new Set(files.map((code) => reason(code, null))).size).toBe(files.length);
    for (const code of ['file_empty', 'file_damaged', 'picture_too_large'] as const)
      expect(reason(code, null)).not.toContain('kind of file');
  });

  test('have a sentence of their own for every code that can reach an operator', () => {
    const vague = reason('internal', null);
    for (const code of ERROR_CODES) {
      if (ELSEWHERE.has(code)) continue;
      expect(reason(code, null), code).not.toBe(vague);
      expect(reason(code, 'Otto'), code).toMatch(/^[a-zO].*\.$/);
    }
  });

  test('of a transfer and an invitation are about the one who could not be reached', () => {
    expect(refusalText('chat.transfer', 'unavailable', null)).toContain('not online');
    expect(refusalText('chat.transfer', 'not_found', null)).not.toContain('visitor');
    expect(refusalText('visitor.invite', 'unavailable', null)).toContain('cannot be invited');
    expect(refusalText('request.done', 'not_found', null)).not.toContain('visitor');
  });
});
