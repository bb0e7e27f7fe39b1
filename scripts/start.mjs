/**
 * `npm start`: the whole system, built first when that is needed. The server then runs in this very process, so signals, exit
 * code and environment are its own, and it ends with the process that started it (`launchers.mjs`). A service needs none of this:
 * it builds once and runs `node dist/server/main.js`.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureBuiltOrExit, root } from './built.mjs';
import { endWithLaunchers } from './launchers.mjs';

const program = join(root, 'dist/server/main.js');

process.chdir(root);
endWithLaunchers();
await ensureBuiltOrExit();
process.argv[1] = program;
await import(pathToFileURL(program).href);
