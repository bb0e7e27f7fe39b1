import { expect, test } from 'vitest';
import { HOSTILE_TEXTS, LINEAR_GROWTH, growthOf } from '../../../shared/testing/growth.ts';
import { cleanText } from '../../session/text.ts';
import { problemOf, type Field } from '../forms/fields.ts';
import { linkify } from '../../../shared/ui/linkify.ts';
import { initials } from './rows.ts';
import { isPicture } from '../composer/uploads.ts';

const hrefs = (text: string) => linkify(text).flatMap((part) => part.href ?? []);

test('[E7] finds web, mail and phone addresses in a sentence', () => {
  expect(linkify('See https://shop.example/a?b=1#c, or mailto:help@shop.example!')).toEqual([
    { text: 'See ' },
    { text: 'https://shop.example/a?b=1#c', href: 'https://shop.example/a?b=1#c' },
    { text: ', or ' },
    { text: 'mailto:help@shop.example', href: 'mailto:help@shop.example' },
    { text: '!' },
  ]);
  expect(hrefs('tel:+31201234567')).toEqual(['tel:+31201234567']);
  expect(hrefs('请看https://shop.example/')).toEqual(['https://shop.example/']);
});

test.each([
  ['see www.shop.example/a, please', 'https://www.shop.example/a'],
  ['WWW.Shop.example', 'https://www.shop.example/'],
  ['mail help@shop.example.', 'mailto:help@shop.example'],
  ['(first.last+tag@mail.shop.example)', 'mailto:first.last+tag@mail.shop.example'],
])('[VI.conversation] a bare address in %j is a link', (text, href) => {
  expect(hrefs(text)).toEqual([href]);
});

test.each([
  'www.',
  'www.shop',
  'www..example',
  'xwww.shop.example',
  'shop.www.shop.example',
  'www.bank.example@evil.example/',
  'www.a.example\u202egpj.exe'.replace('.exe', ''),
  '@shop.example help@ help@shop help@shop.1 help@.example help@-.example',
  'a@b.example@c.example',
  'help@аpple.com',
  'help@shop.exampleж',
  'help@shop.example\u200b.evil',
  '.@a.example a..b@a.example a.@a.example',
])('[VI.conversation] %j is no address', (text) => {
  expect(hrefs(text)).toEqual([]);
});

test('keeps a closing bracket only with its opening one', () => {
  expect(hrefs('(https://a.example/b_(c))')).toEqual(['https://a.example/b_(c)']);
  expect(hrefs('[HTTPS://A.example/x]...')).toEqual(['https://a.example/x']);
});

test.each([
  `${'javascript'}:alert(1)`,
  `\u0001${'javascript'}:alert(1)`,
  'data:text/html,<script>1</script>',
  '//evil.example',
  'xhttps://evil.example',
  'https://',
  'mailto:',
  'https://bank.example@evil.example/',
  'vbscript:x file:///etc/passwd ftp://a.example blob:https://a.example/1',
  '//evil.example/x',
  `java\tscript:alert(1)`,
  'https:/\\/evil.example@bank.example',
  'intent://x#Intent;scheme=http;end',
])('[E7] [MS.plain] %j is no link', (text) => {
  // The last address in the last text follows a colon and is a harmless link of its own.
  expect(hrefs(text).filter((href) => !href.startsWith('https://a.example'))).toEqual([]);
});

test('[E7] [MS.plain] a host in foreign letters shows its ASCII name', () => {
  const [part] = linkify('https://аpple.com/');
  expect(part?.text).toBe('https://xn--pple-43d.com/');
});

test('[E7] [MS.plain] a mark that turns the direction around ends an address', () => {
  expect(hrefs('https://a.example/\u202egpj.exe')).toEqual(['https://a.example/']);
});

test.each([
  ['https://a.example/x。谢谢', 'https://a.example/x'],
  ['请看https://a.example/y」です', 'https://a.example/y'],
  ['https://a.example/w（说明）', 'https://a.example/w'],
  ['https://a.example/q，再见', 'https://a.example/q'],
  ['《https://a.example/b》和', 'https://a.example/b'],
  ['“https://a.example/c”的', 'https://a.example/c'],
  ['‘https://a.example/d’的', 'https://a.example/d'],
  ['«https://a.example/e»и', 'https://a.example/e'],
  ['https://a.example/f！？好', 'https://a.example/f'],
  ['https://a.example/g……好', 'https://a.example/g'],
  ['https://a.example/h——好', 'https://a.example/h'],
  ['https://a.example/i、と', 'https://a.example/i'],
  ['https://a.example/j｡ｶﾅ', 'https://a.example/j'],
  ['https://a.example/kＡＢＣ', 'https://a.example/k'],
  ['https://a.example/l\u3000と', 'https://a.example/l'],
  ['https://a.example/m؟هل', 'https://a.example/m'],
  ['https://a.example/n।और', 'https://a.example/n'],
  ['https://a.example/o။က', 'https://a.example/o'],
  ['https://a.example/p\u200b谢谢', 'https://a.example/p'],
  ['https://a.example\u200b谢谢', 'https://a.example/'],
  ['https://a.example/r\u2060x', 'https://a.example/r'],
  ['https://a.example/s\u200fאב', 'https://a.example/s'],
  ['https://a.example/t\u2067אב\u2069', 'https://a.example/t'],
  ['https://a.example/u\ufeffx', 'https://a.example/u'],
  ['https://a.example/v\u00adx', 'https://a.example/v'],
  ['https://a.example/x\u3164x', 'https://a.example/x'],
  ['mailto:a@a.example。谢谢', 'mailto:a@a.example'],
  ['tel:+3120123。', 'tel:+3120123'],
])('[FF.E9] %j: what stands behind the address is no part of it', (text, href) => {
  expect(hrefs(text)).toEqual([href]);
  expect(
    linkify(text)
      .map((part) => part.text)
      .join(''),
  ).toBe(text);
});

