/**
 * The language that the visitor has chosen in the chat, kept for later pages of this site. A page's wish is not kept: the page
 * says it each time.
 */
const keyOf = (site: string): string => `callgear-${site}-language`;

export function recall(site: string): string | null {
  try {
    return localStorage.getItem(keyOf(site));
  } catch {
    // The browser keeps nothing here.
    return null;
  }
}

export function remember(site: string, tag: string): void {
  try {
    localStorage.setItem(keyOf(site), tag);
  } catch {
    // Then it counts for this page.
  }
}
