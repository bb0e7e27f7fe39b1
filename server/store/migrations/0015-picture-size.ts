/** Pictures get width and height, in pixels. Those from before stay without. */
import type { Migration } from './migration.ts';

export const pictureSize: Migration = {
  version: 15,
  name: 'picture-size',
  sql: `
ALTER TABLE file ADD COLUMN width INTEGER;
ALTER TABLE file ADD COLUMN height INTEGER;
`,
};
