/** Text that every database and screen can hold. PostgreSQL takes no NUL, and half of a character is none. */
export function isWellFormed(text: string): boolean {
  return !text.includes('\0') && !/\p{Surrogate}/u.test(text);
}
