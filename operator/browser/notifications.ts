/**
 * Notifications of the operator's system, one per subject: a newer one takes the place of the older. They say who and what for, never
 * what was written: they stand on locked screens and are kept by systems that are not ours. When one is due is not decided here.
 */
import { signal, type ReadonlySignal } from '@preact/signals';

export interface Call {
  /** Of the same tag one stands. */
  tag: string;
  title: string;
  body: string;
  /** The system is to make no sound of its own. */
  isSilent: boolean;
  /** Somebody has clicked it. */
  onClick(): void;
  /** Whether there is still a reason for it. */
  isDue(facts: ReadonlySet<string>): boolean;
}

export interface Notifications {
  /** `default`: it has not been asked for. */
  readonly permission: ReadonlySignal<NotificationPermission | 'unsupported'>;
  /** By a click of the operator: browsers ignore it otherwise. */
  ask(): void;
  show(call: Call): void;
  readonly isAnyShown: boolean;
  /** Takes away what has no reason any more. */
  review(facts: ReadonlySet<string>): void;
  closeAll(): void;
  close(): void;
}

export function createNotifications(): Notifications {
  const permission = signal(permissionNow());
  const shown = new Map<string, { call: Call; notification: Notification }>();

  const look = (): void => void (permission.value = permissionNow());
  // It may have been given in another window, or taken back in the settings of the browser.
  addEventListener('focus', look);

  function closeOne(tag: string): void {
    const one = shown.get(tag);
    shown.delete(tag);
    one?.notification.close();
  }

  function closeAll(): void {
    for (const tag of [...shown.keys()]) closeOne(tag);
  }

  // A notification does not go with its page by itself everywhere.
  addEventListener('pagehide', closeAll);

  return {
    permission,
    ask() {
      if (permissionNow() !== 'default') return;
      // Older browsers promise nothing and call back.
      Promise.resolve(Notification.requestPermission(look)).then(look, look);
    },
    show(call) {
      look();
      if (permission.peek() !== 'granted') return;
      const { tag, title, body, isSilent: silent } = call;
      // Absent from the compiler's list: without it the same tag is replaced unseen.
      const options: NotificationOptions & { renotify: boolean } = { tag, body, silent, renotify: true };
      try {
        const notification = new Notification(title, options);
        notification.onclick = () => {
          closeOne(tag);
          call.onClick();
        };
        notification.onclose = () => {
          if (shown.get(tag)?.notification === notification) shown.delete(tag);
        };
        shown.set(tag, { call, notification });
      } catch {
        // Phones allow a service worker only to show one.
        permission.value = 'unsupported';
      }
    },
    get isAnyShown() {
      return shown.size > 0;
    },
    review(facts) {
      for (const [tag, { call }] of shown) if (!call.isDue(facts)) closeOne(tag);
    },
    closeAll,
    close() {
      closeAll();
      removeEventListener('focus', look);
      removeEventListener('pagehide', closeAll);
    },
  };
}

function permissionNow(): NotificationPermission | 'unsupported' {
  return 'Notification' in globalThis ? Notification.permission : 'unsupported';
}
