/**
 * Reads all results of a query, one page after the other, so that nobody holds more in memory than a page,
 * however much is stored. It knows no tables: the caller says how to ask for the next page.
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
