/**
 * Tokens in which a customer's server says who a visitor is: a JWT signed with one of the site's keys, read and judged here.
 * `auth.ts` draws the consequences (whose chats this visitor sees); the store makes sure that a token is used once.
 *
 * The key decides the algorithm, never the token. A token is for one site, for five minutes at most, and bears a name of its
 * own (`jti`). Clocks may differ by a minute.
 */
import { createHmac, createPublicKey } from 'node:crypto';
import { decodeProtectedHeader, errors, jwtVerify, type JWTPayload } from 'jose';
import type { SiteKey, UnixSeconds } from '../../shared/chat.ts';
import { parseAddress } from '../mail/address.ts';
import type { IdentityKey } from '../store/identities.ts';

const IDENTITY_SECONDS = 300;
const SKEW_SECONDS = 60;
const NAME_LENGTH = 255;

export interface IdentityClaims {
  sub: string;
  jti: string;
  /** That the customer's server has made sure of (`email` with `email_verified`); `null` without one. */
  email: string | null;
  /** Until then the token could be used again. */
  endsAt: UnixSeconds;
}

export type Judgement = { ok: true; claims: IdentityClaims } | { ok: false; reason: string };

/** `reason` is for the administrator's log; a page only learns that the server did not accept the token. */
export async function judgeIdentity(token: string, site: SiteKey, keys: readonly IdentityKey[], now: UnixSeconds): Promise<Judgement> {
  try {
    const { kid } = decodeProtectedHeader(token);
    const key = keys.find((each) => each.kid === kid);
    if (key === undefined) return no('its kid names no key of this site');
    const { payload } = await jwtVerify(token, materialOf(key), {
      algorithms: [key.alg],
      audience: site,
      requiredClaims: ['sub', 'exp', 'jti', 'aud'],
      clockTolerance: SKEW_SECONDS,
      currentDate: new Date(now * 1000),
    });
    return judgeClaims(payload, site, now);
  } catch (error) {
    return no(error instanceof errors.JOSEError ? error.code : 'it is no token');
  }
}

function judgeClaims({ sub, jti, exp = 0, aud, email, email_verified }: JWTPayload, site: SiteKey, now: UnixSeconds): Judgement {
  if (aud !== site) return no('its aud is more than this site');
  if (!isName(sub)) return no('its sub is no text of 1 to 255 characters');
  if (!isName(jti)) return no('its jti is no text of 1 to 255 characters');
  if (exp >= now + IDENTITY_SECONDS + SKEW_SECONDS) return no('its exp is more than five minutes ahead');
  // An address that is none, or that nobody vouches for, is no reason to refuse the rest.
  const verified = email_verified === true && typeof email === 'string' ? (parseAddress(email) ?? null) : null;
  return { ok: true, claims: { sub, jti, email: verified, endsAt: Math.ceil(exp) + SKEW_SECONDS } };
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '' && value.length <= NAME_LENGTH;
}

function no(reason: string): Judgement {
  return { ok: false, reason };
}

function materialOf({ alg, key }: IdentityKey) {
  return alg === 'HS256' ? new TextEncoder().encode(key) : createPublicKey(key);
}

/** The stored form of a token's name: it lets us recognise the name, but nobody can read the name from it. */
export function hashName(secret: Uint8Array, ...about: string[]): string {
  return createHmac('sha256', secret)
    .update(JSON.stringify(['identity', ...about]))
    .digest('base64url');
}
