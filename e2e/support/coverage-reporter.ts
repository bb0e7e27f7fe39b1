/**
 * Holds the tests against the promises: which test shows which rule, and how that test ended.
 *
 * Four ledgers hold the promises (LEDGERS). A rule is a list item or table row of one that begins with its id in brackets,
 * `[ME.startChat]`, `[B2]`, `[fault 7]`, `[FF.E3]`; a test names the rules it shows in its title, in the same brackets. Results are this
 * run's and, when they lie in test-results/vitest.json, those of the Node tests. Each ledger's table goes to coverage-table/.
 * In a full run (COVERAGE=full, set by scripts/test.mjs; COVERAGE=faults, by scripts/faults.mjs) a rule without a passing test
 * fails the run. How well a test shows its rule is for people to judge.
 *
 * A test that passes only at a second try is flaky: it is named with what its first try said, shows no rule, and fails the run.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { FullConfig, FullResult, Reporter, Suite } from '@playwright/test/reporter';

interface Ledger {
  file: string;
  table: string;
  name: string;
  /** What its ids look like; the other ledgers' look otherwise. */
  id: RegExp;
  /** The kind of run (COVERAGE) in which a rule without a passing test is a failure. */
  bindsIn: string;
}

const LEDGERS: readonly Ledger[] = [
  { file: 'SPEC.md', table: 'contract.md', name: 'Contract', id: /^(?!FF\.)[A-Z]{2}\./, bindsIn: 'full' },
  { file: 'SECURITY.md', table: 'attacks.md', name: 'Attacks', id: /^[A-FP]\d/, bindsIn: 'full' },
  { file: 'e2e/faults/README.md', table: 'faults.md', name: 'Faults', id: /^fault /, bindsIn: 'faults' },
  { file: 'docs/found-faults.md', table: 'found-faults.md', name: 'Found faults', id: /^FF\./, bindsIn: 'full' },
];

const ANY_ID = '[A-Z]{2}\\.[A-Za-z0-9.]+|[A-FP]\\d+|fault \\d+';
/** At the start of a list item or table row, perhaps in bold or as code. */
const RULE = new RegExp(`^\\s*(?:\\||[-*+]|\\d+\\.)\\s*[*\`]*\\[(${ANY_ID})\\][*\`]*(.*)$`);
const ID = new RegExp(`\\[(${ANY_ID})\\]`, 'g');

type Outcome = 'passed' | 'failed' | 'flaky' | 'skipped';

