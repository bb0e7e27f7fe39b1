/**
 * A visitor's session: found again by cookie or refresh token, made when the visitor acts, ended when consent is withdrawn.
 * Only the frame, on our own origin, may ask. Without an act nothing is written and no id is made.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import * as v from 'valibot';
import { ChatError } from '../../shared/errors.ts';
import type { SessionAnswer } from '../../shared/protocol.ts';
import { sessionRequestSchema } from '../../shared/requests.ts';
import { VISITOR_SESSION_SECONDS, visitorCookie } from '../auth.ts';
import { requireOrigin, type RouteContext } from './route.ts';

/** `Partitioned`: one per embedding site, where browsers keep such cookies at all. */
const COOKIE = { path: '/', secure: true, httpOnly: true, sameSite: 'none', partitioned: true } as const;

const withdrawalSchema = v.strictObject({ site: v.string(), refresh: v.optional(v.pipe(v.string(), v.maxLength(200))) });

export function sessionRoutes(app: FastifyInstance, context: RouteContext): void {
  const { auth, config, store, revoke } = context;
  const rateLimit = { max: config.limits.rates.sessionsPerMinute, timeWindow: '1 minute' };

  app.post('/session', { config: { rateLimit } }, async (request, reply): Promise<SessionAnswer> => {
    requireOrigin(request, config.publicUrl);
    const asked = v.safeParse(sessionRequestSchema, request.body);
    if (!asked.success) throw new ChatError('invalid_argument', 'Expected {site, create, refresh?}.');
    const { site, create, refresh } = asked.output;
    const { origins = [] } = (await store.site(site)) ?? {};
    if (origins.length === 0) throw new ChatError('not_found', 'There is no such site.');
    const grant = (await auth.resume(site, tokensOf(request, site, refresh))) ?? (create ? await auth.enter(site) : undefined);
    if (grant === undefined) return { visitor: null };
    reply.setCookie(visitorCookie(site), grant.refresh, { ...COOKIE, maxAge: VISITOR_SESSION_SECONDS });
    return { visitor: grant.visitor, session: grant.session, access: grant.access, refresh: grant.refresh, expiresIn: grant.expiresIn };
  });

  /** By whatever the frame still has: the access token, the cookie or the refresh token. Nothing to end is no error. */
  app.delete('/session', async (request, reply): Promise<FastifyReply> => {
    requireOrigin(request, config.publicUrl);
    const bearer = await auth.access(bearerOf(request) ?? '');
    const asked = v.safeParse(withdrawalSchema, request.body ?? request.query);
    const site = bearer?.site ?? (asked.success ? asked.output.site : undefined);
    if (site === undefined) throw new ChatError('invalid_argument', 'Expected {site, refresh?} or an access token.');
    const refresh = asked.success ? asked.output.refresh : undefined;
    const ended = bearer ?? (await auth.resume(site, tokensOf(request, site, refresh)));
    if (ended !== undefined) {
      await auth.end(ended.session);
      revoke(ended.session);
    }
    return reply.clearCookie(visitorCookie(site), COOKIE).code(204).send();
  });
}

/** The access token of an `Authorization` header. */
export function bearerOf(request: FastifyRequest): string | undefined {
  return /^Bearer ([A-Za-z0-9._~+/=-]+)$/.exec(request.headers.authorization ?? '')?.[1];
}

function tokensOf(request: FastifyRequest, site: string, refresh: string | undefined): string[] {
  return [request.cookies[visitorCookie(site)], refresh].filter((token) => token !== undefined && token !== '') as string[];
}
