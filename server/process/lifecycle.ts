/**
 * The process as its surroundings see it: when it ends, how, and with which code.
 *
 * Asked to end (SIGTERM, SIGINT, SIGHUP), it lets what is under way come to its end and leaves with 0, also when it was asked before
 * it had started; asked a second time it leaves at once, with 1. An exception or rejection that nobody caught ends it too, because
 * nobody knows what it has left half done: it is logged, what is under way is let come to its end in the same way, and the code is
 * `FAULT_CODE`, at which a service manager starts it anew. Ending has a time of its own, after which it is over.
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
    // Whoever asks again does not want to wait.
    process.on(signal, () => (isEnding ? process.exit(1) : end(0)));
  }
  // Of rejections Node makes exceptions, and says so in the second argument.
  process.on('uncaughtException', (error, origin) => {
    log.fatal({ err: error, origin }, 'an error that nobody expected: the process ends when what is under way has come to its end');
    if (!isEnding) end(FAULT_CODE);
  });

  await starting;
}
