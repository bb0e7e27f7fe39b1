/**
 * Tells the server that somebody uses the workplace, as often as it asks, and says when the sign-in is about to end because
 * nobody does. The server alone ends it.
 */
import { signal, type ReadonlySignal } from '@preact/signals-core';
import type { Clock } from '../../shared/client/platform.ts';
import type { OperatorFrame } from '../../shared/wire/workplace.ts';

export interface IdleWatch {
  /** The sign-in is about to end. */
  readonly isEnding: ReadonlySignal<boolean>;
  /** Somebody uses the workplace. May be called with every key. */
  use(): void;
  /** @param everyMs how often the server wants to hear of use; `undefined`: it does not ask */
  handleWelcome(everyMs: number | undefined): void;
  /** @param inMs `null`: another window was used, and the sign-in goes on */
  handleEnding(inMs: number | null): void;
}

export function createIdleWatch(clock: Clock, tell: (frame: OperatorFrame) => boolean): IdleWatch {
  const isEnding = signal(false);
  let everyMs: number | undefined;
  let usedAt = -Infinity;

  return {
    isEnding,
    use() {
      if (everyMs === undefined || (!isEnding.peek() && clock.elapsed() - usedAt < everyMs)) return;
      if (!tell({ t: 'used' })) return;
      usedAt = clock.elapsed();
      isEnding.value = false;
    },
    handleWelcome(asked) {
      everyMs = asked;
      isEnding.value = false;
    },
    handleEnding(inMs) {
      isEnding.value = inMs !== null;
    },
  };
}
