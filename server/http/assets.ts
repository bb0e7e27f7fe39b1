/**
 * The built pages and scripts, read into memory once at the start: a build that is swapped in later can't mix with what runs,
 * and no path of a request ever touches the disk. Compressed when first asked for. Serves nothing by itself.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { LANGUAGES, type Language } from '../../shared/languages/languages.ts';

export interface Asset {
  type: string;
  bytes: Buffer;
  /** Of the content; each encoding adds its name to it. */
  hash: string;
  /** The best form for an `Accept-Encoding` header. */
  encode(accepted: string | undefined): Promise<{ bytes: Buffer; encoding: 'br' | 'gzip' | 'identity' }>;
}

export interface Built {
  loader: Asset;
  /** By version, for pages that pin one. */
  loaders: ReadonlyMap<string, Asset>;
  /** The documents as text: the frame's is completed for each site. */
  framePage: string;
  /** The scripts with the frame's texts, by language. None where they are not built: the frame finds them by itself. */
  frameTexts: Readonly<Partial<Record<Language, readonly string[]>>>;
  operatorPage: string;
  /** The notices of third-party software. */
  notices: Asset;
  frameAssets: ReadonlyMap<string, Asset>;
  operatorAssets: ReadonlyMap<string, Asset>;
}

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
  '.mp3': 'audio/mpeg',
  '.json': 'application/json',
  '.txt': 'text/plain; charset=utf-8',
};
/** Compressing these again gains nothing. */
const DENSE = new Set(['.png', '.webp', '.woff2', '.mp3']);

const compressBrotli = promisify(brotliCompress);
const compressGzip = promisify(gzip);

/** What `vite build` put into `dist`, as `version`. Throws, naming the file, when something is missing. */
export function readBuilt(dist: string, version: string): Built {
  const loader = createLoader(readFileSync(join(dist, 'loader/loader.js')));
  const text = (path: string) => readFileSync(join(dist, path), 'utf8');
  return {
    loader,
    loaders: new Map([[version, loader]]),
    framePage: text('frame/index.html'),
    frameTexts: readTexts(join(dist, 'manifest/frame.json')),
    operatorPage: text('operator/index.html'),
    notices: createAsset(readFileSync(join(dist, 'licenses.txt')), '.txt'),
    frameAssets: readFolder(join(dist, 'frame/assets')),
    operatorAssets: readFolder(join(dist, 'operator/assets')),
  };
}

/** From the build's list of what became of each source: a language's file, and the one that fetches it. */
function readTexts(manifest: string): Built['frameTexts'] {
  if (!existsSync(manifest)) return {};
  const chunks = JSON.parse(readFileSync(manifest, 'utf8')) as Partial<Record<string, { file: string }>>;
  const filesOf = (language: Language): string[] =>
    ['frame/language/catalogues.ts', `shared/languages/${language}.ts`].flatMap((source) => chunks[source]?.file ?? []);
  return Object.fromEntries(LANGUAGES.map((language) => [language, filesOf(language)]));
}

function readFolder(folder: string): ReadonlyMap<string, Asset> {
  if (!existsSync(folder)) return new Map();
  const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(files.map(({ name }) => [name, createAsset(readFileSync(join(folder, name)), extname(name))]));
}

export function createLoader(bytes: Buffer): Asset {
  return createAsset(bytes, '.js', 'application/javascript; charset=utf-8');
}

export function createAsset(bytes: Buffer, extension: string, type = TYPES[extension] ?? 'application/octet-stream'): Asset {
  let asBrotli: Promise<Buffer> | undefined;
  let asGzip: Promise<Buffer> | undefined;
  return {
    type,
    bytes,
    hash: createHash('sha256').update(bytes).digest('base64url').slice(0, 22),
    async encode(accepted) {
      const names = DENSE.has(extension) ? [] : acceptedEncodings(accepted);
      if (names.includes('br')) {
        asBrotli ??= compressBrotli(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } });
        return { bytes: await asBrotli, encoding: 'br' };
      }
      if (names.includes('gzip')) {
        asGzip ??= compressGzip(bytes, { level: 9 });
        return { bytes: await asGzip, encoding: 'gzip' };
      }
      return { bytes, encoding: 'identity' };
    },
  };
}

/** Names in an `Accept-Encoding` header that were not given up with `q=0`. */
function acceptedEncodings(header: string | undefined): string[] {
  return (header ?? '')
    .split(',')
    .map((part) => part.trim().toLowerCase())
    .filter((part) => !/;\s*q=0(\.0*)?$/.test(part))
    .map((part) => part.split(';')[0] ?? '');
}
