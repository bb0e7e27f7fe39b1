/** Whose request it is and under which key it is counted, by the one rule that sockets and requests share. */
import { Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { addressKey, createAddresses, parseAddress } from './address.ts';
import { createGatewayWorld, type GatewayWorld } from '../testing/gateway-world.ts';
import { createHandClock, createWorld, type World } from '../testing/http-world.ts';

function from(remoteAddress: string | undefined, forwarded?: string) {
  const socket = Object.defineProperty(new Socket(), 'remoteAddress', { value: remoteAddress });
  return { socket, headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded } };
}

function addressesOf(trusted: readonly string[]) {
  const warnings: unknown[] = [];
  const clock = createHandClock();
  return { ...createAddresses({ trusted, clock, log: { warn: (about: unknown) => void warnings.push(about) } }), warnings, clock };
}

describe('the network address', () => {
  it('is the socket’s own, whatever a header says, unless a proxy is trusted', () => {
    expect(addressesOf([]).of(from('203.0.113.9', '198.51.100.1'))).toBe('203.0.113.9');
    expect(addressesOf(['10.0.0.0/8']).of(from('203.0.113.9', '198.51.100.1'))).toBe('203.0.113.9');
    expect(addressesOf([]).of(from(undefined))).toBe('');
  });

  it('is the first from the right that is no trusted proxy', () => {
    const { of } = addressesOf(['10.0.0.0/8', '::1']);
    expect(of(from('::ffff:10.0.0.1', '1.1.1.1, 198.51.100.1, 10.2.3.4'))).toBe('198.51.100.1');
    expect(of(from('::1', '2001:db8::7'))).toBe('2001:db8::7');
    expect(of(from('10.0.0.1', '10.0.0.2, 10.0.0.3'))).toBe('10.0.0.2');
  });

  it('[FF.A10] is read in every form in which proxies write it', () => {
    const { of, warnings } = addressesOf(['10.0.0.0/8']);
    for (const [written, address] of [
      ['198.51.100.1:567', '198.51.100.1'],
      ['"198.51.100.1:567"', '198.51.100.1'],
      ['::ffff:198.51.100.1', '198.51.100.1'],
      ['::FFFF:c633:6401', '198.51.100.1'],
      ['[::ffff:198.51.100.1]:567', '198.51.100.1'],
      ['2001:DB8::7', '2001:db8::7'],
      ['[2001:db8::7]', '2001:db8::7'],
      ['[2001:db8::7]:567', '2001:db8::7'],
      ['"[2001:db8::7]:567"', '2001:db8::7'],
      ['fe80::7%eth0', 'fe80::7'],
      [' 198.51.100.1 ', '198.51.100.1'],
      ['198.51.100.1:567, 10.0.0.7:80', '198.51.100.1'],
      ['198.51.100.1:567,[::ffff:10.0.0.7]:80', '198.51.100.1'],
    ])
      expect(of(from('10.0.0.1', written)), written).toBe(address);
    expect(warnings).toEqual([]);
  });

  it('[FF.A10] counts as the proxy’s if that wrote no address, and is logged once a minute', () => {
    const { of, warnings, clock } = addressesOf(['10.0.0.0/8']);
    for (const written of [
      'unknown',
      '_hidden',
      '1.2.3',
      '1.2.3.4.5',
      '999.1.1.1',
      '1.2.3.4:',
      '1.2.3.4:x',
      '[1.2.3.4]:5',
      '[2001:db8::7',
      '2001:db8::7::1',
      'a@b',
      '198.51.100.1, ',
      '198.51.100.1, x',
    ]) {
      expect(of(from('10.0.0.1', written)), written).toBe('10.0.0.1');
    }
    expect(of(from('10.0.0.1', 'x, 10.0.0.2'))).toBe('10.0.0.2');
    expect(warnings).toEqual([{ proxy: '10.0.0.1' }]);
    clock.advance(60_000);
    of(from('10.0.0.1', 'unknown'));
    expect(warnings).toHaveLength(2);
    // A probe of the proxy's own says nothing, and nothing is wrong with that.
    for (const written of [undefined, '', ' ']) expect(of(from('10.0.0.1', written))).toBe('10.0.0.1');
    expect(warnings).toHaveLength(2);
  });

  it('knows a proxy by any network that it was named by', () => {
    for (const [network, inside, outside] of [
      ['10.0.0.0/8', '10.9.9.9', '11.0.0.1'],
      ['10.0.0.7', '::ffff:10.0.0.7', '10.0.0.8'],
      ['::ffff:10.0.0.0/104', '10.1.2.3', '11.0.0.1'],
      ['2001:db8::/32', '2001:db8:ffff::1', '2001:db9::1'],
      ['0.0.0.0/0', '203.0.113.9', '2001:db8::1'],
      ['::/0', '2001:db8::1', 'no address'],
      ['fe80::7%eth0', 'fe80::7%eth1', 'fe80::8'],
    ] as const) {
      const { isProxy } = addressesOf([network]);
      expect([isProxy(inside), isProxy(outside), isProxy('x')], network).toEqual([true, false, false]);
    }
  });
});

