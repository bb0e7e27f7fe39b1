/**
 * For tests: how much work a function makes of a text, counted and not timed. Counted are the steps of every pattern it uses (as a backtracking matcher
 * takes them, `backtracking.ts`) and the characters that the methods of its strings look at or hand out. What the engine reads once by nature (JSON, an
 * address) counts nothing, nor do loops over arrays.
 *
 * The methods are watched, not replaced: what they answer is the engine's, and a match that we would see elsewhere than the engine is an error of ours.
 */
import { createCountingMatcher, type CountingMatcher } from './backtracking.ts';

/** More work than was allowed: there is no need to wait for its end. */
export class TooMuchWork extends Error {}

/** Methods that look at the text they are called on, or at most of it. */
const READERS = [
  'indexOf',
  'lastIndexOf',
  'includes',
  'split',
  'replace',
  'replaceAll',
  'trim',
  'trimStart',
  'trimEnd',
  'toLowerCase',
  'toUpperCase',
  'toLocaleLowerCase',
  'toLocaleUpperCase',
  'normalize',
  'localeCompare',
  'isWellFormed',
  'toWellFormed',
  Symbol.iterator,
] as const;
/** Methods that look at no more than they answer or are given. */
const TAKERS = [
  'at',
  'charAt',
  'charCodeAt',
  'codePointAt',
  'slice',
  'substring',
  'startsWith',
  'endsWith',
  'concat',
  'padStart',
  'padEnd',
  'repeat',
] as const;

type Method = (this: unknown, ...given: unknown[]) => unknown;

/** The steps that `run(text)` takes. Throws TooMuchWork beyond `most`. */
export function effortOf(run: (text: string) => unknown, text: string, most = Infinity): number {
  let steps = 0;
  /** Ours is not counted. */
  let isOurs = false;
  const spend = (count = 1) => {
    steps += count;
    if (steps > most) throw new TooMuchWork(`more than ${most} steps for ${text.length} characters`);
  };
  const watched = (method: Method, cost: (self: unknown, given: readonly unknown[], answer: unknown) => void): Method =>
    function (...given) {
      if (isOurs) return method.apply(this, given);
      // Before `cost`, which may throw: a pattern keeps where it is.
      const answer = method.apply(this, given);
      isOurs = true;
      try {
        cost(this, given, answer);
      } finally {
        isOurs = false;
      }
      return answer;
    };
  const lengthOf = (value: unknown) => (typeof value === 'string' ? value.length : 0);

  const restore = [
    ...READERS.map((name) => watch(String.prototype, name, (method) => watched(method, (self) => spend(1 + lengthOf(self))))),
    ...TAKERS.map((name) =>
      watch(String.prototype, name, (method) =>
        watched(method, (_, given, answer) => spend(1 + Math.max(lengthOf(answer), lengthOf(given[0])))),
      ),
    ),
    // All that patterns do goes through it: test, match, replace, split, search.
    watch(
      RegExp.prototype,
      'exec',
      (exec) =>
        function (given) {
          const pattern = this as RegExp;
          const from = pattern.global || pattern.sticky ? pattern.lastIndex : 0;
          return isOurs
            ? exec.call(this, given)
            : watched(exec, (_self, _given, answer) => follow(pattern, String(given), from, answer as RegExpExecArray | null, spend)).call(
                this,
                given,
              );
        },
    ),
  ];
  try {
    run(text);
  } finally {
    for (const back of restore) back();
  }
  // Code that catches all errors has caught ours too, so throw it again.
  if (steps > most) throw new TooMuchWork(`more than ${most} steps for ${text.length} characters`);
  return steps;
}

const matchers = new Map<string, CountingMatcher>();

function follow(pattern: RegExp, text: string, from: number, answer: RegExpExecArray | null, spend: () => void): void {
  const key = String(pattern);
  const matcher = matchers.get(key) ?? createCountingMatcher(pattern);
  matchers.set(key, matcher);
  const found = matcher.match(text, from, spend);
  if (found?.[0] !== answer?.index || (found !== undefined && found[1] - found[0] !== answer?.[0].length))
    throw new Error(
      `shared/backtracking.ts matches ${key} otherwise than the engine does: ${JSON.stringify(found)} in ${text.slice(from, from + 100)}`,
    );
}

function watch(owner: object, name: PropertyKey, change: (method: Method) => Method): () => void {
  const own = Object.getOwnPropertyDescriptor(owner, name);
  if (own === undefined) return () => undefined;
  Object.defineProperty(owner, name, { ...own, value: change(own.value as Method) });
  return () => void Object.defineProperty(owner, name, own);
}
