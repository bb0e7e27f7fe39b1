/**
 * Counts in a sliding window: how often something may be done per key and time. In memory, forgotten at a restart;
 * the oldest keys are forgotten first when there are too many, or an attacker could fill the memory with them.
 */
import type { Clock } from './clock.ts';

export interface Cap {
  key: string;
  most: number;
  windowMs: number;
}

export interface Caps {
  /** Takes one from every cap, or from none if one of them is used up. */
  take(caps: readonly Cap[]): boolean;
}

const REMEMBERED = 20_000;

export function createCaps(clock: Clock): Caps {
  const taken = new Map<string, number[]>();

  const recent = ({ key, windowMs }: Cap, nowMs: number): number[] =>
    (taken.get(key) ?? []).filter((atMs) => atMs > nowMs - windowMs);

  return {
    take(caps) {
      const nowMs = clock.nowMs();
      if (caps.some((cap) => recent(cap, nowMs).length >= cap.most)) return false;
      for (const cap of caps) {
        const times = [...recent(cap, nowMs), nowMs];
        taken.delete(cap.key);
        taken.set(cap.key, times);
      }
      for (const oldest of taken.keys()) {
        if (taken.size <= REMEMBERED) break;
        taken.delete(oldest);
      }
      return true;
    },
  };
}
