/**
 * A carrier whose frames are paid for before anybody looks at them, whichever channel they belong to. A sender who owes is read
 * more slowly, so the network itself makes it wait; nothing is refused and nothing is lost. A meter knows bytes, not what they say.
 */
import { EventEmitter } from 'node:events';
import type { RawData } from 'ws';
import type { Carrier } from './carrier.ts';
import type { Clock } from '../base/clock.ts';
import type { Costs, Payers } from '../limits/costs.ts';

export interface MeterOptions {
  carrier: Carrier;
  costs: Pick<Costs, 'charge' | 'owedMs'>;
  payers: Payers;
  clock: Clock;
}

/** The same carrier, metered. */
export function createMeter(options: MeterOptions): Carrier {
  return new Meter(options);
}

class Meter extends EventEmitter implements Carrier {
  isPaused = false;
  readonly #carrier: Carrier;
  readonly #options: MeterOptions;
  /** Frames that had arrived when the wait began: a pause stops the network, not them. */
  readonly #waiting: [data: RawData, isBinary: boolean][] = [];
  #stopWaiting: (() => void) | undefined;
  #isPassing = false;

  constructor(options: MeterOptions) {
    super();
    this.#options = options;
    this.#carrier = options.carrier;
    this.#carrier.on('message', (data, isBinary) => {
      this.#waiting.push([data, isBinary]);
      this.#pass();
    });
    this.#carrier.on('error', (error) => this.emit('error', error));
    this.#carrier.on('close', (code) => {
      this.#forget();
      this.emit('close', code);
    });
  }

  /** Passes on the frames that are paid for, in their order. */
  #pass(): void {
    if (this.#isPassing) return;
    const { costs, payers, clock } = this.#options;
    this.#isPassing = true;
    while (!this.isPaused && this.#stopWaiting === undefined) {
      const [first] = this.#waiting;
      if (first === undefined) break;
      const owedMs = costs.owedMs('frame', payers);
      if (owedMs > 0) {
        this.#stopWaiting = clock.after(owedMs, () => {
          this.#stopWaiting = undefined;
          this.#pass();
        });
        break;
      }
      this.#waiting.shift();
      costs.charge('frame', payers, { bytes: bytesOf(first[0]) });
      this.emit('message', ...first);
    }
    this.#isPassing = false;
    if (this.isPaused || this.#stopWaiting !== undefined) this.#carrier.pause();
    else if (this.#carrier.isPaused) this.#carrier.resume();
  }

  #forget(): void {
    this.#waiting.length = 0;
    this.#stopWaiting?.();
    this.#stopWaiting = undefined;
  }

  get bufferedAmount(): number {
    return this.#carrier.bufferedAmount;
  }

  pause(): void {
    this.isPaused = true;
    this.#carrier.pause();
  }

  resume(): void {
    this.isPaused = false;
    this.#pass();
  }

  send(text: string, onSent?: () => void): void {
    this.#carrier.send(text, onSent);
  }

  /** Hears no more frames. Reads the peer's answer to the closing, whatever is owed. */
  close(code: number, reason: string): void {
    this.#forget();
    this.resume();
    this.#carrier.close(code, reason);
  }

  terminate(): void {
    this.#carrier.terminate();
  }
}

function bytesOf(data: RawData): number {
  return Array.isArray(data) ? data.reduce((sum, part) => sum + part.byteLength, 0) : data.byteLength;
}
