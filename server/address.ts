/**
 * The network address a socket comes from. `X-Forwarded-For` is believed only as far as it was written by proxies named in
 * `TRUST_PROXY`: from the right, the first address that is none of them.
 * And under which key an address is counted, here and over HTTP.
 */
import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

export type AddressOf = (req: Pick<IncomingMessage, 'headers' | 'socket'>) => string;

export function createAddressOf(trusted: readonly string[]): AddressOf {
  const proxies = new BlockList();
  for (const network of trusted) {
    const [address = '', bits] = network.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) proxies.addAddress(address, family);
    else proxies.addSubnet(address, Number(bits), family);
  }
  const isProxy = (address: string) => isIP(address) !== 0 && proxies.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');

  return (req) => {
    const forwarded = [req.headers['x-forwarded-for'] ?? []].flat().join(',').split(',').map((part) => part.trim());
    let address = plain(req.socket.remoteAddress ?? '');
    while (isProxy(address)) {
      const before = plain(forwarded.pop() ?? '');
      if (isIP(before) === 0) break;
      address = before;
    }
    return address;
  };
}

/** IPv4 in IPv6's clothes is IPv4. */
function plain(address: string): string {
  return address.startsWith('::ffff:') && isIP(address.slice(7)) === 4 ? address.slice(7) : address;
}

/** IPv4 whole, IPv6 by its network: whoever has one address of a /64 has them all. */
export function addressKey(address: string): string {
  if (!address.includes(':') || address.startsWith('::ffff:')) return address;
  const [head = '', tail] = address.split('::');
  const groups = head.split(':').filter((group) => group !== '');
  const rest = tail?.split(':').filter((group) => group !== '') ?? [];
  const zeros = tail === undefined ? [] : Array<string>(Math.max(0, 8 - groups.length - rest.length)).fill('0');
  return [...groups, ...zeros, ...rest].slice(0, 4).join(':');
}
