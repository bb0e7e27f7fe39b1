/** Under which looks every state of the visitor's interface is seen: windows, colour schemes, a language from right to left, brands. */
import type { Page } from '@playwright/test';

type Media = NonNullable<Parameters<Page['emulateMedia']>[0]>;

export interface Look {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly media?: Media;
  /** The language it is shown in, English without one. */
  readonly language?: string;
}

/** At 200 % and 400 % a window of 1280 × 1024 has so many CSS pixels left. */
export const LOOKS: readonly Look[] = [
  { name: 'light', width: 1280, height: 800 },
  { name: 'dark', width: 1280, height: 800, media: { colorScheme: 'dark' } },
  { name: 'forced colours', width: 1280, height: 800, media: { forcedColors: 'active' } },
  { name: 'phone', width: 390, height: 844 },
  { name: 'small phone', width: 320, height: 568, media: { colorScheme: 'dark' } },
  { name: 'landscape', width: 667, height: 375 },
  { name: '200 %', width: 640, height: 512 },
  { name: '400 %', width: 320, height: 256 },
  { name: 'right to left', width: 1280, height: 800, language: 'ar' },
];

/** A light, a dark and a loud one. The first is seen in every run, the others for the pictures. */
export const BRANDS = { usual: '#1f5eff', light: '#f4d35e', dark: '#0d1b2a', loud: '#ff0000' } as const;
export type Brand = keyof typeof BRANDS;

/** Where `npm run pictures` wants its pictures, and what it wants them of: everything, unless it names some. */
export const FOLDER = process.env.PICTURES;
const wanted = JSON.parse(process.env.PICTURES_OF ?? '{}') as Partial<Record<'brand' | 'look' | 'state', string[]> & { quick: boolean }>;
export const isWanted = (kind: 'brand' | 'look' | 'state', name: string): boolean => wanted[kind]?.includes(name) ?? true;
/** Without axe, which takes longer than all the rest. */
export const isQuick = FOLDER !== undefined && wanted.quick === true;

/** Where `npm run pictures -- documents` wants the documents' pictures. */
export const DOCUMENTS = process.env.DOCUMENTS;

/** Nothing moves, so that what is measured stands still. */
export async function apply(page: Page, { width, height, media }: Look): Promise<void> {
  await page.setViewportSize({ width, height });
  await page.emulateMedia({ colorScheme: 'light', forcedColors: 'none', ...media, reducedMotion: 'reduce' });
}
