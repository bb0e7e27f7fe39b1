/** Names and passwords as they are typed at the command line: bounded, on one line, and refused with what was expected. */
import { hasUnseen } from '../../shared/plain-line.ts';
import { passwordFault } from '../base/password-rules.ts';
import { Refused } from './command.ts';

/** Of names that people read: sites, groups, operators and their positions. */
const NAME_MAX = 80;

/** @param flag what to call it in a refusal @throws Refused */
export function parseName(flag: string, value: string): string {
  const name = value.trim();
  const length = [...name].length;
  if (length === 0) throw new Refused(`${flag} is empty, expected 1 to ${NAME_MAX} characters.`);
  if (length > NAME_MAX) throw new Refused(`${flag} has ${length} characters, expected at most ${NAME_MAX}.`);
  if (hasUnseen(name))
    throw new Refused(
      `${flag} holds characters that are not seen (control characters, line breaks or direction marks), expected one line of plain text.`,
    );
  return name;
}

/** @throws Refused */
export function parsePassword(value: string, words: readonly string[]): string {
  const fault = passwordFault(value, words);
  if (fault !== undefined) throw new Refused(`--password ${fault}. Leave it out to have one made up.`);
  return value;
}
