import { expect, test } from 'vitest';
import { HOSTILE_TEXTS, LINEAR_GROWTH, growthOf } from '../testing/growth.ts';
import { isEmoji } from './emoji.ts';
import { formatted, plainOf, type Block, type Inline } from './markdown.ts';

/** A short notation of what is drawn: `<b>` bold, `<i>` italic, `<c>` code, `<a host>` a link. */
function drawn(text: string): string {
  const inline = (parts: readonly Inline[]): string =>
    parts
      .map((part) => {
        if (part.kind === 'plain') return part.text;
        if (part.kind === 'code') return `<c>${part.text}</c>`;
        if (part.kind === 'link') return `<a ${part.href}${part.host === undefined ? '' : ` shows ${part.host}`}>${part.text}</a>`;
        const tag = part.kind === 'strong' ? 'b' : 'i';
        return `<${tag}>${inline(part.parts)}</${tag}>`;
      })
      .join('');
  const block = (one: Block): string => {
    if (one.kind === 'code') return `[code ${one.text}]`;
    if (one.kind === 'list') return `[${one.start ?? '-'} ${one.items.map(inline).join(' | ')}]`;
    return one.kind === 'quote' ? `[> ${inline(one.parts)}]` : inline(one.parts);
  };
  return formatted(text).map(block).join('\n');
}

test.each([
  ['**Fine**, *really*, _so_', '<b>Fine</b>, <i>really</i>, <i>so</i>'],
  ['**bold with *italic* in it**', '<b>bold with <i>italic</i> in it</b>'],
  ['use `npm **run**` now', 'use <c>npm **run**</c> now'],
  ['これは**重要**です', 'これは<b>重要</b>です'],
  ['Two:\n\n- one\n- **two**\n\nBye', 'Two:\n[- one | <b>two</b>]\nBye'],
  ['3. three\n4. four', '[3 three | four]'],
  ['> so you\n> said\nYes', '[> so you\nsaid]\nYes'],
  ['```js\nlet a = **b**;\n\n```\nthat', '[code let a = **b**;\n]\nthat'],
  [
    '[our help](https://help.example/a) and https://a.example/b_c_d.',
    '<a https://help.example/a>our help</a> and <a https://a.example/b_c_d>https://a.example/b_c_d</a>.',
  ],
  ['**https://a.example/**', '<b><a https://a.example/>https://a.example/</a></b>'],
  ['mail _help@shop.example_ now', 'mail <i><a mailto:help@shop.example>help@shop.example</a></i> now'],
])('[VI.conversation] %j is drawn as it is meant', (text, shown) => {
  expect(drawn(text)).toBe(shown);
});

test.each([
  '2*3*4 and snake_case_name and 5 * 6 * 7',
  'a ** b ** c',
  '**never closed and *neither this',
  '`not closed',
  '``',
  '```\nnot closed',
  '[name](javascript:owned=1) ![picture](https://a.example/x.png) [ ](https://a.example/ y)',
  '[x](data:text/html,1) [y](//a.example) [z](mailto:nobody)',
  'line one\n\n\n  line two  \n',
  '-no list\n1.no list\n#no title',
  '<b>no</b> <script>owned=1</script> &lt;',
])('[VI.conversation] %j stays as it was typed', (text) => {
  const shown = plainOf(formatted(text));
  expect(shown).toBe(text);
});

test('[VI.conversation] a link whose name looks like another address shows where it leads', () => {
  for (const name of ['bank.example', 'https://bank.example', 'me@bank.example', 'bank。example', 'pay\u202epal', 'bank.example/login'])
    expect(drawn(`[${name}](https://evil.example/x)`), name).toBe(`<a https://evil.example/x shows evil.example>${name}</a>`);
  expect(drawn('[evil.example](https://evil.example/x)')).toBe('<a https://evil.example/x>evil.example</a>');
  expect(drawn('[our help](https://help.example/)')).not.toContain('shows');
  // A host in foreign letters is shown as its ASCII name.
  expect(drawn('[apple.com](https://аpple.com/)')).toContain('shows xn--pple-43d.com');
});

test('[VI.conversation] what is spoken has none of the signs', () => {
  expect(plainOf(formatted('**Hi**\n- one\n- [two](https://a.example/)\n> three'))).toBe('Hi\none\ntwo\nthree');
});

test.each([
  ...HOSTILE_TEXTS,
  ...[
    '**',
    '*a ',
    '_a ',
    '`',
    '[',
    '[a](',
    '[a](https://a.example/',
    '> ',
    '- ',
    '```\n',
    '```a\n',
    '**a*b_c',
    '*_',
    '\n',
    ' \n',
    '1. ',
    'a@',
    '@a.b',
    'www.',
  ].map((part) => (length: number) => part.repeat(Math.ceil(length / part.length))),
])('[VI.conversation] takes time in proportion to the length of hostile text %#', (text) => {
  expect(growthOf(formatted, text)).toBeLessThan(LINEAR_GROWTH);
});

test('[VI.conversation] nests no deeper than bold in italic, whatever is written', () => {
  const depth = (parts: readonly Inline[]): number => Math.max(0, ...parts.map((part) => ('parts' in part ? 1 + depth(part.parts) : 0)));
  for (const text of ['*_**'.repeat(200) + 'x' + '**_*'.repeat(200), '**a *b _c '.repeat(300), '> > > > x'])
    for (const block of formatted(text)) expect('parts' in block ? depth(block.parts) : 0).toBeLessThanOrEqual(3);
});

test.each([
  ['👍', true],
  ['👍🏽 ❤️ 🎉', true],
  ['👨‍👩‍👧‍👦🏳️‍🌈🇩🇪', true],
  ['✌🏽', true],
  ['5️⃣', true],
  ['👍👍👍👍', false],
  ['ok 👍', false],
  ['123', false],
  ['', false],
  ['©', false],
])('[VI.conversation] %j is a few emoji and nothing else: %j', (text, is) => {
  expect(isEmoji(text)).toBe(is);
});

test('[VI.conversation] a long text is no emoji, whatever it is made of', () => {
  for (const part of ['👍', '👍 ', ' ', '👨\u200d', '1', '\u{e0061}', '🇩'])
    for (const length of [50, 5_000]) expect(isEmoji(part.repeat(length))).toBe(false);
});
