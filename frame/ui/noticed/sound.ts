/** The sound of a new message, synthesized. A browser allows none before an act in the document, and the system may take it away. */

/** Hertz and start in seconds of each note. */
const NOTES = [
  [784, 0],
  [1047, 0.11],
] as const;
/** Seconds. */
const NOTE = 0.3;
const VOLUME = 0.09;
/** Events that unlock sound in browsers. Of a touch only its end counts. */
const GESTURES = ['pointerdown', 'pointerup', 'keydown'] as const;

export interface Sound {
  /** Silent where no sound is allowed. */
  ring(): void;
  close(): void;
}

export function createSound(): Sound {
  let audio: AudioContext | undefined;
  const wake = (): void => {
    try {
      audio ??= new AudioContext();
      void audio.resume().catch(() => undefined);
    } catch {
      // No sound on this machine.
    }
  };
  for (const gesture of GESTURES) addEventListener(gesture, wake, true);
  // Some browsers remember an act that was before.
  wake();

  return {
    ring() {
      if (audio?.state !== 'running') return;
      for (const [hertz, at] of NOTES) playNote(audio, hertz, audio.currentTime + at);
    },
    close() {
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
  volume.gain.linearRampToValueAtTime(VOLUME, at + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.001, at + NOTE);
  tone.connect(volume).connect(audio.destination);
  tone.start(at);
  tone.stop(at + NOTE);
}
