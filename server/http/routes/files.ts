/**
 * Uploads and downloads. A signed-in client (a visitor by access token, an operator by cookie and CSRF token) may upload a
 * file; anybody who knows its address may fetch it. Its type decides how: our own re-encoded images inline, everything
 * else as a download that runs nothing.
 */
import { extname } from 'node:path';
import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ChatError } from '../../../shared/errors.ts';
import type { UploadAnswer } from '../../../shared/wire/protocol.ts';
import { isSameSecret } from '../../auth/tokens.ts';
import { createFolder } from '../../base/folder.ts';
import type { Upload } from '../../files/files.ts';
import { contentDisposition } from '../../files/name.ts';
import { IMAGES } from '../../files/type.ts';
import { fileHeaders } from '../headers.ts';
import { serves } from '../../room/operator-sites.ts';
import type { Reader } from '../../store/store.ts';
import { nothingHere, requireOrigin, requireSameOrigin, type RouteContext } from './route.ts';
import { bearerOf } from './session.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;
/** A body that is refused is read on for so many bytes, so that its sender gets to read our answer. */
const READ_ON_BYTES = 16 * 1024 * 1024;

/** Of a file that the scanner has not seen yet. */
const RETRY_SECONDS = 30;

const AVATAR_TYPES: Readonly<Record<string, string>> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.webp': 'image/webp',
  '.gif': 'image/gif',
};

type UploadQuery = Partial<Record<'site' | 'uid' | 'name', string | string[]>>;

/** To be registered in a scope of its own: in it, every body is a stream. */
export function fileRoutes(scope: FastifyInstance, context: RouteContext): void {
  const { addresses, config, files, headers, store } = context;
  const pictures = createFolder(config.avatarsDir);
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));

  const rateLimit = { max: config.limits.rates.uploadsPerMinute, timeWindow: '1 minute' };
  scope.post<{ Querystring: UploadQuery; Body: Readable | undefined }>(
    '/files',
    { config: { host: 'public or operator', rateLimit, act: 'upload' } },
    async (request, reply) => {
      try {
        // Also with a token in hand: it is our own pages that have one.
        requireSameOrigin(request);
        const { site: key, uid, name } = request.query;
        if (
          typeof key !== 'string' ||
          typeof uid !== 'string' ||
          !UUID.test(uid) ||
          typeof name !== 'string' ||
          request.body === undefined
        ) {
          throw new ChatError('invalid_argument', 'Expected POST /files?site=KEY&uid=UUID&name=NAME with the bytes as body.');
        }
        const { owner, mayStill } = await uploaderOf(request, key, context);
        const site = await store.site(key);
        if (site === undefined) throw new ChatError('not_found', 'There is no such site.');
        const { is_file_transfer: isOn, file: rules } = site.settings.chat;
        if (!isOn) throw new ChatError('disabled', 'This site takes no files.');
        refuseAnnounced(request, Math.min(rules.max_size, config.limits.file.maxBytes));
        const file = await files.receive({
          site: key,
          owner,
          uid,
          name,
          bytes: request.body,
          address: addresses.keyOf(request.raw),
          ...announcedOf(request),
          maxBytes: rules.max_size,
          accept: rules.accept,
          mayStill,
          isGone: () => request.raw.socket.destroyed,
        });
        const answer: UploadAnswer = { file: file.id, link: files.link(file), name: file.name, size: file.size, type: file.type };
        return reply.code(201).send(answer);
      } catch (error) {
        readOn(request);
        throw error;
      }
    },
  );

  scope.get<{ Params: { id: string; name: string } }>(
    '/files/:id/:name',
    { config: { host: 'files', act: 'document' } },
    async (request, reply) => {
      const found = await files.open(request.params.id, request.params.name);
      if (found === undefined) throw nothingHere();
      const { file, bytes } = found;
      if (bytes === null) {
        reply.header('retry-after', RETRY_SECONDS);
        throw new ChatError('unavailable', 'This file is still being checked. Try again in a moment.');
      }
      const isImage = file.type in IMAGES;
      return reply
        .headers(fileHeaders(isImage, headers.files))
        .header('content-disposition', contentDisposition(isImage ? 'inline' : 'attachment', file.name))
        .header('content-length', file.size)
        .type(file.type)
        .send(bytes);
    },
  );

  scope.get<{ Params: { file: string } }>('/avatars/:file', { config: { host: 'files' } }, async (request, reply) => {
    const { file } = request.params;
    const type = AVATAR_TYPES[extname(file).toLowerCase()];
    if (type === undefined || !/^[A-Za-z0-9_-]+\.[A-Za-z]+$/.test(file)) throw nothingHere();
    const size = await pictures.size(file);
    if (size === undefined) throw nothingHere();
    return reply
      .headers(fileHeaders(true, headers.files))
      .header('content-length', size)
      .type(type)
      .send(pictures.stream(file).on('error', () => undefined));
  });
}

async function uploaderOf(
  request: FastifyRequest,
  site: string,
  { auth, clock, config }: RouteContext,
): Promise<Pick<Upload, 'owner' | 'mayStill'>> {
  const isSignedIn = async (reader: Reader, session: string) => (await reader.session(session, clock.nowSeconds())) !== undefined;
  const token = bearerOf(request);
  if (token !== undefined) {
    const access = await auth.access(token);
    // A token of another site says nothing about this one.
    if (access === undefined || access.site !== site) throw new ChatError('unauthorized', 'The access token is not valid here.');
    const { visitor, session } = access;
    return { owner: { visitor }, mayStill: async (reader) => (await isSignedIn(reader, session)) && (await reader.isOpen(site)) };
  }
  const access = await auth.operator(request.headers.cookie);
  if (access === undefined) throw new ChatError('unauthorized', 'Nobody is signed in.');
  requireOrigin(request, config.operatorUrl);
  const csrf = request.headers['x-csrf-token'];
  if (typeof csrf !== 'string' || !isSameSecret(csrf, access.csrf)) throw new ChatError('forbidden', 'X-CSRF-Token is missing or wrong.');
  const {
    operator: { id },
    session,
  } = access;
  if (!serves(access.operator, site)) throw new ChatError('not_found', 'There is no such site.');
  const isServing = async (reader: Reader) => {
    const now = await reader.operator(id);
    return now !== undefined && serves(now, site);
  };
  return { owner: { operator: id }, mayStill: async (reader) => (await isSignedIn(reader, session)) && (await isServing(reader)) };
}

/** The length that the request names, if it names one. */
function announcedOf(request: FastifyRequest): { announced?: number } {
  const announced = Number(request.headers['content-length'] ?? Number.NaN);
  return Number.isSafeInteger(announced) ? { announced } : {};
}

/** What says itself that it is too large need not be read first. What says less is counted. */
function refuseAnnounced(request: FastifyRequest, most: number): void {
  if (Number(request.headers['content-length']) > most) throw new ChatError('file_too_large', `The file is larger than ${most} bytes.`);
}

/** A browser that is still sending when the connection ends reports a network failure instead of our answer. */
function readOn({ raw }: FastifyRequest): void {
  let count = 0;
  raw.on('data', (chunk: Buffer) => {
    count += chunk.length;
    if (count > READ_ON_BYTES) raw.destroy();
  });
  raw.resume();
}
