/**
 * The commands of this page that have not ended: what their callers wait for, and what becomes of them when the frame is lost.
 *
 * A command has ended when the session has answered it or, for a message or a file, when its fate is known.
 */
import type { ChatError } from '../shared/errors.ts';
import type { PageEvent } from '../shared/page/bridge.ts';
import type { Bridge } from './bridge.ts';
import type { Tell } from './context.ts';
import { define } from './define.ts';
import type { Failure } from './port.ts';

/** A command that has not ended. */
interface Due {
  /** One of its keys is answered. */
  _end(key: unknown, failure?: Failure, value?: unknown): void;
  /** The frame never got it, or is gone with it. */
  _fail(failure: Failure): void;
  _isRepeated: boolean;
}

export interface Dues {
  _tell: Tell;
  _isDue(key: unknown): boolean;
  /** Ends what this event of the session answers. */
  _hear(event: PageEvent): void;
  /** A frame is gone: ends what no other frame will be told again. If all is over, nothing will. */
  _lose(failure: Failure, isOver: boolean): void;
}

/** @param announce tells the page's listeners that a command has failed on its way to the frame */
export function createDues(bridge: Bridge, announce: (event: PageEvent) => void): Dues {
  /** By the id of the command, or by the uid of its message. */
  const dues = new Map<unknown, Due>();
  const isDue = (key: unknown) => dues.has(key);
  const end = (key: unknown, failure?: Failure, value?: unknown) => dues.get(key)?._end(key, failure, value);

  const tell: Tell = (command, keys, method, ...args) =>
    new Promise((resolve, reject) => {
      const isMessage = /^send(Files)?$/.test(method);
      const values: unknown[] = [];
      const due: Due = {
        // What a new frame may be told again: the session knows messages and files by their uid, and a card can be said twice.
        _isRepeated: isMessage || method === 'setCard',
        _end(key, failure, value) {
          dues.delete(key);
          values[keys.indexOf(key as string)] = value;
          if (failure) reject(toError(failure));
          if (!keys.some(isDue)) resolve(values[1] ? values : values[0]);
        },
        _fail(failure) {
          const left = keys.filter(isDue);
          if (keys[0] && !left[0]) return;
          if (method === 'mail') announce({ name: 'sendchatbymail', success: false, error: failure.code });
          announce({ name: 'error', ...failure, command });
          for (const uid of left) {
            if (isMessage) announce({ name: 'messagefailed', uid, reason: failure.code });
            end(uid, failure);
          }
          reject(toError(failure));
        },
      };
      for (const key of keys) dues.set(key, due);
      bridge._call(method, args, due._isRepeated ? () => keys.some(isDue) : undefined).then(() => keys[0] || resolve(undefined), due._fail);
    });

  return {
    _tell: tell,
    _isDue: isDue,
    _hear(event) {
      const { name, ...rest } = event;
      if (name === 'answer') end(event.id, event.answer.ok ? undefined : event.answer);
      if (name === 'messagedelivered') end(event.uid, undefined, rest);
      if (name === 'sendmessage') end(event.message.uid, undefined, event.message);
      if (name === 'messagefailed') end(event.uid, { code: event.reason, message: event.reason });
    },
    _lose(failure, isOver) {
      for (const { _fail, _isRepeated } of [...dues.values()]) if (isOver || !_isRepeated) _fail(failure);
    },
  };
}

/** A `ChatError` in shape: the class itself would bring its helpers along. */
function toError({ code, message }: Failure): ChatError {
  return define(new Error(message), { name: 'ChatError', code });
}
