/**
 * Times, names and addresses as an operator reads them. Pure; the words are in `strings.ts`.
 */
import type { PageInfo, SiteKey, UnixSeconds } from '../../shared/chat.ts';
import { linkify } from '../../shared/ui/linkify.ts';
import type { VisitorItem } from '../../shared/wire/workplace.ts';
import type { GroupInfo, SiteInfo } from '../session/contract.ts';
import { t } from './strings.ts';

/** Whether the operator's own country writes 14:05 or 02:05 PM: all that the workplace, which is in English, takes from it. */
// eslint-disable-next-line no-restricted-syntax
const { hourCycle } = new Intl.DateTimeFormat(undefined, { hour: 'numeric' }).resolvedOptions();
const clock = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', ...(hourCycle && { hourCycle }) });
const day = new Intl.DateTimeFormat('en', { weekday: 'long', day: 'numeric', month: 'long' });
const date = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short' });

export function clockTime(date: UnixSeconds): string {
  return clock.format(date * 1000);
}

/** `Nov 22, 20:04`: the hours as the operator's own country writes them. */
export function fullTime(at: UnixSeconds): string {
  return `${date.format(at * 1000)}, ${clockTime(at)}`;
}

/** One word for a local day; equal words mean the same day for neighbours in a conversation. */
export function dayName(date: UnixSeconds, now: UnixSeconds): string {
  const then = startOfDay(date);
  const days = Math.round((startOfDay(now) - then) / 86_400_000);
  if (days === 0) return t.today;
  if (days === 1) return t.yesterday;
  return day.format(then);
}

function startOfDay(date: UnixSeconds): number {
  return new Date(date * 1000).setHours(0, 0, 0, 0);
}

/** `0:42`, `12:05`, `1:04:09`: a wait is read to the second. By hand, because Node 20 has no `Intl.DurationFormat`. */
export function stopwatch(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const s = String(whole % 60).padStart(2, '0');
  const m = Math.floor(whole / 60) % 60;
  const h = Math.floor(whole / 3600);
  return h > 0 ? `${h}:${String(m).padStart(2, '0')}:${s}` : `${m}:${s}`;
}

const unit = (name: 'minute' | 'hour' | 'day') => new Intl.NumberFormat('en', { style: 'unit', unit: name, unitDisplay: 'short' });
const ROUGH = [
  { seconds: 86_400, format: unit('day') },
  { seconds: 3_600, format: unit('hour') },
  { seconds: 60, format: unit('minute') },
] as const;

/** `now`, `3 min`, `2 hr`, `4 days`: for what nobody counts in seconds. */
export function roughly(seconds: number): string {
  const fits = ROUGH.find((rough) => seconds >= rough.seconds);
  return fits === undefined ? t.now : fits.format.format(Math.floor(seconds / fits.seconds));
}

/** Address without the scheme, as people say it. */
export function shortAddress(url: string): string {
  return url.replace(/^https?:\/\//, '').replace(/\/$/, '');
}

export function pageTitle(page: PageInfo): string {
  return page.title.trim() === '' ? t.untitled : page.title;
}

/** How the visitor is called: by name, else e-mail, else phone, else `Visitor 4f2a`. */
export function visitorName(item: Pick<VisitorItem, 'card'> & { id: string }): string {
  return item.card.name || item.card.email?.at(-1) || item.card.phone?.at(-1) || `${t.anonymous} ${shortId(item.id)}`;
}

function shortId(id: string): string {
  return id
    .replace(/[^A-Za-z0-9]/g, '')
    .slice(-4)
    .toLowerCase();
}

export function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return letters
    .map((word) => [...(word ?? '')][0] ?? '')
    .join('')
    .toUpperCase();
}

/** One of eight quiet tones, always the same for the same id. */
export function toneOf(id: string): number {
  let sum = 0;
  for (const char of id) sum = (sum * 31 + (char.codePointAt(0) ?? 0)) % 9973;
  return sum % 8;
}

export function siteName(sites: readonly SiteInfo[], key: SiteKey): string {
  return sites.find((site) => site.key === key)?.name ?? key;
}

export function groupName(groups: readonly GroupInfo[], site: SiteKey, id: string): string {
  return groups.find((group) => group.site === site && group.id === id)?.name ?? id;
}

/** An address that may become a link: http and https only, and one the browser itself can read. */
export function safeLink(address: string): string | null {
  try {
    const url = new URL(address);
    return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : null;
  } catch {
    return null;
  }
}

/** `mailto:` or `tel:` for a contact somebody left; `null` for one that is none. What else stands in it is never obeyed. */
export function contactLink(field: string, value: string): string | null {
  if (field === 'email')
    return /^[^\s@,;<>?&"]+@[^\s@,;<>?&"]+$/.test(value) ? `mailto:${encodeURIComponent(value).replace('%40', '@')}` : null;
  if (field !== 'phone') return null;
  const digits = value.replace(/[\s()./-]/g, '');
  return /^\+?\d{3,20}$/.test(digits) ? `tel:${digits}` : null;
}

/** Where the workplace opens the file that has this address; `null` for an address of anything else. */
export function ownFileAddress(link: string): string | null {
  const address = safeLink(link);
  const path = address === null ? '' : new URL(address).pathname;
  return /^\/files\/[0-9a-f]+\/[^/]+$/.test(path) ? `/operator${path}` : null;
}

/** A text cut into plain parts and addresses of the web and of mail, as visitors see it cut; others are left as they are written. */
export function linkParts(text: string): { text: string; href: string | null }[] {
  return linkify(text, WEB).map(({ text: part, href }) => ({ text: part, href: href ?? null }));
}

const WEB = ['https://', 'http://', 'www.', '@'] as const;
