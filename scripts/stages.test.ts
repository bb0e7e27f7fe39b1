/** The stages of `npm test`, run by the real runner with small programs in place of the compiler, the linter and the tests. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let folder = '';
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'stages-'))));
afterEach(() => rm(folder, { recursive: true }));

interface Small {
  code?: number;
  needs?: string[];
  passed?: number;
  failed?: number;
  skipped?: number;
  isBeside?: boolean;
}

/** What a run of such stages prints, how it ends, and which of them ran. */
async function runOf(stages: Record<string, Small>): Promise<{ output: string; ran: string[] }> {
  const script = join(folder, 'stage.mjs');
  const log = join(folder, 'ran');
  await writeFile(log, '');
  await writeFile(
    script,
    `import { appendFileSync } from 'node:fs'; appendFileSync(${JSON.stringify(log)}, process.argv[2] + '\\n'); console.log('output of ' + process.argv[2]); process.exit(Number(process.argv[3]));`,
  );
  const list = Object.entries(stages).map(([name, { code = 0, needs = [], passed, failed, skipped, isBeside }]) => ({
    name,
    args: [name, String(code)],
    needs,
    isBeside,
    tests: passed === undefined ? undefined : { passed, failed, skipped },
  }));
  const main = join(folder, 'main.mjs');
  await writeFile(
    main,
    `
    import { run } from ${JSON.stringify(new URL('built.mjs', import.meta.url).href)};
    import { closingLines, runStages } from ${JSON.stringify(new URL('stages.mjs', import.meta.url).href)};
    const stages = ${JSON.stringify(list)}.map((stage) => ({ ...stage, script: ${JSON.stringify(script)}, tests: () => stage.tests }));
    console.log(closingLines(await runStages(stages, run)).join('\\n'));
  `,
  );
  const { stdout } = await promisify(execFile)(process.execPath, [main]);
  return { output: stdout, ran: (await readFile(log, 'utf8')).trim().split('\n') };
}

describe('the stages of npm test', () => {
  it('go on after one that fails, and the end says which failed', async () => {
    const { output, ran } = await runOf({
      Types: {},
      Lint: { code: 1 },
      'Node tests': { code: 1, passed: 5, failed: 2 },
      Build: {},
      'Browser tests': { needs: ['Build'], passed: 3, failed: 0 },
    });
    expect(ran).toEqual(['Types', 'Lint', 'Node tests', 'Build', 'Browser tests']);
    expect(output).toContain('── Lint: FAILED in');
    expect(output.trimEnd().split('\n').slice(-3)).toEqual(['Failed: Lint, Node tests', '', '8 passed, 3 failed']);
  });

  it('leave out what needs a stage that failed or was left out itself, and say so', async () => {
    const { output, ran } = await runOf({
      Build: { code: 2 },
      Size: { needs: ['Build'] },
      'Browser tests': { needs: ['Browser', 'Size'], passed: 9, failed: 0 },
      Last: {},
    });
    expect(ran).toEqual(['Build', 'Last']);
    expect(output).toContain('── Size: left out, needs Build');
    expect(output.trimEnd().split('\n').slice(-4)).toEqual([
      'Failed: Build',
      'Left out: Size (needs Build), Browser tests (needs Size)',
      '',
      '0 passed, 1 failed',
    ]);
  });

  it('count a stage that fails without a failing test as one failure', async () => {
    const { output } = await runOf({ Types: { code: 1 }, 'Node tests': { code: 1, passed: 7, failed: 0 } });
    expect(output.trimEnd().split('\n').at(-1)).toBe('7 passed, 2 failed');
  });

  it('run beside each other where they say so, and print one after the other', async () => {
    const { output, ran } = await runOf({
      Types: {},
      Lint: { code: 1, isBeside: true },
      Unused: { isBeside: true },
      Size: { needs: ['Lint'] },
    });
    expect(ran.toSorted()).toEqual(['Lint', 'Types', 'Unused']);
    for (const name of ran) expect(output).toContain(`output of ${name}\n── ${name}: ${name === 'Lint' ? 'FAILED' : 'done'}`);
    expect(output).toContain('── Size: left out, needs Lint');
  });

  it('say nothing but the numbers when all is well', async () => {
    const { output } = await runOf({ Types: {}, 'Node tests': { passed: 7, failed: 0 } });
    expect(output).not.toMatch(/failed:|left out/i);
    expect(output.trimEnd().split('\n').at(-1)).toBe('7 passed, 0 failed');
  });

  it('count what was skipped, where something was', async () => {
    const { output } = await runOf({ 'Node tests': { passed: 7, failed: 0, skipped: 3 } });
    expect(output.trimEnd().split('\n').at(-1)).toBe('7 passed, 0 failed, 3 skipped');
  });
});
