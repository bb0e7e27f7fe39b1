/**
 * The host's end of the port: speaks Comlink's wire, and only the two envelopes that the frame's guard passes: a call of one
 * known name with plain arguments, and the answer to a call of this end. Anything else is dropped.
 *
 * Comlink itself stays in the frame. Here it would weigh a third of the loader, for proxies, constructors, property writes and
 * transfers that nothing may use; `bridge.test.ts` holds this file against the real one.
 */
import type { HostMethods } from '../shared/page/bridge.ts';
import type { ErrorCode } from '../shared/errors.ts';
import { uuid } from './random.ts';
import { attempt } from './report.ts';

export interface Failure {
  code: ErrorCode;
  message: string;
}

/** The least of a MessagePort that is needed here. */
export interface PortLike {
  postMessage(message: unknown): void;
  onmessage: ((event: MessageEvent) => void) | null;
  close(): void;
}

export interface Port {
  /** `done` is called once: when the peer has answered, after `ms`, or when the port is closed. */
  _call(method: string, args: unknown[], ms: number, done: (failure?: Failure) => void): void;
  _close(failure: Failure): void;
}

export function createPort(end: PortLike, methods: HostMethods): Port {
  const awaited = new Map<unknown, (failure?: Failure) => void>();
  const callable = new Map<unknown, unknown>(Object.entries(methods));

  end.onmessage = ({ data }) => {
    const { id, type, path, argumentList, value } = Object(data);
    const done = awaited.get(id);
    const method = Object(path).length === 1 && (callable.get(path[0]) as ((argument: unknown) => void) | undefined);
    if (done) done(type === 'RAW' ? undefined : fromFrame(Object(Object(value).value)));
    else if (type === 'APPLY' && method) {
      attempt(() => method(Object(Object(argumentList)[0]).value));
      // The peer's Comlink keeps a promise for every call until it is answered.
      end.postMessage({ id, type: 'RAW' });
    }
  };

  return {
    _call(method, args, ms, done) {
      const id = uuid();
      const finish = (failure?: Failure) => {
        clearTimeout(timer);
        if (awaited.delete(id)) done(failure);
      };
      const timer = setTimeout(finish, ms, toFailure('timeout'));
      awaited.set(id, finish);
      try {
        end.postMessage({ id, type: 'APPLY', path: [method], argumentList: args.map((value) => ({ type: 'RAW', value })) });
      } catch (error) {
        finish(toFailure('invalid_argument', String(error)));
      }
    },
    _close(failure) {
      end.onmessage = null;
      end.close();
      for (const done of awaited.values()) done(failure);
    },
  };
}

/** What crosses the bridge as an error is a word of ours or nothing; the list itself is too heavy for the loader. */
function fromFrame({ code, message }: { code: unknown; message: unknown }): Failure {
  // Texts only: what else can be cloned may refuse to become one.
  const isText = (value: unknown): value is string => typeof value === 'string';
  return toFailure((isText(code) && /^[a-z_]+$/.test(code) ? code : 'internal') as ErrorCode, isText(message) ? message : '');
}

/** What this end fails with. The code says it all where no message is given: the manual has a table of them. */
export function toFailure(code: ErrorCode, message: string = code): Failure {
  return { code, message };
}
