/**
 * The cookies that say who somebody is, and the one way in which the program reads a `Cookie` header by hand: sockets have
 * one, too. Routes set cookies through Fastify, which reads and writes them with the same library.
 */
import cookies from '@fastify/cookie';
import type { SiteKey } from '../../shared/chat.ts';

/** `__Host-`: https (or a local machine) only, this host only, whole host. */
export const OPERATOR_COOKIE = '__Host-op';
export const visitorCookie = (site: SiteKey) => `__Host-v-${site}`;

/** The token of an operator in a `Cookie` header; `undefined` when there is none. */
export function operatorToken(header: string | undefined): string | undefined {
  return cookies.parse(header ?? '')[OPERATOR_COOKIE] || undefined;
}
