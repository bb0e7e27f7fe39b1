/**
 * A browser's page as evidence for the checker: what it shows, what its script was told, what it complained of. Reads what a
 * customer's script and a person can see; changes nothing.
 */
import type { Message } from '../../shared/chat.ts';
import type { VisitorPage } from '../support/pages/visitor.ts';
import type { Screen, Writing } from './checker.ts';

/** What a browser says of a page's console when something of ours is wrong; a connection that fails is no fault of ours. */
const COMPLAINT = /Content Security Policy|Uncaught|Unhandled/;

/** What the recorder page of a visitor shows: the current chat and everything unsent. */
export async function viewOf(visitor: VisitorPage, who: string): Promise<Screen> {
  const seen = await visitor.page.evaluate(() => ({
    visitor: window.CallGear.getVisitorId(),
    messages: window.chat.getMessages(),
    told: window.heard.filter(({ name }) => name === 'sendmessage').map(({ payload }) => payload.message_id ?? ''),
  }));
  const shown = seen.messages.map(({ message_id, uid, text }: Message) => ({ message_id, uid, text }));
  const chat = seen.messages.find(({ chat_id }) => chat_id !== null)?.chat_id ?? undefined;
  return {
    who,
    visitor: seen.visitor ?? '',
    ...(chat !== undefined && { chat }),
    shown,
    told: seen.told,
    heardOf: [...new Set(seen.messages.flatMap(({ chat_id }) => chat_id ?? []))],
    complaints: visitor.console.filter((line) => COMPLAINT.test(line)),
  };
}

/**
 * What a page has written, from what its script was told: `messagesent`, `messagedelivered`, and what it shows as unsent. Of a
 * page that was closed or reloaded only what was asked for before is known: keep the earlier answers and pass them as `before`.
 */
export async function writingOf(
  visitor: VisitorPage,
  who: string,
  { discarded = [], before }: { discarded?: readonly string[]; before?: Writing } = {},
): Promise<Writing> {
  const { sent, delivered, unsent } = await visitor.page.evaluate(() => ({
    sent: window.heard
      .filter(({ name }) => name === 'messagesent')
      .map(({ payload }) => payload['message'] as { uid: string; text: string }),
    delivered: window.heard.filter(({ name }) => name === 'messagedelivered').map(({ payload }) => payload),
    unsent: window.chat.getMessages().filter(({ message_id }) => message_id === null),
  }));
  const wrote = [...(before?.wrote ?? []), ...sent.map(({ uid, text }) => ({ uid, text }))];
  return {
    who,
    wrote: [...new Map(wrote.map((words) => [words.uid, words])).values()],
    acked: [...(before?.acked ?? []), ...delivered.map(({ uid = '', message_id = '' }) => ({ uid, message_id }))],
    outbox: unsent.flatMap(({ uid }) => uid ?? []),
    discarded: [...(before?.discarded ?? []), ...discarded],
  };
}
