/** Times, names and links as an operator reads them. */
import { describe, expect, it, test } from 'vitest';
import { HOSTILE_TEXTS, LINEAR_GROWTH, growthOf } from '../../shared/testing/growth.ts';
import { contactLink, initials, linkParts, ownFileAddress, roughly, safeLink, shortAddress, stopwatch, visitorName } from './format.ts';

test('a wait is read to the second, everything else roughly', () => {
  expect([0, 42, 725, 3_849, -3].map(stopwatch)).toEqual(['0:00', '0:42', '12:05', '1:04:09', '0:00']);
  expect([-3, 59, 60, 7_300, 200_000].map(roughly)).toEqual(['now', 'now', '1 min', '2 hr', '2 days']);
});

test('a visitor is called by the best that is known', () => {
  expect(visitorName({ id: 'v-93F1', card: { name: 'Vera', email: ['a@x'] } })).toBe('Vera');
  expect(visitorName({ id: 'v-93F1', card: { email: ['old@x', 'new@x'], phone: ['1'] } })).toBe('new@x');
  expect(visitorName({ id: 'v-93F1', card: {} })).toBe('Visitor 93f1');
  expect([initials('Vera'), initials('vera  van Dijk'), initials('')]).toEqual(['V', 'VD', '']);
});

test('[MS.plain] only http and https become links, without the punctuation of the sentence', () => {
  const script = ['java', 'script:alert(1)'].join('');
  expect(linkParts(`Not ${script} nor data:text/html,x nor //evil.`)).toEqual([
    { text: `Not ${script} nor data:text/html,x nor //evil.`, href: null },
  ]);
  expect(linkParts('See (https://x.example/a?q=1), HTTP://y.example/a_(b).')).toEqual([
    { text: 'See (', href: null },
    { text: 'https://x.example/a?q=1', href: 'https://x.example/a?q=1' },
    { text: '), ', href: null },
    { text: 'HTTP://y.example/a_(b)', href: 'http://y.example/a_(b)' },
    { text: '.', href: null },
  ]);
  expect([script, ` \u0001${script}`, '//evil', 'https://'].map(safeLink)).toEqual([null, null, null, null]);
});

test('[P9] a file is opened by the workplace’s own address, and nothing else is taken for a file', () => {
  expect(ownFileAddress('https://files.example/files/0a1b/a%20b.pdf')).toBe('/operator/files/0a1b/a%20b.pdf');
  const script = ['java', 'script:alert(1)'].join('');
  for (const address of [
    script,
    'https://files.example/files/0a1b',
    'https://files.example/files/../operator/logout',
    'https://files.example/files/0a/b/c',
    '//evil/files/0a/b',
    '',
  ]) {
    expect(ownFileAddress(address), address).toBeNull();
  }
});

test('[D10] [MS.plain] a hostile text takes work that grows as its length does', () => {
  for (const run of [linkParts, initials, shortAddress, safeLink]) {
    for (const text of HOSTILE_TEXTS) expect(growthOf(run, text), text(10)).toBeLessThan(LINEAR_GROWTH);
  }
}, 60_000);

test('[MS.plain] an address is shown as people say it', () => {
  expect(shortAddress('https://shop.example/')).toBe('shop.example');
  expect(shortAddress('http://shop.example/a/b')).toBe('shop.example/a/b');
});

describe('[E7] links in what was written', () => {
  const hrefs = (text: string) => linkParts(text).flatMap(({ href }) => href ?? []);

  it.each([
    `${'javascript'}:alert(1)`,
    `\u0001${'javascript'}:alert(1)`,
    'data:text/html,<script>1</script>',
    '//evil.example',
    'https://bank.example@evil.example/',
    'https://a\u200b.example/',
    'vbscript:x file:///etc/passwd ftp://a.example',
    'https://',
  ])('%j is none', (text) => {
    expect(hrefs(text)).toEqual([]);
    expect(
      linkParts(text)
        .map((part) => part.text)
        .join(''),
    ).toBe(text);
  });

  it.each(['。谢谢', '」です', '（说明）', '\u200b谢谢', '\u202egpj.exe', '”的', '，'])(
    '[FF.E9] end before %j, as they do for visitors',
    (behind) => {
      expect(linkParts(`见 https://a.example/x${behind}`)).toEqual([
        { text: '见 ', href: null },
        { text: 'https://a.example/x', href: 'https://a.example/x' },
        { text: behind, href: null },
      ]);
    },
  );

  it('are web addresses: others are left as they are written', () => {
    expect(linkParts('mailto:a@a.example tel:+31')).toEqual([{ text: 'mailto:a@a.example tel:+31', href: null }]);
  });

  it('one to a host in foreign letters shows its ASCII name', () => {
    expect(linkParts('see https://аpple.com/ now')).toEqual([
      { text: 'see ', href: null },
      { text: 'https://xn--pple-43d.com/', href: 'https://xn--pple-43d.com/' },
      { text: ' now', href: null },
    ]);
  });
});

it.each([
  ['email', 'ann@shop.example', 'mailto:ann@shop.example'],
  ['email', 'a+b@shop.example', 'mailto:a%2Bb@shop.example'],
  ['email', 'ann@shop.example?bcc=eve@evil.example', null],
  ['email', 'ann at shop', null],
  ['phone', '+49 (30) 123-45', 'tel:+493012345'],
  ['phone', '*#06#', null],
  ['phone', 'call me', null],
  ['name', 'ann@shop.example', null],
])('[FF.C8] the %s %s leads to %s', (field, value, href) => expect(contactLink(field, value)).toBe(href));
