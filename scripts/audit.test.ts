/** What the audit decides: which packages are shipped, and how long the service that knows their faults may be silent. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SILENT_DAYS, importedPackages, judge, shippedPlaces, type Report } from './audited.mjs';

const lock = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8')) as Parameters<typeof shippedPlaces>[0];
const today = '2026-11-29';
const daysAgo = (days: number) => new Date(Date.parse(today) - days * 86_400_000).toISOString().slice(0, 10);
const shipped = shippedPlaces(lock, ['preact', '@preact/signals', 'comlink']);
const fault = (name: string, severity: string): Report => ({ vulnerabilities: { [name]: { severity, nodes: [`node_modules/${name}`] } } });
const ask = (given: Partial<Parameters<typeof judge>[0]>) =>
  judge({ report: undefined, shipped, state: { answered: daysAgo(1), since: daysAgo(1) }, today, isCi: true, ...given });

describe('[FF.B11] the audit', () => {
  it('covers what the server needs and what browsers get, with whatever these need, and no tool', () => {
    for (const name of ['fastify', 'ws', 'better-sqlite3', 'preact', '@preact/signals', '@preact/signals-core', 'comlink', 'avvio'])
      expect(shipped.has(`node_modules/${name}`), name).toBe(true);
    for (const name of ['vite', 'vitest', 'eslint', '@playwright/test', 'typescript'])
      expect(shipped.has(`node_modules/${name}`), name).toBe(false);
  });

  it('finds the packages that browsers get, in every form of import', () => {
    expect(
      importedPackages([
        "import { h } from 'preact';\nimport * as v from 'valibot';",
        "import type { A } from './a.ts'; export { b } from '@preact/signals-core';",
        "await import('comlink/dist/x'); import 'preact/debug'; import x from 'node:fs';",
      ]),
    ).toEqual(['@preact/signals-core', 'comlink', 'preact', 'valibot']);
  });

  it('finds a package where Node would: the nearest one', () => {
    const packages = {
      '': { dependencies: { a: '1' } },
      'node_modules/a': { dependencies: { b: '1' }, optionalDependencies: { gone: '1' } },
      'node_modules/a/node_modules/b': { dependencies: { c: '1' } },
      'node_modules/b': {},
      'node_modules/c': { peerDependencies: { a: '1' } },
    };
    expect([...shippedPlaces({ packages }, [])]).toEqual(['node_modules/a', 'node_modules/a/node_modules/b', 'node_modules/c']);
  });

  it('is red for a grave fault in either, in CI and elsewhere, and for no other', () => {
    for (const isCi of [true, false]) {
      for (const name of ['fastify', 'preact', 'comlink'])
        expect(ask({ report: fault(name, 'high'), isCi })).toMatchObject({ isRed: true, state: undefined });
      expect(ask({ report: fault('preact', 'moderate'), isCi }).isRed).toBe(false);
      expect(ask({ report: fault('vite', 'critical'), isCi }).isRed).toBe(false);
    }
    expect(ask({ report: fault('preact', 'critical') }).lines.join()).toContain('preact');
  });

  it('keeps the day of an answer', () => {
    expect(ask({ report: { vulnerabilities: {} }, state: { answered: null, since: daysAgo(500) } })).toMatchObject({
      isRed: false,
      state: { answered: today, since: today },
    });
  });

  it('says that nothing was checked when there is no answer, and in CI is red once the last one is too old', () => {
    for (const report of [undefined, {}]) {
      const fresh = ask({ report, state: { answered: daysAgo(SILENT_DAYS), since: daysAgo(300) } });
      expect(fresh.lines.join(' ')).toMatch(/NOT checked.*last answered on .*, 90 days ago/);
      expect([fresh.isRed, fresh.state]).toEqual([false, undefined]);
      expect(ask({ report, state: { answered: daysAgo(SILENT_DAYS + 1), since: daysAgo(1) } })).toMatchObject({
        isRed: true,
        state: undefined,
      });
      expect(ask({ report, state: { answered: daysAgo(SILENT_DAYS + 1), since: daysAgo(1) }, isCi: false }).isRed).toBe(false);
    }
  });

  it('counts from the day on which it was first asked, while there never was an answer', () => {
    expect(ask({ state: { answered: null, since: daysAgo(SILENT_DAYS) } }).isRed).toBe(false);
    const silent = ask({ state: { answered: null, since: daysAgo(SILENT_DAYS + 1) } });
    expect(silent.isRed).toBe(true);
    expect(silent.lines.join(' ')).toContain('has not answered');
  });

  it('does not take a day that nobody can read for a fresh one', () => {
    for (const state of [undefined, { answered: 'yesterday', since: today }]) expect(ask({ state })).toMatchObject({ isRed: true });
  });

  it('has a kept state that can be read', () => {
    const kept = JSON.parse(readFileSync(new URL('audit.json', import.meta.url), 'utf8')) as NonNullable<
      Parameters<typeof judge>[0]['state']
    >;
    expect(Number.isNaN(Date.parse(kept.answered ?? kept.since))).toBe(false);
  });
});
