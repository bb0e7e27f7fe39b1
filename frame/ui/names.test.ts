import { expect, test } from 'vitest';
import { joined } from './names.ts';

test('names are joined as the language does it', () => {
  expect(joined(['Eva'], 'en')).toBe('Eva');
  expect(joined(['Eva', 'Tom'], 'en')).toBe('Eva and Tom');
  expect(joined(['Eva', 'Tom', 'Mia'], 'de')).toBe('Eva, Tom und Mia');
});

test('[VI.fill] in a language from right to left the first name stays the first', () => {
  expect(joined(['Eva', 'Tom'], 'ar')).toBe('\u2068Eva\u2069 و\u2068Tom\u2069');
  expect(joined(['Eva', 'נועה'], 'en')).toBe('Eva and \u2068נועה\u2069');
});
