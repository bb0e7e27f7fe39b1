/**
 * Administration commands for the tests' worlds, many in one process: each is the built command, run from its entry with arguments of its own. Started
 * as a process each, they took longer than most of what the tests are about. That the command also runs alone is shown in server.spec.ts.
 */
import { pathToFileURL } from 'node:url';

const [, , program = ''] = process.argv;
const entry = pathToFileURL(program).href;
let count = 0;
let said = '';
for (const stream of [process.stdout, process.stderr]) {
  // Every command listens to them anew.
  stream.setMaxListeners(0);
  stream.write = (text) => ((said += String(text)), true);
}

let turn = Promise.resolve();
process.on('message', (/** @type {{ id: number, args: string[] }} */ { id, args }) => {
  turn = turn.then(async () => {
    said = '';
    process.exitCode = undefined;
    process.argv = [process.execPath, program, ...args];
    try {
      // A name of its own makes the entry run again; what it imports is there already.
      await import(`${entry}?${(count += 1)}`);
    } catch (error) {
      said += String(error);
      process.exitCode = 1;
    }
    process.send?.({ id, output: said, isDone: (process.exitCode ?? 0) === 0 });
    process.exitCode = undefined;
  });
});
