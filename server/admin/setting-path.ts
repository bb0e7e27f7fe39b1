/** One setting of a site by its path, as `site set`, `site get` and `site show` name it: found, read and changed. */
import * as v from 'valibot';
import { ownFault, type OwnPart } from '../../shared/languages/own-texts.ts';
import { parseSettings, type SiteSettings } from '../../shared/settings.ts';
import { Refused } from './command.ts';

/** Every setting that is no group of settings, with its path. */
export function settingsOf(value: unknown, path = ''): [path: string, value: unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [[path, value]];
  return Object.entries(value).flatMap(([name, below]) => settingsOf(below, path === '' ? name : `${path}.${name}`));
}

/** @throws Refused */
export function readSetting(settings: SiteSettings, path: string): unknown {
  let value: unknown = settings;
  const names = namesOf(path);
  // No text of one's own is none, and no mistake.
  if (partOf(path) !== undefined && names.length > 1) return ownTextAt(settings, names);
  for (const [depth, name] of names.entries()) value = childOf(value, name, names.slice(0, depth).join('.'), path);
  return value;
}

/** @throws Refused */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refused(
      `The value is ${JSON.stringify(text)}, expected JSON; a text needs its double quotes: '"${text.replaceAll('"', '')}"'.`,
    );
  }
}

/** The settings with one of them changed. Every setting is there with its default, so a path that is not is a mistake. */
export function changeSetting(settings: SiteSettings, path: string, value: unknown): SiteSettings {
  const part = partOf(path);
  if (part !== undefined) return changeOwnText(settings, part, path, value);
  if (path === 'common.logo' && value !== settings.common.logo) throw new Refused('common.logo is made of a picture. Use: site logo');
  if (/(^|\.)allowed_groups(\.|$)/.test(path)) throw new Refused(`${path} follows from the site's groups. Use: group add`);
  const next: unknown = structuredClone(settings);
  const names = path.split('.');
  const last = names.pop() ?? '';
  let parent = next;
  for (const [depth, name] of names.entries()) parent = childOf(parent, name, names.slice(0, depth).join('.'), path);
  childOf(parent, last, names.join('.'), path);
  Reflect.set(asObject(parent), last, value);
  return parseNamed(next, path);
}

/** The part of a site's own texts in single languages that a path leads into. */
function partOf(path: string): OwnPart | undefined {
  return /^(translations|texts)(\.|$)/.exec(path)?.[1] as OwnPart | undefined;
}

/** The name of a text has dots of its own: `translations.de.chat.title` is the text `chat.title` of German. */
function namesOf(path: string): string[] {
  const names = path.split('.');
  return partOf(path) === undefined ? names : [...names.slice(0, 2), ...(names.length > 2 ? [names.slice(2).join('.')] : [])];
}

function ownTextAt(settings: SiteSettings, names: readonly string[]): unknown {
  let value: unknown = settings;
  for (const name of names) value = Object.hasOwn(asObject(value), name) ? Reflect.get(asObject(value), name) : null;
  return value;
}

/** `null` takes away what is there. */
function changeOwnText(settings: SiteSettings, part: OwnPart, path: string, value: unknown): SiteSettings {
  const [, language, name] = namesOf(path);
  const before: Readonly<Record<string, object | undefined>> = settings[part];
  const texts = name === undefined || language === undefined ? (value ?? {}) : { ...before[language], [name]: value ?? undefined };
  // As it will be stored: without what is undefined.
  const next: unknown = JSON.parse(JSON.stringify(language === undefined ? texts : { ...before, [language]: texts }));
  const fault = ownFault(part, next);
  if (fault !== undefined) throw new Refused(`${fault}. Nothing was changed.`);
  return parseNamed({ ...settings, [part]: next }, path);
}

function childOf(parent: unknown, name: string, at: string, path: string): unknown {
  const object = asObject(parent);
  if (Object.hasOwn(object, name) && !(Array.isArray(parent) && name === 'length')) return Reflect.get(object, name);
  const where = at === '' ? 'The settings have' : `${at} has`;
  throw new Refused(`There is no setting ${path}. ${where}: ${Object.keys(object).join(', ') || 'nothing below it'}.`);
}

function asObject(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}

function parseNamed(input: unknown, path: string): SiteSettings {
  try {
    return parseSettings(input);
  } catch (error) {
    if (!v.isValiError(error)) throw error;
    const issue = error.issues[0];
    throw new Refused(`${v.getDotPath(issue) ?? path}: ${issue.message}. Nothing was changed.`);
  }
}
