/**
 * The second half of the composition root: what a page needs once its visitor does something. Fetched when the session
 * lives, so that nobody waits for it.
 */
import type { VisitorCommand } from '../shared/protocol.ts';
import { createDeeds } from './session/deeds.ts';
import type { Deeds, Ground } from './session/ground.ts';
import { createOutboxStorage, type OutboxStorage } from './storage.ts';
import { createUpload } from './upload.ts';

export interface Acting {
  store: OutboxStorage<VisitorCommand>;
  createDeeds(ground: Ground): Deeds;
}

export function createActing(site: string, tab: string): Acting {
  const store = createOutboxStorage<VisitorCommand>(site, tab);
  const upload = createUpload(site);
  return { store, createDeeds: (ground) => createDeeds(ground, { store, upload }) };
}
