/**
 * Records what a screen reader says by itself: what comes into the live regions of the chat's document, in order. It follows the
 * rules that readers follow: `off` is silent, a `status` or `alert` is read whole, of every other region only what is new.
 */
import type { VisitorPage } from './pages/visitor.ts';

/** Begins to record. The returned function gives what was spoken since it was asked last. */
export async function recordSpoken({ frame }: Pick<VisitorPage, 'frame'>): Promise<() => Promise<string[]>> {
  const body = frame.locator('body');
  await body.evaluate(() => {
    const spoken: string[] = [];
    Object.assign(window, { spoken });
    const LIVE = '[aria-live], [role=status], [role=alert], [role=log]';
    const textOf = (node: Node): string => (node.textContent ?? '').replace(/\s+/g, ' ').trim();
    const read = (records: readonly MutationRecord[]): void => {
      const whole = new Set<Element>();
      for (const record of records) {
        const nodes = record.type === 'characterData' ? [record.target] : [...record.addedNodes];
        for (const node of nodes) {
          const within = node.parentElement?.closest(LIVE);
          if (!within || !node.isConnected || within.getAttribute('aria-live') === 'off') continue;
          if (within.closest('[aria-hidden=true], [inert]') || node.parentElement?.closest('[aria-hidden=true]')) continue;
          if (within.matches('[role=status], [role=alert]')) whole.add(within);
          else spoken.push(textOf(node));
        }
      }
      for (const region of whole) spoken.push(textOf(region));
    };
    new MutationObserver(read).observe(document, { childList: true, characterData: true, subtree: true });
  });
  return () => body.evaluate(() => (window as unknown as { spoken: string[] }).spoken.splice(0).filter((text) => text !== ''));
}
