/**
 * Says hello to the page that embeds us, or to nobody.
 *
 * We speak to a page of this site only: we must be embedded, the origin that our fragment names must be on the server's list, and it
 * must be the one that the browser names, where it names any. Then one `hello` goes to exactly that origin, with one end of a channel.
 */
import { BRIDGE_VERSIONS, HELLO_BRAND, type Hello } from '../../shared/page/bridge.ts';
import type { PortLike } from '../../shared/page/guard.ts';

/** The part of the frame's window that the greeting needs. */
export interface FrameWindow {
  parent: { postMessage(message: unknown, targetOrigin: string, transfer: Transferable[]): void };
  location: { ancestorOrigins?: { readonly [index: number]: string; readonly length: number } };
}

export interface GreetOptions {
  window: FrameWindow;
  /** What our own address says of the page: its origin and a nonce. */
  fragment: URLSearchParams;
  /** Whether the window is embedded at all. */
  isEmbedded: boolean;
  /** The site's exact origins, as the server put them into the document. */
  origins: readonly string[];
  epoch: string;
}

/** Says hello to the page that embeds us. Returns our end of the channel, or why we do not speak to it. */
export function greet({ window, fragment, isEmbedded, origins, epoch }: GreetOptions): PortLike | string {
  const nonce = fragment.get('n');
  const origin = fragment.get('o');
  if (!isEmbedded) return 'This document only works inside a page.';
  if (nonce === null || origin === null) return 'The fragment does not name the page.';
  if (!origins.includes(origin)) return `${origin} is not among the origins of this site.`;
  const ancestors = window.location.ancestorOrigins;
  if (ancestors !== undefined && ancestors[0] !== origin) return `The fragment names ${origin}, but ${ancestors[0]} embeds us.`;
  const { port1, port2 } = new MessageChannel();
  const hello: Hello = { type: HELLO_BRAND, versions: [...BRIDGE_VERSIONS], nonce, epoch };
  window.parent.postMessage(hello, origin, [port2]);
  return port1 as unknown as PortLike;
}
