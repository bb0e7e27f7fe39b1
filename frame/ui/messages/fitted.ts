/** How large a picture is drawn in the conversation: whole and in its own ratio, never larger than it is. */
import type { FileInfo } from '../../../shared/chat.ts';

const MOST = { width: 240, height: 260 };
/** A thin strip keeps something to point at; the picture stands in the middle of it. */
const LEAST = 96;

/** `undefined` for a picture from before sizes were kept. */
export function fitted({ width, height }: Pick<FileInfo, 'width' | 'height'>): { width: number; height: number } | undefined {
  if (!width || !height) return undefined;
  const scale = Math.min(1, MOST.width / width, MOST.height / height);
  const side = (length: number) => Math.max(LEAST, Math.round(length * scale));
  return { width: side(width), height: side(height) };
}
