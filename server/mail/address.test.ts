import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { effortOf } from '../../shared/effort.ts';
import { parseAddress } from './address.ts';

describe('[E5] [BI.mail] one mail address', () => {
  it('is taken as people write it', () => {
    for (const address of [
      'ann@shop.example',
      'a.b+chat@mail.shop.example',
      "o'neil_%x@a-b.example",
      'ANN@Shop.Example',
      `${'a'.repeat(64)}@b.example`,
      'x@xn--e1afmkfd.example',
    ]) {
      expect(parseAddress(address), address).toBe(address);
    }
    expect(parseAddress('  ann@shop.example ')).toBe('ann@shop.example');
  });

  it('is refused when it is none, more than one, or could be read as more', () => {
    const refused: unknown[] = [
      '',
      'ann',
      'ann@',
      '@shop.example',
      'ann@shop',
      'ann@localhost',
      'a@b@c.example',
      'ann@shop..example',
      'ann@-shop.example',
      'ann@shop.example.',
      '.ann@shop.example',
      'ann.@shop.example',
      'a..b@shop.example',
      'a b@shop.example',
      'ann@sh op.example',
      'a@b.example,c@d.example',
      'a@b.example;c@d.example',
      'Ann <ann@shop.example>',
      '<ann@shop.example>',
      '"a b"@shop.example',
      '"a"@shop.example',
      'ann(comment)@shop.example',
      'ann@[127.0.0.1]',
      'ann@127.0.0.1',
      'ann@shop.example\r\nBcc: c@d.example',
      'ann@shop.example\n',
      '\tann@shop.example',
      'ann@shop.example\u2028Bcc: c@d.example',
      'ann\0@shop.example',
      'änn@shop.example',
      'ann@shöp.example',
      'group:ann@shop.example',
      `${'a'.repeat(65)}@b.example`,
      `a@${'b.'.repeat(130)}example`,
      `a@${'b'.repeat(64)}.example`,
      null,
      undefined,
      5,
      ['ann@shop.example'],
      { to: 'ann@shop.example' },
    ];
    for (const input of refused) expect(parseAddress(input), JSON.stringify(input)).toBeUndefined();
  });

  it('whatever is typed: what passes is ASCII without a character that means something in a header', () => {
    const nearly = fc
      .tuple(fc.string({ unit: 'binary' }), fc.constantFrom('@', '@@', '@a.'), fc.string({ unit: 'binary' }))
      .map((parts) => parts.join(''));
    const character = fc.constantFrom(...'ab.@,;:<>()[]"\\ \r\n\t\0é-+');
    const shaped = fc
      .tuple(fc.string({ unit: character, maxLength: 12 }), fc.string({ unit: character, maxLength: 12 }))
      .map(([a, b]) => `${a}@${b}.example`);
    fc.assert(
      fc.property(fc.oneof(nearly, shaped), (input) => {
        const address = parseAddress(input);
        if (address === undefined) return;
        expect(address).toMatch(/^[\x21-\x7e]+$/);
        expect(address).not.toMatch(/[,;:<>()[\]"\\]/);
        expect(address.split('@')).toHaveLength(2);
      }),
      { numRuns: 300 },
    );
  }, 30_000);

  it('[D10] takes no more work than its first letters, whatever its length', () => {
    for (const input of [
      `${'a.'.repeat(25_000)}@b.example`,
      `a@${'a-'.repeat(25_000)}`,
      `a@${'a.'.repeat(25_000)}`,
      '@'.repeat(50_000),
      ' '.repeat(50_000) + 'a',
      'a' + ' '.repeat(50_000) + 'b',
    ]) {
      expect(parseAddress(input)).toBeUndefined();
      expect(effortOf(parseAddress, input), input.slice(0, 10)).toBe(0);
    }
  });
});
