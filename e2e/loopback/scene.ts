/** What a schedule is played on, which its steps move and the checker reads. */
import type { Browser, Page } from './browser.ts';
import type { Hands } from './hands.ts';
import type { Line } from './line.ts';
import type { LoopbackServer } from './server.ts';
import type { Workplace } from './workplace.ts';

/** What many schedules share, one after the other. */
export interface World {
  hands: Hands;
  server: LoopbackServer;
}

/** Everything a step may touch. */
export interface Scene extends World {
  pages: Page[];
  /** All documents there have been, in each place. */
  documents: Page[][];
  browser: Browser;
  workplace: Workplace;
  lines(): Line[];
  said: number;
  /** The visitor's clock was set back: of two documents nobody can say any more which one spoke first. */
  isSetBack: boolean;
}
