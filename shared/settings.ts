/**
 * What an administrator can set for a site: one typed schema with a default for everything.
 *
 * The server parses with it; the page and the frame import its *types* only (valibot never reaches the host).
 * Names are CallGear's where CallGear has one. All durations are seconds. An empty text means our own words, in the language of
 * each visitor.
 */
import * as v from 'valibot';
import { soundOf, type OwnTexts } from './languages/own-texts.ts';
import { LANGUAGES, directionOf, type Language } from './languages/languages.ts';
import { toPlainLine } from './plain-line.ts';

const text = (max: number) => v.pipe(v.string(), v.maxLength(max));
/** A title or name. The stored text loses characters that would turn or hide the text beside it. */
const line = (max: number) => v.pipe(text(max), v.transform(toPlainLine));
const seconds = (max: number) => v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(max));
/** Six digits, with or without `#`: kept with it. */
const colour = v.pipe(
  v.string(),
  v.regex(/^#?[0-9a-f]{6}$/i, 'expected a colour such as "#2a6df4"'),
  v.transform((digits) => digits.replace(/^#?/, '#')),
);
/** `end`: where lines of the visitor's language end. */
const corner = v.optional(v.picklist(['left', 'right', 'end']), 'end');
/** A colour by name of its effect, or one of the site's. */
const textColour = v.union(
  [v.picklist(['auto', 'light', 'dark']), colour],
  'expected "auto", "light", "dark" or a colour such as "#ffffff"',
);
/** Pixels between the launcher and its corner. Zoomed in to 400 %, a window of 1024 pixels is 256 high, and the launcher must be in it. */
const offset = v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(120)), 0);
/** `middle` is for interfaces of a page's own: the built-in one has corners, and takes it for `bottom`. */
const height = v.picklist(['top', 'middle', 'bottom']);

const field = v.object({
  name: v.picklist(['name', 'email', 'phone', 'message']),
  is_required: v.optional(v.boolean(), false),
  title: v.optional(line(80), ''),
});
const group = v.object({ id: text(64), name: line(80) });
const way = v.picklist(['offline_message', 'sitephone', 'chat']);

const retention = v.object({
  is_alternate_communication_way_enabled: v.optional(v.boolean(), true),
  /** Seconds after the last waiting text until the other way is offered. */
  alternate_communication_way_timeout: v.optional(seconds(86_400), 60),
  /** Waiting texts, one after the other; `timeout` counts from the one before (the first: from the wait's beginning). */
  messages: v.optional(v.pipe(v.array(v.object({ timeout: seconds(86_400), text: v.optional(text(1000), '') })), v.maxLength(10)), [
    { timeout: 30, text: '' },
  ]),
  alternate_communication_way: v.optional(way, 'offline_message'),
});

const chat = v.object({
  title: v.optional(line(80), ''),
  is_visible: v.optional(v.boolean(), true),
  /** Said before the first message; empty: our own words. */
  greeting: v.optional(text(300), ''),
  /** Offered before the first message: a press sends one. */
  questions: v.optional(v.pipe(v.array(v.pipe(line(80), v.minLength(1))), v.maxLength(4)), []),
  /** Whether names and pictures of operators who are online are shown before a chat. */
  is_team_shown: v.optional(v.boolean(), true),
  fields: v.optional(v.nullable(v.pipe(v.array(field), v.maxLength(4))), null),
  is_groups_enabled: v.optional(v.boolean(), false),
  group_title: v.optional(v.nullable(line(80)), null),
  /** Filled by the server from the site's groups. */
  allowed_groups: v.optional(v.array(group), []),
  is_file_transfer: v.optional(v.boolean(), true),
  is_consultant_operator_rating: v.optional(v.boolean(), true),
  is_animation_enabled: v.optional(v.boolean(), true),
  h_position: corner,
  v_position: v.optional(height, 'bottom'),
  retention: v.optional(retention, {}),
  is_typing_preview: v.optional(v.boolean(), true),
  message_max_length: v.optional(v.literal(4096), 4096),
  file: v.optional(
    v.object({
      /** Bytes; at most the server's own limit. */
      max_size: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10 * 1024 * 1024)), 10 * 1024 * 1024),
      /** As in the `accept` attribute: `.pdf`, `image/*`, `text/plain`. Empty means any type. */
      accept: v.optional(v.array(text(100)), []),
    }),
    {},
  ),
  /** The automatic invitation: after `timeout` seconds on a page while somebody is online. */
  invite: v.optional(
    v.object({
      is_enabled: v.optional(v.boolean(), false),
      timeout: v.optional(seconds(86_400), 30),
      text: v.optional(text(1000), ''),
      name: v.optional(line(80), ''),
    }),
    {},
  ),
});

const offlineMessage = v.object({
  title: v.optional(line(80), ''),
  is_visible: v.optional(v.boolean(), true),
  fields: v.optional(v.nullable(v.pipe(v.array(field), v.maxLength(4))), [
    { name: 'name', is_required: false, title: '' },
    { name: 'email', is_required: true, title: '' },
    { name: 'message', is_required: true, title: '' },
  ]),
  is_groups_enabled: v.optional(v.boolean(), false),
  group_title: v.optional(v.nullable(line(80)), null),
  allowed_groups: v.optional(v.array(group), []),
  /** These three are for interfaces of a page's own: the built-in form opens where the chat is. */
  is_animation_enabled: v.optional(v.boolean(), true),
  h_position: corner,
  v_position: v.optional(height, 'bottom'),
});

const days = (standard: number) => v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(3650)), standard);

/** How long the server keeps things; it removes older ones for good. */
const keep = v.object({
  messages_days: days(365),
  files_days: days(183),
  /** Visitors of whom there is nothing but a card. */
  empty_hours: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(8760)), 24),
  /** Mails that could not be handed to a mail server. */
  mails_days: days(7),
  /** Who has read what. */
  audit_days: days(365),
});

