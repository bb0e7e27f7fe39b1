/**
 * Images made anew from their pixels: what else was in the file (where it was taken, a second file behind it) does not come
 * along. Decoding is bounded in pixels and in time; whose turn it is, and who pays, is `files.ts`'s business.
 *
 * Dimensions are those a person sees. A photograph that is stored lying on its side, with a note to turn it, is turned here,
 * because the note goes with the rest; all others keep width and height as they are stored.
 */
import sharp, { type Sharp } from 'sharp';
import { ChatError } from '../../shared/errors.ts';

export interface ImageEncoder {
  /** Megapixels that will be decoded, of all frames, as its head says; 0 where that cannot be read. */
  megapixels(bytes: Buffer): Promise<number>;
  /** The image of this type without anything but its pixels. @throws ChatError `picture_too_large` or `file_damaged` */
  encode(bytes: Buffer, type: string): Promise<Picture>;
}

/** An encoded picture, with the size of what a person sees: of an animation, that of one frame. */
export interface Picture {
  bytes: Buffer;
  pixels: { width: number; height: number };
}

export interface ImageLimits {
  maxPixels: number;
  decodeMs: number;
}

/** High enough that nobody sees a difference. */
const QUALITY = 90;

export function createImageEncoder(limits: ImageLimits): ImageEncoder {
  // Files of strangers are read once: keeping them in the library's cache gains nothing.
  sharp.cache(false);
  return {
    async megapixels(bytes) {
      // The decoder enforces the limit of pixels: a larger image costs nothing, because it is never decoded.
      const head = await sharp(bytes, { limitInputPixels: false })
        .metadata()
        .catch(() => undefined);
      if (head === undefined) return 0;
      const pixels = head.width * (head.pageHeight ?? head.height) * (head.pages ?? 1);
      return pixels > (limits.maxPixels || Infinity) ? 0 : pixels / 1e6;
    },
    async encode(bytes, type) {
      try {
        return await encode(bytes, type, limits);
      } catch (error) {
        // What takes too long to be decoded is too large for us, too.
        const isTooLarge = error instanceof Error && /pixel limit|timeout/i.test(error.message);
        if (isTooLarge) throw new ChatError('picture_too_large', `The picture has too many pixels, expected ${limits.maxPixels} at most.`);
        throw new ChatError('file_damaged', 'The picture cannot be decoded: it is damaged, or no picture of this type.');
      }
    },
  };
}

async function encode(bytes: Buffer, type: string, limits: ImageLimits): Promise<Picture> {
  // Animations count all their frames.
  const animated = type === 'image/gif' || type === 'image/webp';
  const image = sharp(bytes, { animated, limitInputPixels: limits.maxPixels || true, failOn: 'error', sequentialRead: true })
    .timeout({ seconds: Math.max(1, Math.ceil(limits.decodeMs / 1000)) })
    .autoOrient();
  const { data, info } = await encoderOf(image, type).toBuffer({ resolveWithObject: true });
  return { bytes: data, pixels: { width: info.width, height: info.pageHeight ?? info.height } };
}

function encoderOf(image: Sharp, type: string): Sharp {
  switch (type) {
    case 'image/png':
      return image.png();
    case 'image/jpeg':
      return image.jpeg({ quality: QUALITY });
    case 'image/webp':
      return image.webp({ quality: QUALITY });
    case 'image/gif':
      return image.gif();
    default:
      throw new Error(`no encoder for ${type}`);
  }
}
