/**
 * What a file is, by its bytes and not by what its sender calls it, and whether a site takes it. Types that a browser would
 * run are not in the list, so they are plain bytes to everybody.
 */
import { isUtf8 } from 'node:buffer';
import { fileTypeFromBuffer } from 'file-type';
import { extensionOf } from './name.ts';

const PLAIN_BYTES = 'application/octet-stream';

/** Types we re-encode and may therefore show inside a page; with the extensions that say so. */
export const IMAGES: Readonly<Record<string, readonly string[]>> = {
  'image/png': ['png'],
  'image/jpeg': ['jpg', 'jpeg'],
  'image/webp': ['webp'],
  'image/gif': ['gif'],
};

/** Types we tell a browser. All but images are only ever downloaded. */
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  ...IMAGES,
  'application/pdf': ['pdf'],
  'application/zip': ['zip'],
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': ['docx'],
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': ['xlsx'],
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': ['pptx'],
  'application/vnd.oasis.opendocument.text': ['odt'],
  'application/vnd.oasis.opendocument.spreadsheet': ['ods'],
  'audio/mpeg': ['mp3'],
  'audio/ogg': ['ogg', 'oga'],
  'audio/wav': ['wav'],
  'video/mp4': ['mp4', 'm4v'],
  'video/quicktime': ['mov'],
  'video/webm': ['webm'],
};

/** Text has no signature: it is text when its name says so and its bytes are. */
const TEXT: Readonly<Record<string, string>> = { txt: 'text/plain', log: 'text/plain', md: 'text/markdown', csv: 'text/csv' };

/** The type by content; `application/octet-stream` for anything that is not in our lists. */
export async function sniff(bytes: Buffer, name: string): Promise<string> {
  const found = await fileTypeFromBuffer(bytes).catch(() => undefined);
  if (found !== undefined) return found.mime in KNOWN ? found.mime : PLAIN_BYTES;
  const asText = TEXT[extensionOf(name)];
  return asText !== undefined && isUtf8(bytes) && !bytes.includes(0) ? asText : PLAIN_BYTES;
}

/**
 * Whether one of the site's rules takes the file: `.pdf` by its name, `image/*` and `text/plain` by its content. A name that
 * promises a type we can recognise must hold it, or `.pdf` would let anything in. No rules take everything.
 */
export function isAccepted(rules: readonly string[], name: string, type: string): boolean {
  if (rules.length === 0) return true;
  return rules.some((rule) => {
    const wanted = rule.trim().toLowerCase();
    if (wanted === '*' || wanted === '*/*') return true;
    if (wanted.startsWith('.')) return name.toLowerCase().endsWith(wanted) && holdsWhatItsNameSays(name, type);
    if (wanted.endsWith('/*')) return type.startsWith(wanted.slice(0, -1));
    return type === wanted;
  });
}

function holdsWhatItsNameSays(name: string, type: string): boolean {
  const extension = extensionOf(name);
  const promised = Object.entries(KNOWN).find(([, extensions]) => extensions.includes(extension))?.[0] ?? TEXT[extension];
  return promised === undefined || promised === type;
}

/** A name that does not hide what the image is: `holiday.exe` that holds a PNG becomes `holiday.exe.png`. */
export function nameForImage(name: string, type: string): string {
  const extensions = IMAGES[type];
  return extensions === undefined || extensions.includes(extensionOf(name)) ? name : `${name}.${extensions[0]}`;
}
