/**
 * The response headers of every kind of answer, in one place: what a browser may do with us is decided here and nowhere
 * else. Pure functions of the site and the configuration; nothing here is ever derived from a request.
 *
 * No `X-Frame-Options`: its only useful form is ignored by browsers, `frame-ancestors` says it exactly.
 */
export type HeaderSet = Readonly<Record<string, string>>;

/** What the headers depend on besides the site. */
export interface HeaderOptions {
  /** Browsers reach us over https: a header tells them to stay with it. */
  isHttps: boolean;
  /** Origin of files and avatars where that is another than the page's own, else `null`. */
  filesOrigin: string | null;
}

/** Everything a page of ours never needs. Only names that current browsers know, so that no console fills with warnings. */
const CLOSED_PERMISSIONS = [
  'accelerometer',
  'autoplay',
  'camera',
  'clipboard-read',
  'clipboard-write',
  'display-capture',
  'encrypted-media',
  'fullscreen',
  'gamepad',
  'geolocation',
  'gyroscope',
  'hid',
  'idle-detection',
  'local-fonts',
  'magnetometer',
  'microphone',
  'midi',
  'payment',
  'picture-in-picture',
  'publickey-credentials-create',
  'publickey-credentials-get',
  'screen-wake-lock',
  'serial',
  'storage-access',
  'usb',
  'xr-spatial-tracking',
]
  .map((name) => `${name}=()`)
  .join(', ');

/** One year: the shortest time that browsers' own lists accept. */
const STAY_WITH_HTTPS = 'max-age=31536000';
const IMMUTABLE = 'public, max-age=31536000, immutable';

const policy = (...directives: string[]) => directives.join('; ');

/** A page of ours: own files only, no inline anything, no HTML from strings. */
function pagePolicy(options: HeaderOptions, ancestors: string): string {
  const images = ["img-src 'self' blob:", ...(options.filesOrigin === null ? [] : [options.filesOrigin])].join(' ');
  return policy(
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    images,
    "connect-src 'self'",
    "form-action 'none'",
    "base-uri 'none'",
    "frame-src 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
    `frame-ancestors ${ancestors}`,
  );
}

function common(options: HeaderOptions): HeaderSet {
  return {
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    ...(options.isHttps ? { 'strict-transport-security': STAY_WITH_HTTPS } : {}),
  };
}

function page(options: HeaderOptions, ancestors: string): HeaderSet {
  return {
    ...common(options),
    'content-security-policy': pagePolicy(options, ancestors),
    'permissions-policy': CLOSED_PERMISSIONS,
    'origin-agent-cluster': '?1',
    'cache-control': 'no-store',
  };
}

/** The frame's document for a site: exactly its origins may embed it, and with none of them nobody. */
export function frameHeaders(origins: readonly string[], options: HeaderOptions): HeaderSet {
  return {
    ...page(options, origins.length === 0 ? "'none'" : origins.join(' ')),
    'cross-origin-embedder-policy': 'require-corp',
    'cross-origin-resource-policy': 'cross-origin',
  };
}

/** The workplace: never in a frame, alone in its browsing context group. */
export function operatorHeaders(options: HeaderOptions): HeaderSet {
  return {
    ...page(options, "'none'"),
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
  };
}

/** A page that only shows an error, and that nobody may embed. */
export function errorPageHeaders(options: HeaderOptions): HeaderSet {
  return {
    ...common(options),
    'content-security-policy': policy("default-src 'none'", "form-action 'none'", "base-uri 'none'", "frame-ancestors 'none'"),
    'cache-control': 'no-store',
  };
}

/** The loader, for any page, also one under COEP. The pinned address never changes its content, the plain one may. */
export function loaderHeaders(isPinned: boolean, options: HeaderOptions): HeaderSet {
  return {
    ...common(options),
    'access-control-allow-origin': '*',
    'cross-origin-resource-policy': 'cross-origin',
    // Five minutes: a new loader reaches every page soon, and a visit of several pages asks for it once.
    'cache-control': isPinned ? IMMUTABLE : 'public, max-age=300',
  };
}

/** Scripts and styles of the frame, named by their content. */
export function frameAssetHeaders(options: HeaderOptions): HeaderSet {
  return {
    ...common(options),
    'cross-origin-embedder-policy': 'require-corp',
    'cross-origin-resource-policy': 'cross-origin',
    'cache-control': IMMUTABLE,
  };
}

export function operatorAssetHeaders(options: HeaderOptions): HeaderSet {
  return { ...common(options), 'cross-origin-resource-policy': 'same-origin', 'cache-control': IMMUTABLE };
}

/** The notices of third-party software: text for anybody, the same until the next build. */
export function noticesHeaders(options: HeaderOptions): HeaderSet {
  return { ...apiHeaders(options), 'cache-control': 'public, max-age=300' };
}

/** JSON answers of the API and of health checks. */
export function apiHeaders(options: HeaderOptions): HeaderSet {
  return {
    ...common(options),
    'content-security-policy': policy("default-src 'none'", "frame-ancestors 'none'"),
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'no-store',
  };
}

/** An uploaded file or an avatar. `isImage`: re-encoded by us, so it may be shown inside pages; all else is only downloaded. */
export function fileHeaders(isImage: boolean, options: HeaderOptions): HeaderSet {
  return {
    ...common(options),
    'content-security-policy': policy('sandbox', "default-src 'none'"),
    'access-control-allow-origin': '*',
    'cross-origin-resource-policy': isImage ? 'cross-origin' : 'same-site',
    // Minutes only: an erased file must be gone from browsers soon.
    'cache-control': 'private, max-age=300',
  };
}
