/**
 * What strangers have stored within 24 hours, and what of theirs is arriving. The visitor, the network address and the site have an
 * account each. An upload is entered before its first byte, so that many at once get no more than one after the other. A refused
 * one leaves no entry.
 *
 * Sums are kept by the hour. They are written to the store within a second and read again after a restart, so a restart gives nobody
 * a fresh day. The store holds keyed hashes of the names. Uploads of operators are not counted.
 */
import { createHmac } from 'node:crypto';
import type { SiteKey, VisitorId } from '../../shared/chat.ts';
import { ChatError } from '../../shared/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { Limits } from './limits.ts';
import type { Log } from '../base/log.ts';
import type { Store } from '../store/store.ts';

export interface Account {
  site: SiteKey;
  /** `null`: a page whose visitor has not acted. */
  visitor: VisitorId | null;
  /** As it is counted. */
  address: string;
}

/** Files, or what people write. */
export type Kind = 'file' | 'text';

/** One thing that is arriving. */
export interface Entry {
  /** So many bytes more have arrived. @throws ChatError `rate_limited` when they are too many, `upload_failed` when the same thing has begun anew */
  take(bytes: number): void;
  /** This much of it has been stored. */
  keep(bytes: number): void;
  /** Nothing more of it arrives. */
  end(): void;
}

/** Counts what strangers store. */
export interface Ledger {
  /**
   * @param name the sender's own name for it; the same name of another sender is another thing. The same name again replaces the
   * earlier one: its sender has noticed a broken connection before us.
   * @param bytes what of it is here already, put down in the same breath
   * @throws ChatError `rate_limited` when a day has no room for that, or for a first byte
   */
  begin(kind: Kind, name: string, account: Account, bytes?: number): Promise<Entry>;
  /** Bytes of files that are arriving, of everybody. */
  arrivingBytes(): number;
  /** Writes down what has been kept until now. */
  save(): Promise<void>;
  close(): Promise<void>;
}

/** So many hours make the day; the present one is the last. */
const HOURS = 24;
const HOUR_MS = 3600 * 1000;
const SAVE_MS = 1_000;
/** Accounts in memory. Those with nothing to be written down are read again when they are needed. */
const REMEMBERED = 20_000;

interface Sum {
  bytes: number;
  count: number;
}

/** One payer's sums of one kind. */
interface Sheet {
  key: string;
  hours: Map<number, Sum>;
  arriving: Map<string, Arriving>;
  unsaved: Map<number, Sum>;
}

interface Arriving {
  bytes: number;
}

export interface LedgerOptions {
  store: Pick<Store, 'secret' | 'spent' | 'transact'>;
  clock: Clock;
  limits: Pick<Limits, 'file' | 'text'>;
  log: Pick<Log, 'error'>;
}

