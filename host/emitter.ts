/**
 * Listeners of one widget. Knows no widget: it is told who `this` is and which names exist.
 *
 * A payload belongs to the listener it is handed to, so each gets a copy; what one listener throws does not reach the next.
 * Names that begin with one underscore are internal to the loader in all of its files: the build shortens them.
 */
import { attempt, expected, warn } from './report.ts';

/** A customer's function. What it is handed depends on the event, so it is not typed here but in the public types. */
export type Listener = (this: unknown, payload: never) => unknown;

export interface Emitter {
  /** Adds a listener and returns what removes it. */
  on(name: string, listener: Listener): () => void;
  once(name: string, listener: Listener): () => void;
  un(name: string, listener: Listener): void;
  /** `false` if some listener returned exactly `false`; all of them have run by then. */
  _emit(name: string, payload?: unknown): boolean;
  _has(name: string): boolean;
  _clear(): void;
}

/**
 * @param names the known ones, separated by blanks
 * @param onAdd called after a listener was added: what is listened to decides what the page can be told
 */
export function createEmitter(self: unknown, names: string, onAdd?: () => void): Emitter {
  // Lists are replaced, never changed: an emit under way keeps the list it began with.
  const lists = new Map<string, Listener[]>();
  const list = (name: string) => lists.get(name) || [];

  const un = (name: string, listener: Listener) => {
    lists.set(name, list(name).filter((other) => other !== listener));
  };
  const on = (name: string, listener: Listener) => {
    if (typeof listener !== 'function') expected('a function');
    if (!names.split(' ').includes(name)) warn('unknown event ' + name);
    lists.set(name, list(name).concat(listener));
    onAdd?.();
    return () => un(name, listener);
  };

  return {
    on,
    un,
    once(name, listener) {
      const off = on(name, listener);
      off();
      const only = function (this: unknown, payload: never) {
        un(name, only);
        return listener.call(this, payload);
      };
      return on(name, only);
    },
    _emit: (name, payload) =>
      list(name).filter((listener) => attempt(() => listener.apply(self, (payload === undefined ? [] : [structuredClone(payload)]) as [never])) === false).length < 1,
    _has: (name) => list(name).length > 0,
    _clear: () => lists.clear(),
  };
}
