/** Whom to tell about a hole (RFC 9116). Who runs the server says it by `SECURITY_CONTACT`; otherwise there is no such address. */
import type { FastifyInstance } from 'fastify';
import { nothingHere, type RouteContext } from './route.ts';

/** Each answer makes the text anew; a reader who keeps a copy must look again after this time. */
const VALID_MS = 90 * 24 * 60 * 60 * 1000;

export function securityRoutes(app: FastifyInstance, { clock, config: { publicUrl, securityContact } }: RouteContext): void {
  app.get('/.well-known/security.txt', { config: { host: 'public or operator' } }, async (_request, reply) => {
    if (securityContact === null) throw nothingHere();
    const expires = new Date(clock.nowMs() + VALID_MS).toISOString();
    return reply
      .type('text/plain; charset=utf-8')
      .send(`Contact: ${securityContact}\nExpires: ${expires}\nCanonical: ${publicUrl}/.well-known/security.txt\n`);
  });
}
