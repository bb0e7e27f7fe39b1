/**
 * npm run audit: fails on known grave faults (high or critical) in what we ship, be it to servers or to browsers. When the service does not answer, that is
 * said; in CI (`CI` is set) it fails once the last answer is too old. The day of an answer is kept in scripts/audit.json, which is to be committed.
 * The decision is made in audited.mjs.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { importedPackages, judge, shippedPlaces } from './audited.mjs';
import { root } from './built.mjs';

/** Rooms of which browsers get something. */
const BROWSER_ROOMS = ['shared', 'host', 'frame', 'operator'];
const ASK_MS = 60_000;
const kept = join(root, 'scripts/audit.json');
const isCi = process.env.CI !== undefined;

const sources = BROWSER_ROOMS.flatMap((room) =>
  readdirSync(join(root, room), { recursive: true, encoding: 'utf8' }).map((name) => join(root, room, name)),
)
  .filter((path) => /\.tsx?$/.test(path) && !/\.(test|test-d|contract)\.tsx?$/.test(path))
  .map((path) => readFileSync(path, 'utf8'));
const lock = json(readFileSync(join(root, 'package-lock.json'), 'utf8'));

const { stdout } = spawnSync('npm', ['audit', '--json'], { cwd: root, encoding: 'utf8', timeout: ASK_MS });
const verdict = judge({
  // Output that is no JSON, or reports an error, is no answer: npm could not ask, or was stopped.
  report: json(stdout),
  shipped: shippedPlaces(lock, importedPackages(sources)),
  state: json(readFileSync(kept, { encoding: 'utf8', flag: 'a+' })),
  today: new Date().toISOString().slice(0, 10),
  isCi,
});
for (const line of verdict.lines) console.log(line);
if (verdict.state !== undefined && !isCi) writeFileSync(kept, `${JSON.stringify(verdict.state)}\n`);
process.exitCode = verdict.isRed ? 1 : 0;

/** @param {string} text */
function json(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
