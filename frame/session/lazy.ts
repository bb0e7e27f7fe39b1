/**
 * Parts of the acting half that are fetched with their first use: what carries files, and what shows a draft as it grows. Most pages
 * need neither. Until they are here these stand for them: a file is shown as waiting from the moment it was given, and
 * of a draft the latest text counts. What could not be fetched is asked for again for as long as somebody needs it.
 */
import type { Uid } from '../../shared/chat.ts';
import type { Draft } from './draft.ts';
import type { FileLike, Upload } from './session.ts';
import type { Uploads } from './uploads.ts';

/** Between two attempts at what the network refused. */
const AGAIN_MS = 2_000;

type Later = (ms: number, callback: () => void) => unknown;

/** Fetches once, and hands over what came. `isNeeded` ends the attempts. */
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

/** Stands for the uploads until `onHere` is given them, with the files that have waited: they are to be added then. */
export function createLateUploads(
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

/** Stands for the draft until `onHere` is given it: it has heard the latest text by then. */
export function createLateDraft(load: () => Promise<Draft>, later: Later, onHere: (draft: Draft) => void): Draft {
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
