/**
 * The session's signals: one for each thing it shows. Nothing else in the frame assigns them.
 */
import { batch, signal, type ReadonlySignal, type Signal } from '@preact/signals-core';
import type { Session } from './contract.ts';

/** Members of the session that are signals. */
type Name = { [K in keyof Session]: Session[K] extends ReadonlySignal<unknown> ? K : never }[keyof Session];

/** Everything that a session shows, by the name of its signal. */
export type Shown = { [K in Name]: Session[K] extends ReadonlySignal<infer T> ? T : never };

export type Signals = { [K in Name]: Signal<Shown[K]> };

/** The compiler can't follow a record through its entries, hence the cast. */
export function createSignals(shown: Shown): Signals {
  return Object.fromEntries(Object.entries(shown).map(([key, value]) => [key, signal(value)])) as unknown as Signals;
}

/** Assigns what differs, all at once. */
export function assignAll(signals: Signals, shown: Shown): void {
  batch(() => (Object.keys(shown) as Name[]).forEach((name) => assign(signals, shown, name)));
}

/** Leaves an equal value alone, so that nothing is drawn or sent for nothing. Long lists are compared by identity. */
function assign<K extends Name>(signals: Signals, shown: Shown, name: K): void {
  const target: Signal<Shown[K]> = signals[name];
  const old = target.peek();
  const value = shown[name];
  if (Object.is(old, value)) return;
  const isLong = Array.isArray(value) && value.length > 5;
  if (isLong || JSON.stringify(old) !== JSON.stringify(value)) target.value = value;
}
