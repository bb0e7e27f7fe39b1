/**
 * What a workplace does to call its operator, as a test hears it: the browser's audio and notifications are recorded in their place,
 * because a headless browser has neither ears nor a desktop. Nothing of ours is replaced.
 */
import { Workplace } from './workplace.ts';

/** The first note of each call. */
const FIRST_NOTE = { waiting: 660, message: 740, arrival: 880, rating: 620 } as const;

export interface Shown {
  title: string;
  body: string;
  tag: string;
  silent: boolean;
  isOpen: boolean;
}

interface Recorder {
  notes: number[];
  /** When the last note ends, by the clock of the audio. Seconds. */
  endsAt: number;
  shown: Shown[];
  isSilent: boolean;
  isHidden: boolean;
  hide(isHidden: boolean): void;
  click(at: number): void;
}
type Recorded = Window & { calls: Recorder };

export interface CallsOptions {
  /** The browser's answer to a request for permission; `null`: there are no notifications. */
  permission?: 'granted' | 'denied' | null;
  /** No sound before somebody has clicked. */
  isSilent?: boolean;
  hasLocks?: boolean;
}

/** From the next load on, in every window of that browser. Loads this one anew; who was online before is so afterwards. */
export async function recordCalls(of: Workplace, options: CallsOptions = {}): Promise<void> {
  const online = of.page.getByRole('switch', { name: 'Online' });
  const wasOnline = await online.isChecked();
  await of.page.context().addInitScript(install, { permission: 'granted' as const, isSilent: false, hasLocks: true, ...options });
  await of.page.reload();
  await online.waitFor();
  // On a slow machine the page is back later than an operator may be away for.
  if (wasOnline) await of.goOnline();
}

/** One more window of the same operator. */
export async function anotherWindow(of: Workplace): Promise<Workplace> {
  const page = await of.page.context().newPage();
  await page.goto(of.page.url());
  await page.getByRole('switch', { name: 'Online' }).waitFor();
  return new Workplace(page, new URL(page.url()).origin);
}

/** How often each window has called out that kind. */
export function rung(kind: keyof typeof FIRST_NOTE, ...windows: Workplace[]): Promise<number[]> {
  return Promise.all(
    windows.map(({ page }) =>
      page.evaluate((note) => (window as unknown as Recorded).calls.notes.filter((one) => one === note).length, FIRST_NOTE[kind]),
    ),
  );
}

/** Whether no call sounds in that window any more. */
export function isSilent({ page }: Workplace): Promise<boolean> {
  return page.evaluate(() => performance.now() / 1000 > (window as unknown as Recorded).calls.endsAt);
}

export function notifications({ page }: Workplace): Promise<Shown[]> {
  return page.evaluate(() => (window as unknown as Recorded).calls.shown);
}

/** Headless browsers show every window at once: which one is out of sight is said to it. */
export async function hide({ page }: Workplace, isHidden = true): Promise<void> {
  await page.evaluate((value) => (window as unknown as Recorded).calls.hide(value), isHidden);
}

export async function clickNotification({ page }: Workplace, at: number): Promise<void> {
  await page.evaluate((index) => (window as unknown as Recorded).calls.click(index), at);
}

/** How many locks with that in their name the windows of a browser hold. */
export async function locksOf({ page }: Workplace, part: string): Promise<number> {
  return page.evaluate(
    async (text) => ((await navigator.locks.query()).held ?? []).filter(({ name }) => name?.includes(text)).length,
    part,
  );
}

/** Runs in the page, alone: it may use nothing that stands around it, nor what a compiler puts there. */
function install({ permission, isSilent, hasLocks }: Required<CallsOptions>): void {
  const calls: Recorder = {
    notes: [],
    endsAt: 0,
    shown: [],
    isSilent,
    isHidden: false,
    hide(isHidden) {
      calls.isHidden = isHidden;
      document.dispatchEvent(new Event('visibilitychange'));
    },
    click: (at) => made[at]?.onclick?.(),
  };
  Object.assign(window, { calls });

  const become = async (audio: Audio, state: string): Promise<void> => {
    await Promise.resolve();
    audio.state = state;
    audio.dispatchEvent(new Event('statechange'));
  };
  class Audio extends EventTarget {
    state = 'suspended';
    destination = {};
    get currentTime(): number {
      return performance.now() / 1000;
    }
    resume(): Promise<void> {
      if (calls.isSilent && !navigator.userActivation.hasBeenActive) return new Promise(() => undefined);
      return become(this, 'running');
    }
    suspend(): Promise<void> {
      return become(this, 'suspended');
    }
    close(): Promise<void> {
      return become(this, 'closed');
    }
    createGain() {
      const gain = { setValueAtTime: () => gain, linearRampToValueAtTime: () => gain, exponentialRampToValueAtTime: () => gain };
      return { gain, connect: (to: unknown) => to };
    }
    createOscillator() {
      const frequency = { value: 0 };
      return {
        type: '',
        frequency,
        connect: (to: unknown) => to,
        start: () => void calls.notes.push(frequency.value),
        stop: (at: number) => void (calls.endsAt = Math.max(calls.endsAt, at)),
      };
    }
  }
  Object.assign(window, { AudioContext: Audio });

  const made: Told[] = [];
  let given = localStorage.getItem('test.permission') ?? 'default';
  class Told {
    static get permission(): string {
      return given;
    }
    static async requestPermission(): Promise<string> {
      given = permission ?? 'denied';
      localStorage.setItem('test.permission', given);
      return given;
    }
    onclick: (() => void) | null = null;
    onclose: (() => void) | null = null;
    readonly shown: Shown;
    constructor(title: string, { body = '', tag = '', silent = false }: NotificationOptions) {
      this.shown = { title, body, tag, silent: silent === true, isOpen: true };
      for (const other of calls.shown) if (other.tag === tag) other.isOpen = false; // as systems do
      made.push(this);
      calls.shown.push(this.shown);
    }
    close(): void {
      this.shown.isOpen = false;
    }
  }
  if (permission === null) Reflect.deleteProperty(window, 'Notification');
  else Object.assign(window, { Notification: Told });
  if (!hasLocks) Reflect.deleteProperty(Navigator.prototype, 'locks');

  Object.defineProperty(document, 'visibilityState', { get: () => (calls.isHidden ? 'hidden' : 'visible') });
  document.hasFocus = () => !calls.isHidden;
}
