/**
 * One batch of an outbox. Each item is parsed, admitted and run alone, in its order. Once an item has to come again later, all
 * items after it have to as well, or they would overtake it.
 */
import * as v from 'valibot';
import { MESSAGE_MAX_LENGTH, codePoints } from '../../shared/limits.ts';
import type { Ack, Nack } from '../../shared/wire/protocol.ts';

export interface BatchOptions<C> {
  items: readonly { uid: string }[];
  schema: v.GenericSchema<unknown, C>;
  /** 0, or the milliseconds after which the item may come again. */
  admit: () => number;
  run: (command: C) => Promise<Ack | Nack>;
  answer: (answer: Ack | Nack) => void;
}

/** Runs the items in their order and answers each. */
export async function runBatch<C>({ items, schema, admit, run, answer }: BatchOptions<C>): Promise<void> {
  let later: Nack | undefined;
  for (const item of items) {
    if (later !== undefined) {
      answer({ ...later, uid: item.uid });
      continue;
    }
    const parsed = v.safeParse(schema, item);
    if (!parsed.success) {
      answer(refused(item));
      continue;
    }
    const afterMs = admit();
    const result: Ack | Nack =
      afterMs > 0
        ? {
            t: 'nack',
            uid: item.uid,
            code: 'rate_limited',
            message: 'Too much at once; it may come again in a moment.',
            retry: true,
            afterMs,
          }
        : await run(parsed.output);
    answer(result);
    if (result.t === 'nack' && result.retry) later = result;
  }
}

function refused(item: { uid: string }): Nack {
  const isTooLong = 'text' in item && typeof item.text === 'string' && codePoints(item.text) > MESSAGE_MAX_LENGTH;
  return isTooLong
    ? { t: 'nack', uid: item.uid, code: 'too_long', message: `A message has at most ${MESSAGE_MAX_LENGTH} characters.`, retry: false }
    : { t: 'nack', uid: item.uid, code: 'invalid_argument', message: 'This is no command that the server understands.', retry: false };
}
