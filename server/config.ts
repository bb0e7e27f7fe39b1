/**
 * The configuration: everything the environment can say, read once and checked in one place. A wrong value stops the start
 * with one line that names the variable, what it holds and what was expected. Unknown variables are none of our business.
 *
 * Values that may hold a password are never repeated in an error.
 */
import { isIP } from 'node:net';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LOG_LEVELS, type LogLevel } from './base/log.ts';
import { passwordFault } from './base/password-rules.ts';
import { hasUnseen } from '../shared/plain-line.ts';
import { isObject, parseLimits, type Limits } from './limits/limits.ts';

/** The start cannot go on; `message` is the one line to print. */
export class ConfigError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ConfigError';
  }
}

/** The variables that name a port. */
export type PortVariable = 'PORT' | 'DEMO_PORT' | 'METRICS_PORT';

export interface Config {
  port: number;
  host: string;
  /** Origin of chat, loader and frame, without a slash at the end; likewise the next two addresses. */
  publicUrl: string;
  /** Origin of the operators' pages; the public one unless `OPERATOR_URL` says otherwise. */
  operatorUrl: string;
  /** Origin of files and avatars; the public one unless `FILES_PUBLIC_URL` says otherwise. */
  filesPublicUrl: string;
  /** Absolute. */
  dataDir: string;
  databaseFile: string;
  /** The PostgreSQL database that takes the file's place; `null`: none does. */
  databaseUrl: string | null;
  /** Absolute folder of uploaded files. */
  filesDir: string;
  avatarsDir: string;
  /** `null`: no mail can be sent. */
  smtpUrl: string | null;
  mailFrom: string;
  /** `null`: files are not shown to a malware scanner. */
  scannerUrl: string | null;
  /** The first operator; a `null` password means one is generated. */
  operatorEmail: string;
  /** What visitors read when the first operator joins. */
  operatorName: string;
  operatorPassword: string | null;
  /** 0: no demonstration shop, which is the default unless `publicUrl` is local. */
  demoPort: number;
  /** 0: no monitor is answered. */
  metricsPort: number;
  /** The ports that the environment leaves to us: they are 0 here until the start has chosen them. */
  openChoices: readonly PortVariable[];
  /** Addresses and networks whose `X-Forwarded-For` is believed. */
  trustProxy: string[];
  /** Where holes are reported, as a link; `null`: nowhere is said. */
  securityContact: string | null;
  limits: Limits;
  logLevel: LogLevel;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment of this process, for the two programs that begin here. */
export function readEnvironment(): Environment {
  return process.env;
}

/** The configuration of this process, with the ports that it has `chosen` by now. @throws ConfigError */
export function readConfig(chosen: Partial<Record<PortVariable, string>> = {}): Config {
  return parseConfig({ ...readEnvironment(), ...chosen });
}

/**
 * The configuration that `env` describes. An empty value counts as absent.
 *
 * @throws ConfigError with one line
 * @example
 * parseConfig({ PORT: '9000' }).publicUrl; // 'http://localhost:9000'
 */
export function parseConfig(env: Environment): Config {
  const get = (name: string) => env[name]?.trim() || undefined;
  refuseUnsupported(get);
  const port = parsePort('PORT', get('PORT') ?? '8080');
  const publicUrl = parseOrigin('PUBLIC_URL', get('PUBLIC_URL') ?? `http://localhost:${port}`);
  const dataDir = resolve(get('DATA_DIR') ?? './data');
  // On a local machine the shop always runs; on a public installation only if the administrator asked for it. If the chat
  // takes the shop's usual port, the administrator has not chosen a port for the shop: it moves up by one.
  const usualDemoPort = !isLocal(new URL(publicUrl).hostname) ? '0' : port === 8081 ? '8082' : '8081';
  const portOf = (name: 'DEMO_PORT' | 'METRICS_PORT', usual: string) => (get(name) === 'auto' ? 0 : parsePort(name, get(name) ?? usual));
  const demoPort = portOf('DEMO_PORT', usualDemoPort);
  if (demoPort !== 0 && demoPort === port)
    throw wrong('DEMO_PORT', String(demoPort), 'a port other than PORT, or 0 for no demonstration shop');
  const metricsPort = portOf('METRICS_PORT', '0');
  if (metricsPort !== 0 && [port, demoPort].includes(metricsPort))
    throw wrong('METRICS_PORT', String(metricsPort), 'a port other than PORT and DEMO_PORT, or 0 for no metrics');
  return {
    port,
    host: parseHost(get('HOST') ?? '127.0.0.1'),
    publicUrl,
    operatorUrl: parseOrigin('OPERATOR_URL', get('OPERATOR_URL') ?? publicUrl),
    filesPublicUrl: parseOrigin('FILES_PUBLIC_URL', get('FILES_PUBLIC_URL') ?? publicUrl),
    dataDir,
    databaseFile: join(dataDir, 'chat.sqlite'),
    databaseUrl: parseDatabaseUrl(get('DATABASE_URL')),
    filesDir: parseFilesUrl(get('FILES_URL')) ?? join(dataDir, 'files'),
    avatarsDir: join(dataDir, 'avatars'),
    smtpUrl: parseSmtpUrl(get('SMTP_URL')),
    scannerUrl: parseScannerUrl(get('SCANNER_URL')),
    mailFrom: parseAddress('MAIL_FROM', get('MAIL_FROM') ?? `no-reply@${new URL(publicUrl).hostname}`),
    operatorEmail: parseAddress('OPERATOR_EMAIL', get('OPERATOR_EMAIL') ?? 'operator@example.com').toLowerCase(),
    operatorName: parseName('OPERATOR_NAME', get('OPERATOR_NAME') ?? 'Operator'),
    operatorPassword: parsePassword(env['OPERATOR_PASSWORD'], isLocal(new URL(publicUrl).hostname)),
    demoPort,
    metricsPort,
    openChoices: [
      ...(port === 0 ? (['PORT'] as const) : []),
      ...(['DEMO_PORT', 'METRICS_PORT'] as const).filter((name) => get(name) === 'auto'),
    ],
    trustProxy: parseNetworks(get('TRUST_PROXY')),
    securityContact: parseContact(get('SECURITY_CONTACT')),
    limits: readLimits(get('LIMITS'), isLocal(new URL(publicUrl).hostname)),
    logLevel: parseLogLevel(get('LOG_LEVEL') ?? 'info'),
  };
}

/** Whether browsers treat plain http on this host as secure. */
export function isLocal(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '127.0.0.1' || hostname.endsWith('.localhost');
}

// ── one variable each ─────────────────────────────────────────────────────────────────────────────────────────────

function wrong(name: string, got: string, expected: string): ConfigError {
  return new ConfigError(`${name} is ${JSON.stringify(got)}, expected ${expected}.`);
}

function refuseUnsupported(get: (name: string) => string | undefined): void {
  if (get('REDIS_URL') !== undefined) {
    throw new ConfigError(
      'REDIS_URL is set, but several nodes are not supported yet: expected it to be unset (one process serves everything).',
    );
  }
}

/** What 0 means says its variable. */
const PORT_EXPECTED: Readonly<Record<PortVariable, string>> = {
  PORT: 'a port from 1 to 65535, or 0 to have the server choose one',
  DEMO_PORT: 'a port from 1 to 65535, 0 for no demonstration shop, or auto to have the server choose one',
  METRICS_PORT: 'a port from 1 to 65535, 0 for no metrics, or auto to have the server choose one',
};

function parsePort(name: PortVariable, value: string): number {
  const port = /^\d{1,5}$/.test(value) ? Number(value) : -1;
  if (port >= 0 && port <= 65_535) return port;
  throw wrong(name, value, PORT_EXPECTED[name]);
}

function parseHost(value: string): string {
  if (isIP(value) !== 0 || /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(value)) return value;
  throw wrong('HOST', value, 'an address or name to listen on, such as 127.0.0.1 or 0.0.0.0');
}

function parseOrigin(name: string, value: string): string {
  const expected = 'an origin such as https://chat.example.com, without a path';
  const url = toUrl(value);
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.hostname === '') throw wrong(name, redact(value), expected);
  if (url.username || url.password || url.pathname !== '/' || url.search || url.hash) throw wrong(name, redact(value), expected);
  if (url.protocol === 'http:' && !isLocal(url.hostname)) {
    throw wrong(name, value, 'https (plain http only for localhost, 127.0.0.1 and *.localhost)');
  }
  return url.origin;
}

