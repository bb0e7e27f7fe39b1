/**
 * What the build puts into every room's code. The values come from `define` in vite.config.ts and vitest.config.ts.
 * Included by each room's tsconfig; holds nothing that belongs to one room.
 */

/** The version in package.json. */
declare const __VERSION__: string;
