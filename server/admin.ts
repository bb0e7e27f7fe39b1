/** `npm run admin -- …`: the entry of the administration command. What there is to command stands in `admin/`. */
import './process/umask.ts';
import { runAdmin } from './admin/run.ts';
import { readEnvironment } from './config.ts';
import { guardOutput } from './base/output.ts';

guardOutput((error) => {
  process.stderr.write(`The answer could not be printed: ${error.message}\n`);
  process.exitCode = 1;
});

const code = await runAdmin(process.argv.slice(2), readEnvironment(), {
  print: (line) => process.stdout.write(`${line}\n`),
  complain: (line) => process.stderr.write(`${line}\n`),
});
process.exitCode ??= code;
