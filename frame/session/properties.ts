/**
 * The properties of its visitor that the page tells operators. They go to the server a few at a time, so that no frame is too long
 * for its socket. After each welcome all of them go again: until the visitor acts, the server keeps them for one connection only.
 */
import type { Clock } from '../../shared/client/platform.ts';
import type { PropertyChange } from '../../shared/properties.ts';

export interface PropertyTeller {
  set(name: string, value: string | null): void;
  /** The line is open again. */
  retell(): void;
  close(): void;
}

export interface PropertyTellerOptions {
  clock: Clock;
  isOnline(): boolean;
  send(changes: PropertyChange[]): void;
}

/** Pages set several in one breath. */
const BREATH_MS = 50;
/** Eight of the longest names and values stay within one frame of the socket, whatever their escaping needs. */
const AT_ONCE = 8;

export function createPropertyTeller({ clock, isOnline, send }: PropertyTellerOptions): PropertyTeller {
  const known = new Map<string, string | null>();
  let untold: string[] = [];
  let stop: (() => void) | undefined;

  function tell(): void {
    if (!isOnline()) return;
    while (untold.length > 0) send(untold.splice(0, AT_ONCE).map((name) => [name, known.get(name) ?? null]));
  }

  return {
    set(name, value) {
      known.set(name, value);
      untold = [...untold.filter((other) => other !== name), name];
      stop?.();
      stop = clock.after(BREATH_MS, tell);
    },
    retell() {
      untold = [...known.keys()];
      tell();
    },
    close: () => stop?.(),
  };
}
