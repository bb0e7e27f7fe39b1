/**
 * One choice made on this computer, the same in all windows; `null` until it is made. If the browser stores nothing, it lasts
 * as long as the window.
 */
import { signal, type ReadonlySignal } from '@preact/signals';

export interface Preference {
  readonly value: ReadonlySignal<boolean | null>;
  set(isOn: boolean): void;
  close(): void;
}

export function createPreference(key: string): Preference {
  const value = signal(read(key));
  // The browser reports changes by other windows only.
  const follow = (event: StorageEvent): void => {
    if (event.key === key) value.value = read(key);
  };
  addEventListener('storage', follow);
  return {
    value,
    set(isOn) {
      value.value = isOn;
      try {
        localStorage.setItem(key, isOn ? 'on' : 'off');
      } catch {
        // Storage is blocked or full: the workplace asks again next time.
      }
    },
    close: () => removeEventListener('storage', follow),
  };
}

function read(key: string): boolean | null {
  try {
    const stored = localStorage.getItem(key);
    return stored === null ? null : stored === 'on';
  } catch {
    return null;
  }
}
