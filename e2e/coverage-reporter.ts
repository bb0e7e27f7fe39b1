/**
 * Holds the tests against SPEC.md: which rule is shown by which test, and how that test ended.
 *
 * A rule is a list item or table row of SPEC.md that begins with its id in brackets, `[ME.startChat]`; a test names the rules
 * it shows in its title, in the same brackets. Results are this run's and, when they lie in test-results/vitest.json, those of
 * the Node tests. The table goes to coverage-table/contract.md. In a full run (COVERAGE=full, set by scripts/test.mjs) a rule
 * without a passing test fails the run. How well a test shows its rule is for people to judge.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { FullConfig, FullResult, Reporter, Suite } from '@playwright/test/reporter';

/** At the start of a list item or table row, perhaps in bold or as code. */
const RULE = /^\s*(?:\||[-*+]|\d+\.)\s*[*`]*\[([A-Z]{2}\.[A-Za-z0-9.]+)\][*`]*(.*)$/;
const ID = /\[([A-Z]{2}\.[A-Za-z0-9.]+)\]/g;

type Outcome = 'passed' | 'failed' | 'skipped';

interface TestRun {
  title: string;
  file: string;
  outcome: Outcome;
}

interface Rule {
  id: string;
  text: string;
}

/** A rule with its tests, one row per file. */
interface Row {
  rule: Rule;
  file: string;
  result: string;
  isShown: boolean;
}

export default class CoverageReporter implements Reporter {
  readonly #isFull = process.env.COVERAGE === 'full';
  #root = process.cwd();
  #suite: Suite | undefined;

  printsToStdio(): boolean {
    // The list reporter prints the tests; what we print is the end.
    return false;
  }

  onBegin(config: FullConfig, suite: Suite): void {
    if (config.configFile !== undefined) this.#root = join(config.configFile, '..');
    this.#suite = suite;
  }

