/**
 * Calls an operator who looks elsewhere: a short sound made on the spot, a number in the document's title and on the
 * application's icon. It decides nothing about who needs whom.
 */
import { signal, type ReadonlySignal } from '@preact/signals';
import type { AlertKind } from './session/alerts.ts';

export interface Notifier {
  readonly isSoundOn: ReadonlySignal<boolean>;
  /** By a click of the operator: the only time a browser lets a page make sound. */
  setSound(isOn: boolean): void;
  ring(alert: AlertKind): void;
  /** How many need somebody; 0 takes the number away. */
  count(number: number): void;
  close(): void;
}

const PREFERENCE = 'workplace.sound';
/** Hertz and start in seconds of each note. A wait is two rising notes, a chat that comes to me two falling ones, anything else one. */
const MELODIES: Record<AlertKind, readonly (readonly [number, number])[]> = {
  waiting: [[660, 0], [880, 0.16]],
  message: [[740, 0]],
  arrival: [[880, 0], [740, 0.16]],
  request: [[520, 0]],
  rating: [[620, 0]],
  lost: [[520, 0], [440, 0.16]],
  ending: [[520, 0]],
};

export function createNotifier(): Notifier {
  const isSoundOn = signal(false);
  const title = document.title;
  let audio: AudioContext | undefined;

  function switchOn(): void {
    audio ??= new AudioContext();
    void audio.resume();
    isSoundOn.value = true;
  }

  /** Sound was on last time: it comes back with the first sign of a hand, because before that browsers forbid it. */
  function handleGesture(): void {
    stopWaiting();
    if (readPreference()) switchOn();
  }

  function stopWaiting(): void {
    removeEventListener('pointerdown', handleGesture, true);
    removeEventListener('keydown', handleGesture, true);
  }

  function play(alert: AlertKind): void {
    if (audio === undefined || audio.state === 'closed') return;
    for (const [hertz, at] of MELODIES[alert]) playNote(audio, hertz, audio.currentTime + at);
  }

  if (readPreference()) {
    addEventListener('pointerdown', handleGesture, true);
    addEventListener('keydown', handleGesture, true);
  }

  return {
    isSoundOn,
    setSound(isOn) {
      stopWaiting();
      writePreference(isOn);
      if (isOn) {
        switchOn();
        play('message'); // so that it is known how it sounds
      } else {
        isSoundOn.value = false;
      }
    },
    ring(alert) {
      if (isSoundOn.peek()) play(alert);
    },
    count(number) {
      document.title = number === 0 ? title : `(${number}) ${title}`;
      if (!('setAppBadge' in navigator)) return;
      (number === 0 ? navigator.clearAppBadge() : navigator.setAppBadge(number)).catch(() => undefined);
    },
    close() {
      stopWaiting();
      void audio?.close();
    },
  };
}

/** A soft note that swells and fades, 0.3 s. */
function playNote(audio: AudioContext, hertz: number, at: number): void {
  const tone = audio.createOscillator();
  const volume = audio.createGain();
  tone.type = 'sine';
  tone.frequency.value = hertz;
  volume.gain.setValueAtTime(0, at);
  volume.gain.linearRampToValueAtTime(0.15, at + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.001, at + 0.3);
  tone.connect(volume).connect(audio.destination);
  tone.start(at);
  tone.stop(at + 0.32);
}

function readPreference(): boolean {
  try {
    return localStorage.getItem(PREFERENCE) === 'on';
  } catch {
    return false;
  }
}

function writePreference(isOn: boolean): void {
  try {
    localStorage.setItem(PREFERENCE, isOn ? 'on' : 'off');
  } catch {
    // Blocked or full: then it is asked for again next time.
  }
}
