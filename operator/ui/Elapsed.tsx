/**
 * Time since a moment, moving by the session's clock: to the second where somebody waits, roughly elsewhere. With `until` it stands:
 * nobody waits any more who has left.
 */
import { computed } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import type { UnixSeconds } from '../../shared/chat.ts';
import type { Session } from '../session/contract.ts';
import { roughly, stopwatch } from './format.ts';

export function Elapsed({
  session,
  since,
  until,
  isExact,
}: {
  session: Session;
  since: UnixSeconds;
  until?: UnixSeconds | undefined;
  isExact: boolean;
}) {
  // Redraws when the words change, not each time the clock ticks.
  const text = useMemo(
    () => computed(() => (isExact ? stopwatch : roughly)((until ?? session.now.value) - since)),
    [session, since, until, isExact],
  );
  return <>{text.value}</>;
}
