/**
 * The two documents: the frame, completed for one site, and the workplace. The frame is served only as a frame, only for a
 * site that exists, and only to that site's origins. The last is the browser's doing (`frame-ancestors`); the embedder a
 * request names is written down for the administrator and decides nothing.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { directionOf, type Language } from '../../../shared/languages/languages.ts';
import { themeOf } from '../../../shared/ui/theme.ts';
import type { Built } from '../assets.ts';
import { errorPageHeaders, frameHeaders, operatorHeaders } from '../headers.ts';
import { settingsIn } from '../../words/settings-in.ts';
import { chooseLanguage } from '../language.ts';
import type { RouteContext } from './route.ts';
import { withGroups } from '../../presence/directory.ts';
import { siteLock } from '../../store/locks.ts';
import type { Group, Site } from '../../store/sites.ts';

/** Site and origin pairs that were already written down; past this many, more are not. */
const NOTED_REFUSALS = 1_000;

export function pageRoutes(app: FastifyInstance, context: RouteContext): void {
  const { built, config, headers, store } = context;
  const noteEmbedder = createRefusals(context);

  app.get<{ Querystring: Partial<Record<'site' | 'lang' | 'page', unknown>> }>(
    '/frame/',
    { config: { act: 'document' } },
    async (request, reply) => {
      const key = request.query.site;
      const site = typeof key === 'string' ? await store.site(key) : undefined;
      if (site === undefined) return sendError(reply, context, 404, 'There is no such site. Check the key in data-site.');
      // Absent in browsers older than the header; those are left to frame-ancestors.
      if ((request.headers['sec-fetch-dest'] ?? 'iframe') !== 'iframe')
        return sendError(reply, context, 403, 'This address is made to be shown inside a page.');
      await noteEmbedder(request, site);
      const { lang: explicit, page } = request.query;
      const language = chooseLanguage({ explicit, page, accepted: request.headers['accept-language'] }, site.settings.common.language);
      return reply
        .headers(frameHeaders(site.origins, headers.public))
        .type('text/html; charset=utf-8')
        .send(completeFrame(built, site, await store.groups(site.key), language));
    },
  );

  app.get('/operator/', { config: { host: 'operator' } }, async (_request, reply) =>
    reply.headers(operatorHeaders(headers.operator)).type('text/html; charset=utf-8').send(built.operatorPage),
  );
  for (const path of ['/operator', '/']) {
    app.get(path, { config: { host: 'public or operator' } }, async (_request, reply) => reply.redirect(`${config.operatorUrl}/operator/`));
  }
}

/**
 * Puts into the document what the frame must know before it speaks to anybody: whose it is, which pages may embed it, whether
 * it may connect, its language, and the site's settings in it, so that it never draws with others. A change reaches an open
 * frame over its socket. The texts of the language load beside the frame's script, not after it.
 */
function completeFrame(
  { framePage, frameTexts }: Pick<Built, 'framePage' | 'frameTexts'>,
  site: Pick<Site, 'key' | 'origins' | 'settings'>,
  groups: readonly Group[],
  language: Language,
): string {
  const settings = settingsIn(withGroups(site.settings, groups), language);
  const { banner_color: colour, accent_text: text } = settings.common;
  const theme = { colour, text, theme: themeOf(colour, text) };
  const metas = [
    `<meta name="callgear-site" content="${escapeAttribute(site.key)}">`,
    `<meta name="callgear-origins" content="${escapeAttribute(JSON.stringify(site.origins))}">`,
    `<meta name="callgear-consent" content="${site.settings.consent}">`,
    `<meta name="callgear-theme" content="${escapeAttribute(JSON.stringify(theme))}">`,
    `<meta name="callgear-settings" content="${escapeAttribute(JSON.stringify(settings))}">`,
    ...(frameTexts[language] ?? []).map((path) => `<link rel="modulepreload" href="/${path}">`),
  ].join('');
  // First in the head: the frame's script is in the head as well. A function, because `$` has a meaning in replacements.
  return framePage
    .replace(/<html[^>]*>/i, () => `<html lang="${language}" dir="${directionOf(language)}">`)
    .replace(/<head[^>]*>/i, (head) => head + metas);
}

function escapeAttribute(text: string): string {
  return text.replace(/[&"<>]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function sendError(reply: FastifyReply, { headers }: RouteContext, status: number, text: string): FastifyReply {
  const page = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Chat</title></head><body><p>${text}</p></body></html>`;
  return reply.code(status).headers(errorPageHeaders(headers.public)).type('text/html; charset=utf-8').send(page);
}

/** Writes down, once per site and origin, which page the browser will not have let show the frame. */
function createRefusals({ clock, log, store }: RouteContext): (request: FastifyRequest, site: Site) => Promise<void> {
  const noted = new Set<string>();
  return async (request, site) => {
    const origin = originOf(request.headers.referer);
    if (origin === undefined || site.origins.includes(origin)) return;
    const pair = `${site.key} ${origin}`;
    if (noted.has(pair) || noted.size >= NOTED_REFUSALS) return;
    noted.add(pair);
    log.warn({ site: site.key, origin }, 'a page that is not among the origins of this site tried to show the chat');
    await store.transact([siteLock(site.key)], (tx) => tx.noteRefused(site.key, origin, clock.nowSeconds()));
  };
}

function originOf(referer: string | undefined): string | undefined {
  if (referer === undefined || !URL.canParse(referer)) return undefined;
  const { origin } = new URL(referer);
  return /^https?:\/\/[^\s]{1,250}$/.test(origin) ? origin : undefined;
}