  // Async only because the interface asks for a promise.
  async onEnd(result: FullResult): Promise<{ status?: FullResult['status'] } | undefined> {
    const browser = this.#browserRuns();
    const node = readVitest(join(this.#root, 'test-results/vitest.json'), this.#root);
    const rules = readRules(process.env.SPEC ?? join(this.#root, 'SPEC.md'));
    const rows = rules.flatMap((rule) => rowsOf(rule, [...node, ...browser]));
    const shown = new Set(rows.filter((row) => row.isShown).map((row) => row.rule.id));
    const unshown = rules.filter((rule) => !shown.has(rule.id));

    this.#write(rows, rules.length - unshown.length, rules.length);
    this.#print(rules, rows, unshown, [...node, ...browser]);

    const totals = { passed: count(browser, 'passed'), failed: count(browser, 'failed') };
    mkdirSync(join(this.#root, 'test-results'), { recursive: true });
    writeFileSync(join(this.#root, 'test-results/playwright-totals.json'), JSON.stringify(totals));
    // In a full run scripts/test.mjs prints this line, with all totals.
    if (!this.#isFull) console.log(`\n${totals.passed} passed, ${totals.failed} failed`);

    const isCovered = rules.length > 0 && unshown.length === 0;
    return this.#isFull && !isCovered && result.status === 'passed' ? { status: 'failed' } : undefined;
  }

  #browserRuns(): TestRun[] {
    return (this.#suite?.allTests() ?? []).map((test) => ({
      title: test.titlePath().join(' '),
      file: relative(this.#root, test.location.file),
      outcome: test.results.length === 0 || test.outcome() === 'skipped' ? 'skipped' : test.ok() ? 'passed' : 'failed',
    }));
  }

  #write(rows: readonly Row[], shown: number, total: number): void {
    const cell = (text: string) => text.replaceAll('|', '\\|');
    const lines = [
      '# Contract coverage',
      '',
      `${this.#isFull ? 'Full run' : 'Partial run'}: ${shown} of ${total} rules shown by a passing test.`,
      '',
      '| Rule | What it says | Test | Result |',
      '|---|---|---|---|',
      ...rows.map(({ rule, file, result }) => `| ${rule.id} | ${cell(rule.text)} | ${file} | ${result} |`),
      '',
    ];
    mkdirSync(join(this.#root, 'coverage-table'), { recursive: true });
    writeFileSync(join(this.#root, 'coverage-table/contract.md'), lines.join('\n'));
  }

  #print(rules: readonly Rule[], rows: readonly Row[], unshown: readonly Rule[], runs: readonly TestRun[]): void {
    if (rules.length === 0) return console.log('\nContract coverage: no rules found in SPEC.md.');
    console.log(`\nContract coverage: ${rules.length - unshown.length} of ${rules.length} rules shown (coverage-table/contract.md).`);
    // Running one file leaves most rules without a test; there the full list would only hide the failures.
    const missing = rows.filter((row) => row.file === '').map((row) => row.rule);
    if (this.#isFull) for (const rule of missing) console.log(`  MISSING  [${rule.id}] ${rule.text}`);
    else if (missing.length > 0) console.log(`  MISSING in this run: ${missing.map((rule) => rule.id).join(' ')}`);
    for (const row of rows) if (row.file !== '' && !/^\d+ passed$/.test(row.result)) console.log(`  ${row.result}  [${row.rule.id}] ${row.file}`);
    const known = new Set(rules.map((rule) => rule.id));
    const unknown = new Set(runs.flatMap((run) => idsIn(run.title)).filter((id) => !known.has(id)));
    if (unknown.size > 0) console.log(`  UNKNOWN to SPEC.md, but named by tests: ${[...unknown].join(' ')}`);
  }
}

function readRules(path: string): Rule[] {
  if (!existsSync(path)) return [];
  const rules = new Map<string, Rule>();
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const [, id, rest = ''] = RULE.exec(line) ?? [];
    if (id !== undefined && !rules.has(id)) rules.set(id, { id, text: summary(rest) });
  }
  return [...rules.values()];
}

/** The rule in a few words: the next cell, or the rest of the line. */
function summary(rest: string): string {
  const text = rest.replace(/^[\s|:.–-]+/, '').split('|')[0] ?? '';
  return text.length > 100 ? `${text.slice(0, 99).trim()}…` : text.trim();
}

function rowsOf(rule: Rule, runs: readonly TestRun[]): Row[] {
  const mine = runs.filter((run) => idsIn(run.title).includes(rule.id));
  if (mine.length === 0) return [{ rule, file: '', result: 'MISSING', isShown: false }];
  // One passing test beside a failing one shows nothing.
  const isShown = mine.some((run) => run.outcome === 'passed') && mine.every((run) => run.outcome !== 'failed');
  return [...new Set(mine.map((run) => run.file))].map((file) => {
    const here = mine.filter((run) => run.file === file);
    const parts = (['failed', 'passed', 'skipped'] as const).map((outcome) => [count(here, outcome), outcome] as const);
    const result = parts.filter(([n]) => n > 0).map(([n, outcome]) => `${n} ${outcome === 'passed' ? outcome : outcome.toUpperCase()}`);
    return { rule, file, result: result.join(', '), isShown };
  });
}

/** Only the fields of Vitest's (Jest's) JSON that we read. */
interface VitestJson {
  testResults: { name: string; assertionResults: { fullName: string; status: string }[] }[];
}

function readVitest(path: string, root: string): TestRun[] {
  if (!existsSync(path)) return [];
  const json = JSON.parse(readFileSync(path, 'utf8')) as VitestJson;
  return json.testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map(({ fullName, status }) => ({
      title: fullName,
      file: relative(root, name),
      outcome: status === 'passed' || status === 'failed' ? status : 'skipped',
    })),
  );
}

function idsIn(title: string): string[] {
  return [...title.matchAll(ID)].map((match) => match[1] ?? '');
}

function count(runs: readonly TestRun[], outcome: Outcome): number {
  return runs.filter((run) => run.outcome === outcome).length;
}
