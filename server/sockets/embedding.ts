/** Which page of a customer shows the chat, and whether the site allows it there. */
import type { SiteKey } from '../../shared/chat.ts';
import type { Directory } from '../presence/directory.ts';
import type { Reader } from '../store/store.ts';

/** A site, and the origin that embeds the frame. */
export interface Embedding {
  site: SiteKey;
  /** `null` if the page has not named its origin. */
  embedder: string | null;
}

/** Whether the site is open and allows this embedder, as far as the directory knows. */
export function isAllowed({ site, embedder }: Embedding, directory: Pick<Directory, 'site'>): boolean {
  return isAmong(directory.site(site)?.origins ?? [], embedder);
}

/** The same, asked of the store. Reads one row only: reading the whole directory costs much more. */
export async function isStoredAsAllowed({ site, embedder }: Embedding, store: Pick<Reader, 'origins'>): Promise<boolean> {
  return isAmong(await store.origins(site), embedder);
}

function isAmong(origins: readonly string[], embedder: string | null): boolean {
  return embedder === null ? origins.length > 0 : origins.includes(embedder);
}
