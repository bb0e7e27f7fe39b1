/**
 * The commands of `consultant_chat`: what each makes of its arguments, and the call of the frame that it is.
 *
 * Each is handed its own name first, because an `error` event says which command has failed, and returns what its promise waits for.
 */
import { MESSAGE_MAX_LENGTH } from '../shared/limits.ts';
import type { CardChange, Message } from '../shared/chat.ts';
import { toCallback, toFiles, toText, toTexts } from './arguments.ts';
import type { WidgetContext } from './context.ts';
import { addCard } from './mirror.ts';
import { uuid } from './random.ts';
import { attempt } from './report.ts';

/** UTF-16 units of a longest message: of what was typed, more says nothing more to anybody. */
const TYPED_LENGTH = 2 * MESSAGE_MAX_LENGTH;

/** What a command's promise waits for; `_message` is what the command returns to its caller at once, where it returns anything. */
type Outcome = (Promise<unknown> & { _message?: Message }) | false | undefined | void;
type Command = (command: string, ...args: unknown[]) => Outcome;

/** @param give this uid counts as given: the caller of `sendChatMessage` gets the message itself */
export function createCommands(page: WidgetContext, give: (uid: string) => void): Record<string, Command> {
  const { _mirror, _tell, _isDue } = page;
  const ask = (command: string, method: 'start' | 'closeChat' | 'rate' | 'mail' | 'acceptInvite' | 'rejectInvite', ...args: unknown[]) => {
    const id = uuid();
    return _tell(command, [id], method as 'start', id, ...(args as [string]));
  };

  return {
    startChat: (command, group) => ask(command, 'start', toText(group) || null),
    closeChat(command, callback) {
      const called = toCallback(callback);
      return after(called && (() => called()), ask(command, 'closeChat'));
    },
    // Cut to what crosses for certain: the session is to judge the address, and the frame to get the draft, however long.
    sendChatByMail: (command, mail) => ask(command, 'mail', toText(mail).slice(0, TYPED_LENGTH)),
    // The frame refuses anything but a whole number from 1 to 5 and a comment of 1,000 characters, by an event.
    setOperatorRating: (command, mark, comment) => ask(command, 'rate', Number(toText(mark)), toText(comment)),
    setVisitorCard: (command, card, callback) => setCard(page, command, card, callback),
    inviteAccept: (command) => ask(command, 'acceptInvite'),
    inviteReject: (command) => ask(command, 'rejectInvite'),
    sendChatMessage(command, input, group) {
      const text = toText(input);
      if (!text.trim()) return false;
      if ([...text].length > MESSAGE_MAX_LENGTH) throw new RangeError('CallGear: longer than ' + MESSAGE_MAX_LENGTH);
      const group_id = toText(group) || null;
      const { state, chatId } = _mirror._state;
      const uid = uuid();
      const _message: Message = {
        text,
        date: Math.floor(Date.now() / 1000),
        source: 'Visitor',
        from: 'Visitor',
        sender: 'visitor',
        uid,
        chat_id: (state === 'chat' && chatId) || null,
        message_id: null,
      };
      _mirror._local.set(uid, [{ ..._message }, group_id]);
      give(uid);
      return Object.assign(_tell(command, [uid], 'send', uid, text, group_id), { _message });
    },
    resendMessage(command, input) {
      const uid = toText(input);
      const lost = _mirror._local.get(uid);
      // It failed before the frame had it: it is sent as if for the first time.
      return lost && !_isDue(uid) ? _tell(command, [uid], 'send', uid, lost[0].text, lost[1]) : _tell(command, [], 'resend', uid);
    },
    discardMessage(command, input) {
      const uid = toText(input);
      const isHere = page._takeBack(uid) || (_mirror._local.has(uid) && !_isDue(uid));
      if (!isHere) return _tell(command, [], 'discard', uid);
      _mirror._local.delete(uid);
      return undefined;
    },
    sendFile(command, input) {
      const files = toFiles(input).map((file) => ({ uid: uuid(), file }));
      const uids = files.map(({ uid }) => uid);
      if (uids[0]) return _tell(command, uids, 'sendFiles', files);
      return undefined;
    },
    chatTyping: (command, text) => _tell(command, [], 'typing', toText(text).slice(0, TYPED_LENGTH)),
    clearUnreadCounter(command) {
      const { unread } = _mirror._state;
      _mirror._state.unread = 0;
      if (unread) return _tell(command, [], 'read');
      return undefined;
    },
    printCurrentChat: (command) => _tell(command, [], 'print'),
  };
}

/** Changes the card in the mirror before it returns, and keeps the change there until the frame has taken it. */
export function setCard({ _mirror, _tell }: WidgetContext, command: string, card: unknown, callback: unknown): Promise<unknown> {
  const called = toCallback(callback);
  const tellCaller = called && ((success: boolean) => called({ success }));
  const change: CardChange = toTexts(card, 'name email phone');
  if (!Object.keys(change).length) return after(tellCaller, Promise.resolve());
  _mirror._cards.add(change);
  addCard(_mirror, change);
  const id = uuid();
  const answer = _tell(command, [id], 'setCard', id, change);
  void after(() => _mirror._cards.delete(change), answer);
  return after(tellCaller, answer);
}

/** Calls back once the command has ended, with whether it succeeded: never at once, never twice. */
function after(callback: ((success: boolean) => void) | undefined, answer: Promise<unknown>): Promise<unknown> {
  const done = (success: boolean) => () => callback && attempt(() => callback(success));
  void answer.then(done(true), done(false));
  return answer;
}
