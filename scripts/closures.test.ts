/** The limit on closures, on sources written for it. */
import { Linter } from 'eslint';
import { describe, expect, test } from 'vitest';
import { MAX_LETS, MAX_LINES, closuresRule } from './closures.js';

function lint(source: string): string[] {
  const config: Linter.Config = { plugins: { rooms: { rules: { closure: closuresRule } } }, rules: { 'rooms/closure': 'warn' } };
  return new Linter().verify(source, config).map(({ message }) => message);
}

const lines = (count: number): string => 'go();\n'.repeat(count);
const lets = (count: number): string => Array.from({ length: count }, (_, index) => `let v${index} = 0;\n`).join('');

describe('the limit on closures', () => {
  test('reports a function that has too many lines, and none that just fits', () => {
    expect(lint(`function fits() {\n${lines(MAX_LINES - 2)}}`)).toEqual([]);
    const [message, ...rest] = lint(`function large() {\n${lines(MAX_LINES - 1)}}`);
    expect(message).toMatch(/^large has 201 lines/);
    expect(rest).toEqual([]);
  });

  test('reports a function that owns too many variables that change', () => {
    expect(lint(`const fits = () => {\n${lets(MAX_LETS)}};`)).toEqual([]);
    expect(lint(`const full = () => {\n${lets(MAX_LETS + 1)}};`)).toMatchObject([expect.stringMatching(/^full owns 9 variables/)]);
    expect(lint('({ full() { let a, b, c, d, e; let [f, g, h, i] = []; } });')).toMatchObject([expect.stringMatching(/^full owns 9/)]);
  });

  test('counts neither constants, nor the heads of loops, nor the variables of inner functions', () => {
    expect(lint(`function outer() {\n${lets(MAX_LETS)} const x = 1; for (let i = 0; i < 9; i++); for (let y of z); }`)).toEqual([]);
    expect(lint(`function outer() {\n${lets(5)} function inner() {\n${lets(5)}} }`)).toEqual([]);
  });

  test('accepts a reason on the line above, if it says something', () => {
    const full = `export function full() {\n${lets(MAX_LETS + 1)}}`;
    expect(lint(`// closure: one machine, its states are useless apart\n${full}`)).toEqual([]);
    expect(lint(`/** Doc. */\n// closure: one machine, its states are useless apart\n${full}`)).toEqual([]);
    expect(lint(`// closure: later\n${full}`)).toHaveLength(1);
    expect(lint(`// closure: one machine, its states are useless apart\n\n${full}`)).toHaveLength(1);
  });
});
