/**
 * The one way in which the loader gives an object members by name. Defined, not assigned: where a page has frozen a prototype,
 * an assignment of any name that the prototype knows fails (`push` on an array, `name` on an error), a definition does not.
 */
export function define<T extends object, M extends object>(target: T, members: M): T & M {
  return Object.defineProperties(target, Object.getOwnPropertyDescriptors(members)) as T & M;
}
