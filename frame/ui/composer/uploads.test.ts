import { beforeAll, expect, test } from 'vitest';
import { isInVain } from '../../../shared/ui/vain.ts';
import { speak } from '../../language/language.ts';
import { newUid, pick, refusal, sizeLabel } from './uploads.ts';

beforeAll(() => speak('en'));

const file = (name: string, type: string, size = 1) => ({ name, type, size });

test('any type goes where the site names none', () => {
  expect(refusal(file('a.xyz', ''), 10, [])).toBeNull();
});

test('a type is accepted by its ending, its family or its name', () => {
  const accept = ['.pdf', 'image/*', 'Text/Plain'];
  expect(
    [
      file('A.PDF', ''),
      file('x', 'image/png'),
      file('n', 'text/plain'),
      file('e.exe', 'application/x-msdownload'),
      file('image', 'imagex/png'),
    ].map((one) => refusal(one, 10, accept)),
  ).toEqual([null, null, null, 'type', 'type']);
});

test('a file larger than the site takes stays here', () => {
  expect(refusal(file('a.pdf', '', 11), 10, [])).toBe('size');
});

test('[FF.E13] an empty file is called empty, not of a wrong kind', () => {
  expect(refusal(file('a.exe', '', 0), 10, ['.pdf'])).toBe('empty');
  expect(pick([file('notes.txt', 'text/plain', 0)], 10, []).refused).toBe('notes.txt is empty.');
});

test('[FF.E13] trying again is offered where it can help, and nowhere else', () => {
  expect(
    ['file_empty', 'file_too_large', 'file_refused', 'file_damaged', 'file_unsafe', 'picture_too_large', 'too_long'].filter(
      (code) => !isInVain(code),
    ),
  ).toEqual([]);
  expect(['upload_failed', 'rate_limited', 'storage_full', 'unavailable', 'internal', ''].filter(isInVain)).toEqual([]);
});

test('sizes read as the server writes them', () => {
  expect([sizeLabel(512), sizeLabel(12_600), sizeLabel(4 * 1024 * 1024)]).toEqual(['512 B', '12.3 KB', '4.0 MB']);
});

test('a uid is a UUIDv4', () => {
  for (let i = 0; i < 50; i += 1) expect(newUid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test('good files go, each with a uid, and the first bad one is named', () => {
  const picked = pick([file('a.png', 'image/png'), file('big.png', 'image/png', 2_000_000), file('b.png', 'image/png')], 1024 * 1024, [
    'image/*',
  ]);
  expect(picked.good.map((one) => one.file.name)).toEqual(['a.png', 'b.png']);
  expect(new Set(picked.good.map((one) => one.uid)).size).toBe(2);
  expect(picked.refused).toBe('big.png is larger than 1.0 MB.');
  expect(pick([file('a.exe', '')], 10, ['.pdf']).refused).toContain('a.exe');
  expect(pick([file('a.pdf', '')], 10, ['.pdf']).refused).toBeNull();
});
