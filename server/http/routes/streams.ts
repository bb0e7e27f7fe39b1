/**
 * The HTTP side of `streams.ts`: `POST …/stream` is answered with the stream, `POST …/stream/frames` carries frames up. Both are
 * POSTs, because browsers name the origin of every POST; we check it exactly as that of a socket. A client without a
 * stream is refused before we read a body.
 */
import type { FastifyInstance } from 'fastify';
import { ChatError, type ErrorCode } from '../../../shared/errors.ts';
import { FRAME_BYTES } from '../../../shared/limits.ts';
import { apiHeaders } from '../headers.ts';
import { requireSameOrigin, type RouteContext } from './route.ts';

/** One frame per line. No form of another page can send this type. */
const FRAMES = 'application/x-ndjson';

const REFUSALS: Record<403 | 404 | 429 | 503, [ErrorCode, string]> = {
  403: ['forbidden', 'This request does not come from the page that may make it.'],
  404: ['not_found', 'There is no such stream.'],
  429: ['rate_limited', 'Too many connections from one network address.'],
  503: ['unavailable', 'The server is about to stop.'],
};

/** To be registered in a scope of its own: in it, a body is lines of frames. */
export function streamRoutes(scope: FastifyInstance, { gateway, streams, headers }: RouteContext): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser(FRAMES, { parseAs: 'string', bodyLimit: FRAME_BYTES }, (_request, body, done) => done(null, body));

  for (const [endpoint, prefix] of [
    ['public', ''],
    ['operator', '/operator'],
  ] as const) {
    const own = apiHeaders(headers[endpoint]);

    scope.post(`${prefix}/stream`, { config: { host: endpoint, lasts: true } }, async (request, reply) => {
      requireSameOrigin(request);
      throwAt(gateway.refusal(endpoint, request.raw));
      reply.hijack();
      streams.open(endpoint, request.raw, reply.raw, own);
    });

    scope.post<{ Body: string }>(
      `${prefix}/stream/frames`,
      {
        config: { host: endpoint },
        async onRequest(request) {
          requireSameOrigin(request);
          throwAt(streams.refusal(endpoint, request.raw));
        },
      },
      async (request, reply) => reply.code(await streams.take(endpoint, request.raw, request.body)).send(),
    );
  }
}

/** @throws ChatError of this status */
function throwAt(status: keyof typeof REFUSALS | undefined): void {
  if (status !== undefined) throw new ChatError(...REFUSALS[status]);
}
