/**
 * Unread messages as a mark before the page's title and, where the site has chosen so, as an icon after those of the page.
 *
 * Takes back what it has put there and touches nothing else: a title that the page changes meanwhile stays the page's.
 */
import type { Place } from '../shared/page/bridge.ts';
import { clamp } from './iframe.ts';

/** Of a picture of 64 pixels as text, whatever is drawn on it. */
const ICON = /^data:image\/png.{1,9999}$/;

export interface Badge {
  /** Shows what the frame asks for; without it, and in place of what no badge looks like, nothing. */
  _show(place: Pick<Place, 'badge' | 'icon'>): void;
  /** The page's title without the mark. */
  _title(): string;
}

export function createBadge(document: Document): Badge {
  let mark = '';
  let link: HTMLLinkElement | undefined;

  // Of a title that is nothing but the mark the document drops the blank.
  const _title = (title = document.title) => (title.startsWith(mark) ? title.slice(mark.length).trim() : title);
  return {
    _title,
    _show({ badge, icon }) {
      const title = _title();
      const count = clamp(badge);
      mark = count ? '(' + count + ')' : '';
      const next = (mark + ' ' + title).trim();
      if (document.title !== next) document.title = next;

      link?.remove();
      if (!ICON.test(icon!)) return;
      // Of several icons browsers take the last one.
      link = document.createElement('link');
      link.rel = 'icon';
      link.href = icon!;
      document.head?.append(link);
    },
  };
}
