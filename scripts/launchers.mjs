/**
 * Ends this process when those are gone who started it and only wait for it: npm, and shells whose one command it is
 * (`sh -c "npm start"`). They may be ended without a word to us: npm passes on neither SIGHUP nor SIGKILL, a shell nothing at all, and
 * then we would live on with port and data directory though to everybody outside we had been stopped.
 *
 * A shell that runs us in the background (`npm start &`) is not waiting for us, and may end. We read the shell's command from
 * /proc; where that is missing, we watch npm alone.
 */
import { readFileSync } from 'node:fs';

const LOOK_MS = 500;

/** Asks this process to end, by SIGTERM, as soon as one of its launchers is gone. Does nothing when npm did not start it. */
export function endWithLaunchers() {
  if (process.env['npm_lifecycle_event'] === undefined) return;
  const chain = launchersOf(process.ppid);
  const timer = setInterval(() => {
    if (process.ppid === chain[0] && chain.every((pid, at) => at === chain.length - 1 || parentOf(pid) === chain[at + 1])) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, LOOK_MS);
  timer.unref();
}

/**
 * npm, and the shells above it that do nothing but wait for it, from the nearest.
 * @param {number} npm
 */
function launchersOf(npm) {
  const chain = [npm];
  for (let pid = parentOf(npm); pid !== undefined && isWaitingShell(pid); pid = parentOf(pid)) chain.push(pid);
  return chain;
}

/** @param {number} pid */
function parentOf(pid) {
  const stat = read(`/proc/${pid}/stat`);
  // The name before it may hold anything, brackets too.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields === undefined ? undefined : Number(fields[1]);
}

/** @param {number} pid */
function isWaitingShell(pid) {
  const [shell = '', flag = '', command = ''] = read(`/proc/${pid}/cmdline`)?.split('\0') ?? [];
  return /(^|\/)(sh|dash|bash|ash|zsh)$/.test(shell) && /^-[a-z]*c$/.test(flag) && isForeground(command);
}

/**
 * Whether a shell waits for all of its command: the command has no `&` except those of `&&` and of redirections.
 * @param {string} command
 */
export function isForeground(command) {
  return !command.replace(/&&|[<>]&|&>/g, '').includes('&');
}

/** @param {string} path */
function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
