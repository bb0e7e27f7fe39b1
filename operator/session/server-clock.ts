/**
 * The server's time. Our own clock may be wrong, and somebody may set it meanwhile: `welcome` says the server's, and from
 * then on only elapsed time counts.
 */
import { signal, type ReadonlySignal } from '@preact/signals-core';
import type { UnixSeconds } from '../../shared/chat.ts';
import type { Clock } from '../../shared/client/platform.ts';

export interface ServerClock {
  /** Ticks every second. */
  readonly now: ReadonlySignal<UnixSeconds>;
  /** What the server's clock says, in milliseconds. Our own clock's until the server has said. */
  nowMs(): number;
  /** The server's time at this moment, in milliseconds. */
  set(serverTime: number): void;
  close(): void;
}

/** @param onTick called every second, after `now` has changed */
export function createServerClock(clock: Clock, onTick: () => void): ServerClock {
  /** The server's time when our own clock had elapsed nothing; `undefined` until the server has said it. */
  let start: number | undefined;

  const nowMs = (): number => (start === undefined ? clock.now() : start + clock.elapsed());
  const seconds = (): UnixSeconds => Math.floor(nowMs() / 1000);
  const now = signal(seconds());

  let stop = clock.after(1000, tick);

  function tick(): void {
    now.value = seconds();
    onTick();
    stop = clock.after(1000, tick);
  }

  return {
    now,
    nowMs,
    set(serverTime) {
      start = serverTime - clock.elapsed();
      now.value = seconds();
    },
    close: () => stop(),
  };
}
