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
  /** So many bytes more have arrived. @throws ChatError `rate_limited` when they are too many */
  take(bytes: number): void;
  /** The upload is over: what has been stored of it is counted from now on by the store. */
  end(): void;
}

export interface Quota {
  /** @throws ChatError `rate_limited` when the day is used up before the first byte */
  begin(site: SiteKey, visitor: VisitorId): Promise<Place>;
}

interface Arriving {
  files: number;
  bytes: number;
}

export function createQuota({ store, clock, limits }: { store: Store; clock: Clock; limits: Limits['file'] }): Quota {
  const arriving = new Map<string, Arriving>();

  return {
    async begin(site, visitor) {
      const key = JSON.stringify([site, visitor]);
      const since = clock.nowSeconds() - DAY_SECONDS;
      const stored = (await store.filesOf(site, visitor)).filter((file) => file.createdAt > since);
      const storedBytes = stored.reduce((sum, { size }) => sum + size, 0);
      const now = arriving.get(key) ?? { files: 0, bytes: 0 };
      if (stored.length + now.files >= limits.perVisitorDay || storedBytes + now.bytes >= limits.bytesPerVisitorDay) throw tooMuch();
      arriving.set(key, now);
      now.files += 1;
      let mine = 0;
      return {
        take(bytes) {
          mine += bytes;
          now.bytes += bytes;
          if (storedBytes + now.bytes > limits.bytesPerVisitorDay) throw tooMuch();
        },
        end() {
          now.files -= 1;
          now.bytes -= mine;
          if (now.files === 0) arriving.delete(key);
        },
      };
    },
  };
}

function tooMuch(): ChatError {
  return new ChatError('rate_limited', 'This visitor has sent as many files as a day allows. Try again tomorrow.');
}
