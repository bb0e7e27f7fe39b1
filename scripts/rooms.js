/**
 * Who may import whom, as a table, and the ESLint rule that reads it. The compiler already refuses most trespassing (a room's
 * `lib`, project references); this says the rest, and says it in words. Change the table only together with ARCHITECTURE.md.
 *
 * An entry is `path` (everything), `path (types)` (erased imports only) or an npm name. The first place that matches a file
 * decides. Node's own modules are open to `node: true`; `npm: '*'` opens all packages.
 */
import { dirname, join, relative } from 'node:path/posix';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What the host may read: nothing here pulls in a schema library. */
const THIN = 'shared/{page/bridge.ts,page/guard.ts,chat,errors,limits,contact}';
/** Tests and measurements look into the database with the driver that the server has. */
const DRIVER = 'server/store/driver.ts';
const UI = ['preact', '@preact/signals'];

/**
 * @typedef {object} Place
 * @property {RegExp} files
 * @property {string[]} may
 * @property {string[] | '*'} npm
 * @property {boolean} [node]
 * @property {string} why
 */

/** @param {'frame' | 'operator'} room @returns {Place[]} */
const client = (room) => [
  {
    files: RegExp(`^${room}/session/`),
    may: [`${room}/session`, 'shared'],
    npm: ['@preact/signals-core'],
    why: 'A session owns state: it knows the treaties and signals, and is handed all else.',
  },
  {
    files: RegExp(`^${room}/ui/`),
    may: [`${room}/ui`, `${room}/session`, `${room}/language`, 'shared/ui', 'shared/languages', THIN, 'shared (types)'],
    npm: UI,
    why: 'A ui reads the session and calls its commands; it knows no wire and no bridge.',
  },
  {
    files: RegExp(`^${room}/bridge/`),
    may: [`${room}/bridge`, `${room}/session`, 'shared'],
    npm: ['comlink', '@preact/signals-core'],
    why: 'The bridge is one more user interface beside ui/, above the session.',
  },
  {
    files: RegExp(`^${room}/`),
    may: [room, 'shared'],
    npm: [...UI, '@preact/signals-core', 'comlink', 'valibot'],
    why: 'Rooms meet only in shared/.',
  },
];

/**
 * The server's folders, the lowest first. A folder imports those it names, which all stand above it in this list: so no two
 * folders can import each other. `config.ts` reads `base` and the limits, and every folder but these three may read `config.ts`
 * and the limits that are part of it.
 *
 * @type {Record<string, string[]>}
 */
export const SERVER = {
  base: [],
  words: [],
  network: ['base'],
  store: ['base'],
  bus: ['base', 'store'],
  limits: ['base', 'store'],
  mail: ['base', 'words', 'store'],
  auth: ['base', 'store', 'limits', 'mail'],
  room: ['base', 'words', 'store', 'bus', 'mail'],
  presence: ['base', 'store', 'bus', 'room'],
  files: ['base', 'store', 'limits', 'room'],
  jobs: ['base', 'words', 'store', 'bus', 'mail', 'room', 'presence'],
  sockets: ['base', 'words', 'network', 'store', 'bus', 'limits', 'auth', 'room', 'presence'],
  http: ['base', 'words', 'network', 'store', 'limits', 'auth', 'room', 'presence', 'files', 'sockets'],
  monitor: ['bus', 'room'],
  process: ['base', 'network', 'store', 'auth', 'http'],
  admin: ['base', 'store', 'mail', 'auth', 'files', 'jobs', 'process'],
};
/** The folders that stand below the configuration. */
const BELOW_CONFIG = ['base', 'store', 'limits'];

/** @returns {Place[]} */
const serverFolders = () =>
  Object.entries(SERVER).map(([name, below]) => ({
    files: RegExp(`^server/${name}/`),
    may: [
      `server/${name}`,
      ...below.map((folder) => `server/${folder}`),
      ...(BELOW_CONFIG.includes(name) ? [] : ['server/config.ts', 'server/limits/limits.ts']),
      'shared',
    ],
    npm: '*',
    node: true,
    why: `Imports between the server's folders point down: SERVER in scripts/rooms.js says what server/${name} may read.`,
  }));

