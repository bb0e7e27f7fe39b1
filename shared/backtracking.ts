/**
 * A pattern matcher that counts its steps, for tests: how much work a pattern makes of a text, whatever the machine. It backtracks as browsers and Node
 * do, without their short cuts, so what it counts is an upper bound. Single characters are judged by the real engine: classes, properties and cases
 * mean here what they mean there. Look-behind and modifiers are not known; they throw.
 *
 * Patterns become a small program: `split` goes on with one way and remembers the other on a stack, a failure returns to what was remembered last.
 */

type Instruction =
  | { op: 'character'; width: (text: string, at: number) => number }
  | { op: 'assertion'; holds: (text: string, at: number) => boolean }
  | { op: 'look'; program: Program; isNegative: boolean }
  | { op: 'reference'; group: number }
  | { op: 'split'; first: number; second: number }
  | { op: 'jump'; to: number }
  /** Notes where it is: the ends of a group, or where a repetition begins. */
  | { op: 'note'; slot: number }
  /** A repetition that took nothing is none. */
  | { op: 'moved'; slot: number }
  | { op: 'end' };

type Program = Instruction[];
/** Appends its instructions; called once per copy where a repetition is counted. */
type Piece = (program: Program) => void;

export interface CountingMatcher {
  /** The first match at or after `from` (at `from` alone when sticky), as its two ends. `spend` is called before each step. */
  match(text: string, from: number, spend: () => void): [from: number, to: number] | undefined;
}

export function createCountingMatcher(pattern: RegExp): CountingMatcher {
  const program = parse(pattern);
  return {
    match(text, from, spend) {
      for (let start = from; start <= text.length; start += 1) {
        const to = run(program, text, start, spend, pattern.ignoreCase);
        if (to !== undefined) return [start, to];
        if (pattern.sticky) return undefined;
      }
      return undefined;
    },
  };
}

/** Where a match that begins at `start` ends. */
function run(
  program: Program,
  text: string,
  start: number,
  spend: () => void,
  ignoresCase: boolean,
  notes: number[] = [],
): number | undefined {
  const fold = (part: string) => (ignoresCase ? part.toLowerCase() : part);
  /** Two numbers each: a way not gone yet (where in program and text), or a note to be taken back before it (slot, as -1 - slot, and what it was). */
  const stack: number[] = [];
  let [pc, at] = [0, start];
  for (;;) {
    spend();
    const step = program[pc];
    if (step === undefined) throw new Error(`no instruction ${pc}`);
    pc += 1;
    let isFailed = false;
    switch (step.op) {
      case 'end':
        return at;
      case 'character': {
        const width = step.width(text, at);
        at += width;
        isFailed = width === 0;
        break;
      }
      case 'assertion':
        isFailed = !step.holds(text, at);
        break;
      case 'look':
        isFailed = (run(step.program, text, at, spend, ignoresCase, notes) === undefined) !== step.isNegative;
        break;
      case 'reference': {
        const said = text.slice(notes[2 * step.group] ?? 0, notes[2 * step.group + 1] ?? 0);
        isFailed = fold(text.slice(at, at + said.length)) !== fold(said);
        if (!isFailed) at += said.length;
        break;
      }
      case 'split':
        stack.push(step.second, at);
        pc = step.first;
        break;
      case 'jump':
        pc = step.to;
        break;
      case 'note':
        stack.push(-1 - step.slot, notes[step.slot] ?? 0);
        notes[step.slot] = at;
        break;
      case 'moved':
        isFailed = notes[step.slot] === at;
        break;
    }
    while (isFailed) {
      const was = stack.pop() ?? 0;
      const what = stack.pop();
      if (what === undefined) return undefined;
      if (what < 0) notes[-1 - what] = was;
      else [pc, at, isFailed] = [what, was, false];
    }
  }
}

/** What a backslash may begin: a property, a character by its number, or one character. */
const ESCAPE = /\\(?:[pP]\{[^}]*\}|u\{[^}]*\}|u[\dA-Fa-f]{4}|x[\dA-Fa-f]{2}|c[A-Za-z]|[^])/;
const CLASS = /\[(?:\\[^]|[^\]\\])*\]/;

