/**
 * What of a paste or a drop is meant: its text or its files. Office programs put a picture of what was copied beside the text, and
 * file managers put the files' names. Pure; both interfaces decide by it.
 */

/**
 * Whether a clipboard with files is meant as files. If there is text, the text is meant – unless it says no more than what the files
 * are called.
 */
export function isPasteOfFiles(text: string, names: readonly string[]): boolean {
  if (names.length === 0) return false;
  const lines = text.split(/[\r\n]+/).flatMap((line) => line.trim() || []);
  return lines.every((line) => names.includes(line.split(/[/\\]/).at(-1) ?? ''));
}

/**
 * The same of something that is being dragged, of which a browser tells only the types until it is dropped. A picture out of a page
 * comes with its address, which counts as no text.
 */
export function isDragOfFiles(types: readonly string[]): boolean {
  return types.includes('Files') && (!types.includes('text/plain') || types.includes('text/uri-list'));
}
