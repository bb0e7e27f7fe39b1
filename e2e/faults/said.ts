/**
 * What was said, as people and the database have it, for the tests of this folder. Their lines end with a semicolon, so that a
 * log's other words (names, times, ticks) are told apart from them.
 */
import type { Locator } from '@playwright/test';
import type { World } from '../support/fixtures.ts';
import type { VisitorPage } from '../support/pages/visitor.ts';
import { expectSound, type Writing } from './checker.ts';
import { readStored } from './database.ts';
import { viewOf, writingOf } from './pages.ts';

/** Texts of all messages of the site, by visitor, chat and number. */
export function said({ system, key }: World): string[] {
  return readStored(system.dataDir, key).events.flatMap(({ kind, text }) => (kind === 'message.added' ? (text ?? '') : []));
}

/** Lines of these tests in a log, from the top. */
export async function textsOf(log: Locator): Promise<string[]> {
  return (await log.innerText())
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.endsWith(';'));
}

/**
 * Waits until these recorder pages agree with the database, and holds all invariants. `before`: what pages that are gone had
 * written (`writingOf`).
 */
export async function expectAllSound(
  { system, key }: World,
  pages: readonly VisitorPage[],
  before: readonly Writing[] = [],
): Promise<void> {
  await expectSound(async () => ({
    dataDir: system.dataDir,
    site: key,
    writings: [...before, ...(await Promise.all(pages.map((page, n) => writingOf(page, `page ${n + 1}`))))],
    views: await Promise.all(pages.map((page, n) => viewOf(page, `page ${n + 1}`))),
    log: system.output(),
  }));
}
