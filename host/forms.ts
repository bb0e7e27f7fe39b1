/**
 * Requests while nobody is there: `consultant_offline_message`, and forms of the page's own.
 *
 * Every request is answered once by `sendofflinerequest`, to the listeners of the form that sent it and of no other.
 */
import type { PageEvent } from '../shared/page/bridge.ts';
import { given, toTexts } from './arguments.ts';
import type { Bridge } from './bridge.ts';
import type { Tell } from './context.ts';
import type { Emitter } from './emitter.ts';
import { uuid } from './random.ts';

/** How long the frame may take before it takes a request. */
export const REQUEST_MS = 10_000;
/** What a request that never got to the frame is answered with; the session's words for the same. */
export const NOT_SENT = { title: 'Not sent', message: 'Try again later.' };
/** The event that answers a request. */
export const REPLY = 'sendofflinerequest';

export interface Forms {
  /** Sends a request; the answer comes to the listeners of `form`. */
  _send(request: unknown, form: Emitter): void;
  /** Hands the answer of a request on; `events` are those that came together with this one. */
  _hear(event: PageEvent, events: PageEvent[]): void;
}

/** @param ours the listeners of the form that our interface draws */
export function createForms(bridge: Bridge, tell: Tell, ours: () => Emitter | undefined): Forms {
  /** Listeners of the forms that wait for an answer, by the id of the request. */
  const requests = new Map<unknown, Emitter>();
  return {
    _send(request, form) {
      const texts = toTexts(given(request), 'name email phone message group_id');
      const id = uuid();
      requests.set(id, form);
      setTimeout(() => bridge._takeBack(id), REQUEST_MS);
      tell('sendRequest', [id], 'sendRequest', id, texts).catch(() => {
        requests.get(id)?._emit(REPLY, { success: false, info: NOT_SENT });
        requests.delete(id);
      });
    },
    _hear(event, events) {
      if (event.name !== REPLY) return;
      const { success, title, message } = event;
      // It belongs to the form whose command is answered along with it; without one the visitor has filled in ours.
      const { id } = Object(events.find(({ name }) => name === 'answer'));
      const form = id ? requests.get(id) : ours();
      requests.delete(id);
      form?._emit(REPLY, { success, info: { title, message } });
    },
  };
}
