/**
 * Unread messages as a mark before the page's title and, where the site has chosen so, as an icon after those of the page.
 *
 * Takes back what it has put there and touches nothing else: a title that the page changes meanwhile stays the page's.
 */
import type { Place } from '../shared/page/bridge.ts';

export interface Badge {
  /** Shows what the frame asks for; without it, nothing. */
  _show(place: Pick<Place, 'badge' | 'icon'>): void;
  /** The page's title without the mark. */
  _title(): string;
}

export function createBadge(document: Document): Badge {
  let mark = '';
  let link: HTMLLinkElement | undefined;

  const _title = () => {
    const { title } = document;
    return title.startsWith(mark) ? title.slice(mark.length) : title;
  };
  return {
    _title,
    _show({ badge, icon }) {
      const title = _title();
      mark = badge! > 0 ? '(' + badge + ') ' : '';
      if (document.title !== mark + title) document.title = mark + title;

      link?.remove();
      if (!icon) return;
      // Of several icons browsers take the last one.
      link = Object.assign(document.createElement('link'), { rel: 'icon', href: icon });
      document.head.append(link);
    },
  };
}
