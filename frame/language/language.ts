/**
 * The language that this document speaks, and its texts. One file for each language is fetched when it is first spoken; the one
 * before it stays until then. Everybody who draws or tells something takes the words from here.
 */
import { batch, computed, signal, type ReadonlySignal } from '@preact/signals-core';
import type { Catalogue } from '../../shared/languages/catalogue.ts';
import type { Language } from '../../shared/languages/languages.ts';
import type { OwnTexts } from '../../shared/languages/own-texts.ts';
import { bring } from './catalogues.ts';

const RETRY_MS = 5_000;

const spoken = signal<Language>('en');
const texts = signal<Catalogue | null>(null);
/** What the site says differently in one language. */
const own = signal<{ language?: Language; texts?: OwnTexts | undefined }>({});
let wanted = '';

/** The language of the texts on show: what dates and numbers are written in. */
export const language: ReadonlySignal<Language> = spoken;
/** Its texts; `null` until the first language has arrived. */
export const words: ReadonlySignal<Catalogue | null> = computed(() => {
  const { language: of, texts: ours } = own.value;
  return texts.value && ours && of === spoken.value ? ({ ...texts.value, ...ours } as Catalogue) : texts.value;
});

/** Lays a site's own texts over those of their language. */
export function layOver(told: { language: Language; texts?: OwnTexts | undefined }): void {
  own.value = told;
}

/** @param written the language of the document, which the server has made sure of: counts until the first texts are there */
export function begin(written: string, tag: string): void {
  spoken.value = written as Language;
  void speak(tag);
}

/**
 * Changes the language to the one that a BCP 47 tag means; the last one asked for counts. Settles when its texts are there,
 * however long the network takes, or when another language has been asked for.
 *
 * @example
 * await speak('de');
 */
export async function speak(tag: string): Promise<void> {
  wanted = tag;
  const isWanted = (): boolean => wanted === tag;
  while (isWanted()) {
    try {
      const [next, catalogue] = await bring(tag);
      // Another language may have been asked for meanwhile.
      if (!isWanted()) return;
      batch(() => {
        spoken.value = next;
        texts.value = catalogue;
      });
      return;
    } catch {
      // The network may be better later.
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}
