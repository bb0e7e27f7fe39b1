/**
 * A chat as a mail: messages with names and times, as text and as HTML. The HTML is built as a tree whose every text is
 * escaped, so that nothing a visitor or operator wrote becomes markup; addresses in messages are not made into links.
 * Words and times are in the visitor's language and the site's time zone.
 * In the text every line of a message begins with `> `, so that no message can write a line of ours: a name and a time.
 */
import type { MessageAdded } from '../../shared/chat.ts';
import { fill } from '../../shared/languages/catalogue.ts';
import { directionOf, type Language } from '../../shared/languages/languages.ts';
import { sizeIn } from '../../shared/languages/sizes.ts';
import { toMessage } from '../../shared/timeline.ts';
import { toPlainLine } from '../../shared/plain-line.ts';
import { wordsIn } from '../words/catalogues.ts';

export interface TranscriptContent {
  /** The site's name. */
  site: string;
  /** What the visitor is called, if that is known. */
  visitor: string | undefined;
  messages: readonly MessageAdded[];
  /** Earlier messages were left out. */
  isShortened: boolean;
  /** How long the site keeps files: their links end then. */
  filesDays: number;
  language: Language;
  /** An IANA name. */
  timeZone: string;
}

export function writeTranscript(content: TranscriptContent): { text: string; html: string } {
  const { language } = content;
  const words = wordsIn(language);
  const title = fill(words.mailTitle, { site: content.site });
  const lines = content.messages.map((event) => lineOf(event, content));
  const note = content.isShortened ? [fill(words.mailShortened, { n: lines.length.toLocaleString(language) })] : [];
  const empty = lines.length === 0 ? [words.mailEmpty] : [];
  return {
    text: [title, ...note, ...empty, ...lines.map(({ name, time, text }) => `${name}, ${time}\n${quoted(text)}`)].join('\n\n') + '\n',
    html:
      '<!doctype html>' +
      tag('html', { lang: language, dir: directionOf(language) }, [
        tag('head', {}, [tag('meta', { charset: 'utf-8' }, []), tag('title', {}, [escaped(title)])]),
        tag('body', {}, [
          tag('h1', {}, [escaped(title)]),
          ...[...note, ...empty].map((text) => tag('p', {}, [escaped(text)])),
          ...lines.map(({ name, time, text }) =>
            tag('p', {}, [tag('b', {}, [escaped(name)]), escaped(`, ${time}`), tag('br', {}, []), ...withBreaks(text)]),
          ),
        ]),
      ]),
  };
}

function lineOf(
  event: MessageAdded,
  { visitor, filesDays, language, timeZone }: TranscriptContent,
): { name: string; time: string; text: string } {
  const words = wordsIn(language);
  const { sender, from, text, fx_link: link } = toMessage(event);
  return {
    name: toName(sender === 'visitor' ? (visitor ?? words.visitor) : sender === 'bot' ? words.bot : from),
    time: written(event.date, { ...DAY, hour: '2-digit', minute: '2-digit', timeZoneName: 'short' }),
    text:
      link === undefined
        ? text
        : fill(words.mailFile, {
            name: text,
            size: sizeIn(language, event.file?.size ?? 0),
            date: written(event.date + filesDays * 86_400, DAY),
            link,
          }),
  };

  function written(seconds: number, how: Intl.DateTimeFormatOptions): string {
    return new Intl.DateTimeFormat(language, { ...how, timeZone }).format(seconds * 1000);
  }
}

const DAY: Intl.DateTimeFormatOptions = { year: 'numeric', month: 'short', day: 'numeric' };

/** On one line, and never the beginning of a quoted one. */
const toName = (text: string) => toPlainLine(text).replace(/^[>\s]+/, '') || '?';

/** All that a mail program may show as a new line. */
const LINE_END = /\r\n|[\n\v\f\r\u0085\u2028\u2029]/;

const quoted = (text: string) =>
  text
    .split(LINE_END)
    .map((line) => `> ${line}`.trimEnd())
    .join('\n');

// ── a tree of markup ──────────────────────────────────────────────────────────────────────────────────────────────

/** Markup that is finished: only `tag` and `escaped` make it. */
type Markup = string & { readonly markup: unique symbol };

const VOID = new Set(['meta', 'br']);

function tag(name: string, attributes: Readonly<Record<string, string>>, children: readonly Markup[]): Markup {
  const written = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${escaped(value)}"`)
    .join('');
  const end = VOID.has(name) ? '' : `${children.join('')}</${name}>`;
  return `<${name}${written}>${end}` as Markup;
}

function escaped(text: string): Markup {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`) as Markup;
}

function withBreaks(text: string): Markup[] {
  return text.split(LINE_END).flatMap((line, index) => (index === 0 ? [escaped(line)] : [tag('br', {}, []), escaped(line)]));
}
