/** The documents name files and folders; what they name is there. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: ROOT, encoding: 'utf8' })
  .trim()
  .split('\n')
  .filter((file) => existsSync(join(ROOT, file)));
const documents = tracked.filter((file) => file.endsWith('.md') && !file.startsWith('.changeset/'));
const folders = new Set(tracked.map((file) => file.split('/')[0]).filter((name) => name?.includes('.') === false));

/** `server/room/room.ts` in backticks, from the root; a `*` or `{a,b}` names several and is not looked up. */
const NAMED = /`((?:[a-z0-9-]+\/)+[A-Za-z0-9_.-]*)`/g;
const LINKED = /\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)/g;

/** What a build or a run makes. */
const MADE = /^(dist|coverage-table|test-results|data|\.data)\//;

const missing = (file: string): string[] => {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const named = [...text.matchAll(NAMED)].map(([, path = '']) => path).filter((path) => folders.has(path.split('/')[0] ?? ''));
  const linked = [...text.matchAll(LINKED)].map(([, path = '']) => join(dirname(file), path));
  return [...named, ...linked].filter((path) => !MADE.test(path) && !existsSync(join(ROOT, path))).map((path) => `${file}: ${path}`);
};

it('every file and folder that a document names is there', () => {
  expect(documents.length).toBeGreaterThan(10);
  expect(documents.flatMap(missing)).toEqual([]);
});

it('a name that is not there is found', () => {
  expect([...'`server/nowhere.ts` [x](docs/nowhere.md#y)'.matchAll(NAMED)]).toHaveLength(1);
  expect([...'`server/nowhere.ts` [x](docs/nowhere.md#y)'.matchAll(LINKED)].map(([, path]) => path)).toEqual(['docs/nowhere.md']);
});

it('the statement of accessibility judges each criterion of WCAG 2.2 A and AA once, and counts what it says', () => {
  const text = readFileSync(join(ROOT, 'docs/accessibility.md'), 'utf8');
  const rows = [...text.matchAll(/^\| (\d\.\d\.\d+) [^|]+\| (?:A|AA) \| (met|met in part|not applicable) \|/gm)];
  expect(new Set(rows.map(([, criterion]) => criterion)).size).toBe(55);
  const count = (judgement: string): number => rows.filter(([, , one]) => one === judgement).length;
  const counted = `Of the 55 criteria ${count('met')} are met, ${count('not applicable')} do not apply, and ${count('met in part')} are met in part`;
  expect(text).toContain(counted);
  const missing = text.slice(text.indexOf('## What is not met'));
  for (const [, criterion, judgement] of rows) expect(missing.includes(`| ${criterion} |`), criterion).toBe(judgement === 'met in part');
});

it('no document is left half merged', () => {
  expect(documents.filter((file) => /^(<{7}|>{7})/m.test(readFileSync(join(ROOT, file), 'utf8')))).toEqual([]);
});
