/**
 * Runs the stages of `npm test`. A stage that fails does not hide those after it: what can run, runs; what needs a failed stage is left out and said.
 * What a stage is about, and how its tests are counted, is not known here.
 */

/**
 * @typedef {object} Stage
 * @property {string} name
 * @property {string} script run by Node
 * @property {string[]} args
 * @property {Record<string, string>} [env]
 * @property {string[]} [needs] names of stages without which it makes no sense
 * @property {boolean} [isBeside] runs at the same time as the stage before it; then each prints what it has to say when it has ended
 * @property {() => { passed: number, failed: number, skipped?: number } | undefined} [tests] how many it ran; undefined when it came to none
 *
 * @typedef {object} Outcome
 * @property {string} name
 * @property {'done' | 'failed' | 'left out'} outcome
 * @property {string} why of being left out
 * @property {number} passed tests
 * @property {number} failed tests; a stage that fails without a failing test counts as one
 * @property {number} skipped tests that need what is not on this machine
 */

/** @typedef {(command: string, args: string[], env?: Record<string, string>, isHeld?: boolean) => Promise<number>} Run */

/**
 * @param {readonly Stage[]} stages
 * @param {Run} run
 * @returns {Promise<Outcome[]>}
 */
export async function runStages(stages, run) {
  /** @type {Outcome[]} */
  const outcomes = [];
  for (const group of groupsOf(stages)) {
    const before = [...outcomes];
    outcomes.push(...(await Promise.all(group.map((stage) => runStage(stage, before, run, group.length > 1)))));
  }
  return outcomes;
}

/** @param {readonly Stage[]} stages */
function groupsOf(stages) {
  /** @type {Stage[][]} */
  const groups = [];
  for (const stage of stages) {
    const last = groups.at(-1);
    if (stage.isBeside && last) last.push(stage);
    else groups.push([stage]);
  }
  return groups;
}

/**
 * @param {Stage} stage
 * @param {readonly Outcome[]} before
 * @param {Run} run
 * @param {boolean} isHeld
 * @returns {Promise<Outcome>}
 */
async function runStage({ name, script, args, env, needs = [], tests }, before, run, isHeld) {
  const missing = needs.filter((need) => before.some((other) => other.name === need && other.outcome !== 'done'));
  if (missing.length > 0) {
    const why = `needs ${missing.join(' and ')}`;
    console.log(`\n── ${name}: left out, ${why}`);
    return { name, outcome: 'left out', why, passed: 0, failed: 0, skipped: 0 };
  }
  console.log(`\n── ${name} ${'─'.repeat(Math.max(0, 70 - name.length))}`);
  const start = performance.now();
  const code = await run(process.execPath, [script, ...args], env, isHeld);
  console.log(`── ${name}: ${code === 0 ? 'done' : 'FAILED'} in ${((performance.now() - start) / 1000).toFixed(1)} s`);
  const { passed = 0, failed = 0, skipped = 0 } = tests?.() ?? {};
  return { name, outcome: code === 0 ? 'done' : 'failed', why: '', passed, failed: code === 0 ? failed : Math.max(1, failed), skipped };
}

/**
 * The closing lines; the last one is `N passed, N failed`, alone, with `, N skipped` behind it where some were.
 * @param {readonly Outcome[]} outcomes
 */
export function closingLines(outcomes) {
  /** @param {'passed' | 'failed' | 'skipped'} what */
  const sum = (what) => outcomes.reduce((total, outcome) => total + outcome[what], 0);
  const failed = outcomes.filter(({ outcome }) => outcome === 'failed').map(({ name }) => name);
  const leftOut = outcomes.filter(({ outcome }) => outcome === 'left out').map(({ name, why }) => `${name} (${why})`);
  return [
    ...(failed.length > 0 ? [`Failed: ${failed.join(', ')}`] : []),
    ...(leftOut.length > 0 ? [`Left out: ${leftOut.join(', ')}`] : []),
    '',
    `${sum('passed')} passed, ${sum('failed')} failed${sum('skipped') > 0 ? `, ${sum('skipped')} skipped` : ''}`,
  ];
}
