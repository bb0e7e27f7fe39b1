/**
 * Whose request this is, as far as the network says, and under which key an address is counted: the one rule for both, for
 * sockets, streams and requests alike. Whoever counts per address counts by `addresses.keyOf(request)`, or by `addressKey` of
 * an address; nobody reads `X-Forwarded-For` elsewhere, the HTTP framework's own trust in proxies is off.
 *
 * `X-Forwarded-For` is believed only as far as it was written by proxies named in `TRUST_PROXY`: from the right, the first
 * address that is none of them. Proxies write ports and brackets too (`1.2.3.4:567`, `[2001:db8::1]:567`); what is no
 * address at all counts as that of the proxy that wrote it, and the log is told now and then, because all its visitors then
 * share what one address may do.
 */
import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, isIPv4 } from 'node:net';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';

/** What is asked of a request. */
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

/** Of proxies that write what is no address, the log hears so often. */
const WARN_MS = 60_000;
/** IPv4 in IPv6's clothes, all but the last two groups. */
const MAPPED = '0:0:0:0:0:ffff';

/**
 * @example
 * createAddresses({ trusted: ['10.0.0.0/8'], clock, log }).keyOf(request); // '203.0.113.9', or '2001:db8:1:2::/64'
 */
export function createAddresses({ trusted, clock, log }: AddressesOptions): Addresses {
  const proxies = new BlockList();
  for (const network of trusted) addNetwork(proxies, network);
  let warnedMs = -Infinity;

  const isProxy = (address: string): boolean => isIP(address) !== 0 && proxies.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');

  function warn(proxy: string): void {
    if (clock.nowMs() - warnedMs < WARN_MS) return;
    warnedMs = clock.nowMs();
    log.warn({ proxy }, 'a proxy of TRUST_PROXY writes an X-Forwarded-For that is no address: all who come by it are counted as one');
  }

  function of({ headers, socket }: Visit): string {
    const forwarded = [headers['x-forwarded-for'] ?? []].flat().join(',');
    const parts = forwarded.trim() === '' ? [] : forwarded.split(',');
    let address = parseAddress(socket.remoteAddress ?? '') ?? '';
    while (isProxy(address) && parts.length > 0) {
      const before = parseAddress(parts.pop() ?? '');
      if (before === undefined) {
        warn(address);
        break;
      }
      address = before;
    }
    return address;
  }

  return { of, isProxy: (address) => isProxy(parseAddress(address) ?? ''), keyOf: (request) => addressKey(of(request)) };
}

/** `10.0.0.0/8`, or one address. In IPv6's clothes an IPv4 network is one all the same. */
function addNetwork(proxies: BlockList, network: string): void {
  const [given = '', bits] = network.split('/');
  const address = parseAddress(given) ?? given;
  const family = isIPv4(address) ? 'ipv4' : 'ipv6';
  if (bits === undefined) return proxies.addAddress(address, family);
  const isMapped = family === 'ipv4' && !isIPv4(given);
  if (isMapped && Number(bits) < 96) return proxies.addSubnet(given, Number(bits), 'ipv6');
  proxies.addSubnet(address, Number(bits) - (isMapped ? 96 : 0), family);
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
 * Under which key an address is counted: IPv4 whole (in IPv6's clothes too), IPv6 by its network, because whoever has one
 * address of a /64 has them all. What is no address is its own key.
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
