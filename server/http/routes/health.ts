/** For monitors: is the process alive, and able to serve? Answers on any host name, since probes come by address. */
import type { FastifyInstance } from 'fastify';
import type { RouteContext } from './route.ts';

export function healthRoutes(app: FastifyInstance, { isReady }: RouteContext): void {
  const config = { host: 'any' } as const;
  app.get('/healthz', { config }, async () => ({ status: 'ok' }));
  app.get('/readyz', { config }, async (_request, reply) => {
    const ready = await isReady();
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ok' : 'unavailable' });
  });
}
