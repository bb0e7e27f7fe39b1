/**
 * `npm run admin -- …`: the administration commands, built first when that is needed. What they are stands in server/admin.ts.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureBuiltOrExit, root } from './built.mjs';

const program = join(root, 'dist/server/admin.js');

process.chdir(root);
await ensureBuiltOrExit();
process.argv[1] = program;
await import(pathToFileURL(program).href);
