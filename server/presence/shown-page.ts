/**
 * What operators see of the page where a visitor is. It is only the client's word, so an address that the site does not allow is
 * left out: it could lead an operator anywhere.
 */
import type { PageInfo } from '../../shared/chat.ts';

/**
 * The page without everything after `?` and `#`, which may name a person or hold a secret. Without the address, too, if it belongs
 * to none of `origins`. The title stays: nobody can click on it.
 */
export function shownPage({ url, title }: PageInfo, origins: readonly string[]): PageInfo {
  const isOurs = URL.canParse(url) && origins.includes(new URL(url).origin);
  return { url: isOurs ? url.replace(/[?#].*$/s, '') : '', title };
}
