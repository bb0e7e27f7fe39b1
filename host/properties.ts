/**
 * The visitor's properties that this page has set. The loader sends each one when the page sets it. A later frame gets it
 * again as long as the page has not changed it since. The loader sends a removed property as an empty one, because another page
 * may have set it. The server decides what operators see in the end.
 */
import { PROPERTIES, PROPERTY_NAME, PROPERTY_VALUE } from '../shared/limits.ts';
import { given, toText } from './arguments.ts';
import type { Bridge } from './bridge.ts';
import { expected, ignore } from './report.ts';

/** The four methods; each change goes to the frame. */
export function createProperties(bridge: Bridge) {
  const own = new Map<string, string>();
  const short = (value: unknown, most: number) => {
    const text = toText(value === !!value ? '' + value : given(value));
    return text.length > most ? expected('at most ' + most) : text;
  };
  const toName = (name: unknown) => short(name, PROPERTY_NAME) || expected('a name');
  const getProperty = (name: unknown) => own.get(toName(name)) || null;
  const setProperty = (input: unknown, value?: unknown) => {
    const name = toName(input);
    const text = short(value, PROPERTY_VALUE);
    if (text && own.get(name) === text) return;
    if (text && own.size >= PROPERTIES && !own.has(name)) expected('at most ' + PROPERTIES);
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
