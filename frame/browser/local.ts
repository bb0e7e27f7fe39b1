/** What the browser keeps for one site beyond this page. A browser may refuse storage by throwing at whatever one asks of it. */

export function stored<T>(use: (storage: Storage) => T): T | undefined {
  try {
    return use(localStorage);
  } catch {
    return undefined;
  }
}

export const read = (key: string): string | undefined => stored((storage) => storage.getItem(key)) ?? undefined;

/** Whether it is kept. */
export const write = (key: string, value: string): boolean =>
  stored((storage) => {
    storage.setItem(key, value);
    return true;
  }) === true;

/** Of the language that the visitor has chosen in the chat. A page's wish is not kept: the page says it each time. */
export const languageKey = (site: string): string => `callgear-${site}-language`;