/** @type {Place[]} */
const places = [
  {
    files: /^e2e\/loopback/,
    may: ['e2e', 'shared', 'server', 'frame/session', 'frame/browser/storage.ts', 'frame/browser/shared-socket.ts', 'operator/session'],
    npm: '*',
    node: true,
    why: 'The loopback plugs sessions, their storage and sockets and the server together, nothing else.',
  },
  {
    files: /^e2e\/faults\/(person|operator|wire)\.ts$/,
    may: ['e2e', 'shared', 'frame/session', 'operator/session', DRIVER],
    npm: '*',
    node: true,
    why: 'Clients without a browser are the sessions themselves; the server stays a process.',
  },
  {
    files: /^e2e\/.*\.test\.ts$/,
    may: ['e2e', 'shared', 'server', 'frame/session', 'operator/session'],
    npm: '*',
    node: true,
    why: 'Node tests of several rooms see sessions and server.',
  },
  {
    files: /^e2e\//,
    may: ['e2e', 'shared (types)', DRIVER],
    npm: '*',
    node: true,
    why: 'Browser tests see what a visitor sees: built files and servers started by their command.',
  },
  ...['shared', 'host', 'frame', 'operator', 'server'].map((room) => ({
    files: RegExp(`^${room}/(.*\\.(test|test-d|contract)\\.tsx?$|(.*/)?testing/)`),
    may: [room, 'shared'],
    npm: /** @type {const} */ ('*'),
    node: true,
    why: 'Tests, and what only they stand on, see their own room; what needs two rooms belongs in e2e/.',
  })),
  {
    files: /^shared\/(page\/(bridge|guard)|chat|errors|limits|contact)\.ts$/,
    may: [THIN, 'shared (types)'],
    npm: ['comlink (types)'],
    why: 'The host reads this file: no schema library, nothing that pulls one in.',
  },
  { files: /^shared\//, may: ['shared'], npm: ['valibot', 'comlink (types)'], why: 'Shared imports no room.' },
  {
    files: /^host\//,
    may: ['host', THIN, 'shared (types)'],
    npm: ['comlink'],
    why: "The loader runs in a stranger's page and pays for every byte.",
  },
  ...client('frame'),
  ...client('operator'),
  ...serverFolders(),
  {
    files: /^server\/config\.ts$/,
    may: ['server/base', 'server/limits/limits.ts', 'shared'],
    npm: '*',
    node: true,
    why: 'The configuration reads the limits and what stands at the very bottom.',
  },
  { files: /^server\//, may: ['server', 'shared'], npm: '*', node: true, why: 'Rooms meet only in shared/.' },
  { files: /^demo\//, may: ['demo'], npm: [], node: true, why: "The shop is a customer: it knows the loader's address, not our sources." },
  { files: /^bench\//, may: ['bench', 'shared', 'e2e', DRIVER], npm: '*', node: true, why: 'Measurements are taken from outside.' },
];

/** @param {string} door @param {string} target @param {boolean} isType */
function opens(door, target, isType) {
  const [path = '', types] = door.split(' ');
  if (types !== undefined && !isType) return false;
  const braces = /^(.*)\{(.*)\}$/.exec(path);
  if (braces !== null) return (braces[2] ?? '').split(',').some((name) => target.startsWith(`${braces[1]}${name}`));
  return target === path || target.startsWith(`${path}/`);
}

/**
 * @param {string} file importing, from the root
 * @param {string} specifier
 * @param {boolean} isType
 * @returns {string | undefined} why it may not
 */
export function trespass(file, specifier, isType) {
  const place = places.find(({ files }) => files.test(file));
  if (place === undefined) return undefined;
  if (specifier.startsWith('node:')) return place.node === true ? undefined : place.why;
  if (specifier.startsWith('.'))
    return place.may.some((door) => opens(door, join(dirname(file), specifier), isType)) ? undefined : place.why;
  return place.npm === '*' || place.npm.some((door) => opens(door, specifier, isType)) ? undefined : place.why;
}

/** @type {import('eslint').Rule.RuleModule} */
export const roomsRule = {
  meta: { type: 'problem', schema: [], messages: { trespass: '{{file}} may not import {{specifier}}. {{why}}' } },
  create(context) {
    const file = relative(root, context.filename);
    /** @param {any} node @param {any} source */
    const check = (node, source) => {
      if (typeof source?.value !== 'string') return;
      const names = node.specifiers ?? [];
      const isType =
        node.importKind === 'type' ||
        node.exportKind === 'type' ||
        (names.length > 0 && names.every((/** @type {any} */ name) => (name.importKind ?? name.exportKind) === 'type'));
      const why = trespass(file, source.value, isType);
      if (why !== undefined) context.report({ node: source, messageId: 'trespass', data: { file, specifier: source.value, why } });
    };
    return {
      ImportDeclaration: (node) => check(node, node.source),
      ExportNamedDeclaration: (node) => check(node, node.source),
      ExportAllDeclaration: (node) => check(node, node.source),
      ImportExpression: (node) => check(node, node.source),
    };
  },
};
