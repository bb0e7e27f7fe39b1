/**
 * The second half of the composition root: delivery and its outbox, for a page whose visitor acts. Fetched once the session lives, so
 * that nobody waits for it.
 */
import type { VisitorCommand } from '../shared/wire/protocol.ts';
import type { CreateDelivery } from './session/context.ts';
import { createDelivery } from './session/delivery.ts';
import type { Beacon } from './session/platform.ts';
import { createLazyStorage } from './browser/lazy-storage.ts';
import type { OutboxStorage } from './browser/storage.ts';

export interface Acting {
  store: OutboxStorage<VisitorCommand>;
  createDelivery: CreateDelivery;
}

export function createActing(site: string, tab: string): Acting {
  const store = createLazyStorage<VisitorCommand>(async () => {
    const { createOutboxStorage } = await import('./browser/storage.ts');
    return createOutboxStorage(site, tab);
  });
  let beacon: Beacon | undefined;
  // Nobody waits for it: until it is here the outbox alone remembers.
  import('./browser/beacon.ts').then(
    ({ createBeacon }) => (beacon = createBeacon(tab)),
    () => undefined,
  );
  return {
    store,
    createDelivery: (context) =>
      createDelivery(context, {
        store,
        // Most pages send no file, show no draft and name nobody: each part is fetched with its first use.
        loadUploads: (options) =>
          import('./browser/upload.ts').then(({ createUploads, createSendBytes }) =>
            createUploads({ ...options, sendBytes: createSendBytes(site) }),
          ),
        loadDraft: (options) => import('./session/draft.ts').then(({ createDraft }) => createDraft(options)),
        loadIdentify: () => import('./session/identify.ts').then(({ identify }) => identify),
        beacon: (access, commands) => beacon?.(access, commands),
      }),
  };
}
