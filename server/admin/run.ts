/**
 * The administration command line: finds the command, opens the store, also beside a running server, and turns an
 * error into one line. Exit code 0 done, 1 refused, 2 not understood.
 */
import { ChatError } from '../../shared/errors.ts';
import { ConfigError, parseConfig, type Config, type Environment } from '../config.ts';
import { DataDirInUse } from '../process/data-dir.ts';
import { toPrintable } from '../../shared/plain-line.ts';
import { keepPrivate } from '../process/private.ts';
import { openStore, storeFault } from '../store/open.ts';
import { UnusableDatabase } from '../store/unusable.ts';
import { NewerDatabase } from '../store/migrate.ts';
import { auditCommands } from './audit.ts';
import { Misused, Refused, readArguments, type Command } from './command.ts';
import { databaseCommands } from './database.ts';
import { groupCommands } from './groups.ts';
import { keyCommands } from './keys.ts';
import { logoCommand } from './logo.ts';
import { lostCommands } from './lost.ts';
import { mailCommands } from './mails.ts';
import { operatorCommands } from './operators.ts';
import { siteCommands } from './sites.ts';
import { visitorCommands } from './visitors.ts';

const COMMANDS: readonly Command[] = [
  ...siteCommands,
  logoCommand,
  ...groupCommands,
  ...keyCommands,
  ...operatorCommands,
  ...visitorCommands,
  ...auditCommands,
  ...databaseCommands,
  ...lostCommands,
  ...mailCommands,
];

export interface Terminal {
  print(line: string): void;
  complain(line: string): void;
}

/** @returns the exit code */
export async function runAdmin(argv: readonly string[], env: Environment, given: Terminal): Promise<number> {
  const terminal = plain(given);
  if (argv[0] === 'help' || argv.includes('--help')) {
    terminal.print(usage());
    return 0;
  }
  const command = COMMANDS.find(({ name }) => argv.slice(0, name.split(' ').length).join(' ') === name);
  if (command === undefined) {
    terminal.complain(argv.length === 0 ? usage() : `There is no command ${JSON.stringify(argv.join(' '))}.\n${usage()}`);
    return 2;
  }
  try {
    const config = parseConfig(env);
    keepPrivate(config, terminal.complain);
    await runCommand(command, argv.slice(command.name.split(' ').length), config, terminal);
    return 0;
  } catch (error) {
    if (error instanceof Misused) {
      terminal.complain(`${error.message}\nUsage: npm run admin -- ${command.name} ${command.usage}`.trimEnd());
      return 2;
    }
    if (!isExpected(error)) throw error;
    terminal.complain(error.message);
    return 1;
  }
}

async function runCommand(command: Command, rest: readonly string[], config: Config, { print }: Terminal): Promise<void> {
  const args = readArguments(rest, command.flags);
  if (command.needs === 'file') return command.run({ config, args, print });
  const store = await openStore(config, { foreignChangeMs: config.limits.timing.foreignChangeMs });
  try {
    await command.run({ config, args, print, store });
  } catch (error) {
    throw storeFault(error, config);
  } finally {
    await store.close();
  }
}

/** Stored or typed text may hold control sequences that a terminal would obey: we print them visibly, never raw. */
function plain({ print, complain }: Terminal): Terminal {
  return { print: (line) => print(toPrintable(line)), complain: (line) => complain(toPrintable(line)) };
}

function isExpected(error: unknown): error is Error {
  return [Refused, ConfigError, DataDirInUse, NewerDatabase, UnusableDatabase, ChatError].some((kind) => error instanceof kind);
}

function usage(): string {
  const lines = COMMANDS.map(({ name, usage: rest, does }) => `  ${`${name} ${rest}`.trimEnd()}\n      ${does}`);
  return ['Usage: npm run admin -- COMMAND', ...lines].join('\n');
}
