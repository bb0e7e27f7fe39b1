/** Attacks by files: pictures that take seconds to decode, and a day's quota asked for all at once. */
import sharp from 'sharp';
import { expect, many, type Row } from './row.ts';
import { ATTACKER, enter, upload } from './target.ts';

/** By default, of one visitor (`file.perVisitorDay`). */
const FILES = 200;
/** 40 megapixels, the most that is taken. */
const SIDE = 6_324;

export const pictures: Row = {
  id: 'A5',
  what: 'pictures of 40 megapixels in a few KB, by 5 visitors of one address',
  files: true,
  async attack(target, { isShort, isOver }) {
    const side = isShort ? 1_000 : SIDE;
    const bytes = await sharp({ create: { width: side, height: side, channels: 3, background: '#268' } })
      .webp({ effort: 0 })
      .toBuffer();
    const visitors = await Promise.all(Array.from({ length: 5 }, () => enter(target, ATTACKER)));
    const tally = { acts: 0, stored: 0, refused: 0 };
    const sending = many(isShort ? 10 : 20, 20, async (n) => {
      const visitor = visitors[n % visitors.length];
      if (visitor === undefined) return;
      tally.acts += 1;
      const status = await upload(target, ATTACKER, visitor, { name: `picture-${n}.webp`, bytes });
      if (status === 201) tally.stored += 1;
      else tally.refused += 1;
    });
    if (isShort) await sending;
    // Uploads that still wait for their turn then are cut off with the attacker.
    else while (!isOver()) await new Promise((resolve) => setTimeout(resolve, 20));
    return { ...tally };
  },
  judge: () => [],
};

export const quotas: Row = {
  id: 'A7',
  what: 'more files than a day allows, all begun together',
  files: true,
  async attack(target) {
    const visitor = await enter(target, ATTACKER);
    const times = FILES + 20;
    const tally = { acts: times, stored: 0, refused: 0 };
    await many(times, 100, async (n) => {
      const status = await upload(target, ATTACKER, visitor, { name: `note-${n}.txt`, bytes: Buffer.from('hello') });
      if (status === 201) tally.stored += 1;
      if (status === 429) tally.refused += 1;
    });
    return tally;
  },
  judge: ({ acts, stored = 0, refused = 0 }) =>
    expect(
      stored <= FILES && stored + refused === acts,
      `of ${acts} files of one visitor ${stored} were stored and ${refused} refused, ${FILES} a day are promised`,
    ),
};
