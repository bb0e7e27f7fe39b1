/**
 * npm run keep: keeps the built loader and frame of this version under e2e/kept/<version>/, so that every later version can be
 * tested against them: loaders are cached on customers' pages, and pinned ones stay for long. Run once per released version.
 */
import { cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuiltOrExit, root } from './built.mjs';

await ensureBuiltOrExit();
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const kept = join(root, 'e2e/kept', version);
rmSync(kept, { recursive: true, force: true });
mkdirSync(kept, { recursive: true });
cpSync(join(root, 'dist/loader/loader.js'), join(kept, 'loader.js'));
cpSync(join(root, 'dist/frame'), join(kept, 'frame'), { recursive: true });
console.log(`Kept loader and frame of ${version} in e2e/kept/${version}/.`);
