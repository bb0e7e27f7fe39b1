/**
 * What operators are told of the page where a visitor is. It is the client's word alone, so it is held against what the site
 * allows: an address elsewhere could lead an operator anywhere.
 */
import type { PageInfo } from '../../shared/chat.ts';

/**
 * Without what follows `?` and `#`, which may name a person or open a door; and without the address if none of `origins` is its
 * own. The title stays: nobody can click on it.
 */
export function shownPage({ url, title }: PageInfo, origins: readonly string[]): PageInfo {
  const isOurs = URL.canParse(url) && origins.includes(new URL(url).origin);
  return { url: isOurs ? url.replace(/[?#].*$/s, '') : '', title };
}
