/**
 * npm run matrix: the embed matrix whole, every situation in every engine that is here, and the table in docs/embedding.md
 * made anew from what came out. Ends with the tests' own exit code; a situation that failed says so in the table.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runnerImport } from 'vite';
import { ensureBuiltOrExit, root, run } from './built.mjs';

const ENGINES = /** @type {const} */ (['chromium', 'firefox']);
const BEGIN = '<!-- matrix: made by `npm run matrix` -->';
const END = '<!-- /matrix -->';

/** @typedef {{ specs?: { title: string, tests: { projectName: string, status: string }[] }[], suites?: Suite[] }} Suite */

await ensureBuiltOrExit();
const folder = mkdtempSync(join(tmpdir(), 'matrix-'));
const json = join(folder, 'results.json');
const code = await run(
  process.execPath,
  [join(root, 'node_modules/@playwright/test/cli.js'), 'test', 'e2e/embed/matrix.spec.ts', 'e2e/embed/history.spec.ts', '--output', join(folder, 'output'), '--reporter=list,json', ...process.argv.slice(2)],
  { MATRIX: 'whole', PLAYWRIGHT_JSON_OUTPUT_NAME: json },
);

const { module } = await runnerImport(join(root, 'e2e/embed/situations.ts'));
const specs = flatten(JSON.parse(readFileSync(json, 'utf8')));
rmSync(folder, { recursive: true, force: true });

const lines = [
  '| page | Chromium | Firefox |',
  '|---|---|---|',
  .../** @type {{ name: string, firefox: unknown }[]} */ ([...module.SITUATIONS, ...module.ELSEWHERE]).map(({ name, firefox }) => `| ${name} | ${ENGINES.map((engine) => result(name, engine, firefox)).join(' | ')} |`),
];
const path = join(root, 'docs/embedding.md');
const text = readFileSync(path, 'utf8');
const [before, rest = ''] = text.split(BEGIN);
const after = rest.split(END)[1] ?? '';
if (!text.includes(BEGIN) || !text.includes(END)) throw new Error(`docs/embedding.md has no place for the table: ${BEGIN} … ${END}`);
writeFileSync(path, `${before}${BEGIN}\n${lines.join('\n')}\n${END}${after}`);
console.log(lines.join('\n'));
process.exitCode = code;

/** @param {Suite} suite @returns {NonNullable<Suite['specs']>} */
function flatten(suite) {
  return [...(suite.specs ?? []), ...(suite.suites ?? []).flatMap(flatten)];
}

/** @param {string} name @param {string} engine @param {unknown} firefox */
function result(name, engine, firefox) {
  const tests = specs.filter(({ title }) => title.endsWith(`embed: ${name}`)).flatMap(({ tests }) => tests);
  const status = tests.find(({ projectName }) => projectName === engine)?.status;
  if (status === 'expected') return 'works';
  if (status === 'unexpected') return '**fails**';
  return engine === 'firefox' && typeof firefox === 'object' ? String(/** @type {{ not: string }} */ (firefox).not) : 'not run';
}