/** Playwright's words and ours. */
const OUTCOMES = { expected: 'passed', unexpected: 'failed', flaky: 'flaky', skipped: 'skipped' } as const;

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
  readonly #coverage = process.env.COVERAGE ?? 'none';
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
    const runs = [...node, ...browser];
    const isShown = LEDGERS.map((ledger) => this.#hold(ledger, runs));

    const flaky = this.#flakyTests();
    if (flaky.length > 0) console.log(`\n${flaky.length} flaky, passed only at a second try, which fails the run:`);
    for (const line of flaky) console.log(`  FLAKY  ${line}`);

    const totals = { passed: count(browser, 'passed'), failed: count(browser, 'failed') + flaky.length };
    mkdirSync(join(this.#root, 'test-results'), { recursive: true });
    writeFileSync(join(this.#root, 'test-results/playwright-totals.json'), JSON.stringify(totals));
    // In a full run scripts/test.mjs prints this line, with all totals.
    if (this.#coverage !== 'full') console.log(`\n${totals.passed} passed, ${totals.failed} failed`);

    const isGood = flaky.length === 0 && !isShown.includes(false);
    return !isGood && result.status === 'passed' ? { status: 'failed' } : undefined;
  }

  /** Each flaky test with the first line of what went wrong. */
  #flakyTests(): string[] {
    const flaky = (this.#suite?.allTests() ?? []).filter((test) => test.outcome() === 'flaky');
    return flaky.map(({ location, results, title }) => {
      const reason = stripVTControlCharacters(results.find(({ error }) => error !== undefined)?.error?.message ?? '').split('\n')[0] ?? '';
      return `${relative(this.#root, location.file)}:${location.line} ${title}\n         ${reason}`;
    });
  }

  /** Writes and prints one ledger. False: this run had to show all of its rules, and did not. */
  #hold(ledger: Ledger, runs: readonly TestRun[]): boolean {
    const rules = readRules(join(this.#root, ledger.file), ledger);
    const rows = rules.flatMap((rule) => rowsOf(rule, runs));
    const shown = new Set(rows.filter((row) => row.isShown).map((row) => row.rule.id));
    const isBinding = this.#coverage === ledger.bindsIn;
    this.#write(ledger, rows, `${isBinding ? 'Full run' : 'Partial run'}: ${shown.size} of ${rules.length} rules shown by a passing test.`);
    this.#print(ledger, rows, `${shown.size} of ${rules.length} rules shown`, runs, isBinding);
    return !isBinding || (rules.length > 0 && shown.size === rules.length);
  }

  #browserRuns(): TestRun[] {
    return (this.#suite?.allTests() ?? []).map((test) => ({
      title: test.titlePath().join(' '),
      file: relative(this.#root, test.location.file),
      outcome: test.results.length === 0 ? 'skipped' : OUTCOMES[test.outcome()],
    }));
  }

  #write({ name, table }: Ledger, rows: readonly Row[], outcome: string): void {
    const cell = (text: string) => text.replaceAll('|', '\\|');
    const lines = [
      `# ${name}: what is promised, and the tests that show it`,
      '',
      outcome,
      '',
      '| Rule | What it says | Test | Result |',
      '|---|---|---|---|',
      ...rows.map(({ rule, file, result }) => `| ${rule.id} | ${cell(rule.text)} | ${file} | ${result} |`),
      '',
    ];
    mkdirSync(join(this.#root, 'coverage-table'), { recursive: true });
    writeFileSync(join(this.#root, 'coverage-table', table), lines.join('\n'));
  }

  #print({ name, file, table, id }: Ledger, rows: readonly Row[], outcome: string, runs: readonly TestRun[], isBinding: boolean): void {
    console.log(`\n${name}: ${outcome} (coverage-table/${table}).`);
    // Running one file leaves most rules without a test; the list would only hide the failures.
    if (isBinding) for (const { rule } of rows.filter((row) => row.file === '')) console.log(`  MISSING  [${rule.id}] ${rule.text}`);
    for (const row of rows)
      if (row.file !== '' && !/^\d+ passed$/.test(row.result)) console.log(`  ${row.result}  [${row.rule.id}] ${row.file}`);
    const known = new Set(rows.map(({ rule }) => rule.id));
    const unknown = new Set(runs.flatMap((run) => idsIn(run.title)).filter((named) => id.test(named) && !known.has(named)));
    if (unknown.size > 0) console.log(`  UNKNOWN to ${file}, but named by tests: ${[...unknown].join(' ')}`);
  }
}

function readRules(path: string, ledger: Ledger): Rule[] {
  if (!existsSync(path)) return [];
  const rules = new Map<string, Rule>();
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const [, id, rest = ''] = RULE.exec(line) ?? [];
    if (id !== undefined && ledger.id.test(id) && !rules.has(id)) rules.set(id, { id, text: summary(rest) });
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
  // One passing test beside a failing or flaky one shows nothing.
  const isShown = mine.some((run) => run.outcome === 'passed') && mine.every((run) => run.outcome !== 'failed' && run.outcome !== 'flaky');
  return [...new Set(mine.map((run) => run.file))].map((file) => {
    const here = mine.filter((run) => run.file === file);
    const parts = (['failed', 'flaky', 'passed', 'skipped'] as const).map((outcome) => [count(here, outcome), outcome] as const);
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
