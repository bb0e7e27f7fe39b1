/** `npm run admin -- …`: the entry of the administration command. What there is to command stands in `admin/`. */
import { runAdmin } from './admin/run.ts';
import { readEnvironment } from './config.ts';

process.exitCode = await runAdmin(process.argv.slice(2), readEnvironment(), {
  print: (line) => process.stdout.write(`${line}\n`),
  complain: (line) => process.stderr.write(`${line}\n`),
});
