/**
 * How soon operators of a site usually answer: the median of its last days, in whole minutes. Nobody waits for it. The value is computed
 * when it is asked for and old, one reading at a time for each site, and stays as it was until then.
 */
import type { SiteKey } from '../../shared/chat.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { FirstAnswer } from '../store/chats.ts';
import type { Reader } from '../store/store.ts';

/** The usual times of answers. */
export interface AnswerTimes {
  /** Whole minutes; `null` while too little is known, or where people wait for hours. */
  of(site: SiteKey): number | null;
  close(): void;
}

export interface AnswerTimesOptions {
  store: Pick<Reader, 'firstAnswers'>;
  clock: Clock;
  log: Log;
  /** The time of a site is another than before. */
  onChange: (site: SiteKey) => void;
}

const DAYS = 7;
/** The latest chats of those days; more would not change the median by much. */
const CHATS = 200;
/** Fewer chats say nothing about what is usual. */
const FEWEST = 5;
const KEEP_MS = 10 * 60_000;
/** Who has left sooner has not waited in vain. */
const PATIENCE_SECONDS = 120;
/** Beyond half a day there is nothing to promise. */
const MOST_MINUTES = 12 * 60;

export function createAnswerTimes({ store, clock, log, onChange }: AnswerTimesOptions): AnswerTimes {
  const known = new Map<SiteKey, { minutes: number | null; readMs: number }>();
  let isClosed = false;

  async function read(site: SiteKey, before: number | null): Promise<void> {
    try {
      const answers = await store.firstAnswers(site, clock.nowSeconds() - DAYS * 24 * 3600, CHATS);
      const minutes = usualMinutes(answers);
      if (isClosed || minutes === before) return;
      known.set(site, { minutes, readMs: clock.nowMs() });
      onChange(site);
    } catch (error) {
      if (!isClosed) log.warn({ err: error }, 'the usual time of an answer could not be read');
    }
  }

  return {
    of(site) {
      const last = known.get(site);
      const minutes = last?.minutes ?? null;
      if (last === undefined || clock.nowMs() - last.readMs >= KEEP_MS) {
        known.set(site, { minutes, readMs: clock.nowMs() });
        void read(site, minutes);
      }
      return minutes;
    },
    close: () => void (isClosed = true),
  };
}

/** The median in whole minutes. A chat that nobody answered counts as endless, unless its visitor left at once. */
export function usualMinutes(answers: readonly FirstAnswer[]): number | null {
  const waits = answers
    .flatMap(({ startedAt, answeredAt, closedAt }) => {
      if (answeredAt !== null) return Math.max(0, answeredAt - startedAt);
      return closedAt !== null && closedAt - startedAt >= PATIENCE_SECONDS ? Infinity : [];
    })
    .sort((a, b) => a - b);
  const median = waits[Math.floor(waits.length / 2)];
  if (waits.length < FEWEST || median === undefined) return null;
  const minutes = Math.max(1, Math.ceil(median / 60));
  return minutes <= MOST_MINUTES ? minutes : null;
}
