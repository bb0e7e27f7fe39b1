/**
 * npm run matrix: the embed matrix whole, every situation in every engine that is here, and the table in docs/embedding.md
 * made anew from what came out. An engine that is not here gets no column's worth of old results; the command that installs it
 * is printed. Ends with the tests' own exit code; a situation that failed says so in the table.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runnerImport } from 'vite';
import { ensureBuiltOrExit, root, run } from './built.mjs';

/** @typedef {{ name: string, firefox: string | { not: string }, webkit?: readonly string[] }} Row */
/** @typedef {{ projectName: string, status: string, annotations: { type: string, description?: string }[] }} Test */
/** @typedef {{ specs?: { title: string, tests: Test[] }[], suites?: Suite[] }} Suite */

const { module: browsers } = await runnerImport(join(root, 'e2e/browsers.ts'));
/** Where a row has no test, `why` says it; engines without `install` are required by the tests anyway. */
const ENGINES = [
  { project: 'chromium', name: 'Chromium', install: '', why: () => 'not run' },
  { project: 'firefox', name: 'Firefox', install: browsers.FIREFOX_INSTALL, why: (/** @type {Row} */ { firefox }) => (typeof firefox === 'object' ? firefox.not : 'not run') },
  { project: 'webkit', name: 'WebKitGTK', install: browsers.WEBKIT_INSTALL, why: () => 'not run' },
];
const SPECS = ['matrix', 'history', 'webkit'].map((name) => `e2e/embed/${name}.spec.ts`);
const BEGIN = '<!-- matrix: made by `npm run matrix` -->';
const END = '<!-- /matrix -->';

const path = join(root, 'docs/embedding.md');
const text = readFileSync(path, 'utf8');
const [before, rest = ''] = text.split(BEGIN);
const [, after] = rest.split(END);
if (after === undefined) throw new Error(`docs/embedding.md has no place for the table: ${BEGIN} … ${END}`);

await ensureBuiltOrExit();
const folder = mkdtempSync(join(tmpdir(), 'matrix-'));
const json = join(folder, 'results.json');
const code = await run(
  process.execPath,
  [join(root, 'node_modules/@playwright/test/cli.js'), 'test', ...SPECS, '--output', join(folder, 'output'), '--reporter=list,json', ...process.argv.slice(2)],
  { MATRIX: 'whole', PLAYWRIGHT_JSON_OUTPUT_NAME: json },
);
// Where the tests could not even begin, they have said why.
if (!existsSync(json)) process.exit(code);
const specs = flatten(JSON.parse(readFileSync(json, 'utf8')));
rmSync(folder, { recursive: true, force: true });

const { module } = await runnerImport(join(root, 'e2e/embed/situations.ts'));
const rows = /** @type {Row[]} */ ([...module.SITUATIONS, ...module.ELSEWHERE]);
const lines = [
  `| page | ${ENGINES.map(heading).join(' | ')} |`,
  `|---|${'---|'.repeat(ENGINES.length)}`,
  ...rows.map((row) => `| ${row.name} | ${ENGINES.map((engine) => result(row, engine)).join(' | ')} |`),
];
writeFileSync(path, `${before}${BEGIN}\n${lines.join('\n')}\n${END}${after}`);
console.log(lines.join('\n'));
for (const { project, name, install } of ENGINES) if (testsIn(project).length === 0) console.log(`\n${name} was not there. It is installed by: ${install}`);
process.exitCode = code;

/** @param {Suite} suite @returns {NonNullable<Suite['specs']>} */
function flatten(suite) {
  return [...(suite.specs ?? []), ...(suite.suites ?? []).flatMap(flatten)];
}

/** @param {string} project @param {string} [name] of one situation */
function testsIn(project, name) {
  const chosen = name === undefined ? specs : specs.filter(({ title }) => title.endsWith(`embed: ${name}`));
  return chosen.flatMap(({ tests }) => tests).filter(({ projectName }) => projectName === project);
}

/** The engine and the version that ran. @param {typeof ENGINES[number]} engine */
function heading({ project, name }) {
  const told = testsIn(project).flatMap(({ annotations }) => annotations).find(({ type }) => type === 'engine');
  return told?.description === undefined ? name : `${name} ${told.description}`;
}

/** @param {Row} row @param {typeof ENGINES[number]} engine */
function result(row, { project, why }) {
  const [test] = testsIn(project, row.name);
  if (test !== undefined) return test.status === 'expected' ? 'works' : '**fails**';
  return testsIn(project).length === 0 ? 'not here' : why(row);
}
