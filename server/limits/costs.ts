/**
 * What every act of a stranger costs, and who pays for it, in one table. Endpoints, connections and routes name the act and its
 * payers; this file says whether they have to wait, and for how long. SECURITY.md shows the same table to people.
 *
 * - Tokens measure how much of this machine an act takes: bytes read and answered, items looked at, pixels decoded.
 * - Two pay for an act: the one who does it (a connection, a page, a visitor), and the network address.
 * - A refused act has been paid for. Some acts are weighed only when they are done; a payer who owes then waits before the next.
 *
 * `ledger.ts` counts *stored* amounts, by the day.
 */
import { createRateLimit, type RateLimit } from './rate-limit.ts';
import type { Clock } from '../base/clock.ts';
import type { Limits } from './limits.ts';

/** The budget that an act is paid from. The limits of the same name fill it. */
type Budget = 'connects' | 'frames' | 'reads' | 'commands' | 'requests' | 'decoding';

/** What an act costs. */
interface Price {
  budget: Budget;
  tokens: number;
  /** For each KB that was sent, or answered. */
  perKb?: number;
}

/** The table. */
export const PRICES = {
  /** A client asks for a socket, a stream or a channel. */
  connect: { budget: 'connects', tokens: 1 },
  /** A frame arrives, whatever it says, whether anybody understands it or not. */
  frame: { budget: 'frames', tokens: 1, perKb: 1 },
  /** An item of a batch is looked at, also one that is refused. */
  item: { budget: 'frames', tokens: 1 },
  /** Something is read out of the database for a connection: hello, sync, history, watch. Weighed by the answer. */
  read: { budget: 'reads', tokens: 1, perKb: 1 / 16 },
  /** What a page says of its visitor is stored: a write that no command answers for. */
  properties: { budget: 'frames', tokens: 20 },
  /** A page changes its language: answered with all settings, and stored with a visitor who has acted. */
  language: { budget: 'frames', tokens: 20 },
  /** A durable command is carried out. */
  command: { budget: 'commands', tokens: 1 },
  /** A request over HTTP, whatever it asks for, also one that nobody answers. */
  request: { budget: 'requests', tokens: 1 },
  /** A request that has a document made, or looks into the database. */
  document: { budget: 'requests', tokens: 5 },
  /** A file is sent: looked at, written, and written down. */
  upload: { budget: 'requests', tokens: 10 },
  /** A try of a password: some 30 ms of processor, for existing and unknown accounts alike. */
  signIn: { budget: 'requests', tokens: 50 },
  /** A megapixel of a picture is decoded and made anew; a token is a millisecond. */
  jpeg: { budget: 'decoding', tokens: 20 },
  png: { budget: 'decoding', tokens: 70 },
  webp: { budget: 'decoding', tokens: 130 },
  gif: { budget: 'decoding', tokens: 320 },
} as const satisfies Record<string, Price>;

/** What a stranger does. */
export type Act = keyof typeof PRICES;

/** Who is behind an act. `own`: the connection, page, visitor or operator, by a name that nobody else has. */
export interface Payers {
  own?: string;
  /** The network address as it is counted; none for an operator's reading, which the operator pays alone. */
  address?: string;
}

export interface Size {
  /** Bytes said, or answered. */
  bytes?: number;
  /** How often the act is done at once. */
  times?: number;
}

export interface Costs {
  /** Pays before the act. 0: go on; else the milliseconds after which it can be asked again. */
  take(act: Act, payers: Payers, size?: Size): number;
  /** Pays for an act that has happened already, or will happen in any case. */
  charge(act: Act, payers: Payers, size?: Size): void;
  /** The milliseconds until none of the payers owes anything for acts like this. */
  owedMs(act: Act, payers: Payers): number;
}

/** The budgets of one payer, by the payer's name. */
interface Account {
  limit: RateLimit;
  key: string;
}

/** Who pays for an act: an account, and the one that helps out while the account owes. */
interface Payer {
  account: Account;
  reserve?: Account | undefined;
}

export function createCosts({ clock, limits: { rates, file } }: { clock: Clock; limits: Pick<Limits, 'rates' | 'file'> }): Costs {
  const limitOf = (perSecond: number, burst: number) => createRateLimit({ clock, perSecond, burst });
  const perAddress: Record<Budget, RateLimit> = {
    connects: limitOf(rates.connectsPerAddressSecond, rates.connectsPerAddressBurst),
    frames: limitOf(rates.framesPerAddressSecond, rates.framesPerAddressBurst),
    reads: limitOf(rates.readsPerSecond, rates.readsBurst),
    commands: limitOf(rates.messagesPerAddressSecond, rates.messagesPerAddressBurst),
    requests: limitOf(rates.requestsPerSecond, rates.requestsBurst),
    decoding: limitOf(file.decodeMsPerAddressMinute / 60, 2 * file.decodeMsPerAddressMinute),
  };
  const perOne: Partial<Record<Budget, RateLimit>> = {
    frames: limitOf(rates.framesPerSecond, rates.framesBurst),
    reads: limitOf(rates.readsPerPageSecond, rates.readsPerPageBurst),
    commands: limitOf(rates.messagesPerSecond, rates.messagesBurst),
  };
  /** A quiet client is not held up by its neighbours: this pays for it while its address owes. */
  const reserves: Partial<Record<Budget, RateLimit>> = { frames: limitOf(rates.framesSparedPerSecond, rates.framesSparedBurst) };

  /** Everybody who pays, the narrowest first. */
  function payersOf(act: Act, { own, address }: Payers): Payer[] {
    const { budget } = PRICES[act];
    const accountOf = (limits: RateLimit | undefined, key: string | undefined): Account | undefined =>
      limits === undefined || key === undefined ? undefined : { limit: limits, key };
    const one = accountOf(perOne[budget], own);
    const whole = accountOf(perAddress[budget], address);
    return [
      ...(one === undefined ? [] : [{ account: one }]),
      ...(whole === undefined ? [] : [{ account: whole, reserve: accountOf(reserves[budget], own) }]),
    ];
  }

  return {
    take(act, payers, size) {
      const tokens = priceOf(act, size);
      for (const payer of payersOf(act, payers)) {
        const { limit, key } = payingOf(payer);
        const waitMs = limit.take(key, tokens);
        if (waitMs > 0) return waitMs;
      }
      return 0;
    },
    charge(act, payers, size) {
      const tokens = priceOf(act, size);
      for (const payer of payersOf(act, payers)) {
        const { limit, key } = payingOf(payer);
        limit.charge(key, tokens);
      }
    },
    owedMs: (act, payers) => Math.max(0, ...payersOf(act, payers).map(owedOf)),
  };
}

/** The account that pays now: the reserve only while the account owes and the reserve does not. */
function payingOf({ account, reserve }: Payer): Account {
  return reserve !== undefined && owed(account) > 0 && owed(reserve) === 0 ? reserve : account;
}

/** How long this payer waits: until one of its accounts can pay. */
function owedOf({ account, reserve }: Payer): number {
  return reserve === undefined ? owed(account) : Math.min(owed(account), owed(reserve));
}

function owed({ limit, key }: Account): number {
  return limit.owedMs(key);
}

function priceOf(act: Act, { bytes = 0, times = 1 }: Size = {}): number {
  const price: Price = PRICES[act];
  return times * price.tokens + (bytes / 1024) * (price.perKb ?? 0);
}
