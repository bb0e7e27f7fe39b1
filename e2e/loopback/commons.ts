/**
 * What pages of one browser have in common beside its storage, as far as ours use it: Web Locks and BroadcastChannels. In memory
 * and without time; a channel can be made to stand still.
 */

type Work = (lock: { name: string } | null) => Promise<unknown>;

/** A lock is held until the callback's promise ends, or somebody steals it. Who waits may be told to give up. */
export function createLocks() {
  const holders = new Map<string, { over: Promise<unknown>; rob(): void }>();

  async function untilFree(name: string, signal: AbortSignal | undefined): Promise<void> {
    const aborted = new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()));
    while (holders.has(name)) {
      await Promise.race([holders.get(name)?.over, aborted]);
      signal?.throwIfAborted();
    }
  }

  return {
    async request(name: string, ...rest: [LockOptions, Work] | [Work]): Promise<unknown> {
      const [options, work] = rest.length === 2 ? rest : [{}, rest[0]];
      if (options.ifAvailable === true && holders.has(name)) return work(null);
      if (options.steal === true) holders.get(name)?.rob();
      else await untilFree(name, options.signal);
      let rob = (): void => undefined;
      const robbed = new Promise<never>((_, reject) => (rob = () => reject(new DOMException('stolen', 'AbortError'))));
      let end = (): void => undefined;
      const holder = { over: new Promise<void>((resolve) => (end = resolve)), rob };
      holders.set(name, holder);
      try {
        return await Promise.race([work({ name }), robbed]);
      } finally {
        if (holders.get(name) === holder) holders.delete(name);
        end();
      }
    },
  };
}

/** Messages come in their order, even after their sender has ended. A channel that stands still gets them when it goes on. */
export function createChannels() {
  const channels: Channel[] = [];

  class Channel {
    onmessage: ((event: { data: unknown }) => void) | null = null;
    late: (() => void)[] | undefined;
    readonly name: string;

    constructor(name: string) {
      this.name = name;
      channels.push(this);
    }

    postMessage(data: unknown): void {
      for (const other of channels) {
        if (other === this || other.name !== this.name) continue;
        const deliver = (): void => other.onmessage?.({ data });
        queueMicrotask(() => void (other.late === undefined ? deliver() : other.late.push(deliver)));
      }
    }

    close(): void {
      this.onmessage = null;
      channels.splice(channels.indexOf(this), 1);
    }
  }

  return {
    Channel,
    /** One of them hears nothing until all go on. */
    freeze(at: number): void {
      const channel = channels[at % channels.length];
      if (channel !== undefined) channel.late ??= [];
    },
    thaw(): void {
      for (const channel of channels) {
        const { late } = channel;
        channel.late = undefined;
        for (const deliver of late ?? []) deliver();
      }
    },
  };
}

interface LockOptions {
  ifAvailable?: boolean;
  steal?: boolean;
  signal?: AbortSignal;
}
