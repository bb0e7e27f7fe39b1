/**
 * The second half of the composition root: what a page needs once its visitor does something. Fetched when the session
 * lives, so that nobody waits for it.
 */
import type { VisitorCommand } from '../shared/protocol.ts';
import { createDeeds } from './session/deeds.ts';
import type { Deeds, Ground } from './session/ground.ts';
import type { ShowToken } from './session/naming.ts';
import type { HandOver, Transfer, Upload } from './session/outside.ts';
import { createOutboxStorage, type OutboxStorage } from './storage.ts';

export interface Acting {
  store: OutboxStorage<VisitorCommand>;
  createDeeds(ground: Ground): Deeds;
}

export function createActing(site: string, tab: string): Acting {
  const store = createOutboxStorage<VisitorCommand>(site, tab);
  const upload = createLateUpload(site);
  let handOver: HandOver | undefined;
  // Nobody waits for it: until it is here the outbox alone remembers.
  import('./hand-over.ts').then(({ createHandOver }) => (handOver = createHandOver(tab)), () => undefined);
  return { store, createDeeds: (ground) => createDeeds(ground, { store, upload, loadNaming, handOver: (access, commands) => handOver?.(access, commands) }) };
}

const loadNaming = (): Promise<ShowToken> => import('./session/naming.ts').then(({ showToken }) => showToken);

/** Most pages carry no file: what does is fetched with the first one. */
function createLateUpload(site: string): Upload {
  return (file, options) => {
    const begun = import('./upload.ts').then(({ createUpload }): Transfer => createUpload(site)(file, options));
    return { done: begun.then(({ done }) => done), cancel: () => void begun.then(({ cancel }) => cancel(), () => undefined) };
  };
}
