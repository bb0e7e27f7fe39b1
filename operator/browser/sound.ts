/**
 * The sounds of the workplace, synthesized. A browser lets a page make sound only after a click or a key press in it:
 * `isReady` is false until then, and whenever the system takes the sound away. Who is called is decided elsewhere.
 */
import { effect, signal, type ReadonlySignal } from '@preact/signals';
import type { AlertKind } from '../session/alerts.ts';

export interface Sound {
  /** A sound would be heard now. */
  readonly isReady: ReadonlySignal<boolean>;
  /** Silent while not ready. A call while the same one still sounds adds nothing. */
  play(kind: AlertKind): void;
  /** Plays one call as soon as sound is ready, so that the operator knows how it sounds. */
  demonstrate(): void;
  close(): void;
}

/** Hertz and start in seconds of each note. A wait rises, a chat that arrives or is lost falls, anything else is one note. */
const MELODIES: Record<AlertKind, readonly (readonly [number, number])[]> = {
  waiting: [
    [660, 0],
    [880, 0.16],
  ],
  message: [[740, 0]],
  arrival: [
    [880, 0],
    [740, 0.16],
  ],
  request: [[520, 0]],
  rating: [[620, 0]],
  lost: [
    [520, 0],
    [440, 0.16],
  ],
  ending: [[520, 0]],
};
/** Length of one note. Seconds. */
const NOTE = 0.32;
/** Events that unlock sound in browsers. Of a touch only its end counts. */
const GESTURES = ['pointerdown', 'pointerup', 'keydown'] as const;

/** @param isOn whether the operator wants to hear anything */
export function createSound(isOn: ReadonlySignal<boolean | null>): Sound {
  const isReady = signal(false);
  const endsAt = new Map<AlertKind, number>();
  let audio: AudioContext | undefined;
  let isDemonstrated = true;

  function look(): void {
    isReady.value = isOn.peek() === true && audio?.state === 'running';
    if (!isReady.peek() || isDemonstrated) return;
    isDemonstrated = true;
    play('message');
  }

  function wake(): void {
    if (isOn.peek() !== true || isReady.peek()) return;
    try {
      if (audio === undefined) {
        audio = new AudioContext();
        audio.onstatechange = look;
      }
      // Before the browser allows sound, this promise resolves late or never.
      audio.resume().then(look, () => undefined);
    } catch {
      // No sound on this machine.
    }
    look();
  }

  function play(kind: AlertKind): void {
    if (audio === undefined || !isReady.peek()) return;
    const now = performance.now() / 1000;
    if (now < (endsAt.get(kind) ?? 0)) return;
    for (const [hertz, at] of MELODIES[kind]) {
      playNote(audio, hertz, audio.currentTime + at);
      endsAt.set(kind, now + at + NOTE);
    }
  }

  for (const gesture of GESTURES) addEventListener(gesture, wake, true);
  const stop = effect(() => {
    if (isOn.value === true) wake();
    else look();
  });

  return {
    isReady,
    play,
    demonstrate() {
      isDemonstrated = false;
      look();
    },
    close() {
      stop();
      for (const gesture of GESTURES) removeEventListener(gesture, wake, true);
      void audio?.close();
    },
  };
}

/** A soft note that swells and fades. */
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
  tone.stop(at + NOTE);
}
