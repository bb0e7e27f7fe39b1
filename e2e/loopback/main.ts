/**
 * One share of `npm run loopback`: runs so many schedules from a seed in this process and prints how it went as one line of
 * JSON. A failure comes with its seed and the shortest schedule that shows it.
 */
import fc from 'fast-check';
import { createRunner, schedules } from './schedule.ts';

const [count, seed] = process.argv.slice(2).map(Number);
if (count === undefined || seed === undefined) throw new Error('Expected: <number of schedules> <seed>.');

const runner = createRunner();
const property = fc.asyncProperty(schedules, (schedule) => runner.run(schedule));
const result = await fc.check(property, { numRuns: count, seed });
await runner.close();
const { user, system } = process.cpuUsage();
process.stdout.write(`${JSON.stringify({ done: result.numRuns, cpuMs: Math.round((user + system) / 1000), failed: result.failed })}\n`);
if (result.failed)
  process.stderr.write(
    `${fc.defaultReportMessage(result) ?? ''}\n${result.errorInstance instanceof Error ? result.errorInstance.message : ''}\n`,
  );
process.exitCode = result.failed ? 1 : 0;
