/**
 * The base of every route: its context, who may ask, and the form of a refusal. It has no route of its own.
 */
import type { FastifyBaseLogger, FastifyRequest } from 'fastify';
import { ChatError, type ErrorCode } from '../../../shared/errors.ts';
import type { Addresses } from '../../network/address.ts';
import type { Built } from '../assets.ts';
import type { Auth } from '../../auth/auth.ts';
import type { Clock } from '../../base/clock.ts';
import type { Config } from '../../config.ts';
import type { Act, Costs } from '../../limits/costs.ts';
import type { HostRole } from '../hosts.ts';
import type { Entrance } from '../../network/entrance.ts';
import type { Files } from '../../files/files.ts';
import type { Gateway } from '../../sockets/gateway.ts';
import type { HeaderOptions } from '../headers.ts';
import type { Store } from '../../store/store.ts';
import type { Streams } from '../../sockets/streams.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The host that serves it; the public one unless said otherwise. */
    host?: HostRole | 'public or operator' | 'any';
    /** What it costs who asks; a plain request unless said otherwise. */
    act?: Act;
    /** Its answer goes on for as long as somebody listens. */
    lasts?: boolean;
  }
}

export interface HttpOptions {
  config: Config;
  addresses: Addresses;
  entrance: Pick<Entrance, 'admit'>;
  costs: Pick<Costs, 'take' | 'charge'>;
  store: Store;
  clock: Clock;
  auth: Auth;
  files: Files;
  built: Built;
  gateway: Pick<Gateway, 'refusal' | 'runBeacon'>;
  streams: Streams;
  log: FastifyBaseLogger;
  /** Closes the sockets of a session that has ended. */
  revoke(session: string, operator?: string): void;
  /** Whether this process ends soon, and wants no new ones. */
  isLeaving(): boolean;
  /** Whether requests can be served now. */
  isReady(): Promise<boolean>;
}

/** What the routes are given. */
export interface RouteContext extends HttpOptions {
  headers: { public: HeaderOptions; operator: HeaderOptions; files: HeaderOptions };
}

/** What every error answer looks like. */
export function problem(code: ErrorCode, message: string): { code: ErrorCode; message: string } {
  return { code, message };
}

/** One answer for things that do not exist, belong to another site or belong to somebody else. */
export function nothingHere(): ChatError {
  return new ChatError('not_found', 'There is nothing here.');
}

/**
 * Refuses what another page makes a browser send. `Origin` comes with every POST; `Sec-Fetch-Site` where a browser knows it.
 *
 * @throws ChatError `forbidden`
 */
export function requireOrigin(request: FastifyRequest, origin: string): void {
  if (request.headers.origin !== origin) throw new ChatError('forbidden', 'This request does not come from the page that may make it.');
  requireSameOrigin(request);
}

/** For reading, where browsers send no `Origin`. @throws ChatError `forbidden` */
export function requireSameOrigin(request: FastifyRequest): void {
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') throw new ChatError('forbidden', 'This request does not come from our own pages.');
}
