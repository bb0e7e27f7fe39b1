/** Initials on a quiet tone: no picture is fetched from anywhere. */
import { initials, toneOf } from './format.ts';

export function Avatar({ id, name, isKnown = true }: { id: string; name: string; isKnown?: boolean }) {
  return (
    <span class={`avatar ${isKnown ? `tone-${toneOf(id)}` : 'avatar-unknown'}`} aria-hidden="true">
      {isKnown ? initials(name) : null}
    </span>
  );
}
