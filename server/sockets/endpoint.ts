/** Where sockets and streams arrive. Visitors' pages come to one endpoint and operators' workplaces to the other. */
import type { IncomingMessage } from 'node:http';

/** `public`: visitors' pages. `operator`: workplaces. */
export type Endpoint = 'public' | 'operator';

/** The endpoint of this request's path, if it has one. */
export function endpointOf({ url = '' }: Pick<IncomingMessage, 'url'>): Endpoint | undefined {
  const path = url.split('?')[0];
  return path === '/socket' ? 'public' : path === '/operator/socket' ? 'operator' : undefined;
}
