/**
 * The second half of the composition root: what a page needs once its visitor does something. Fetched when the session
 * lives, so that nobody waits for it.
 */
import type { VisitorCommand } from '../shared/wire/protocol.ts';
import { createDeeds } from './session/deeds.ts';
import type { Deeds, Ground } from './session/ground.ts';
import type { HandOver } from './session/outside.ts';
import { createOutboxStorage, type OutboxStorage } from './browser/storage.ts';

export interface Acting {
  store: OutboxStorage<VisitorCommand>;
  createDeeds(ground: Ground): Deeds;
}

export function createActing(site: string, tab: string): Acting {
  const store = createOutboxStorage<VisitorCommand>(site, tab);
  let handOver: HandOver | undefined;
  // Nobody waits for it: until it is here the outbox alone remembers.
  import('./browser/hand-over.ts').then(
    ({ createHandOver }) => (handOver = createHandOver(tab)),
    () => undefined,
  );
  return {
    store,
    createDeeds: (ground) =>
      createDeeds(ground, {
        store,
        // Most pages carry no file, show no draft, name nobody: what does is fetched when it is asked for.
        loadUploads: (options) =>
          import('./browser/upload.ts').then(({ createUploads, createUpload }) => createUploads({ ...options, carry: createUpload(site) })),
        loadDraft: (options) => import('./session/draft.ts').then(({ createDraft }) => createDraft(options)),
        loadNaming: () => import('./session/naming.ts').then(({ showToken }) => showToken),
        handOver: (access, commands) => handOver?.(access, commands),
      }),
  };
}
