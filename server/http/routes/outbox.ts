/**
 * The unanswered commands of a visitor's page that ends. They come in one request, which the browser delivers even after the
 * page has gone. The same commands may come over a connection too; the server runs each once.
 */
import type { FastifyInstance } from 'fastify';
import * as v from 'valibot';
import { ChatError } from '../../../shared/errors.ts';
import type { BeaconAnswer } from '../../../shared/wire/protocol.ts';
import { beaconSchema } from '../../../shared/wire/requests.ts';
import { requireOrigin, type RouteContext } from './route.ts';
import { bearerOf } from './session.ts';

export function outboxRoutes(app: FastifyInstance, { auth, config, gateway }: RouteContext): void {
  const rateLimit = { max: config.limits.rates.sessionsPerMinute, timeWindow: '1 minute' };

  app.post('/outbox', { config: { rateLimit, act: 'document' } }, async (request): Promise<BeaconAnswer> => {
    requireOrigin(request, config.publicUrl);
    const access = await auth.access(bearerOf(request) ?? '');
    if (access === undefined) throw new ChatError('unauthorized', 'Expected an access token that is valid.');
    const asked = v.safeParse(beaconSchema, request.body);
    if (!asked.success) throw new ChatError('invalid_argument', 'Expected {tab, items}, each item with a uid.');
    const answers = await gateway.runBeacon({ access, ...asked.output }, request.raw);
    if (answers === undefined) throw new ChatError('unavailable', 'The server is about to stop.');
    return { answers };
  });
}
