/** For monitors: is the process alive, and able to serve? Answers on any host name, since probes come by address. */
import type { FastifyInstance } from 'fastify';
import type { RouteContext } from './route.ts';

export function healthRoutes(app: FastifyInstance, { isReady, isLeaving }: RouteContext): void {
  const config = { host: 'any' } as const;
  app.get('/healthz', { config }, async () => ({ status: 'ok' }));
  // For load balancers: whether to send new ones here. Not found means no, while those that are here go on to their end.
  // It does not ask the database: an outage must not take the loader away from every page.
  app.get('/openz', { config }, async (_request, reply) =>
    isLeaving() ? reply.code(404).send({ status: 'leaving' }) : { status: 'open' },
  );
  app.get('/readyz', { config }, async (_request, reply) => {
    const ready = await isReady();
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ok' : 'unavailable' });
  });
}
