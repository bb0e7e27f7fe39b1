/**
 * Listeners of one widget. Knows no widget: its maker passes in `this` and the names that exist.
 *
 * A payload belongs to the listener that gets it, so each gets a copy. An error of one listener does not stop the next.
 * Members that begin with one underscore are internal to the loader, here and in its other files: the build shortens them.
 */
import { attempt, checkFunction, warn } from './report.ts';

/** A customer's function. Its payload depends on the event, so the public types describe it, not this one. */
export type Listener = (this: unknown, payload: never) => unknown;

export interface Emitter {
  /** Adds a listener and returns what removes it. */
  on(name: string, listener: Listener): () => void;
  once(name: string, listener: Listener): () => void;
  /** Removes the listener, however it was added. */
  un(name: string, listener: Listener): void;
  /** `false` if some listener returned exactly `false`; all of them have run by then. */
  _emit(name: string, payload?: unknown): boolean;
  _has(name: string): boolean;
  _clear(): void;
}

interface Entry {
  _name: string;
  _listener: Listener;
  _isOnce: boolean | undefined;
}

/**
 * @param names the known ones, separated by blanks
 * @param onAdd called after a listener was added: the page's listeners decide what the frame may report to it
 */
export function createEmitter(self: unknown, names: string, onAdd?: () => void): Emitter {
  // The list is replaced, never changed: an emit under way keeps the one it began with.
  let entries: Entry[] = [];
  const remove = (isGone: (entry: Entry) => boolean) => {
    entries = entries.filter((entry) => !isGone(entry));
  };
  const add = (_isOnce?: boolean) => (_name: string, _listener: Listener) => {
    checkFunction(_listener);
    if (!names.split(' ').includes(_name)) warn('unknown event ' + _name);
    const entry = { _name, _listener, _isOnce };
    entries = entries.concat(entry);
    onAdd?.();
    return () => remove((other) => other === entry);
  };

  return {
    on: add(),
    once: add(true),
    un: (name, listener) => remove(({ _name, _listener }) => _name === name && _listener === listener),
    _emit(name, payload) {
      let isPassed = true;
      for (const entry of entries) {
        if (entry._name !== name) continue;
        if (entry._isOnce) {
          // An emit inside this one has had it.
          if (!entries.includes(entry)) continue;
          remove((other) => other === entry);
        }
        const args = payload === undefined ? [] : [structuredClone(payload)];
        if (attempt(() => entry._listener.apply(self, args as [never])) === false) isPassed = false;
      }
      return isPassed;
    },
    _has: (name) => entries.some(({ _name }) => _name === name),
    _clear: () => remove(() => true),
  };
}
