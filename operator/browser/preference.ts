/**
 * One choice of whoever sits at this computer, the same in all windows; `null` until it is made. Where nothing can be stored it lasts
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
  // Tells of other windows only.
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
        // Blocked or full: it is asked for again next time.
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
