/**
 * Loaded into a server before anything else (NODE_OPTIONS), this is its machine's clock going wrong: every date is later by as
 * many milliseconds as the file CLOCK_FILE says at that moment. Timers are not touched; they run by another clock.
 */
import { readFileSync } from 'node:fs';

const Real = Date;

function shift() {
  try {
    return Number(readFileSync(process.env.CLOCK_FILE, 'utf8'));
  } catch {
    return 0;
  }
}

globalThis.Date = class extends Real {
  constructor(...given) {
    if (given.length === 0) super(Real.now() + shift());
    else super(...given);
  }

  static now() {
    return Real.now() + shift();
  }
};
