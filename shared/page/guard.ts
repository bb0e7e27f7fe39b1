/**
 * Carrier: what may pass the port between page and frame, in front of Comlink.
 *
 * Comlink 4.4.2 walks any path it is sent: `CONSTRUCT ["constructor","constructor"]` runs the peer's code, `SET` reaches
 * `Object.prototype`, errors carry stacks. So it never sees the port. It sees an endpoint that passes two kinds of envelope,
 * each rebuilt here field by field: a call of one known name with plain arguments, and the answer to a call of this end.
 * Everything else is answered `not_callable` or dropped; `RELEASE`, which would deafen Comlink, is one of those.
 * The page's end has a filter of its own (`host/port.ts`): it passes the same two envelopes, and needs no bounds.
 *
 * Does not look into arguments: what a method takes is the method's to check.
 */
import type { ErrorCode } from '../errors.ts';

/** The least of a MessagePort that is needed here and by Comlink. */
export interface PortLike {
  postMessage(message: unknown, transfer?: never[]): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  removeEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  start?(): void;
  close?(): void;
}

/** What Comlink is given in place of the port. */
export interface GuardedPort {
  postMessage(message: unknown, transfer?: unknown): void;
  addEventListener(type: string, listener: unknown): void;
  removeEventListener(type: string, listener: unknown): void;
  start(): void;
  /** Nothing passes any more, either way. */
  close(): void;
}

export interface GuardOptions {
  /** The names the peer may call at this end. */
  calls: ReadonlySet<string>;
  /** UTF-16 units of one call's arguments as JSON. A `File` counts as nothing; its size is its method's concern. */
  size: number;
  /** Which code an error of either end becomes; whatever is not ours has to become one of ours. */
  toCode: (code: unknown) => ErrorCode;
  /** Bounds how often the peer may call, see `createBucket`. Only the frame has reason to: the page is not trusted with its time. */
  isAllowed?: (() => boolean) | undefined;
}

interface Envelope {
  id?: unknown;
  type?: unknown;
  path?: unknown;
  argumentList?: unknown;
  name?: unknown;
  value?: unknown;
}

const MAX_ARGUMENTS = 4;
const MAX_ID = 99;
const MAX_MESSAGE = 200;

export function guard(port: PortLike, { calls, size, toCode, isAllowed }: GuardOptions): GuardedPort {
  /** Ids of calls that this end has made and that are not answered. */
  const awaited = new Set<unknown>();
  let listeners: unknown[] = [];

  const thrown = (id: unknown, error: unknown) => {
    const { code, message } = Object(error);
    const known = toCode(code);
    // A message is only ours to show if the code is: any other error may speak of paths and lines.
    const text = known === code ? String(message).slice(0, MAX_MESSAGE) : known;
    return { id, type: 'HANDLER', name: 'throw', value: { isError: false, value: { code: known, message: text } } };
  };
  const refuse = (id: unknown, code: ErrorCode) => port.postMessage(thrown(id, { code, message: code }));

  /** The reply as Comlink may see it. */
  const toReply = ({ id, type, name, value }: Envelope) => {
    if (type === 'RAW') return { id, type, value };
    if (type === 'HANDLER' && name === 'throw') return thrown(id, Object(value).value);
    return undefined;
  };

  /** The call as Comlink may see it; without one, why not. */
  const toCall = ({ id, type, path, argumentList = [] }: Envelope): ErrorCode | object => {
    if (type !== 'APPLY' || !Array.isArray(path) || path.length !== 1 || !calls.has(path[0])) return 'not_callable';
    if (!Array.isArray(argumentList) || argumentList.length > MAX_ARGUMENTS) return 'not_callable';
    const args: Envelope[] = argumentList.map(Object);
    if (args.some((argument) => argument.type !== 'RAW')) return 'not_callable';
    if (isAllowed && !isAllowed()) return 'rate_limited';
    const raw = args.map(({ value }) => ({ type: 'RAW', value }));
    return fits(raw, size) ? { id, type, path: [path[0]], argumentList: raw } : 'too_long';
  };

  const receive = ({ data }: { data: unknown }) => {
    const envelope: Envelope = Object(data);
    const { id, type } = envelope;
    if (typeof id !== 'string' || id.length > MAX_ID || type === 'RELEASE') return;
    if (awaited.has(id)) {
      const reply = toReply(envelope);
      if (reply && awaited.delete(id)) pass(reply);
      return;
    }
    // A reply nobody awaits: too late, or invented.
    if (type === 'RAW' || type === 'HANDLER') return;
    const call = toCall(envelope);
    if (typeof call === 'string') refuse(id, call as ErrorCode);
    else pass(call);
  };

  const pass = (data: object) => {
    for (const listener of listeners) (listener as (event: object) => void)({ data });
  };

  port.addEventListener('message', receive);
  return {
    postMessage(message, transfer = []) {
      const envelope = message as Envelope;
      if (envelope.type === 'APPLY') {
        awaited.add(envelope.id);
        port.postMessage(message, transfer as never[]);
      } else {
        // Comlink's own RELEASE, sent when a proxy is collected, ends here.
        const reply = toReply(envelope);
        if (reply) port.postMessage(reply);
      }
    },
    addEventListener(_type, listener) {
      listeners = listeners.concat(listener);
    },
    removeEventListener(_type, listener) {
      listeners = listeners.filter((other) => other !== listener);
    },
    start() {
      port.start?.();
    },
    close() {
      listeners = [];
      port.removeEventListener('message', receive);
      port.close?.();
    },
  };
}

/**
 * The object a peer may call, for Comlink's `expose`: no prototype to climb, nothing to overwrite. Errors leave it as plain
 * `{code, message}`, because Comlink forgets the code of a real one.
 *
 * @example
 * expose(callable({ send, closeChat }), guarded);
 */
export function callable<T extends object>(methods: T): Readonly<T> {
  const object = Object.create(null);
  for (const [name, method] of Object.entries(methods)) {
    object[name] = async (...args: unknown[]) => {
      try {
        return await method(...args);
      } catch (error) {
        const { code, message } = Object(error);
        throw { code, message };
      }
    };
  }
  return Object.freeze(object);
}

/** Whether the arguments are small enough; cyclic ones and big integers have no JSON and are not. */
function fits(args: unknown, size: number): boolean {
  try {
    return JSON.stringify(args).length <= size;
  } catch {
    return false;
  }
}

/**
 * Token bucket with hysteresis: once empty it stays shut until half full. Calls that were already under way when the first
 * was refused are then refused too, so that the caller can repeat all of them in their order.
 */
export function createBucket({
  perSecond,
  burst,
  now = Date.now,
}: {
  perSecond: number;
  burst: number;
  now?: () => number;
}): () => boolean {
  let tokens = burst;
  let last = now();
  let isShut = false;
  return () => {
    const time = now();
    // A clock set back costs the caller nothing and gives nothing.
    tokens = Math.min(burst, tokens + (Math.max(0, time - last) / 1000) * perSecond);
    last = time;
    if (isShut && tokens < burst / 2) return false;
    isShut = tokens < 1;
    if (isShut) return false;
    tokens -= 1;
    return true;
  };
}
