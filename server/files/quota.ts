/**
 * How much one visitor puts in within a day. What is stored is counted where it is stored, so that a restart gives nobody a
 * fresh day; what is still arriving is counted here, byte by byte. Operators are not counted.
 */
import type { SiteKey, VisitorId } from '../../shared/chat.ts';
import { ChatError } from '../../shared/errors.ts';
import type { Clock } from '../clock.ts';
import type { Limits } from '../config.ts';
import type { Store } from '../store/store.ts';

const DAY_SECONDS = 24 * 3600;

/** One upload's part of the day. */
export interface Place {
  /** So many bytes more have arrived. @throws ChatError `rate_limited` when they are too many, `upload_failed` when the same upload has begun anew */
  take(bytes: number): void;
  /** The upload is over: what has been stored of it is counted from now on by the store. */
  end(): void;
}

export interface Quota {
  /**
   * @param file what the upload will be. The same again takes the place of the one before: its sender knows of a cut that we
   *   have not noticed yet.
   * @throws ChatError `rate_limited` when the day is used up before the first byte
   */
  begin(site: SiteKey, visitor: VisitorId, file: string): Promise<Place>;
}

export function createQuota({ store, clock, limits }: { store: Store; clock: Clock; limits: Limits['file'] }): Quota {
  /** Visitor → file → what has arrived of it. */
  const arriving = new Map<string, Map<string, { bytes: number }>>();

  return {
    async begin(site, visitor, file) {
      const key = JSON.stringify([site, visitor]);
      const since = clock.nowSeconds() - DAY_SECONDS;
      const stored = (await store.filesOf(site, visitor)).filter((each) => each.createdAt > since);
      const storedBytes = stored.reduce((sum, { size }) => sum + size, 0);
      const now = arriving.get(key) ?? new Map<string, { bytes: number }>();
      const others = [...now].filter(([id]) => id !== file);
      const bytes = storedBytes + others.reduce((sum, [, each]) => sum + each.bytes, 0);
      if (stored.length + others.length >= limits.perVisitorDay || bytes >= limits.bytesPerVisitorDay) throw tooMuch();
      const mine = { bytes: 0 };
      arriving.set(key, now.set(file, mine));
      return {
        take(count) {
          if (now.get(file) !== mine) throw new ChatError('upload_failed', 'The same upload has begun anew.');
          mine.bytes += count;
          if (storedBytes + [...now.values()].reduce((sum, each) => sum + each.bytes, 0) > limits.bytesPerVisitorDay) throw tooMuch();
        },
        end() {
          if (now.get(file) === mine) now.delete(file);
          if (now.size === 0 && arriving.get(key) === now) arriving.delete(key);
        },
      };
    },
  };
}

function tooMuch(): ChatError {
  return new ChatError('rate_limited', 'This visitor has sent as many files as a day allows. Try again tomorrow.');
}
