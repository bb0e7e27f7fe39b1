/**
 * npm run matrix: the embed matrix whole, every situation in every engine that is here, and the table in docs/embedding.md
 * made anew from what came out. Where an engine is not here, the table says so and the command that installs it is printed.
 * Given arguments are the driver's and choose a part (`-- --project=firefox --shard=1/2`); what did not run then keeps its word
 * in the table. Ends with the tests' own exit code; a situation that failed says so in the table.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runnerImport } from 'vite';
import { ensureBuiltOrExit, root, run } from './built.mjs';

/** @typedef {{ name: string, firefox: string | { not: string }, webkit?: readonly string[] }} Row */
/** @typedef {{ projectName: string, status: string, annotations: { type: string, description?: string }[] }} Test */
/** @typedef {{ specs?: { title: string, tests: Test[] }[], suites?: Suite[] }} Suite */

const { module: browsers } = await runnerImport(join(root, 'e2e/support/browsers.ts'));
/** Where a row has no test, `why` says it; engines without `install` are required by the tests anyway. */
const ENGINES = [
  { project: 'chromium', name: 'Chromium', install: '', why: () => 'not run' },
  {
    project: 'firefox',
    name: 'Firefox',
    install: browsers.FIREFOX_INSTALL,
    why: (/** @type {Row} */ { firefox }) => (typeof firefox === 'object' ? firefox.not : 'not run'),
  },
  { project: 'webkit', name: 'WebKitGTK', install: browsers.WEBKIT_INSTALL, why: () => 'not run' },
];
const SPECS = ['matrix', 'place', 'history', 'webkit', 'lifetime'].map((name) => `e2e/embed/${name}.spec.ts`);
const BEGIN = '<!-- matrix: made by `npm run matrix` -->';
const END = '<!-- /matrix -->';

const path = join(root, 'docs/embedding.md');
// Before the tests, so that a missing place in the guide is reported at once.
const { table } = readGuide();

const chosen = process.argv.slice(2);
/** What a part of a run leaves as it was: rows by their first cell. */
const earlier = new Map(
  chosen.length === 0
    ? []
    : table
        .split('\n')
        .map((line) => cells(line))
        .map(([name = '', ...rest]) => [name, rest]),
);

await ensureBuiltOrExit();
const folder = mkdtempSync(join(tmpdir(), 'matrix-'));
const json = join(folder, 'results.json');
const code = await run(
  process.execPath,
  [
    join(root, 'node_modules/@playwright/test/cli.js'),
    'test',
    ...SPECS,
    '--output',
    join(folder, 'output'),
    '--reporter=list,json',
    ...chosen,
  ],
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
  ...rows.map((row) => `| ${row.name} | ${ENGINES.map((engine, column) => result(row, engine, column)).join(' | ')} |`),
];
// Again, because somebody may have written in it while the tests ran.
const { before, after } = readGuide();
writeFileSync(path, `${before}${BEGIN}\n${lines.join('\n')}\n${END}${after}`);
console.log(lines.join('\n'));
for (const { project, name, install } of ENGINES)
  if (chosen.length === 0 && testsIn(project).length === 0) console.log(`\n${name} was not there. It is installed by: ${install}`);
process.exitCode = code;

/** The guide around its table. */
function readGuide() {
  const [before = '', rest = ''] = readFileSync(path, 'utf8').split(BEGIN);
  const [table = '', after] = rest.split(END);
  if (after === undefined) throw new Error(`docs/embedding.md has no place for the table: ${BEGIN} … ${END}`);
  return { before, table, after };
}

/** @param {Suite} suite @returns {NonNullable<Suite['specs']>} */
function flatten(suite) {
  return [...(suite.specs ?? []), ...(suite.suites ?? []).flatMap(flatten)];
}

/** @param {string} line @returns {string[]} */
function cells(line) {
  return line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
}

/** @param {string} project @param {string} [name] of one situation */
function testsIn(project, name) {
  const named = name === undefined ? specs : specs.filter(({ title }) => title.endsWith(`embed: ${name}`));
  return named.flatMap(({ tests }) => tests).filter(({ projectName }) => projectName === project);
}

/** The engine and the version that ran. @param {typeof ENGINES[number]} engine @param {number} column */
function heading({ project, name }, column) {
  const told = testsIn(project)
    .flatMap(({ annotations }) => annotations)
    .find(({ type }) => type === 'engine');
  if (told?.description !== undefined) return `${name} ${told.description}`;
  return earlier.get('page')?.[column] ?? name;
}

/** @param {Row} row @param {typeof ENGINES[number]} engine @param {number} column */
function result(row, { project, why }, column) {
  const [test] = testsIn(project, row.name);
  if (test !== undefined) return test.status === 'expected' ? 'works' : '**fails**';
  if (chosen.length > 0) return earlier.get(row.name)?.[column] ?? 'not run';
  return testsIn(project).length === 0 ? 'not here' : why(row);
}
