/** Fetches the list of chats when it is first shown. Until then its place is empty: it is there within a moment. */
import { signal } from '@preact/signals';
import type { FunctionComponent } from 'preact';
import { useEffect } from 'preact/hooks';
import type { ViewModel } from '../contract.ts';

const loaded = signal<FunctionComponent<{ view: ViewModel }> | null>(null);

export function LazyChats({ view }: { view: ViewModel }) {
  const Chats = loaded.value;
  useEffect(() => {
    if (loaded.peek()) return;
    import('./Chats.tsx').then(
      ({ Chats: list }) => (loaded.value = list),
      // No network: back to where the visitor was. The next press tries again.
      () => view.show(null),
    );
  }, [view]);
  return Chats && <Chats view={view} />;
}
