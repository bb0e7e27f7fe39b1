/**
 * What every act of a stranger costs, and who pays for it: the one table of it. Doors, connections and routes name the act and
 * who is before them; whether and how long they have to wait is said here. SECURITY.md shows the same table to people.
 *
 * - Tokens say how much of this machine an act takes: bytes read and answered, items looked at, pixels decoded.
 * - Everybody pays who is behind the act: the one who does it (a connection, a page, a visitor), and the network address.
 * - What is refused has been paid for. Some acts are weighed only when they are done; then whoever owes waits before the next.
 *
 * What is *stored* is counted by the day, in `ledger.ts`.
 */
import { createBuckets, type Buckets } from './rate-limit.ts';
import type { Clock } from '../base/clock.ts';
import type { Limits } from '../config.ts';

/** Of which purse an act is paid. Each is filled by the limits of the same name. */
type Purse = 'connects' | 'frames' | 'reads' | 'commands' | 'requests' | 'decoding';

interface Price {
  purse: Purse;
  tokens: number;
  /** For each KB of what was said, or answered. */
  perKb?: number;
}

export const PRICES = {
  /** A socket, a stream or a ride is asked for. */
  connect: { purse: 'connects', tokens: 1 },
  /** A frame arrives, whatever it says, whether anybody understands it or not. */
  frame: { purse: 'frames', tokens: 1, perKb: 1 },
  /** An item of a batch is looked at, also one that is refused. */
  item: { purse: 'frames', tokens: 1 },
  /** Something is read out of the database for a connection: hello, sync, history, watch. Weighed by the answer. */
  read: { purse: 'reads', tokens: 1, perKb: 1 / 16 },
  /** What a page says of its visitor is stored: a write that no command answers for. */
  properties: { purse: 'frames', tokens: 20 },
  /** A durable command is carried out. */
  command: { purse: 'commands', tokens: 1 },
  /** A request over HTTP, whatever it asks for, also one that nobody answers. */
  request: { purse: 'requests', tokens: 1 },
  /** A request that has a document made, or looks into the database. */
  document: { purse: 'requests', tokens: 5 },
  /** A file is sent: looked at, written, and written down. */
  upload: { purse: 'requests', tokens: 10 },
  /** A password is tried: some 30 ms of processor, whoever it belongs to. */
  signIn: { purse: 'requests', tokens: 50 },
  /** A megapixel of a picture is decoded and made anew; a token is a millisecond. */
  jpeg: { purse: 'decoding', tokens: 20 },
  png: { purse: 'decoding', tokens: 70 },
  webp: { purse: 'decoding', tokens: 130 },
  gif: { purse: 'decoding', tokens: 320 },
} as const satisfies Record<string, Price>;

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
  /** Pays for what is done already, or is about to be in any case. */
  charge(act: Act, payers: Payers, size?: Size): void;
  /** The milliseconds until nobody behind it owes anything for acts like this. */
  owedMs(act: Act, payers: Payers): number;
}

export function createCosts({ clock, limits: { rates, file } }: { clock: Clock; limits: Pick<Limits, 'rates' | 'file'> }): Costs {
  const buckets = (perSecond: number, burst: number): Buckets => createBuckets({ clock, perSecond, burst });
  const perAddress: Record<Purse, Buckets> = {
    connects: buckets(rates.connectsPerAddressSecond, rates.connectsPerAddressBurst),
    frames: buckets(rates.framesPerAddressSecond, rates.framesPerAddressBurst),
    reads: buckets(rates.readsPerSecond, rates.readsBurst),
    commands: buckets(rates.messagesPerAddressSecond, rates.messagesPerAddressBurst),
    requests: buckets(rates.requestsPerSecond, rates.requestsBurst),
    decoding: buckets(file.decodeMsPerAddressMinute / 60, 2 * file.decodeMsPerAddressMinute),
  };
  const perOne: Partial<Record<Purse, Buckets>> = {
    frames: buckets(rates.framesPerSecond, rates.framesBurst),
    reads: buckets(rates.readsPerPageSecond, rates.readsPerPageBurst),
    commands: buckets(rates.messagesPerSecond, rates.messagesBurst),
  };

  /** Those who say little are not held up by their neighbours: who has something of this left pays with it what the address cannot. */
  const spared: Partial<Record<Purse, Buckets>> = { frames: buckets(rates.framesSparedPerSecond, rates.framesSparedBurst) };

  /** Of the two who pay together, the address: 0 where it has something left, or another purse of one's own has. */
  function owedByAddress(purse: Purse, { own, address }: Payers): number {
    const owed = address === undefined ? 0 : perAddress[purse].owedMs(address);
    return owed === 0 || own === undefined ? owed : Math.min(owed, spared[purse]?.owedMs(own) ?? Infinity);
  }

  /** Everybody who pays, narrowest first, each with the bucket to pay from. */
  function payersOf(act: Act, { own, address }: Payers): [Buckets, string][] {
    const { purse } = PRICES[act];
    const one = perOne[purse];
    return [
      ...(own === undefined || one === undefined ? [] : [[one, own] as [Buckets, string]]),
      ...(address === undefined ? [] : [[perAddress[purse], address] as [Buckets, string]]),
    ];
  }

  return {
    take(act, payers, size) {
      const tokens = priceOf(act, size);
      for (const [bucket, key] of payersOf(act, payers)) {
        const waitMs = bucket.take(key, tokens);
        if (waitMs > 0) return waitMs;
      }
      return 0;
    },
    charge(act, payers, size) {
      const { purse } = PRICES[act];
      const tokens = priceOf(act, size);
      const { own, address } = payers;
      if (own !== undefined) perOne[purse]?.charge(own, tokens);
      if (address === undefined) return;
      const purseOfOwn = spared[purse];
      if (own !== undefined && purseOfOwn?.owedMs(own) === 0 && perAddress[purse].owedMs(address) > 0) purseOfOwn.charge(own, tokens);
      else perAddress[purse].charge(address, tokens);
    },
    owedMs(act, payers) {
      const { purse } = PRICES[act];
      const own = payers.own === undefined ? 0 : (perOne[purse]?.owedMs(payers.own) ?? 0);
      return Math.max(own, owedByAddress(purse, payers));
    },
  };
}

function priceOf(act: Act, { bytes = 0, times = 1 }: Size = {}): number {
  const price: Price = PRICES[act];
  return times * price.tokens + (bytes / 1024) * (price.perKb ?? 0);
}
