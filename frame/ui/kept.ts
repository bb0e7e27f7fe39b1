/**
 * What the visitor has chosen for the interface and the browser keeps: for this visit or for good. Where a browser keeps nothing,
 * the choice holds as long as the page.
 */

/** The name of something that belongs to the site: one origin serves many. */
export const siteName = (name: string): string =>
  `callgear-${document.querySelector<HTMLMetaElement>('meta[name="callgear-site"]')?.content ?? ''}-${name}`;

const storageOf = (span: Span): Storage => (span === 'visit' ? sessionStorage : localStorage);

export type Span = 'visit' | 'ever';

export function kept(span: Span, name: string): string | null {
  try {
    return storageOf(span).getItem(siteName(name));
  } catch {
    return null;
  }
}

/** An empty value takes it back. */
export function keep(span: Span, name: string, value: string): void {
  try {
    if (value === '') storageOf(span).removeItem(siteName(name));
    else storageOf(span).setItem(siteName(name), value);
  } catch {
    // Storage is blocked or full.
  }
}
