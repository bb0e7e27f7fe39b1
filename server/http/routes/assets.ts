/** The loader, the scripts and styles of our two pages, and the notices of others' code in them: fixed bytes from memory with an ETag. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Asset } from '../assets.ts';
import { frameAssetHeaders, loaderHeaders, noticesHeaders, operatorAssetHeaders, type HeaderSet } from '../headers.ts';
import { nothingHere, type RouteContext } from './route.ts';

export function assetRoutes(app: FastifyInstance, { built, headers }: RouteContext): void {
  app.get('/loader.js', (request, reply) => sendAsset(request, reply, built.loader, loaderHeaders(false, headers.public)));
  // For pages that pin our code by its hash: any version that was ever served here.
  app.get<{ Params: { file: string } }>('/loader/:file', (request, reply) => {
    const version = /^(.+)\.js$/.exec(request.params.file)?.[1] ?? '';
    return sendAsset(request, reply, built.loaders.get(version), loaderHeaders(true, headers.public));
  });

  app.get<{ Params: { name: string } }>('/frame/assets/:name', (request, reply) =>
    sendAsset(request, reply, built.frameAssets.get(request.params.name), frameAssetHeaders(headers.public)),
  );
  app.get<{ Params: { name: string } }>('/operator/assets/:name', { config: { host: 'operator' } }, (request, reply) =>
    sendAsset(request, reply, built.operatorAssets.get(request.params.name), operatorAssetHeaders(headers.operator)),
  );
  // Wherever our code is served, its notices are too.
  app.get('/licenses.txt', { config: { host: 'public or operator' } }, (request, reply) =>
    sendAsset(request, reply, built.notices, noticesHeaders(headers.public)),
  );
}

/** Sends an asset in the best encoding, or 304 when the browser has it. @throws ChatError `not_found` */
export async function sendAsset(
  request: FastifyRequest,
  reply: FastifyReply,
  asset: Asset | undefined,
  headers: HeaderSet,
): Promise<FastifyReply> {
  if (asset === undefined) throw nothingHere();
  const { bytes, encoding } = await asset.encode(request.headers['accept-encoding']);
  const etag = `"${asset.hash}-${encoding}"`;
  reply.removeHeader('content-security-policy').headers({ ...headers, vary: 'Accept-Encoding', etag });
  if (request.headers['if-none-match']?.split(',').some((known) => known.trim().replace(/^W\//, '') === etag) === true)
    return reply.code(304).send();
  if (encoding !== 'identity') reply.header('content-encoding', encoding);
  return reply.type(asset.type).send(bytes);
}
