/**
 * Which passwords an operator may have. This file lists the passwords that attackers guess first. The sign-in (`login.ts`) slows
 * down other guesses. A generated password needs none of this.
 */
const PASSWORD_LENGTH = { min: 8, max: 256 } as const;

/** The most common passwords in lower case, from {@link PASSWORD_LENGTH} characters on. The length rule refuses shorter ones. */
const KNOWN_BAD = new Set(
  (
    'password passw0rd password1 password12 password123 password1234 passwort1 passwort123 12345678 123456789 1234567890 0123456789 87654321 987654321 ' +
    '0987654321 1q2w3e4r 1q2w3e4r5t 1qaz2wsx zaq12wsx qwertyui qwertyuiop qwerty12 qwerty123 qwerty1234 qwertz123 asdfghjk asdfghjkl zxcvbnm1 abcd1234 ' +
    'abc12345 abcdefgh a1b2c3d4 iloveyou iloveyou1 sunshine princess football baseball superman trustno1 starwars whatever computer internet ' +
    'welcome1 welcome123 letmein1 letmein123 administrator admin123 admin1234 changeme changeme1 changeme123 operator operator1 operator123 ' +
    'consultant support1 support123 default1 testtest test1234 secret12 secret123 michelle jennifer 11111111 00000000'
  ).split(' '),
);

/**
 * The fault of a password, as the end of a sentence that begins with its name; undefined if there is none.
 *
 * @param words what belongs to the account and is guessed with it: e-mail, name
 * @example
 * passwordFault('a', []); // 'has 1 character, expected 8 to 256'
 */
export function passwordFault(password: string, words: readonly string[]): string | undefined {
  const length = [...password].length;
  if (length < PASSWORD_LENGTH.min || length > PASSWORD_LENGTH.max) {
    return `has ${length} character${length === 1 ? '' : 's'}, expected ${PASSWORD_LENGTH.min} to ${PASSWORD_LENGTH.max}`;
  }
  const low = password.toLowerCase().trim();
  if (KNOWN_BAD.has(low)) return 'is one of the passwords that are tried first, expected another';
  if (new Set(low).size < 3) return 'repeats one or two characters, expected more different ones';
  const own = words.flatMap((word) => [word, word.split('@')[0] ?? word]).map((word) => word.toLowerCase());
  if (own.includes(low)) return "is the operator's own e-mail or name, expected another";
  return undefined;
}
