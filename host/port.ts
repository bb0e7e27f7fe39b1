/**
 * The host's end of the port: Comlink behind a filter.
 *
 * Comlink 4.4.2 walks any path that it is sent, answers with stacks and builds what it is asked to build. So it never sees the
 * port. It sees an endpoint that passes two kinds of envelope, each made anew here: a call of one known name with one plain
 * argument, and the answer to a call of this end. Everything else is dropped without an answer.
 *
 * The frame's end has a guard with bounds (`shared/page/guard.ts`). The page needs none: it trusts the frame with its time.
 */
import { expose, wrap, type Endpoint, type Remote } from 'comlink';
import type { FrameMethods, HostMethods } from '../shared/page/bridge.ts';
import type { ErrorCode } from '../shared/errors.ts';
import { attempt } from './report.ts';

/** Why a call has not been accepted. */
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

type Listener = (event: { data: object }) => void;

/** The frame as this end sees it; a reloaded frame gets a new one. */
export interface Port {
  /** Calls the frame. Rejects with a `Failure`, and never ends if the frame never answers. */
  _peer: Remote<FrameMethods>;
  _close(): void;
}

/** Lets the peer call `methods`, and returns what calls the peer. */
export function createPort(end: PortLike, methods: HostMethods): Port {
  /** Ids of calls that this end has made and that are not answered. */
  const awaited = new Set<unknown>();
  const callable = Object.entries(methods);
  let onCall: Listener;
  let onReply: Listener;

  /** What Comlink is given in place of the port: one for calls and one for answers, so that neither is taken for the other. */
  const createEndpoint = (listen: (listener: Listener) => void) => ({
    postMessage(message: { type: string; id?: unknown }) {
      try {
        end.postMessage(message);
        // Nobody answers an answer, or the `RELEASE` of a proxy that was collected. Every envelope has a type of its own, whatever
        // the page has put into the prototype of all objects.
        if (message.type === 'APPLY') awaited.add(message.id);
      } catch (error) {
        throw toFailure('invalid_argument', String(error));
      }
    },
    addEventListener: (_type: unknown, listener: unknown) => listen(listener as Listener),
  });

  end.onmessage = ({ data }) => {
    // What was cloned has no getters: it can be asked twice.
    const { id, type, path, argumentList, value } = Object(data);
    if (awaited.delete(id)) {
      const failure = { id, type: 'HANDLER', name: 'throw', value: { value: fromFrame(value?.value) } };
      onReply({ data: type === 'RAW' ? { id, type } : failure });
    } else if (type === 'APPLY' && path?.length === 1 && callable.some(([name]) => name === path[0]))
      onCall({ data: { id, type, path: [path[0]], argumentList: [{ type: 'RAW', value: argumentList?.[0]?.value }] } });
  };

  // Comlink would answer an exception with its stack, and a value with the value.
  const quiet = callable.map(([name, method]) => [name, (argument: never) => void attempt(() => method(argument))]);
  expose(Object.fromEntries(quiet), createEndpoint((listener) => (onCall = listener)) as Endpoint);
  return {
    _peer: wrap(createEndpoint((listener) => (onReply = listener)) as Endpoint),
    _close() {
      end.onmessage = null;
      end.close();
    },
  };
}

/** What crosses the bridge as an error is a code of ours with its message, or nothing; the list of codes is too heavy for the loader. */
function fromFrame(error: unknown): Failure {
  // Texts only: what else can be cloned may refuse to become one.
  const { code, message } = Object(error);
  const isOurs = typeof code === 'string' && typeof message === 'string' && /^[a-z_]+$/.test(code);
  return isOurs ? toFailure(code as ErrorCode, message) : toFailure('internal', '');
}

/** What this end fails with. The code says it all where no message is given: the manual has a table of them. */
export function toFailure(code: ErrorCode, message: string = code): Failure {
  return { code, message };
}
