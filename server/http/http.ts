/**
 * The HTTP edge: one Fastify with what holds for every request (which host, how long, how large, how errors look), and the
 * routes plugged in. `auth.ts` authenticates, `headers.ts` says what a browser may do, and the gateway serves sockets.
 */
import cookie from '@fastify/cookie';
import rateLimit from '@fastify/rate-limit';
import Fastify, { LogController, type FastifyInstance, type FastifyReply } from 'fastify';
import { ChatError, type ErrorCode } from '../../shared/errors.ts';
import { isWellFormed } from '../../shared/well-formed.ts';
import type { Config } from '../config.ts';
import { createHosts } from './hosts.ts';
import { httpOptions } from '../network/entrance.ts';
import { apiHeaders, type HeaderOptions } from './headers.ts';
import { assetRoutes } from './routes/assets.ts';
import { fileRoutes } from './routes/files.ts';
import { healthRoutes } from './routes/health.ts';
import { operatorFileRoutes } from './routes/operator-files.ts';
import { operatorRoutes } from './routes/operator.ts';
import { outboxRoutes } from './routes/outbox.ts';
import { pageRoutes } from './routes/pages.ts';
import { nothingHere, problem, type HttpOptions, type RouteContext } from './routes/route.ts';
import { securityRoutes } from './routes/security.ts';
import { sessionRoutes } from './routes/session.ts';
import { streamRoutes } from './routes/streams.ts';

/** Bytes of a JSON body; uploads are counted by their route. */
const BODY_LIMIT = 64 * 1024;

/** Responses show nothing of the rate counts, except to a client that must wait: it learns for how long. */
const SILENT = { 'x-ratelimit-limit': false, 'x-ratelimit-remaining': false, 'x-ratelimit-reset': false };

const STATUS: Partial<Record<ErrorCode, number>> = {
  invalid_argument: 400,
  too_long: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  disabled: 409,
  uid_conflict: 409,
  file_too_large: 413,
  file_empty: 415,
  file_refused: 415,
  file_damaged: 415,
  file_unsafe: 415,
  picture_too_large: 413,
  rate_limited: 429,
  unavailable: 503,
  storage_full: 507,
};

export async function createHttp(options: HttpOptions): Promise<FastifyInstance> {
  const { addresses, config, costs, entrance, log } = options;
  const hosts = createHosts(config);
  const context: RouteContext = { ...options, headers: headerOptions(config) };

  const app: FastifyInstance = Fastify({
    loggerInstance: log,
    // Request addresses name files and sites, so Fastify logs no requests; the hooks below decide what we log.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT,
    ...httpOptions(config.limits.timing),
    routerOptions: { maxParamLength: 1_000 },
    forceCloseConnections: 'idle',
    frameworkErrors: (_error, _request, reply) => {
      reply.hijack();
      reply.raw.writeHead(400, { ...apiHeaders(context.headers.public), 'content-type': 'application/json; charset=utf-8' });
      reply.raw.end(JSON.stringify(problem('invalid_argument', "The address can't be read.")));
    },
  });
  // JSON or nothing: a form of another page can send text/plain without asking first.
  app.removeContentTypeParser('text/plain');

  app.addHook('onRequest', async (request, reply) => {
    reply.headers(apiHeaders(context.headers.public));
    const isAdmitted = entrance.admit(request.raw, reply.raw, request.routeOptions.config.lasts === true);
    if (!isAdmitted) throw new ChatError('rate_limited', 'Too many requests of one network address are under way.');
    const { host = 'public', act = 'request' } = request.routeOptions.config;
    const payers = { address: addresses.keyOf(request.raw) };
    // A monitor must not mistake a busy neighbour for the end of the process.
    if (host === 'any') return costs.charge(act, payers);
    const waitMs = costs.take(act, payers);
    if (waitMs > 0) throw tooMany(reply, waitMs);
    const here = hosts.rolesOf(request.raw.headers.host);
    if (here.size === 0) return reply.code(421).send(problem('not_found', 'This host is not served here.'));
    const isHere = host === 'public or operator' ? here.has('public') || here.has('operator') : here.has(host);
    if (!isHere) throw nothingHere();
  });
  // No address of ours names anything with a NUL or half of a character in it. A file is called as it is shown: its name is cleaned.
  app.addHook('preValidation', async ({ params, query }) => {
    const { site } = query as { site?: unknown };
    const names: unknown[] = [site, ...Object.values(params as object)];
    if (names.some((name) => typeof name === 'string' && !isWellFormed(name))) throw nothingHere();
  });
  app.addHook('onResponse', async (request, reply) => {
    // The route's pattern, never the address.
    request.log.debug(
      { method: request.method, route: request.routeOptions.url ?? null, status: reply.statusCode, ms: Math.round(reply.elapsedTime) },
      'request',
    );
  });
  app.setNotFoundHandler(() => {
    throw nothingHere();
  });
  app.setErrorHandler((error, request, reply) => {
    const { status, code, message } = answerTo(error);
    // What was given up because nobody waits for it any more is no fault of ours.
    const isGivenUp = error instanceof ChatError && request.raw.socket.destroyed;
    if (status >= 500 && !isGivenUp) request.log.error({ err: error, route: request.routeOptions.url ?? null }, 'request failed');
    return reply.code(status).send(problem(code, message));
  });

  await app.register(cookie);
  await app.register(rateLimit, {
    global: false,
    keyGenerator: (request) => addresses.keyOf(request.raw),
    // Behind one address are several people, and none of them is to read how busy the others are.
    addHeaders: SILENT,
    addHeadersOnExceeding: SILENT,
    errorResponseBuilder: (_request, { after }) => new ChatError('rate_limited', `Too many requests. Try again in ${after}.`),
  });

  healthRoutes(app, context);
  securityRoutes(app, context);
  pageRoutes(app, context);
  assetRoutes(app, context);
  sessionRoutes(app, context);
  outboxRoutes(app, context);
  operatorRoutes(app, context);
  operatorFileRoutes(app, context);
  await app.register(async (scope) => fileRoutes(scope, context));
  await app.register(async (scope) => streamRoutes(scope, context));
  await app.ready();
  return app;
}

function tooMany(reply: FastifyReply, waitMs: number): ChatError {
  reply.header('retry-after', Math.ceil(waitMs / 1_000));
  return new ChatError('rate_limited', 'Too many requests of one network address. Try again in a moment.');
}

function headerOptions(config: Config): RouteContext['headers'] {
  const apart = (url: string) => (config.filesPublicUrl === url ? null : config.filesPublicUrl);
  const of = (url: string): HeaderOptions => ({ isHttps: url.startsWith('https:'), filesOrigin: apart(url) });
  return { public: of(config.publicUrl), operator: of(config.operatorUrl), files: of(config.filesPublicUrl) };
}

/** Our own errors keep their words; a framework's become ours; anything else says nothing. */
function answerTo(error: unknown): { status: number; code: ErrorCode; message: string } {
  if (error instanceof ChatError) return { status: STATUS[error.code] ?? 500, code: error.code, message: error.message };
  const status = error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500;
  if (status === 413) return { status, code: 'invalid_argument', message: 'The request is too large.' };
  if (status === 415) return { status, code: 'invalid_argument', message: 'Send JSON with Content-Type: application/json.' };
  if (status >= 400 && status < 500) return { status, code: 'invalid_argument', message: "The request can't be read." };
  return { status: 500, code: 'internal', message: 'Something went wrong here.' };
}
