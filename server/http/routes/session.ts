/**
 * A visitor's session: found again by cookie or refresh token, made when the visitor acts, given to the visitor whom the customer's
 * server names, ended when the visitor withdraws consent.
 * Only the frame, on our own origin, may ask. Before the visitor acts, the server writes nothing and makes no id.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import * as v from 'valibot';
import { ChatError } from '../../../shared/errors.ts';
import type { SessionAnswer } from '../../../shared/wire/protocol.ts';
import { identityRequestSchema, sessionRequestSchema, withdrawalSchema } from '../../../shared/wire/requests.ts';
import type { VisitorGrant } from '../../auth/access.ts';
import { visitorCookie } from '../../auth/cookies.ts';
import { TOO_MANY_NEW } from '../../auth/identification.ts';
import { VISITOR_SESSION_SECONDS } from '../../auth/visitor-sessions.ts';
import { createRateLimit } from '../../limits/rate-limit.ts';
import { requireOrigin, type RouteContext } from './route.ts';

/** `Partitioned`: one per embedding site, where browsers keep such cookies at all. */
const COOKIE = { path: '/', secure: true, httpOnly: true, sameSite: 'none', partitioned: true } as const;

export function sessionRoutes(app: FastifyInstance, context: RouteContext): void {
  const { addresses, auth, clock, config, log, store, revoke } = context;
  const rateLimit = { max: config.limits.rates.sessionsPerMinute, timeWindow: '1 minute' };
  const { newVisitorsPerSiteMinute: burst } = config.limits.rates;
  const newVisitors = createRateLimit({ clock, perSecond: burst / 60, burst: Math.max(1, burst) });

  /** Requests that ended no session, by address. A client that has a session can always end it. */
  const { sessionsPerMinute } = config.limits.rates;
  const idleEndings = createRateLimit({ clock, perSecond: sessionsPerMinute / 60, burst: Math.max(1, sessionsPerMinute) });

  const mayBeNew = (site: string) => newVisitors.take(site) === 0;
  const endAll = (sessions: readonly string[]) => sessions.forEach((session) => revoke(session));
  const answer = (reply: FastifyReply, { site, visitor, session, access, refresh, expiresIn }: VisitorGrant): SessionAnswer => {
    reply.setCookie(visitorCookie(site), refresh, { ...COOKIE, maxAge: VISITOR_SESSION_SECONDS });
    return { visitor, session, access, refresh, expiresIn };
  };

  app.post('/session', { config: { rateLimit, act: 'document' } }, async (request, reply): Promise<SessionAnswer> => {
    requireOrigin(request, config.publicUrl);
    const asked = v.safeParse(sessionRequestSchema, request.body);
    if (!asked.success) throw new ChatError('invalid_argument', 'Expected {site, create, refresh?}.');
    const { site, create, refresh } = asked.output;
    if (!(await store.isOpen(site))) throw new ChatError('not_found', 'There is no such site.');
    const resumed = await auth.resume(site, tokensOf(request, site, refresh));
    endAll(resumed.ended);
    if (resumed.ended.length > 0) log.warn({ site }, 'a token that was out of use came back: its session was ended');
    // A returning visitor always gets in; only new ones are limited.
    if (resumed.grant === undefined && create && !mayBeNew(site)) throw new ChatError('rate_limited', TOO_MANY_NEW);
    const grant = resumed.grant ?? (create ? await auth.enter(site) : undefined);
    return grant === undefined ? { visitor: null } : answer(reply, grant);
  });

  /** A token of the customer's server says who this is. */
  app.post('/session/identity', { config: { rateLimit, act: 'document' } }, async (request, reply): Promise<SessionAnswer> => {
    requireOrigin(request, config.publicUrl);
    const asked = v.safeParse(identityRequestSchema, request.body);
    if (!asked.success) throw new ChatError('invalid_argument', 'Expected {site, token, refresh?, once?}.');
    const { site, token, refresh, once } = asked.output;
    if (!(await store.isOpen(site))) throw new ChatError('not_found', 'There is no such site.');
    const identified = await auth.identify(site, token, tokensOf(request, site, refresh), { once, mayBeNew: () => mayBeNew(site) });
    switch (identified.result) {
      case 'disabled':
        throw new ChatError('disabled', 'This site has no identity keys.');
      case 'busy':
        throw new ChatError('unavailable', 'A chat is open on this device. Identify the visitor when it has ended.');
      case 'refused':
        log.warn({ site, reason: identified.reason }, 'an identity token was refused');
        throw new ChatError('unauthorized', 'The identity token was not accepted.');
      case 'welcome':
        endAll(identified.ended);
        return answer(reply, identified.grant);
    }
  });

  /** By whatever the frame still has: the access token, the cookie or the refresh token. Nothing to end is no error. */
  app.delete('/session', { config: { act: 'document' } }, async (request, reply): Promise<FastifyReply> => {
    requireOrigin(request, config.publicUrl);
    const bearer = await auth.holder(bearerOf(request) ?? '');
    const asked = v.safeParse(withdrawalSchema, request.body ?? request.query);
    const site = bearer?.site ?? (asked.success ? asked.output.site : undefined);
    if (site === undefined) throw new ChatError('invalid_argument', 'Expected {site, refresh?} or an access token.');
    const refresh = asked.success ? asked.output.refresh : undefined;
    const resumed = bearer === undefined ? await auth.resume(site, tokensOf(request, site, refresh)) : { grant: bearer, ended: [] };
    if (resumed.grant !== undefined) await auth.end(resumed.grant.session);
    else if (resumed.ended.length === 0 && idleEndings.take(addresses.keyOf(request.raw)) > 0)
      throw new ChatError('rate_limited', 'Too many requests to end what is no session. Try again later.');
    endAll([...resumed.ended, ...(resumed.grant === undefined ? [] : [resumed.grant.session])]);
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
