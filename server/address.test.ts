import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createAddressOf } from './address.ts';

function from(remoteAddress: string, forwarded?: string) {
  const socket = Object.defineProperty(new Socket(), 'remoteAddress', { value: remoteAddress });
  return { socket, headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded } };
}

describe('the network address', () => {
  it('is the socket’s own, whatever a header says, unless a proxy is trusted', () => {
    expect(createAddressOf([])(from('203.0.113.9', '198.51.100.1'))).toBe('203.0.113.9');
    expect(createAddressOf(['10.0.0.0/8'])(from('203.0.113.9', '198.51.100.1'))).toBe('203.0.113.9');
  });

  it('is the first from the right that is no trusted proxy', () => {
    const addressOf = createAddressOf(['10.0.0.0/8', '::1']);
    expect(addressOf(from('::ffff:10.0.0.1', '1.1.1.1, 198.51.100.1, 10.2.3.4'))).toBe('198.51.100.1');
    expect(addressOf(from('::1', '2001:db8::7'))).toBe('2001:db8::7');
  });

  it('is the last that can be believed when the header says nonsense', () => {
    expect(createAddressOf(['10.0.0.0/8'])(from('10.0.0.1', 'unknown'))).toBe('10.0.0.1');
    expect(createAddressOf(['10.0.0.0/8'])(from('10.0.0.1'))).toBe('10.0.0.1');
  });
});
