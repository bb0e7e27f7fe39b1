/**
 * Fetches the delivery half, and keeps the commands that come before it, in their order. Most page views send nothing, so the frame
 * goes live without it.
 */
import type { Commands, CreateDelivery, Delivery, SessionContext } from './context.ts';
import type { Later } from './timers.ts';

export interface LazyDelivery {
  /** `undefined` until it is here. */
  readonly delivery: Delivery | undefined;
  /** Resolves when it is here and has run the commands that waited, or when an attempt has failed. */
  load(): Promise<void>;
  /** Runs the command now, or as soon as delivery is here. */
  run(command: (commands: Commands) => void): void;
  /** Drops the commands that wait. */
  forget(): void;
  close(): void;
}

/** Between two attempts at what the network refused. */
const AGAIN_MS = 2_000;

/** @param onLoad delivery is here and has run nothing yet */
export function createLazyDelivery(
  load: () => Promise<CreateDelivery>,
  context: () => SessionContext,
  later: Later,
  onLoad: () => void,
): LazyDelivery {
  let delivery: Delivery | undefined;
  let loading: Promise<void> | undefined;
  let waiting: ((commands: Commands) => void)[] = [];
  let isClosed = false;

  function fetch(): Promise<void> {
    loading ??= load().then(
      (create) => {
        if (isClosed) return;
        delivery = create(context());
        onLoad();
        for (const command of waiting.splice(0)) command(delivery.commands);
      },
      () => {
        loading = undefined;
        if (!isClosed) later(AGAIN_MS, () => void fetch());
      },
    );
    return loading;
  }

  return {
    get delivery() {
      return delivery;
    },
    load: fetch,
    run(command) {
      if (isClosed) return;
      if (delivery !== undefined) {
        command(delivery.commands);
        return;
      }
      waiting.push(command);
      void fetch();
    },
    forget: () => void (waiting = []),
    close() {
      isClosed = true;
      delivery?.close();
    },
  };
}
