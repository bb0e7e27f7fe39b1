/** The shape of the server's catalogues, one file of this folder for each language. A key that is missing does not compile. */
import type { words as english } from './en.ts';

export type Words = { readonly [key in keyof typeof english]: string };
