/**
 * What the visitor has chosen for the interface and the browser keeps: for this visit or for good. Where a browser keeps nothing,
 * the choice holds as long as the page.
 */

/** Of which site, because one origin serves many. */
const nameOf = (name: string): string =>
  `callgear-${document.querySelector<HTMLMetaElement>('meta[name="callgear-site"]')?.content ?? ''}-${name}`;

const storageOf = (span: Span): Storage => (span === 'visit' ? sessionStorage : localStorage);

export type Span = 'visit' | 'ever';

export function kept(span: Span, name: string): string | null {
  try {
    return storageOf(span).getItem(nameOf(name));
  } catch {
    return null;
  }
}

/** An empty value takes it back. */
export function keep(span: Span, name: string, value: string): void {
  try {
    if (value === '') storageOf(span).removeItem(nameOf(name));
    else storageOf(span).setItem(nameOf(name), value);
  } catch {
    // Storage is blocked or full.
  }
}
