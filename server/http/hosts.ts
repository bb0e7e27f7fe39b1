/**
 * Our own host names: which `Host` a request may name, and which roles that host plays. The visitors' pages, the operators'
 * pages and the files can each have a domain of their own; without that, one host plays all three.
 *
 * Nothing ever reflects a host: addresses we give out are made from the configuration.
 */
import { isLocal } from '../config.ts';
import type { Config } from '../config.ts';

/** What a host serves: visitors' pages, operators' pages, files. */
export type HostRole = 'public' | 'operator' | 'files';

export interface Hosts {
  /** The roles of this `Host`; none for a host that is not ours. */
  rolesOf(host: string | undefined): ReadonlySet<HostRole>;
}

const NONE: ReadonlySet<HostRole> = new Set();
const LOCAL_NAMES = ['localhost', '127.0.0.1', '[::1]'];

export function createHosts(config: Pick<Config, 'publicUrl' | 'operatorUrl' | 'filesPublicUrl' | 'port'>): Hosts {
  const roles = new Map<string, Set<HostRole>>();
  const add = (host: string, role: HostRole) => roles.set(host, (roles.get(host) ?? new Set()).add(role));

  const addresses = [
    ['public', config.publicUrl],
    ['operator', config.operatorUrl],
    ['files', config.filesPublicUrl],
  ] as const;
  for (const [role, url] of addresses) {
    const { host, hostname, port } = new URL(url);
    add(host, role);
    // A machine that serves itself is reached by any of its names, on the announced port and on the real one. An operator's
    // or files' address of its own stays exact, or it would not be apart.
    if (!isLocal(hostname) || url !== config.publicUrl) continue;
    for (const name of LOCAL_NAMES) {
      for (const number of new Set([port || '80', String(config.port)])) add(number === '80' ? name : `${name}:${number}`, role);
    }
  }
  return { rolesOf: (host) => (host === undefined ? NONE : (roles.get(host.toLowerCase()) ?? NONE)) };
}