function parseFilesUrl(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const url = toUrl(value);
  if (url?.protocol === 's3:') {
    throw new ConfigError('FILES_URL begins with s3://, but file storage other than a folder is not supported yet: expected file:///path.');
  }
  if (url?.protocol !== 'file:' || url.host !== '' || url.pathname === '/') {
    throw wrong('FILES_URL', redact(value), 'file:///absolute/path');
  }
  return fileURLToPath(url);
}

/** What the query of DATABASE_URL may say: whether the connection is encrypted, and by whose certificate it is known. */
const DATABASE_OPTIONS: Readonly<Record<string, RegExp>> = { sslmode: /^(disable|verify-full)$/, sslrootcert: /^\// };

/** As with SMTP_URL: a password that ends too early must not make another host of the rest. */
function parseDatabaseUrl(value: string | undefined): string | null {
  if (value === undefined) return null;
  const refuse = (expected: string) => wrong('DATABASE_URL', redact(value).replace(/\?.*$/s, '?***'), expected);
  const url = toUrl(value);
  const isAddress = url !== undefined && /^postgres(ql)?:$/.test(url.protocol) && url.hostname !== '';
  if (!isAddress || !/^\/[^/]+$/.test(url.pathname)) throw refuse('postgres://user:password@host:port/database');
  if (/[@#]/.test(`${url.pathname}${url.search}${url.hash}`))
    throw refuse('user and password with #, /, ? and @ written as %23, %2F, %3F and %40');
  if (![url.username, url.password, url.pathname].every(isDecodable)) throw refuse('% in user, password or database written as %25');
  for (const [name, option] of url.searchParams) {
    const isKnown = Object.hasOwn(DATABASE_OPTIONS, name) && DATABASE_OPTIONS[name]?.test(option);
    if (!isKnown) throw refuse('no options other than ?sslmode=disable or verify-full, and &sslrootcert=/path/of/a/certificate');
  }
  return value;
}

/** What the query of SMTP_URL may say: whether a connection without TLS is given up, and as whom we greet. */
const SMTP_OPTIONS: Readonly<Record<string, RegExp>> = { requireTLS: /^(true|false)$/, name: /^[A-Za-z0-9.[\]:-]+$/ };

/**
 * A password often holds characters that end the password in an address (`#`, `/`, `?`); the rest would then name another
 * host. So we refuse the whole address, and never send a part of it to somebody else.
 */
function parseSmtpUrl(value: string | undefined): string | null {
  if (value === undefined) return null;
  const refuse = (expected: string) => wrong('SMTP_URL', redact(value), expected);
  const [, scheme, rest = ''] = /^(smtps?):\/\/(.*)$/s.exec(value) ?? [];
  const at = rest.lastIndexOf('@');
  const misread = /[#/?\\\s]/.exec(rest.slice(0, Math.max(at, 0)))?.[0] ?? (rest.includes('#') ? '#' : undefined);
  if (scheme !== undefined && misread !== undefined) {
    const written = encodeURIComponent(misread);
    throw refuse(`user and password with ${JSON.stringify(misread)} written as ${written}, and nothing of the kind elsewhere`);
  }
  const url = toUrl(value);
  if (scheme === undefined || url === undefined || url.hostname === '') throw refuse('smtp://host:port or smtps://user:password@host:port');
  if (!['', '/'].includes(url.pathname)) throw refuse('no path after the host');
  if (!isDecodable(url.username) || !isDecodable(url.password)) throw refuse('% in user or password written as %25');
  for (const [name, option] of url.searchParams) {
    const isKnown = Object.hasOwn(SMTP_OPTIONS, name) && SMTP_OPTIONS[name]?.test(option);
    if (!isKnown) throw refuse('no options other than ?requireTLS=true or false, and ?name=our.host.name');
  }
  const isSecret = url.password !== '' && scheme === 'smtp' && url.searchParams.get('requireTLS') !== 'true';
  if (isSecret && !isLocal(url.hostname) && url.hostname !== '[::1]') {
    throw refuse('smtps://…, or ?requireTLS=true at the end: a password goes over TLS alone, unless the mail server is this machine');
  }
  return value;
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

function parseScannerUrl(value: string | undefined): string | null {
  if (value === undefined) return null;
  const url = toUrl(value);
  const isThere = url !== undefined && (url.hostname === '' ? url.pathname.length > 1 : url.port !== '' && url.pathname === '');
  if (isThere && url.protocol === 'clamd:' && url.username === '' && url.search === '') return value;
  throw wrong('SCANNER_URL', redact(value), 'clamd://host:port or clamd:///path/to/clamd.sock');
}

const isAddress = (value: string): boolean => value.length <= 254 && /^[^\s@<>,;:"()[\]\\]+@[A-Za-z0-9.-]+$/.test(value);

function parseAddress(name: string, value: string): string {
  if (isAddress(value)) return value;
  throw wrong(name, value, 'one e-mail address such as chat@example.com, without a display name');
}

/** An address becomes the link that `security.txt` wants. */
function parseContact(value: string | undefined): string | null {
  if (value === undefined) return null;
  const url = toUrl(value);
  if (url?.protocol === 'https:' && !url.username && !url.password) return url.href;
  if (isAddress(value)) return `mailto:${value}`;
  throw wrong('SECURITY_CONTACT', redact(value), 'one e-mail address, or an https address of a page');
}

function parseName(name: string, value: string): string {
  if ([...value].length <= 80 && !hasUnseen(value)) return value;
  throw wrong(name, value.slice(0, 80), 'at most 80 characters of plain text on one line');
}

/** On one's own machine any password will do; where others can reach the sign-in, it has to stand being guessed at. */
function parsePassword(value: string | undefined, isLocalInstallation: boolean): string | null {
  if (value === undefined || value === '') return null;
  const fault = isLocalInstallation ? undefined : passwordFault(value, []);
  if (fault !== undefined) throw new ConfigError(`OPERATOR_PASSWORD ${fault}. Leave it out to have one made up.`);
  return value;
}

function parseNetworks(value: string | undefined): string[] {
  if (value === undefined) return [];
  const networks = value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  for (const network of networks) {
    if (!isNetwork(network)) throw wrong('TRUST_PROXY', network, 'addresses or networks such as 10.0.0.0/8, separated by commas');
  }
  return networks;
}

function isNetwork(network: string): boolean {
  const [address = '', bits, ...rest] = network.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}

function readLimits(value: string | undefined, isLocalInstallation: boolean): Limits {
  const limits = parseLimits(value === undefined ? {} : parseJson(value), isLocalInstallation);
  if (typeof limits === 'string') throw new ConfigError(`LIMITS has ${limits}.`);
  return limits;
}

function parseJson(value: string): Record<string, unknown> {
  const expected = 'a JSON object such as {"rates":{"messagesPerSecond":10}}';
  try {
    const parsed: unknown = JSON.parse(value);
    if (isObject(parsed)) return parsed;
  } catch {
    // Told below, together with JSON that is no object.
  }
  throw wrong('LIMITS', value, expected);
}

function parseLogLevel(value: string): LogLevel {
  const level = LOG_LEVELS.find((known) => known === value);
  if (level !== undefined) return level;
  throw wrong('LOG_LEVEL', value, `one of ${LOG_LEVELS.join(', ')}`);
}

function toUrl(value: string): URL | undefined {
  return URL.canParse(value) ? new URL(value) : undefined;
}

/** Hides all that stands before the last `@`, with slashes or without: a password may hold one itself. */
function redact(value: string): string {
  return value.replace(/^([a-z][a-z0-9+.-]*:)?(\/\/)?.*@/is, (_, scheme: string = '', slashes: string = '') => `${scheme}${slashes}***@`);
}