/** What becomes of a chat when one of the two is not there any more. */
const absence = v.object({
  /** Seconds without any connection after which an operator's chats wait for somebody else. */
  operator_seconds: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(86_400)), 60),
  /** Minutes after which the chat of a visitor who has left the site is closed; 0: never. */
  visitor_minutes: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(10_080)), 30),
});

/** How operators are called. */
const alert = v.object({
  /** Seconds until a call is repeated while somebody still waits; 0: never. */
  repeat_seconds: v.optional(seconds(3600), 30),
});

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

const anything = v.optional(v.unknown(), {});

/** The schema of a site's settings; an empty object gives every default. */
export const settingsSchema = v.object({
  chat: v.optional(chat, {}),
  offline_message: v.optional(offlineMessage, {}),
  common: v.optional(
    v.object({
      banner_color: v.optional(colour, '#1f5eff'),
      /** The text on that colour. `auto`: white or black, whichever suits it. */
      accent_text: v.optional(textColour, 'auto'),
      launcher_icon: v.optional(v.picklist(['chat', 'question', 'hand']), 'chat'),
      /** Beside the launcher; empty: nothing. */
      launcher_label: v.optional(line(40), ''),
      /** How far the launcher keeps from its corner, besides the usual margin: to the side (not on phones), and up or down. */
      offset_x: offset,
      offset_y: offset,
      /** Where the page shows that messages are unread. */
      badge: v.optional(v.picklist(['title', 'icon', 'both', 'none']), 'title'),
      /** Shown in the first view with a link, when set. */
      company: v.optional(line(80), ''),
      privacy_url: v.optional(v.pipe(text(500), v.regex(/^(https?:\/\/.*)?$/, 'expected an http(s) address')), ''),
      /** For visitors whose page asks for no language; empty: that of the page, else of the browser. */
      language: v.optional(v.picklist(['', ...LANGUAGES]), ''),
      /** What times in mails and on paper are written in. */
      time_zone: v.optional(v.pipe(text(64), v.check(isTimeZone, 'expected a time zone such as "Europe/Berlin"')), 'UTC'),
      /** The address of the site's picture, which `site logo` makes; empty: none. */
      logo: v.optional(v.pipe(text(500), v.regex(/^(https?:\/\/[^\s"<>]+)?$/, 'expected an http(s) address')), ''),
    }),
    {},
  ),
  /** `on-interaction`: nothing is stored before the visitor acts. `required`: no connection before `setConsent(true)`. */
  consent: v.optional(v.picklist(['on-interaction', 'required']), 'on-interaction'),
  absence: v.optional(absence, {}),
  alert: v.optional(alert, {}),
  keep: v.optional(keep, {}),
  mail: v.optional(
    v.object({
      /** A transcript goes only to an address that the visitor has confirmed with a mailed code. */
      confirm: v.optional(v.boolean(), false),
    }),
    {},
  ),
  /** The site's texts above, in single languages. */
  translations: v.pipe(
    anything,
    v.transform((value) => soundOf('translations', value)),
  ),
  /** Texts of the interface that the site says differently, in single languages. */
  texts: v.pipe(
    anything,
    v.transform((value) => soundOf('texts', value)),
  ),
});

/** Every setting of a site, defaults filled in. */
export type SiteSettings = v.InferOutput<typeof settingsSchema>;
/** Those that pages and frames are told, in one language; the others are the server's own business. */
export interface Settings extends Omit<
  SiteSettings,
  'absence' | 'alert' | 'keep' | 'mail' | 'translations' | 'texts' | 'chat' | 'offline_message'
> {
  chat: InCorner<SiteSettings['chat']>;
  offline_message: InCorner<SiteSettings['offline_message']>;
  language: Language;
  /** Texts of the interface that the site says differently in this language. */
  texts?: OwnTexts;
}
type Placed = { h_position: 'left' | 'right' | 'end' };
/** The same, with a side of the window instead of one of the text. */
type InCorner<T extends Placed> = Omit<T, 'h_position'> & { h_position: 'left' | 'right' };
export type SettingsInput = v.InferInput<typeof settingsSchema>;

/**
 * The settings in `input`, defaults filled in.
 *
 * @throws valibot's `ValiError`, whose issues name the path and what was expected.
 * @example
 * parseSettings({ chat: { title: 'Ask us' } }).chat.is_file_transfer; // true
 */
export function parseSettings(input: unknown): SiteSettings {
  return v.parse(settingsSchema, input);
}

/** What clients are told of them. The texts are the server's business (`server/words`). Groups are switched on only where there is one to choose: controllers take the first without looking. */
export function toldSettings(settings: SiteSettings, language: Language = 'en'): Settings {
  const { absence: _absence, alert: _alert, keep: _keep, mail: _mail, translations: _translations, texts, ...told } = settings;
  return {
    ...told,
    language,
    ...(texts[language] && { texts: texts[language] }),
    chat: withCorner(withoutEmptyGroups(told.chat), language),
    offline_message: withCorner(withoutEmptyGroups(told.offline_message), language),
  };
}

function withoutEmptyGroups<T extends { is_groups_enabled: boolean; allowed_groups: readonly unknown[] }>(part: T): T {
  return { ...part, is_groups_enabled: part.is_groups_enabled && part.allowed_groups.length > 0 };
}

/** Where the site has not chosen, a chat stands at the end of the lines: right, and left where they run from right to left. */
function withCorner<T extends Placed>(part: T, language: Language): InCorner<T> {
  const end = directionOf(language) === 'rtl' ? 'left' : 'right';
  return { ...part, h_position: part.h_position === 'end' ? end : part.h_position };
}