export function createLedger({ store, clock, limits: { file, text }, log }: LedgerOptions): Ledger {
  const sheets = new Map<string, Promise<Sheet>>();
  const unsaved = new Set<Sheet>();
  /** Of files. */
  const arriving = new Set<Arriving>();
  let stopTimer: (() => void) | undefined;

  const hourNow = () => Math.floor(clock.nowMs() / HOUR_MS);

  /** Everybody whose day it is part of, and how much that may hold. */
  function payersOf(kind: Kind, { site, visitor, address }: Account): { who: string[]; most: Sum }[] {
    const most = (bytes: number, count = Infinity): Sum => ({ bytes, count });
    const own =
      visitor === null
        ? []
        : [
            {
              who: ['visitor', site, visitor],
              most: kind === 'file' ? most(file.bytesPerVisitorDay, file.perVisitorDay) : most(text.bytesPerVisitorDay),
            },
          ];
    return [
      ...own,
      {
        who: ['address', address],
        most: kind === 'file' ? most(file.bytesPerAddressDay, file.perAddressDay) : most(text.bytesPerAddressDay),
      },
      { who: ['site', site], most: kind === 'file' ? most(file.bytesPerSiteDay, file.perSiteDay) : most(text.bytesPerSiteDay) },
    ];
  }

  async function read(key: string): Promise<Sheet> {
    const hours = new Map<number, Sum>();
    for (const { hour, bytes, count } of await store.spent(key, hourNow() - HOURS)) hours.set(hour, { bytes, count });
    return { key, hours, arriving: new Map(), unsaved: new Map() };
  }

  function sheetOf(kind: Kind, who: readonly string[]): Promise<Sheet> {
    const key = createHmac('sha256', store.secret)
      .update(JSON.stringify(['spent', kind, ...who]))
      .digest('base64url');
    const sheet = sheets.get(key) ?? read(key);
    // To the end: the account that was not used for longest is forgotten first.
    sheets.delete(key);
    sheets.set(key, sheet);
    sheet.catch(() => sheets.delete(key));
    if (sheets.size > REMEMBERED) void forgetOldest();
    return sheet;
  }

  async function forgetOldest(): Promise<void> {
    const [oldest] = sheets;
    if (oldest === undefined) return;
    const sheet = await oldest[1].catch(() => undefined);
    if (sheet === undefined || (sheet.arriving.size === 0 && sheet.unsaved.size === 0)) sheets.delete(oldest[0]);
  }

  /** The day's stored and arriving amounts together. */
  function sumOf({ hours, arriving: now }: Sheet): Sum {
    const last = hourNow();
    const sum = { bytes: 0, count: now.size };
    for (const [hour, stored] of hours) {
      if (hour <= last - HOURS) hours.delete(hour);
      // A wrong clock wrote an hour of the future.
      else if (hour <= last) [sum.bytes, sum.count] = [sum.bytes + stored.bytes, sum.count + stored.count];
    }
    for (const { bytes } of now.values()) sum.bytes += bytes;
    return sum;
  }

  function add(sums: Map<number, Sum>, hour: number, bytes: number): void {
    const before = sums.get(hour) ?? { bytes: 0, count: 0 };
    sums.set(hour, { bytes: before.bytes + bytes, count: before.count + 1 });
  }

  function saveSoon(): void {
    stopTimer ??= clock.after(SAVE_MS, () => {
      save().catch((error: unknown) => log.error({ err: error }, 'what visitors have stored could not be counted in the database'));
    });
  }

  async function save(): Promise<void> {
    stopTimer?.();
    stopTimer = undefined;
    const rows = [...unsaved].flatMap((sheet) => [...sheet.unsaved].map(([hour, sum]) => ({ key: sheet.key, hour, ...sum })));
    for (const sheet of unsaved) sheet.unsaved.clear();
    unsaved.clear();
    if (rows.length > 0) await store.transact([], (tx) => tx.addSpent(rows));
  }

  return {
    async begin(kind, uid, account, bytes = 0) {
      const name = nameOf(uid, account);
      const payers = await Promise.all(payersOf(kind, account).map(async ({ who, most }) => ({ sheet: await sheetOf(kind, who), most })));
      const mine: Arriving = { bytes };
      // No await from here on: free room is taken before anybody else can look.
      for (const { sheet, most } of payers) {
        const before = sheet.arriving.get(name);
        const sum = sumOf(sheet);
        const free = most.bytes - sum.bytes + (before?.bytes ?? 0);
        if (sum.count - (before === undefined ? 0 : 1) >= most.count || free < Math.max(1, bytes)) throw tooMuch(kind);
      }
      for (const { sheet } of payers) sheet.arriving.set(name, mine);
      if (kind === 'file') arriving.add(mine);
      const end = () => {
        for (const { sheet } of payers) if (sheet.arriving.get(name) === mine) sheet.arriving.delete(name);
        arriving.delete(mine);
      };
      return {
        take(more) {
          for (const { sheet } of payers)
            if (sheet.arriving.get(name) !== mine) throw new ChatError('upload_failed', 'The same upload has begun anew.');
          mine.bytes += more;
          for (const { sheet, most } of payers) if (sumOf(sheet).bytes > most.bytes) throw tooMuch(kind);
        },
        keep(size) {
          for (const { sheet } of payers) {
            add(sheet.hours, hourNow(), size);
            add(sheet.unsaved, hourNow(), size);
            unsaved.add(sheet);
          }
          end();
          saveSoon();
        },
        end,
      };
    },
    arrivingBytes: () => [...arriving].reduce((sum, { bytes }) => sum + bytes, 0),
    save,
    close: save,
  };
}

/** Names are chosen by those who send: two who choose the same share a sheet, their address's and their site's, and must not meet there. */
function nameOf(uid: string, { site, visitor, address }: Account): string {
  return JSON.stringify(visitor === null ? [site, 'page', address, uid] : [site, 'visitor', visitor, uid]);
}

function tooMuch(kind: Kind): ChatError {
  return new ChatError(
    'rate_limited',
    kind === 'file'
      ? 'As many files were sent from here as a day allows. Try again tomorrow.'
      : 'As much was written from here as a day allows. Try again tomorrow.',
  );
}