test.each([
  ['https://a.example/谢谢', 'https://a.example/%E8%B0%A2%E8%B0%A2'],
  ['https://a.example/%E3%80%82x', 'https://a.example/%E3%80%82x'],
  ['https://a.example/i❤️you', 'https://a.example/i%E2%9D%A4%EF%B8%8Fyou'],
  ['https://a.example/😀/x', 'https://a.example/%F0%9F%98%80/x'],
  ['https://a.example/é(b)?c=d&e=f#g', 'https://a.example/%C3%A9(b)?c=d&e=f#g'],
])('[FF.E9] %j: letters of all scripts, signs and percent-encoded characters belong to the link', (text, href) => {
  expect(hrefs(text)).toEqual([href]);
});

test('[FF.E9] a host with something hidden in its name is no link at all', () => {
  expect(['https://bank.example\u200b.evil.example/', 'https://a\u202e.example', 'https://a\u00ad-b.example'].flatMap(hrefs)).toEqual([]);
});

test('[D10] [MS.plain] hostile text is read with work that grows as its length does', () => {
  for (const text of HOSTILE_TEXTS) {
    expect(growthOf(linkify, text), text(10)).toBeLessThan(LINEAR_GROWTH);
    expect(
      linkify(text(1_000))
        .map((part) => part.text)
        .join('').length,
    ).toBeGreaterThan(0);
  }
}, 60_000);

test('[D10] so are names and fields', () => {
  const mail: Field = { name: 'email', title: 'Mail', is_required: true };
  for (const run of [
    initials,
    isPicture,
    cleanText,
    (text: string) => problemOf(mail, text),
    (text: string) => problemOf({ ...mail, name: 'phone' }, text),
  ]) {
    for (const text of HOSTILE_TEXTS) expect(growthOf(run, text), text(10)).toBeLessThan(LINEAR_GROWTH);
  }
}, 60_000);

test('parts joined are the text', () => {
  for (const text of ['', 'plain', 'a https://b.example c', 'https://b.example', '\n https://b.example/x), end'])
    expect(
      linkify(text)
        .map((part) => part.text)
        .join(''),
    ).toBe(text);
});

test('[A6] [E7] ten thousand payloads come out as the text that went in, and no address among them runs anything', () => {
  let seed = 20_261_122;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const parts = [
    '{{',
    '}}',
    '$',
    '{',
    '}',
    '<',
    '>',
    '"',
    "'",
    '`',
    '\\',
    '/',
    '//',
    ':',
    '@',
    '#',
    '?',
    '=',
    '(',
    ')',
    '[',
    ']',
    ' ',
    '\n',
    '\t',
    '\u0000',
    '\u202e',
    '\ud800',
    '😀',
    '&lt;',
    '%3C',
    'svg onload=owned=1',
    'script',
    'constructor',
    '__proto__',
    'prototype',
    'constructor.constructor("owned=1")()',
    `${'javascript'}:`,
    `${'JAVASCRIPT'}:`,
    'java\tscript:',
    'data:text/html,',
    'vbscript:',
    'blob:',
    'file:',
    'https://',
    'http://',
    'mailto:',
    'tel:',
    'a.example',
    'x@y.example',
    '+31',
    'localhost',
    '1',
  ];
  for (let n = 0; n < 10_000; n += 1) {
    const text = Array.from({ length: 1 + Math.floor(random() * 12) }, () => parts[Math.floor(random() * parts.length)]).join('');
    const out = linkify(text);
    let from = 0;
    for (const { text: shown, href } of out) {
      if (href !== undefined) {
        // A host may be shown as it is written on the wire; what stands around it is what was written.
        expect(['https:', 'http:', 'mailto:', 'tel:']).toContain(new URL(href).protocol);
        continue;
      }
      const at = text.indexOf(shown, from);
      expect(at).toBeGreaterThanOrEqual(from);
      from = at + shown.length;
    }
    if (out.every(({ href }) => href === undefined)) expect(out.map((part) => part.text).join('')).toBe(text);
  }
});
