/**
 * The notices of third-party software that we ship, as the one text that the server gives out at `/licenses.txt`.
 *
 * Two lists meet here. The bundler names the modules that browsers get; package-lock.json names the packages that the server runs on.
 * Each package brings its licence from node_modules. A package without a licence file gets its README's words about the licence and
 * the standard text from licences/. A package without either stops the build: nothing ships without its notice.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { shippedPlaces } from './audited.mjs';

const LICENCE_FILE = /^(licen[cs]e|copying|notice)/i;
const STANDARD = new URL('licences/', import.meta.url);
const RULE = '='.repeat(80);
/** The bundler's own helpers have no file; their licence comes from the bundler's package. */
const HELPERS = /^\0rolldown\//;
/** Words of others, kept among our sources with a manifest and licence files, as a package would be. */
const KEPT = /^(.*[\\/]frame[\\/]ui[\\/]emoji[\\/]words)[\\/]/;
/** Written by us, in vite.config.ts. */
const OURS = '\0vite/preload-helper.js';

/**
 * @typedef {{ name: string, version: string, license?: string, homepage?: string, author?: string | { name?: string } }} Manifest
 *
 * @typedef {object} Notice
 * @property {string} name
 * @property {string} version
 * @property {string} licence as the package names it, `MIT`
 * @property {string} author empty where the package names none
 * @property {string} text all that its licence asks us to pass on
 */

/**
 * Folders of the packages that these modules belong to, relative to the root and each once: `node_modules/preact`.
 * @param {string} root
 * @param {Iterable<string>} modules ids as the bundler names them
 */
export function bundledPlaces(root, modules) {
  const places = new Set();
  for (const id of modules) {
    // The last of nested folders is the package's own.
    const [, folder] = /^(.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/?]+)/.exec(id) ?? KEPT.exec(id) ?? [];
    if (HELPERS.test(id)) places.add('node_modules/rolldown');
    else if (folder !== undefined) places.add(relative(root, folder).split(sep).join('/'));
    else if (id.startsWith('\0') && id !== OURS)
      throw new Error(`Whose code is the module ${JSON.stringify(id)}? Say it in scripts/notices.mjs.`);
  }
  return [...places].sort();
}

/**
 * Folders of what the server runs on, as installed here. Optional packages for other machines are not here, and not shipped from here.
 * @param {string} root
 */
export function serverPlaces(root) {
  /** @type {{ packages: Record<string, import('./audited.mjs').Locked & { optional?: boolean }> }} */
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const places = [...shippedPlaces(lock, [])].sort();
  return places.filter((place) => lock.packages[place]?.optional !== true || existsSync(join(root, place)));
}

/**
 * @param {string} root
 * @param {string} place
 * @returns {Notice}
 */
export function readNotice(root, place) {
  const folder = join(root, place);
  /** @type {Manifest} */
  const { name, version, license: licence = '', author } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const files = readdirSync(folder).sort();
  const own = files.filter((file) => LICENCE_FILE.test(file)).map((file) => readFileSync(join(folder, file), 'utf8'));
  const texts = own.length > 0 ? own : [...readmeSections(folder, files), ...standardTexts(licence)];
  if (texts.length === 0) throw new Error(`${place} has no licence text: add the standard text of "${licence}" to scripts/licences/.`);
  return {
    name,
    version,
    licence,
    author: (typeof author === 'string' ? author : author?.name) ?? '',
    text: texts.map((text) => text.trim()).join('\n\n'),
  };
}

/**
 * What a README says under "License", which may name the copyright holder or third parties of its own.
 * @param {string} folder
 * @param {string[]} files
 */
function readmeSections(folder, files) {
  const readme = files.find((file) => /^readme/i.test(file));
  if (readme === undefined) return [];
  const [, section] = /^#+\s*licen[cs](?:e|ing)\s*$([^]*?)(?=^#|(?![^]))/im.exec(readFileSync(join(folder, readme), 'utf8')) ?? [];
  return section === undefined ? [] : [section];
}

/**
 * The standard texts of a licence such as `Apache-2.0 AND LGPL-3.0-or-later`; none when one of them is missing.
 * @param {string} licence
 */
function standardTexts(licence) {
  const paths = licence.split(' AND ').map((id) => new URL(`${encodeURIComponent(id)}.txt`, STANDARD));
  return paths.every((path) => existsSync(path)) ? paths.map((path) => readFileSync(path, 'utf8')) : [];
}

/**
 * The whole text.
 * @param {string} root
 * @param {Iterable<string>} modules ids of all that was bundled
 */
export function noticesText(root, modules) {
  const bundled = bundledPlaces(root, modules);
  const server = serverPlaces(root).filter((place) => !bundled.includes(place));
  return [
    'This chat contains software of others. Each part is named here with its licence.\n',
    section('Sent to browsers', root, bundled),
    section('Runs on the server', root, server),
  ].join('\n');
}

/**
 * One title and its packages; two copies of the same version count once.
 * @param {string} title
 * @param {string} root
 * @param {readonly string[]} places
 */
function section(title, root, places) {
  const notices = new Map(places.map((place) => readNotice(root, place)).map((notice) => [heading(notice), notice]));
  const parts = [...notices].map(([head, { author, text }]) => `${RULE}\n${head}\n${author === '' ? '' : `by ${author}\n`}\n${text}\n`);
  return `${title}: ${notices.size} packages\n\n${parts.join('\n')}`;
}

/**
 * How the text names a package.
 * @param {Pick<Notice, 'name' | 'version' | 'licence'>} notice
 */
export function heading({ name, version, licence }) {
  return `${name} ${version} (${licence})`;
}
