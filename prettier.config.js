/**
 * How code looks, decided once. Lines of 140 characters fit a wide screen's half and leave sentences in comments whole.
 *
 * @type {import('prettier').Config}
 */
export default { printWidth: 140, singleQuote: true };
