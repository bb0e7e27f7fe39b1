/**
 * The visitor's other pages on this site, over a BroadcastChannel. Where the browser has none, each page finds out by itself
 * when it is loaded next.
 */
import type { PeerWord, Peers } from '../session/platform.ts';

export interface PeerChannel extends Peers {
  /** The page is put aside: an open channel would keep it out of the back/forward cache. */
  pause(): void;
  resume(): void;
  close(): void;
}

export function createPeers(site: string): PeerChannel {
  const listeners = new Set<(word: PeerWord) => void>();
  let channel: BroadcastChannel | undefined;

  function resume(): void {
    if (channel !== undefined || listeners.size === 0) return;
    try {
      channel = new BroadcastChannel(`callgear-${site}`);
      channel.onmessage = ({ data }) => {
        if (data === 'acted' || data === 'forgotten') for (const listener of listeners) listener(data);
      };
    } catch {
      // Not for frames of other origins here.
    }
  }

  function pause(): void {
    channel?.close();
    channel = undefined;
  }

  return {
    tell: (word) => channel?.postMessage(word),
    listen(listener) {
      listeners.add(listener);
      resume();
      return () => listeners.delete(listener);
    },
    pause,
    resume,
    close() {
      listeners.clear();
      pause();
    },
  };
}
