/**
 * Our own names: which `Host` a request may come to and which of the three doors stands there. The visitors' pages, the
 * operators' pages and the files can each have a domain of their own; without that, one host has all three.
 *
 * Nothing ever reflects a host: addresses we give out are made from the configuration.
 */
import { isLocal } from '../config.ts';
import type { Config } from '../config.ts';

export type Door = 'public' | 'operator' | 'files';

export interface Doors {
  /** The doors at this `Host`; empty for a host that is none of ours. */
  at(host: string | undefined): ReadonlySet<Door>;
}

const NONE: ReadonlySet<Door> = new Set();
const LOCAL_NAMES = ['localhost', '127.0.0.1', '[::1]'];

export function createDoors(config: Pick<Config, 'publicUrl' | 'operatorUrl' | 'filesPublicUrl' | 'port'>): Doors {
  const byHost = new Map<string, Set<Door>>();
  const open = (host: string, door: Door) => byHost.set(host, (byHost.get(host) ?? new Set()).add(door));

  const addresses = [
    ['public', config.publicUrl],
    ['operator', config.operatorUrl],
    ['files', config.filesPublicUrl],
  ] as const;
  for (const [door, url] of addresses) {
    const { host, hostname, port } = new URL(url);
    open(host, door);
    // A machine that serves itself is reached by any of its names, on the announced port and on the real one. An operator's
    // or files' address of its own stays exact, or it would not be apart.
    if (!isLocal(hostname) || url !== config.publicUrl) continue;
    for (const name of LOCAL_NAMES) {
      for (const number of new Set([port || '80', String(config.port)])) open(number === '80' ? name : `${name}:${number}`, door);
    }
  }
  return { at: (host) => (host === undefined ? NONE : (byHost.get(host.toLowerCase()) ?? NONE)) };
}
