/**
 * The code that proves that a mail address is one's own: six digits, derived from the request and the installation's secret, so
 * no table and no job holds it. A client that knows the request's uid but has no mail cannot compute it.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { SiteKey, Uid, VisitorId } from '../../shared/chat.ts';

export interface CodeRequest {
  site: SiteKey;
  visitor: VisitorId;
  address: string;
  uid: Uid;
}

export function codeOf({ site, visitor, address, uid }: CodeRequest, secret: Uint8Array): string {
  const digest = createHmac('sha256', secret)
    .update(JSON.stringify(['mail code', site, visitor, address.toLowerCase(), uid]))
    .digest();
  return String(digest.readUIntBE(0, 6) % 1_000_000).padStart(6, '0');
}

/** Under which a confirmed address is known: only this hash of it is stored. */
export function confirmationKey(address: string, secret: Uint8Array): string {
  return createHmac('sha256', secret)
    .update(JSON.stringify(['mail', 'confirmed', address.toLowerCase()]))
    .digest('base64url');
}

export function isCode(given: string, request: CodeRequest, secret: Uint8Array): boolean {
  const [expected, found] = [Buffer.from(codeOf(request, secret)), Buffer.from(given)];
  return expected.length === found.length && timingSafeEqual(expected, found);
}

/**
 * What a visitor may write where an address is asked for: the address, and after a space the code.
 *
 * @example
 * splitCode('ann@shop.example 123456'); // { address: 'ann@shop.example', code: '123456' }
 */
export function splitCode(text: string): { address: string; code: string | null } {
  const code = /^(.*\S) +(\d{6})$/.exec(text.slice(0, 1_000).trim());
  return code === null ? { address: text.trim(), code: null } : { address: code[1] ?? '', code: code[2] ?? null };
}
