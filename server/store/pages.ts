/**
 * Everything that a question of the store can answer, one page after the other, so that nobody holds more in memory than a page
 * however much was stored. It knows no tables: whoever asks says how to ask on.
 */

/**
 * @param next the page after a place; an empty one is the end
 * @param placeOf the place of an item, for asking on
 * @example
 * for await (const chat of everyOne((after) => store.chatsOf(site, id, after), ({ summary }) => summary.number, 0)) { … }
 */
export async function* everyOne<T, Place>(
  next: (after: Place) => Promise<readonly T[]>,
  placeOf: (item: T) => Place,
  first: Place,
): AsyncGenerator<T, void> {
  for (let after = first; ;) {
    const page = await next(after);
    yield* page;
    const last = page.at(-1);
    if (last === undefined) return;
    after = placeOf(last);
  }
}