function parse(pattern: RegExp): Program {
  const { source, unicode, multiline } = pattern;
  const flags = pattern.flags.replace(/[^ius]/g, '');
  let at = 0;
  let groups = 0;
  /** Of repetitions; those of groups are below. */
  let slots = 100;

  const take = (what: RegExp): string | undefined => {
    const here = RegExp(what.source, 'y');
    here.lastIndex = at;
    const found = here.exec(source)?.[0];
    at += found?.length ?? 0;
    return found;
  };
  const unknown = (what: string): never => {
    throw new Error(`shared/backtracking.ts does not know ${what} (in ${source})`);
  };

  function alternatives(): Piece {
    const first = sequence();
    if (take(/\|/) === undefined) return first;
    const others = alternatives();
    return (program) => {
      const split = { op: 'split' as const, first: program.length + 1, second: 0 };
      program.push(split);
      first(program);
      const jump = { op: 'jump' as const, to: 0 };
      program.push(jump);
      split.second = program.length;
      others(program);
      jump.to = program.length;
    };
  }

  function sequence(): Piece {
    const pieces: Piece[] = [];
    while (at < source.length && source[at] !== '|' && source[at] !== ')') pieces.push(repeated(term()));
    return (program) => pieces.forEach((piece) => piece(program));
  }

  function term(): Piece {
    if (take(/\(\?:/) !== undefined) return closed(alternatives());
    const look = take(/\(\?[=!]/);
    if (look !== undefined) {
      const inner = closed(alternatives());
      return one({ op: 'look', program: ended(inner), isNegative: look.endsWith('!') });
    }
    if (take(/\((?:\?<(?![=!])[^>]*>)?(?!\?)/) !== undefined) {
      groups += 1;
      const slot = 2 * groups;
      const inner = closed(alternatives());
      return (program) => {
        program.push({ op: 'note', slot });
        inner(program);
        program.push({ op: 'note', slot: slot + 1 });
      };
    }
    if (take(/\^/) !== undefined)
      return one({ op: 'assertion', holds: (text, i) => i === 0 || (multiline && /[\n\r\u2028\u2029]/.test(text.charAt(i - 1))) });
    if (take(/\$/) !== undefined)
      return one({ op: 'assertion', holds: (text, i) => i === text.length || (multiline && /[\n\r\u2028\u2029]/.test(text.charAt(i))) });
    const border = take(/\\[bB]/);
    if (border !== undefined)
      return one({
        op: 'assertion',
        holds: (text, i) => (/\w/.test(text.charAt(i - 1)) !== /\w/.test(text.charAt(i))) === (border === '\\b'),
      });
    const reference = take(/\\[1-9]\d*/);
    if (reference !== undefined) return one({ op: 'reference', group: Number(reference.slice(1)) });
    const atom = take(ESCAPE) ?? take(CLASS) ?? take(unicode ? /[\ud800-\udbff][\udc00-\udfff]|[^()*+?{]/ : /[^()*+?{]/);
    return atom === undefined ? unknown(source.slice(at, at + 4)) : one({ op: 'character', width: widthOf(atom) });
  }

  function repeated(piece: Piece): Piece {
    const sign = take(/[*+?]|\{\d+(?:,\d*)?\}/);
    if (sign === undefined) return piece;
    const isLazy = take(/\?/) !== undefined;
    const [least, most] = bounds(sign);
    const slot = (slots += 1);
    return (program) => {
      for (let n = 0; n < least; n += 1) piece(program);
      const splits: { from: number; split: Extract<Instruction, { op: 'split' }> }[] = [];
      // Without an end it is one copy that is gone through again and again.
      for (let n = least; n < (most === Infinity ? least + 1 : most); n += 1) {
        const split = { op: 'split' as const, first: 0, second: 0 };
        splits.push({ from: program.push(split), split });
        program.push({ op: 'note', slot });
        piece(program);
        program.push({ op: 'moved', slot });
        if (most === Infinity) program.push({ op: 'jump', to: program.indexOf(split) });
      }
      // Once more, or on to what follows all copies.
      for (const { from, split } of splits) [split.first, split.second] = isLazy ? [program.length, from] : [from, program.length];
    };
  }

  function closed(piece: Piece): Piece {
    return take(/\)/) === undefined ? unknown('an open group') : piece;
  }

  /** The real engine says of each character, once, whether the atom takes it. */
  function widthOf(atom: string): (text: string, at: number) => number {
    const alone = RegExp(`^(?:${atom})$`, flags);
    const known = new Map<number, number>();
    return (text, i) => {
      if (i >= text.length) return 0;
      const code = unicode ? (text.codePointAt(i) ?? 0) : text.charCodeAt(i);
      let width = known.get(code);
      if (width === undefined) {
        const character = String.fromCodePoint(code);
        known.set(code, (width = alone.test(character) ? character.length : 0));
      }
      return width;
    };
  }

  const whole = alternatives();
  if (at < source.length) unknown(source.slice(at, at + 4));
  return ended(whole);
}

function bounds(sign: string): [least: number, most: number] {
  if (sign === '*') return [0, Infinity];
  if (sign === '+') return [1, Infinity];
  if (sign === '?') return [0, 1];
  const [, least = '', comma, most] = /\{(\d+)(,?)(\d*)\}/.exec(sign) ?? [];
  return [Number(least), comma === '' ? Number(least) : most === '' ? Infinity : Number(most)];
}

function one(instruction: Instruction): Piece {
  return (program) => void program.push(instruction);
}

function ended(piece: Piece): Program {
  const program: Program = [];
  piece(program);
  program.push({ op: 'end' });
  return program;
}
