/**
 * Notifications of the operator's system, one per subject: a newer one replaces the older. They say who and why, never what
 * was written: they show on locked screens, and systems that are not ours keep them. When one is due is decided elsewhere.
 */
import { signal, type ReadonlySignal } from '@preact/signals';

export interface Call {
  /** Only one notification of a tag is shown. */
  tag: string;
  title: string;
  body: string;
  /** The system makes no sound of its own. */
  isSilent: boolean;
  /** The operator has clicked it. */
  onClick(): void;
  /** Whether there is still a reason to show it. */
  isDue(facts: ReadonlySet<string>): boolean;
}

export interface Notifications {
  /** `default`: the browser has not asked the operator yet. */
  readonly permission: ReadonlySignal<NotificationPermission | 'unsupported'>;
  /** Must be called by a click of the operator: browsers ignore it otherwise. */
  ask(): void;
  show(call: Call): void;
  readonly isAnyShown: boolean;
  /** Removes notifications that have no reason any more. */
  review(facts: ReadonlySet<string>): void;
  closeAll(): void;
  close(): void;
}

export function createNotifications(): Notifications {
  const permission = signal(permissionNow());
  const shown = new Map<string, { call: Call; notification: Notification }>();

  const look = (): void => void (permission.value = permissionNow());
  // The operator may have given permission in another window, or taken it back in the browser's settings.
  addEventListener('focus', look);

  function closeOne(tag: string): void {
    const one = shown.get(tag);
    shown.delete(tag);
    one?.notification.close();
  }

  function closeAll(): void {
    for (const tag of [...shown.keys()]) closeOne(tag);
  }

  // Not every browser removes a notification with its page.
  addEventListener('pagehide', closeAll);

  return {
    permission,
    ask() {
      if (permissionNow() !== 'default') return;
      // Older browsers return no promise and call back.
      Promise.resolve(Notification.requestPermission(look)).then(look, look);
    },
    show(call) {
      look();
      if (permission.peek() !== 'granted') return;
      const { tag, title, body, isSilent: silent } = call;
      // `renotify` is missing from the compiler's types. Without it a notification of the same tag is replaced unseen.
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
        // On phones only a service worker may show one.
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
