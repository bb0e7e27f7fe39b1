/**
 * The last request of a page: carries what its outbox has not been answered for, even when the page is gone before it has left.
 * Only as much as browsers take, from the head of the line, so that the order is kept; the outbox forgets nothing for it.
 */
import { utf8Length } from '../../shared/client/outbox.ts';
import { BEACON_BYTES } from '../../shared/limits.ts';
import type { BeaconRequest, VisitorCommand } from '../../shared/wire/protocol.ts';
import type { Beacon } from '../session/platform.ts';

export function createBeacon(tab: string): Beacon {
  /** What earlier requests are still carrying: the browser counts them together. */
  const underWay = new Set<string>();
  let used = 0;

  return (access, commands) => {
    const items: VisitorCommand[] = [];
    let bytes = 100;
    for (const command of commands) {
      bytes += utf8Length(JSON.stringify(command)) + 1;
      if (used + bytes > BEACON_BYTES) break;
      items.push(command);
    }
    if (items.every(({ uid }) => underWay.has(uid))) return;
    const body = JSON.stringify({ tab, items } satisfies BeaconRequest);
    const size = utf8Length(body);
    used += size;
    for (const { uid } of items) underWay.add(uid);
    const over = (): void => {
      used -= size;
      for (const { uid } of items) underWay.delete(uid);
    };
    fetch('/outbox', {
      method: 'POST',
      keepalive: true,
      headers: { authorization: `Bearer ${access}`, 'content-type': 'application/json' },
      body,
    }).then(over, over);
  };
}
