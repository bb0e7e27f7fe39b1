/** The contact for security reports (RFC 9116). The administrator sets `SECURITY_CONTACT`; without it the route answers 404. */
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
