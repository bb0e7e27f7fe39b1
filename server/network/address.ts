/**
 * Which network address a request comes from, and under which key that address is counted. Sockets, streams and requests
 * share this one rule: they count by `addresses.keyOf(request)`, or by `addressKey` of an address. No other file reads
 * `X-Forwarded-For`, and the HTTP framework's own trust in proxies is off.
 *
 * Only proxies named in `TRUST_PROXY` are believed: read from the right, the address is the first that is none of them.
 * The library walks that chain. Proxies also write ports and brackets (`1.2.3.4:567`, `[2001:db8::1]:567`), which
 * `parseAddress` reads. A part that is no address counts as the proxy that wrote it. The log says so now and then, because
 * all visitors of that proxy then share what one address may do.
 */
import type { IncomingMessage } from 'node:http';
import { isIP, isIPv4 } from 'node:net';
import { all, compile } from '@fastify/proxy-addr';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';

/** The parts of a request that are read. */
export type Visit = Pick<IncomingMessage, 'headers' | 'socket'>;

export interface Addresses {
  /** The address a request comes from; empty when its connection is gone already. */
  of(request: Visit): string;
  /** The same as it is counted: see `addressKey`. */
  keyOf(request: Visit): string;
  /** Whether a peer is one of `TRUST_PROXY`: many visitors come from its address. */
  isProxy(address: string): boolean;
}

export interface AddressesOptions {
  /** Addresses and networks of `TRUST_PROXY`. */
  trusted: readonly string[];
  clock: Pick<Clock, 'nowMs'>;
  log: Pick<Log, 'warn'>;
}

/** The log hears of a proxy that writes no address once in this time. */
const WARN_MS = 60_000;
/** IPv4 in IPv6's clothes, all but the last two groups. */
const MAPPED = '0:0:0:0:0:ffff';

/**
 * @example
 * createAddresses({ trusted: ['10.0.0.0/8'], clock, log }).keyOf(request); // '203.0.113.9', or '2001:db8:1:2::/64'
 */
export function createAddresses({ trusted, clock, log }: AddressesOptions): Addresses {
  const trusts = compile(trusted.flatMap(rangesOf));
  let warnedMs = -Infinity;

  const isProxy = (text: string): boolean => {
    const address = parseAddress(text);
    return address !== undefined && trusts(address, 0);
  };

  function warn(proxy: string): void {
    if (clock.nowMs() - warnedMs < WARN_MS) return;
    warnedMs = clock.nowMs();
    log.warn({ proxy }, 'a proxy of TRUST_PROXY writes an X-Forwarded-For that is no address: all who come by it are counted as one');
  }

  function of(request: Visit): string {
    // From the peer up to the first that is no proxy; each was written by the one before it.
    const chain = all(readable(request), isProxy).map(parseAddress);
    const address = chain.at(-1);
    if (address !== undefined) return address;
    const writer = chain.at(-2);
    if (writer !== undefined) warn(writer);
    return writer ?? '';
  }

  return { of, isProxy, keyOf: (request) => addressKey(of(request)) };
}

/** The request as the library reads it. It skips empty parts, which are no addresses, so they get a sign. */
function readable({ headers, socket }: Visit): IncomingMessage {
  const written = [headers['x-forwarded-for'] ?? []].flat().join(',');
  const forwarded = written.trim() === '' ? '' : written.replace(/(^|,)[ \t]*(?=,|$)/g, '$1-');
  const read = { headers: { 'x-forwarded-for': forwarded }, socket: { remoteAddress: socket.remoteAddress ?? '' } };
  // The library asks for these two fields alone, its type for a whole request.
  return read as unknown as IncomingMessage;
}

/** A network of `TRUST_PROXY` as the library takes it: without a zone, and all addresses as two halves. */
function rangesOf(network: string): string[] {
  const [given = '', bits] = network.split('/');
  const address = given.replace(/%.*$/, '');
  if (bits === undefined) return [address];
  if (Number(bits) > 0) return [`${address}/${Number(bits)}`];
  return isIPv4(address) ? ['0.0.0.0/1', '128.0.0.0/1'] : ['::/1', '8000::/1'];
}

/**
 * The one address that a text names: without port, brackets, quotes and zone, IPv4 plain even in IPv6's clothes.
 *
 * @example parseAddress('[2001:DB8::1]:567'); // '2001:db8::1'
 */
export function parseAddress(text: string): string | undefined {
  const bare = text.trim().replace(/^"(.*)"$/, '$1');
  const [, inBrackets] = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(bare) ?? [];
  const [, beforePort] = /^([^:]+):\d{1,5}$/.exec(bare) ?? [];
  const address = (inBrackets ?? beforePort ?? bare).replace(/%.*$/, '').toLowerCase();
  if (isIPv4(address)) return inBrackets === undefined ? address : undefined;
  if (isIP(address) === 0) return undefined;
  const groups = groupsOf(address);
  if (groups.slice(0, 6).join(':') !== MAPPED) return address;
  return groups
    .slice(6)
    .flatMap((group) => [parseInt(group, 16) >> 8, parseInt(group, 16) & 255])
    .join('.');
}

/**
 * Under which key an address is counted: IPv4 whole (in IPv6's clothes too), IPv6 by its network, because a client that has one
 * address of a /64 has them all. A text that is no address is its own key.
 *
 * @example addressKey('2001:db8:1:2:3::4'); // '2001:db8:1:2::/64'
 */
export function addressKey(address: string): string {
  const known = parseAddress(address);
  if (known === undefined) return address;
  return isIPv4(known) ? known : `${groupsOf(known).slice(0, 4).join(':')}::/64`;
}

/** The eight groups of an IPv6 address, without leading zeros. */
function groupsOf(address: string): string[] {
  // Four numbers at the end are two groups.
  const plain = address.replace(
    /(\d+)\.(\d+)\.(\d+)\.(\d+)$/,
    (_, a, b, c, d) => `${(Number(a) * 256 + Number(b)).toString(16)}:${(Number(c) * 256 + Number(d)).toString(16)}`,
  );
  const [head = '', tail] = plain.split('::');
  const of = (text: string): string[] =>
    text
      .split(':')
      .filter((group) => group !== '')
      .map((group) => parseInt(group, 16).toString(16));
  if (tail === undefined) return of(head);
  const [before, after] = [of(head), of(tail)];
  return [...before, ...Array<string>(8 - before.length - after.length).fill('0'), ...after];
}
