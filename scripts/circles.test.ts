/** Circles among imports, on graphs written for it. */
import { expect, test } from 'vitest';
import { circlesOf, importsOf, readGraph } from './circles.js';

const graph = (edges: Record<string, string[]>) => new Map(Object.entries(edges));

test('a file in a circle is named with the shortest way back to itself', () => {
  const circles = circlesOf(graph({ a: ['b'], b: ['c', 'd'], c: ['d'], d: ['a'] }));
  expect(Object.fromEntries(circles)).toEqual({
    a: ['a', 'b', 'd', 'a'],
    b: ['b', 'd', 'a', 'b'],
    c: ['c', 'd', 'a', 'b', 'c'],
    d: ['d', 'a', 'b', 'd'],
  });
});

test('files above, below and between circles are in none', () => {
  const circles = circlesOf(graph({ above: ['a'], a: ['b'], b: ['a', 'between'], between: ['c'], c: ['c', 'below', 'npm'], below: [] }));
  expect([...circles.keys()]).toEqual(['a', 'b', 'c']);
});

test('types, re-exports and imports at run time count, packages and words in strings do not', () => {
  const source = `
    import type { A } from './a.ts';
    import { type B } from '../b.ts';
    export { c } from './deep/c.ts';
    const d = await import('./d.ts');
    import 'preact';
    const text = "import './e.ts'";
    // import './f.ts';
  `;
  expect(importsOf('room/file.ts', source)).toEqual(['room/a.ts', 'b.ts', 'room/deep/c.ts', 'room/d.ts']);
});

test('the graph on disk holds the files of all rooms with what they import', () => {
  const files = readGraph();
  expect(files.get('scripts/circles.test.ts')).toEqual(['scripts/circles.js']);
  expect(files.get('operator/session/account.ts')).toContain('shared/wire/workplace.ts');
});
