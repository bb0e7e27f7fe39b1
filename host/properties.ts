/**
 * What this page has set of its visitor's properties. Each is told as it is set, and to a later frame again for as long as it is what
 * was set last; one that was taken back is told as an empty one, because another page may have set it. What operators see in the end is
 * the server's to decide.
 */
import { PROPERTIES, PROPERTY_NAME, PROPERTY_VALUE } from '../shared/limits.ts';
import { given, toText } from './arguments.ts';
import type { Bridge } from './bridge.ts';
import { expected, ignore } from './report.ts';

/** The four methods; each change is told to the frame. */
export function createProperties(bridge: Bridge) {
  const own = new Map<string, string>();
  const short = (value: unknown, most: number) => {
    const text = toText(value === !!value ? '' + value : given(value));
    return text.length > most ? expected('at most ' + most + ' characters') : text;
  };
  const toName = (name: unknown) => short(name, PROPERTY_NAME) || expected('a name');
  const getProperty = (name: unknown) => own.get(toName(name)) || null;
  const setProperty = (input: unknown, value?: unknown) => {
    const name = toName(input);
    const text = short(value, PROPERTY_VALUE);
    if (text && own.get(name) === text) return;
    if (text && own.size >= PROPERTIES && !own.has(name)) expected('at most ' + PROPERTIES + ' properties');
    own.delete(name);
    if (text) own.set(name, text);
    bridge._call('setProperty', [name, text], () => (own.get(name) || '') === text).catch(ignore);
  };
  return {
    getProperty,
    setProperty,
    hasProperty: (name: unknown) => getProperty(name) !== null,
    deleteProperty: (name: unknown) => setProperty(name),
  };
}
