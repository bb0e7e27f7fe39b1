/**
 * What the widgets of the chat need of the page that they stand in. Types only: `page.ts` makes it, and who is given it uses it.
 */
import type { FrameMethods } from '../shared/page/bridge.ts';
import type { Mirror } from './mirror.ts';

/**
 * Calls the frame in the name of `command`. Resolves when the call is accepted or, with `keys` (ids or uids), when all of them are
 * answered. A failure to get there has been announced as `error` by then; others the session announces.
 */
export type Tell = <M extends keyof FrameMethods>(
  command: string,
  keys: string[],
  method: M,
  ...args: Parameters<FrameMethods[M]>
) => Promise<unknown>;

export interface WidgetContext {
  _mirror: Mirror;
  _tell: Tell;
  /** Whether what became of the command with this id or uid is still open. */
  _isDue(key: unknown): boolean;
  /** Takes a command back that the frame has not got yet; `false` if there is none. */
  _takeBack(key: unknown): boolean;
  /** What `getState()` answers: the session's state, or `lead`. */
  _state(): string;
  /** The first snapshot is there, and no controller is running. */
  _isOpen(): boolean;
  /** A widget has read on: more history may be needed. */
  _refill(): void;
}
