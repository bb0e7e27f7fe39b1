/**
 * What operators should see of a visitor beside the card: customer number, plan, basket, as the customer's page reports it. A page
 * sends its properties as a change of the known ones; `null` removes a property. The newest fifty stay.
 */
import { PROPERTIES } from './limits.ts';

export type Property = [name: string, value: string];
/** In the order in which they were set. */
export type Properties = readonly Property[];
export type PropertyChange = [name: string, value: string | null];

/** The properties after these changes; the same list if nothing is different. */
export function changeProperties(known: Properties, changes: readonly PropertyChange[]): Properties {
  const next = new Map(known);
  for (const [name, value] of changes) {
    if (name === '' || next.get(name) === (value ?? undefined)) continue;
    next.delete(name);
    if (value !== null) next.set(name, value);
  }
  const list = [...next].slice(-PROPERTIES);
  return JSON.stringify(list) === JSON.stringify(known) ? known : list;
}
