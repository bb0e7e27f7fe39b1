/**
 * The draft as the operator sees it grow: the whole text, at most once per `everyMs`, the latest one winning. Never stored.
 * Long numbers do not leave this page before the visitor sends them.
 * Silent unless it is allowed to speak at that moment.
 */
import type { Clock } from '../../shared/client/platform.ts';
import { maskNumbers } from '../../shared/mask.ts';

export interface Draft {
  set(text: string): void;
  /** The text became a message, or the chat ended: nothing of it remains. */
  clear(): void;
  /** It may have become allowed to speak. */
  retry(): void;
  close(): void;
}

export interface DraftOptions {
  clock: Clock;
  everyMs(): number;
  isAllowed(): boolean;
  send(text: string): boolean;
}

export function createDraft({ clock, everyMs, isAllowed, send }: DraftOptions): Draft {
  let text = '';
  let told = '';
  let stop: (() => void) | undefined;

  function tell(): void {
    if (stop !== undefined || text === told || !isAllowed() || !send(text)) return;
    told = text;
    stop = clock.after(everyMs(), () => {
      stop = undefined;
      tell();
    });
  }

  return {
    set(next) {
      text = maskNumbers(next);
      tell();
    },
    clear() {
      text = '';
      stop?.();
      stop = undefined;
      if (isAllowed()) tell();
      else told = '';
    },
    retry: tell,
    close: () => stop?.(),
  };
}
