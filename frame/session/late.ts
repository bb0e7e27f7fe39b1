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
    load().then(take, () => later(AGAIN_MS, () => {
      isLoading = false;
      fetch();
    }));
  };
}

/** `onHere` is called with what begins the files that waited: within it everything is one step. */
export function createLateUploads(load: () => Promise<Uploads>, later: Later, onHere: (begin: () => void) => void, onFailed: Uploads['fail']): Uploads {
  const queue = new Map<Uid, FileLike>();
  let here: Uploads | undefined;
  let list: readonly Upload[] = [];
  const relist = (): void => {
    list = [...queue].map(([uid, { name, size }]) => ({ uid, name, size, loaded: 0, failed: null }));
  };
  const fetch = once(load, later, () => queue.size > 0, (uploads) => onHere(() => {
    here = uploads;
    for (const [uid, file] of queue) uploads.add(uid, file);
    queue.clear();
  }));

  const waiting: Uploads = {
    get list() {
      return list;
    },
    has: (uid) => queue.has(uid),
    add(uid, file) {
      queue.set(uid, file);
      relist();
      fetch();
    },
    retry: (uid) => queue.has(uid),
    fail: onFailed,
    remove: () => undefined,
    discard(uid) {
      const was = queue.delete(uid);
      relist();
      return was;
    },
    proceed: fetch,
    clear() {
      queue.clear();
      relist();
    },
  };
  return new Proxy(waiting, { get: (_, name: keyof Uploads) => (here ?? waiting)[name] });
}

export function createLateDraft(load: () => Promise<Draft>, later: Later): Draft {
  let here: Draft | undefined;
  let text = '';
  const fetch = once(load, later, () => text !== '', (draft) => {
    here = draft;
    draft.set(text);
  });
  const waiting: Draft = {
    set(next) {
      text = next;
      fetch();
    },
    clear: () => void (text = ''),
    retry: fetch,
    close: () => void (text = ''),
  };
  return new Proxy(waiting, { get: (_, name: keyof Draft) => (here ?? waiting)[name] });
}
