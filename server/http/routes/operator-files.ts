/**
 * How an operator gets at a file of a conversation: by the workplace's own address, which the cookie comes to, so that the reading
 * can be written down before it happens. Then the browser is sent on to the file's address; giving bytes out is `files.ts`'s.
 */
import type { FastifyInstance, FastifyReply } from 'fastify';
import { ChatError } from '../../../shared/errors.ts';
import type { Operator } from '../../store/operators.ts';
import { nothingHere, requireSameOrigin, type RouteContext } from './route.ts';

export function operatorFileRoutes(app: FastifyInstance, { auth, clock, files, store }: RouteContext): void {
  app.get<{ Params: { id: string; name: string } }>(
    '/operator/files/:id/:name',
    { config: { host: 'operator', act: 'document' } },
    async (request, reply): Promise<FastifyReply> => {
      requireSameOrigin(request);
      const access = await auth.operator(request.headers.cookie);
      if (access === undefined) throw new ChatError('unauthorized', 'Nobody is signed in.');
      const { id, name } = request.params;
      const file = await store.file(id);
      if (file?.name !== name || file.state === 'refused' || !serves(access.operator, file.site)) throw nothingHere();
      const visitor = file.visitor ?? (await store.chatOfFile(file))?.visitor ?? null;
      await store.transact([], (tx) =>
        tx.note({ date: clock.nowSeconds(), site: file.site, operator: access.operator.id, visitor, deed: 'file' }),
      );
      return reply.redirect(files.link(file));
    },
  );
}

function serves({ sites }: Operator, site: string): boolean {
  return sites.length === 0 || sites.includes(site);
}
