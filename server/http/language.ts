/**
 * The language in which a frame's document begins. In this order: the one that the page asks for, the site's setting, that of the
 * page itself, and those that the browser accepts. What a visitor has chosen in the chat is kept by the frame, which knows it
 * better than we do.
 *
 * A tag that is asked for and is none of ours means English, as it does in the frame, which says so in the console. All other
 * tags that we do not speak are passed over.
 */
import { languageOf, type Language } from '../../shared/languages/languages.ts';

/** What a request says of languages. Nobody has looked at it yet. */
export interface Asked {
  /** By the page, in words: `data-lang` or `CallGear.setLanguage`. */
  explicit: unknown;
  /** The page's `<html lang>`. */
  page: unknown;
  /** The header `Accept-Language`. */
  accepted: string | undefined;
}

const TAG_LENGTH = 35;
const HEADER_LENGTH = 1_000;

/**
 * @example
 * chooseLanguage({ explicit: undefined, page: 'fi', accepted: 'sv;q=0.8,de' }, ''); // 'de'
 */
export function chooseLanguage({ explicit, page, accepted = '' }: Asked, site: Language | ''): Language {
  if (typeof explicit === 'string' && explicit !== '') return toLanguage(explicit) ?? 'en';
  if (site !== '') return site;
  for (const tag of [page, ...preferred(accepted.slice(0, HEADER_LENGTH))]) {
    const language = toLanguage(tag);
    if (language !== undefined) return language;
  }
  return 'en';
}

function toLanguage(tag: unknown): Language | undefined {
  return typeof tag === 'string' && tag.length <= TAG_LENGTH ? languageOf(tag) : undefined;
}

/** The tags of the header, the dearest first. */
function preferred(header: string): string[] {
  const entries = header.split(',').map((entry) => {
    const [tag = '', ...parameters] = entry.split(';').map((part) => part.trim());
    const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    return { tag, quality: quality === undefined ? 1 : Number(quality) || 0 };
  });
  return entries
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality)
    .map(({ tag }) => tag);
}
