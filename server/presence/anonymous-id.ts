/**
 * The id of a page whose visitor has not acted. It follows from the site and the tab, so nothing has to be remembered: a tab that
 * reconnects is the same page wherever it arrives, also at another process over the same store. A tab is made anew with every
 * document, and without the installation's secret nobody can tell which tab an id belongs to.
 */
import type { SiteKey, VisitorId } from '../../shared/chat.ts';
import { keyed } from '../store/keyed.ts';

/** As many characters as every other id. */
const LENGTH = 22;

export function anonymousId(secret: Uint8Array, site: SiteKey, tab: string): VisitorId {
  return keyed(secret, 'presence', site, tab).slice(0, LENGTH);
}