describe('the key of an address', () => {
  it('[FF.A10] [D7] is IPv4 whole, in any form, and IPv6 by its network, in any spelling', () => {
    expect(
      ['203.0.113.9', '::ffff:203.0.113.9', '::FFFF:cb00:7109', '203.0.113.9:80', '0:0:0:0:0:ffff:203.0.113.9'].map(addressKey),
    ).toEqual(Array(5).fill('203.0.113.9'));
    expect(['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::1', '2001:0DB8:0001:0002::', '[2001:db8:1:2::9]:80'].map(addressKey)).toEqual(
      Array(4).fill('2001:db8:1:2::/64'),
    );
    expect(['2001:db8:1:3::1', '2001:db8::1', '::1', 'fe80::1%eth0', '64:ff9b::1.2.3.4'].map(addressKey)).toEqual([
      '2001:db8:1:3::/64',
      '2001:db8:0:0::/64',
      '0:0:0:0::/64',
      'fe80:0:0:0::/64',
      '64:ff9b:0:0::/64',
    ]);
    expect(addressKey('no address')).toBe('no address');
    expect(parseAddress('1::2::3')).toBeUndefined();
  });
});

describe('behind a proxy that is trusted', () => {
  const closers: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
  });

  it('[FF.A10] [SV.address] gives each address its own sessions, whatever the port', async () => {
    const world: World = await createWorld({
      env: { TRUST_PROXY: '127.0.0.1', LIMITS: JSON.stringify({ rates: { sessionsPerMinute: 3 } }) },
    });
    closers.push(() => world.close());
    const ask = async (forwarded: string) =>
      (await world.post('/session', { site: 'shop', create: false }, { headers: { 'x-forwarded-for': forwarded } })).statusCode;
    const tries = [];
    for (const forwarded of [
      '1.2.3.4:1',
      '1.2.3.4:2',
      '1.2.3.4',
      '1.2.3.4:4',
      '::ffff:1.2.3.4',
      '5.6.7.8:1',
      '[2001:db8::1]:1',
      '[2001:db8::2]:2',
      '2001:db8::3',
      '[2001:db8::4]:4',
    ])
      tries.push(await ask(forwarded));
    expect(tries).toEqual([200, 200, 200, 429, 429, 200, 200, 200, 200, 429]);
  });

  it('[FF.A10] [SV.address] gives each address its own sockets, with a port or without', async () => {
    const world: GatewayWorld = await createGatewayWorld({ trusted: ['127.0.0.1'], limits: { rates: { connectionsPerAddress: 2 } } });
    closers.push(() => world.close());
    const open = (forwarded: string) => world.openVisitor({ origin: 'https://chat.example', 'x-forwarded-for': forwarded });
    await Promise.all(['1.2.3.4:1', '1.2.3.4:2', '5.6.7.8:1', '5.6.7.8'].map(open));
    await expect(open('1.2.3.4:3')).rejects.toThrow('429');
    await expect(open('::ffff:5.6.7.8')).rejects.toThrow('429');
  });
});
