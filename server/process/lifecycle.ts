/**
 * The process as its surroundings see it: when it ends, how, and with which code.
 *
 * On SIGTERM, SIGINT or SIGHUP it lets running work finish and exits with 0, even if it had not started yet; on a second signal
 * it exits at once, with 1. An uncaught exception or rejection ends it too, because nobody knows what it left half done: the
 * process logs it, lets running work finish in the same way and exits with `FAULT_CODE`, at which a service manager restarts it.
 * Ending has its own time limit, after which the process exits in any case.
 */
import type { Log } from '../base/log.ts';

/** `EX_SOFTWARE`: the fault is ours, trying again may help. */
const FAULT_CODE = 70;
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

export interface LifecycleOptions {
  /** Starts everything. Resolves with what stops it again. */
  start: () => Promise<() => Promise<void>>;
  log: Pick<Log, 'error' | 'fatal'>;
  /** So long may the ending take. */
  graceMs: number;
  /** It could not start, or not end as it should. */
  fail: (error: unknown) => never;
}

/** Runs the process from here to its end. Resolves when it has started. */
export async function runProcess({ start, log, graceMs, fail }: LifecycleOptions): Promise<void> {
  let isEnding = false;
  // A moment later: who asks is heard before anything is done.
  const starting = Promise.resolve().then(start);

  function end(code: number): void {
    isEnding = true;
    setTimeout(() => {
      log.error({ graceMs }, 'what is under way did not come to its end in time');
      process.exit(code === 0 ? 1 : code);
    }, graceMs).unref();
    const ended = starting.then((stop) => stop());
    ended.then(
      () => process.exit(code),
      (error: unknown) => (code === 0 ? fail(error) : process.exit(code)),
    );
  }

  for (const signal of SIGNALS) {
    // An administrator who sends a second signal does not want to wait.
    process.on(signal, () => (isEnding ? process.exit(1) : end(0)));
  }
  // Of rejections Node makes exceptions, and says so in the second argument.
  process.on('uncaughtException', (error, origin) => {
    log.fatal({ err: error, origin }, 'an error that nobody expected: the process ends when what is under way has come to its end');
    if (!isEnding) end(FAULT_CODE);
  });

  await starting;
}
