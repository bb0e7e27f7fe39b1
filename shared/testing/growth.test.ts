import { expect, test } from 'vitest';
import { effortOf } from '../effort.ts';
import { HOSTILE_TEXTS, LINEAR_GROWTH, growthOf } from './growth.ts';

const letters = (length: number) => 'a'.repeat(length);
const spaces = (length: number) => `${' '.repeat(length)}x`;

test('[D10] a line grows as its length does, a square runs away, be it of a pattern, of methods or of a loop', () => {
  for (const line of [
    (text: string) => text.replace(/a/g, 'b'),
    (text: string) => /^a*$/.test(text),
    (text: string) => [...text].length,
    (text: string) => text.split(/a{2}/).join('').toLowerCase(),
    (text: string) => {
      for (let i = 0; i < text.length; i += 1) text.charCodeAt(i);
    },
  ])
    expect(growthOf(line, letters), String(line)).toBeLessThan(LINEAR_GROWTH);
  for (const square of [
    (text: string) => /a*b/.test(text),
    (text: string) => text.match(/a+?b/g),
    (text: string) => text.split(/(a+)x/),
    (text: string) => {
      for (let i = 0; i < text.length; i += 1) text.indexOf('b', i);
    },
    (text: string) => {
      for (let rest = text; rest !== ''; rest = rest.slice(1)) continue;
    },
  ])
    expect(growthOf(square, letters), String(square)).toBe(Infinity);
  expect(growthOf((text) => text.replace(/\s+$/, ''), spaces)).toBe(Infinity);
});

test('[D10] a step is counted once, and the same each time', () => {
  expect(effortOf((text) => /b/.test(text), 'aab')).toBe(effortOf((text) => /b/.test(text), 'aab'));
  expect(effortOf((text) => text.charAt(0), 'abc')).toBe(2);
  expect(effortOf((text) => text.slice(1), 'abc')).toBe(3);
  expect(effortOf(() => undefined, 'abc')).toBe(0);
  // What was watched is as it was.
  expect(String(RegExp.prototype.exec)).toContain('native code');
  expect(String(String.prototype.slice)).toContain('native code');
});

test('[D10] patterns are followed as the engine takes them: every answer is compared with its own', () => {
  const patterns = [
    /a|ab|abc/,
    /(a|ab)(c|bcd)(d*)/,
    /(?:a*)*b/,
    /(?:a|a?)+$/,
    /^(?:(\w)(\w?))+?c/,
    /([ab])\1/,
    /(["'])(.*?)\1/,
    /\bfoo\b/i,
    /[^\S\n]+$/m,
    /^\s*#(?!!)/m,
    /a{2,3}?b/,
    /x{0}y/,
    /(?=(a+))a*b\1/,
    /\u{1F600}|\p{L}+/u,
    /[\]\\-]+/,
    /\x41\u0042/,
    /^[a-c]{1,12}$/,
    /^[a-z]([a-z-]{0,9}[a-z])?$/,
    /(?<year>\d{4})-(\d\d)/,
    /.^/s,
    /$^/,
    /(?:)/,
    /[^]{3}/,
    /\Bx\B/,
  ];
  const texts = [
    '',
    'abcd',
    'aaab',
    'aab aab b',
    "say \"it's\" twice 'x'",
    'Foo food foo',
    'x \t\n # y\n#!z',
    'aaaab',
    '😀é\ud83d',
    ']\\-[',
    'xAB',
    'on 2026-11-29',
    'axxxa',
    'aabaac',
    'abcabcabcabcabc',
  ];
  for (const pattern of patterns) {
    for (const text of texts) {
      expect(() => effortOf((given) => pattern.exec(given), text)).not.toThrow();
      expect(() => effortOf((given) => given.split(pattern), text)).not.toThrow();
      expect(() => effortOf((given) => given.replace(RegExp(pattern, `${pattern.flags}g`), '-'), text)).not.toThrow();
    }
  }
  expect(() => effortOf((text) => /(?<=a)b/.test(text), 'ab')).toThrow('does not know');
});

test('[D10] hostile texts are as long as they are asked to be', () => {
  for (const text of HOSTILE_TEXTS) expect(Math.abs(text(20_000).length - 20_000)).toBeLessThan(100);
});
