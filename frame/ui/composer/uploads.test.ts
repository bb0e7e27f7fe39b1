import { beforeAll, expect, test } from 'vitest';
import { isInVain } from '../../../shared/ui/vain.ts';
import { speak } from '../../language/language.ts';
import type { FileLike } from '../../session/contract.ts';
import { kindsOf, newUid, pick, refusal, sizeLabel, type Rules } from './uploads.ts';

beforeAll(() => speak('en'));

const file = (name: string, type: string, size = 1) => ({ name, type, size });
const rules = (maxSize: number, accept: string[] = [], room = 10): Rules => ({ maxSize, accept, room, limit: 10 });

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
  expect(pick([file('notes.txt', 'text/plain', 0)], rules(10)).refused?.()).toBe('notes.txt is empty.');
});

test('[FF.E13] trying again is offered where it can help, and nowhere else', () => {
  expect(
    ['file_empty', 'file_too_large', 'file_refused', 'file_damaged', 'file_unsafe', 'picture_too_large', 'too_long'].filter(
      (code) => !isInVain(code),
    ),
  ).toEqual([]);
  expect(['upload_failed', 'rate_limited', 'storage_full', 'unavailable', 'internal', ''].filter(isInVain)).toEqual([]);
});

test('[VI.attach] sizes and kinds read as the visitor’s language writes them', async () => {
  const sizes = (): string[] => [512, 12_600, 4 * 1024 * 1024].map(sizeLabel);
  expect(sizes()).toEqual(['0.5 kB', '12.3 kB', '4 MB']);
  expect(kindsOf(['image/*', '.pdf', 'application/PDF'])).toBe('JPG, PNG, GIF, WEBP, or PDF');
  await speak('de');
  expect(sizes()).toEqual(['0,5 kB', '12,3 kB', '4 MB']);
  expect(kindsOf(['.pdf', '.docx'])).toBe('PDF oder DOCX');
  await speak('en');
});

test('[VI.attach] a refusal names no kinds where only machines have a name for one, or where there are too many', () => {
  expect(kindsOf([])).toBe('');
  expect(kindsOf(['.pdf', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'])).toBe('');
  expect(kindsOf(['.aa', '.ab', '.ac', '.ad', '.ae', '.af', '.ag', '.ah', '.ai'])).toBe('');
});

test('a uid is a UUIDv4', () => {
  for (let i = 0; i < 50; i += 1) expect(newUid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test('[VI.attach] good files go, each with a uid, and each of the others is named', () => {
  const picked = pick(
    [file('a.png', 'image/png'), file('big.png', 'image/png', 2_000_000), file('b.png', 'image/png'), file('c.exe', '')],
    rules(1024 * 1024, ['image/*', '.pdf']),
  );
  expect(picked.good.map((one) => one.file.name)).toEqual(['a.png', 'b.png']);
  expect(new Set(picked.good.map((one) => one.uid)).size).toBe(2);
  expect(picked.refused?.()).toBe(
    'big.png is larger than 1 MB. c.exe is of a type that we do not accept. We accept JPG, PNG, GIF, WEBP, or PDF.',
  );
  expect(pick([file('a.exe', '')], rules(10, ['.pdf'])).refused?.()).toBe('a.exe is of a type that we do not accept. We accept PDF.');
  expect(pick([file('a.pdf', '')], rules(10, ['.pdf'])).refused).toBeNull();
});

test('[VI.attach] what has no room left is named, and a long list ends in dots', () => {
  const many = Array.from({ length: 7 }, (_, at) => file(`cup-${at}.png`, 'image/png'));
  const picked = pick(many, rules(10, [], 5));
  expect(picked.good).toHaveLength(5);
  expect(picked.refused?.()).toBe('Too many at once: 10 files at most. Left out: cup-5.png, cup-6.png.');
  expect(pick(many, rules(10, [], 0)).refused?.()).toContain('cup-0.png, cup-1.png, cup-2.png, cup-3.png, ….');
  expect(pick(many, rules(0)).refused?.()).toMatch(/^cup-0\.png is larger than .* cup-3\.png is larger than [^…]*…$/);
});

test('[VI.attach] a folder is no file, whatever size it seems to have', () => {
  const folder: FileLike = file('Photos', '', 4096);
  const picked = pick([folder, file('a.png', 'image/png')], rules(10_000), new Set([folder]));
  expect(picked.good.map((one) => one.file.name)).toEqual(['a.png']);
  expect(picked.refused?.()).toBe('Photos is of a type that we do not accept.');
});
