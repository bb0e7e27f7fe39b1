/**
 * The import graph of all our sources, and the ESLint rule that refuses circles in it. Files of a circle can only be read,
 * tested and changed together; a type that both ends need belongs in a file below them. Types count: they are what somebody
 * has to read.
 *
 * The graph is built once per run, from the files on disk. An editor that keeps ESLint running sees a new circle after a
 * restart; the command line sees it at once.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path/posix';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Folders whose files are ours. */
const ROOMS = ['shared', 'host', 'frame', 'operator', 'server', 'e2e', 'bench', 'demo', 'scripts'];
const SOURCE = /\.(ts|tsx|js|mjs)$/;
/** Releases of the loader as they were built. */
const BUILT = /^e2e\/kept\//;

/**
 * Who imports whom: each file with the files it names, all as paths from the root.
 *
 * @typedef {ReadonlyMap<string, readonly string[]>} Graph
 */

/** @param {string} file @param {string} text @returns {string[]} the files it imports by a relative path, from the root */
export function importsOf(file, text) {
  const { importedFiles } = ts.preProcessFile(text, true, true);
  const relatives = importedFiles.map(({ fileName }) => fileName).filter((name) => name.startsWith('.'));
  return [...new Set(relatives.map((name) => join(dirname(file), name)))];
}

/** @returns {Graph} of the files on disk */
export function readGraph() {
  const files = ROOMS.flatMap((room) =>
    readdirSync(join(root, room), { recursive: true, encoding: 'utf8' }).map((path) => join(room, path)),
  );
  const sources = files.filter((file) => SOURCE.test(file) && !BUILT.test(file));
  return new Map(sources.map((file) => [file, importsOf(file, readFileSync(join(root, file), 'utf8'))]));
}

/**
 * @param {Graph} graph
 * @returns {Map<string, string[]>} by file: the shortest way from it back to itself, named first and last; files without one are left out
 */
export function circlesOf(graph) {
  const ways = [...graph.keys()].map((file) => /** @type {const} */ ([file, wayBack(graph, file)]));
  return new Map(ways.filter(([, way]) => way.length > 0));
}

/** @param {Graph} graph @param {string} start @returns {string[]} empty if no way leads back */
function wayBack(graph, start) {
  /** @type {Map<string, string>} */
  const cameFrom = new Map();
  const queue = [start];
  for (const file of queue) {
    for (const target of graph.get(file) ?? []) {
      if (cameFrom.has(target)) continue;
      cameFrom.set(target, file);
      if (target !== start) queue.push(target);
    }
    if (cameFrom.has(start)) break;
  }
  if (!cameFrom.has(start)) return [];
  const way = [start];
  for (let file = cameFrom.get(start); file !== undefined && file !== start; file = cameFrom.get(file)) way.unshift(file);
  return [start, ...way];
}

/** @type {Map<string, string[]> | undefined} */
let known;

/** @type {import('eslint').Rule.RuleModule} */
export const circlesRule = {
  meta: { type: 'problem', schema: [], messages: { circle: 'Imports run in a circle: {{way}}. Put what both ends need below them.' } },
  create(context) {
    known ??= circlesOf(readGraph());
    const file = relative(root, context.filename);
    const way = known.get(file);
    return {
      Program(node) {
        if (way !== undefined) context.report({ node, messageId: 'circle', data: { way: way.join(' → ') } });
      },
    };
  },
};
