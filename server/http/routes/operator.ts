/**
 * Signing in and out of the workplace. Says the same, and takes as long, whether an account exists or not; takes JSON from
 * our own page alone.
 */
import type { FastifyInstance, FastifyReply } from 'fastify';
import * as v from 'valibot';
import { ChatError } from '../../../shared/errors.ts';
import { loginSchema } from '../../../shared/wire/requests.ts';
import type { OperatorSession } from '../../../shared/wire/workplace.ts';
import { OPERATOR_COOKIE } from '../../auth/cookies.ts';
import { OPERATOR_SESSION_SECONDS, type OperatorAccess } from '../../auth/operator-sessions.ts';
import { problem, requireOrigin, requireSameOrigin, type RouteContext } from './route.ts';

const COOKIE = { path: '/', secure: true, httpOnly: true, sameSite: 'strict' } as const;

export function operatorRoutes(app: FastifyInstance, { addresses, auth, config, log, revoke }: RouteContext): void {
  // Passwords of one account are slowed down by `login.ts`; this bounds what one address can make us compute: as much as it
  // may begin sessions.
  const rateLimit = { max: config.limits.rates.sessionsPerMinute, timeWindow: '1 minute' };
  const host = 'operator';

  app.post('/operator/login', { config: { host, rateLimit, act: 'signIn' } }, async (request, reply): Promise<FastifyReply> => {
    requireOrigin(request, config.operatorUrl);
    const asked = v.safeParse(loginSchema, request.body);
    if (!asked.success) throw new ChatError('invalid_argument', 'Expected {email, password}.');
    const login = await auth.login(asked.output.email, asked.output.password, addresses.keyOf(request.raw));
    if (login.result === 'later') {
      const seconds = Math.ceil(login.retryAfterMs / 1000);
      return reply
        .code(429)
        .header('retry-after', seconds)
        .send(problem('rate_limited', `Too many tries. Try again in ${seconds} s.`));
    }
    if (login.result === 'refused') {
      log.warn('a sign-in was refused');
      return reply.code(401).send(problem('unauthorized', 'Email or password is wrong.'));
    }
    reply.setCookie(OPERATOR_COOKIE, login.token, { ...COOKIE, maxAge: OPERATOR_SESSION_SECONDS });
    return reply.send(describe(login.access));
  });

  app.get('/operator/session', { config: { host, act: 'document' } }, async (request): Promise<OperatorSession> => {
    requireSameOrigin(request);
    const access = await auth.operator(request.headers.cookie);
    if (access === undefined) throw new ChatError('unauthorized', 'Nobody is signed in.');
    return describe(access);
  });

  app.post('/operator/logout', { config: { host, act: 'document' } }, async (request, reply): Promise<FastifyReply> => {
    requireOrigin(request, config.operatorUrl);
    const access = await auth.operator(request.headers.cookie);
    if (access !== undefined) {
      await auth.end(access.session);
      revoke(access.session, access.operator.id);
    }
    return reply.clearCookie(OPERATOR_COOKIE, COOKIE).code(204).send();
  });
}

function describe({ operator, csrf }: OperatorAccess): OperatorSession {
  return { id: operator.id, name: operator.card.name, csrf };
}
