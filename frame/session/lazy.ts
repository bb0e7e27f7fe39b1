/**
 * Parts of delivery that are fetched with their first use: the file carrier and the growing draft. Most pages need neither. Until they
 * are here these stand in for them: a file shows as waiting from the moment it was given, and of a draft the latest text counts.
 * A part that could not be fetched is asked for again for as long as somebody needs it.
 */
import type { Uid } from '../../shared/chat.ts';
import type { FileLike, Upload } from './contract.ts';
import type { Draft } from './draft.ts';
import type { Later } from './timers.ts';
import type { Uploads } from './uploads.ts';

/** Between two attempts at what the network refused. */
const AGAIN_MS = 2_000;

/** Fetches once, and passes on what came. `isNeeded` ends the attempts. */
function once<T>(load: () => Promise<T>, later: Later, isNeeded: () => boolean, take: (it: T) => void): () => void {
  let isLoading = false;
  return function fetch() {
    if (isLoading || !isNeeded()) return;
    isLoading = true;
    load().then(take, () =>
      later(AGAIN_MS, () => {
        isLoading = false;
        fetch();
      }),
    );
  };
}

/** Stands in for the uploads until `onHere` gets them, with the files that have waited and are to be added then. */
export function createLazyUploads(
  load: () => Promise<Uploads>,
  later: Later,
  onFailed: Uploads['fail'],
  onHere: (uploads: Uploads, waiting: ReadonlyMap<Uid, FileLike>) => void,
): Uploads {
  const waiting = new Map<Uid, FileLike>();
  let list: readonly Upload[] = [];
  const relist = (): void => {
    list = [...waiting].map(([uid, { name, size }]) => ({ uid, name, size, loaded: 0, failed: null }));
  };
  const fetch = once(
    load,
    later,
    () => waiting.size > 0,
    (uploads) => onHere(uploads, waiting),
  );
  return {
    get list() {
      return list;
    },
    has: (uid) => waiting.has(uid),
    add(uid, file) {
      waiting.set(uid, file);
      relist();
      fetch();
    },
    retry: (uid) => waiting.has(uid),
    fail: onFailed,
    remove: () => undefined,
    discard(uid) {
      const isDone = waiting.delete(uid);
      relist();
      return isDone;
    },
    proceed: fetch,
    clear() {
      waiting.clear();
      relist();
    },
  };
}

/** Stands in for the draft until `onHere` gets it, which has heard the latest text by then. */
export function createLazyDraft(load: () => Promise<Draft>, later: Later, onHere: (draft: Draft) => void): Draft {
  let text = '';
  const clear = (): void => void (text = '');
  const fetch = once(
    load,
    later,
    () => text !== '',
    (draft) => {
      draft.set(text);
      onHere(draft);
    },
  );
  return {
    set(next) {
      text = next;
      fetch();
    },
    clear,
    retry: fetch,
    close: clear,
  };
}
