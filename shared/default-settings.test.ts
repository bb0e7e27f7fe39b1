import { expect, test } from 'vitest';
import { DEFAULT_SETTINGS } from './default-settings.ts';
import { parseSettings, toldSettings } from './settings.ts';

test('The written-out defaults are what the schema gives for an empty object.', () => {
  expect(DEFAULT_SETTINGS).toEqual(toldSettings(parseSettings({})));
});
