/** What the administration commands have in common: how one is described, what it is given, and how it says no. */
import { parseArgs } from 'node:util';
import type { Config } from '../config.ts';
import type { Store } from '../store/store.ts';

/** It cannot be done; `message` is the one line to print. Nothing was changed. */
export class Refused extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'Refused';
  }
}

/** It was not asked as the command understands it: the usage is printed too. */
export class Misused extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'Misused';
  }
}

/** What a command works with. */
export interface CommandContext {
  config: Config;
  args: Arguments;
  print(line: string): void;
}

/** Most commands work on the open store; `restore` replaces the file behind it, which therefore must not be open. */
export type Command = Description &
  (
    | { needs: 'store'; run(context: CommandContext & { store: Store }): Promise<void> }
    | { needs: 'file'; run(context: CommandContext): Promise<void> }
  );

interface Description {
  /** One to three words. */
  name: string;
  /** What follows the name. */
  usage: string;
  /** One line for the list of commands. */
  does: string;
  /** Names of its flags; all take a value and may be repeated if `run` asks for `many`. */
  flags: readonly string[];
}

export interface Arguments {
  /** Value of a flag that may be left out. */
  one(flag: string): string | undefined;
  many(flag: string): string[];
  /** Value of a flag that may not. */
  need(flag: string): string;
  /** The words that are no flags, exactly as many as there are `names`. */
  words<N extends readonly string[]>(...names: N): { [I in keyof N]: string };
}

/** @throws Misused */
export function readArguments(args: readonly string[], flags: readonly string[]): Arguments {
  const { values, positionals } = parseStrictly(args, flags);
  const many = (flag: string) => values[flag] ?? [];
  const one = (flag: string) => {
    const [value, ...more] = many(flag);
    if (more.length > 0) throw new Misused(`--${flag} was given ${more.length + 1} times, expected once.`);
    return value;
  };
  return {
    many,
    one,
    need(flag) {
      const value = one(flag);
      if (value === undefined || value.trim() === '') throw new Misused(`--${flag} is missing.`);
      return value;
    },
    words<N extends readonly string[]>(...names: N) {
      const missing = names[positionals.length];
      if (missing !== undefined) throw new Misused(`${missing} is missing.`);
      const surplus = positionals[names.length];
      if (surplus !== undefined) throw new Misused(`Unexpected ${JSON.stringify(surplus)}.`);
      // Just as many as were named.
      return positionals as { [I in keyof N]: string };
    },
  };
}

function parseStrictly(args: readonly string[], flags: readonly string[]) {
  try {
    const options = Object.fromEntries(flags.map((flag) => [flag, { type: 'string' as const, multiple: true as const }]));
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
    return { values: { ...values }, positionals };
  } catch (error) {
    // Node's words are good, but for a hint about positional arguments that does not help here.
    throw new Misused(
      error instanceof Error ? `${error.message.split('. To specify')[0] ?? error.message}`.replace(/\.?$/, '.') : 'Unreadable arguments.',
    );
  }
}
