/**
 * What each command puts into the outbox, and what it changes at once on this page. What becomes of it is in `answers.ts`.
 */
import type { ChatId, OfflineRequest, Uid } from '../../shared/chat.ts';
import type { Outbox } from '../../shared/client/outbox.ts';
import { COMMENT_MAX_LENGTH, MESSAGE_MAX_LENGTH, PROPERTY_NAME, codePoints } from '../../shared/limits.ts';
import type { VisitorCommand } from '../../shared/wire/protocol.ts';
import type { Callers } from './callers.ts';
import { tidyChange } from './card.ts';
import type { Closing } from './closing.ts';
import type { Commands, SessionContext } from './context.ts';
import type { Caller } from './contract.ts';
import type { Draft } from './draft.ts';
import type { Identify } from './identify.ts';
import { UNREACHED, type Outcomes } from './outcomes.ts';
import type { Pending } from './pending.ts';
import type { PropertyTeller } from './properties.ts';
import { cleanText, cut } from './text.ts';
import type { Uploads } from './uploads.ts';
import { REQUEST_LENGTHS } from './words.ts';

export interface CommandsOptions {
  context: SessionContext;
  callers: Callers;
  closing: Closing;
  outcomes: Outcomes;
  pending: Pending;
  outbox: Outbox<VisitorCommand>;
  /** Messages and files this page sent. */
  own: Map<Uid, 'api' | 'ui'>;
  properties: PropertyTeller;
  uploads(): Uploads;
  draft(): Draft;
  loadIdentify(): Promise<Identify>;
}

/** A close that finds the page's first connection still being made waits so long for it; then it is applied here. */
const CLOSE_WAITS_MS = 3_000;
/** A longer draft could not be sent as a message anyway. */
const DRAFT_LENGTH = MESSAGE_MAX_LENGTH * 2;

export function createCommands(options: CommandsOptions): Commands {
  const { context, callers, closing, outcomes, outbox, own, uploads, draft } = options;
  const { change, chance, presence } = context;

  function give(command: VisitorCommand, by: Caller): void {
    callers.wait(command.uid, by);
    outbox.add(command);
  }

  /** Gives a command that makes a visitor of the page. */
  function act(command: VisitorCommand, by: Caller): void {
    presence.act();
    give(command, by);
  }

  return {
    start: (group, by) => change(() => act({ uid: chance.uid(), kind: 'chat.start', group: tidyGroup(group) }, by)),

    closeChat(by) {
      change((set) => {
        const uid = chance.uid();
        closing.uids.add(uid);
        give({ uid, kind: 'chat.close' }, by);
        if (presence.isOnline()) return;
        if (!presence.isArriving()) closing.apply(uid, set);
        else context.later(CLOSE_WAITS_MS, () => presence.isOnline() || change((then) => closing.apply(uid, then)));
      });
    },

    send(text, group, by, uid) {
      const clean = cleanText(text);
      if (clean.trim() === '') return null;
      if (codePoints(clean) > MESSAGE_MAX_LENGTH) {
        callers.refuse(by, 'sendChatMessage', 'too_long', `A message has at most ${MESSAGE_MAX_LENGTH} characters.`);
        return null;
      }
      const message = context.optimistic(uid, clean, context.clock.now());
      if (own.has(uid)) return message;
      change((set) => {
        presence.act();
        own.set(uid, by.via);
        options.pending.show(uid, { message, failed: null });
        give({ uid, kind: 'message.send', text: clean, group: tidyGroup(group) }, by);
        draft().clear();
        set.after.push({ name: 'messagesent', message: { ...message }, via: by.via });
      });
      return { ...message };
    },

    resend(uid) {
      change(() => {
        const via = own.get(uid);
        if (via !== undefined) callers.wait(uid, { via });
        if (!uploads().retry(uid)) outbox.resend(uid);
      });
    },

    discard(uid) {
      const hasFailed = outbox.items.some((item) => item.uid === uid && item.failed !== null);
      let isDone = false;
      change((set) => {
        isDone = uploads().discard(uid) || hasFailed;
        if (!isDone) return;
        outbox.discard(uid);
        // A file that was still moving has not been answered; what failed has.
        if (callers.has(uid)) set.after.push({ name: 'messagefailed', uid, reason: 'upload_failed' });
        callers.drop(uid);
      });
      return isDone;
    },

    sendFiles(files, by) {
      if (files.length === 0) return;
      change(() => {
        presence.act();
        for (const { uid, file } of files) {
          if (own.has(uid)) continue;
          own.set(uid, by.via);
          callers.wait(uid, by);
          uploads().add(uid, file);
        }
      });
    },

    setDraft: (text) => draft().set(cut(text, DRAFT_LENGTH)),
    setProperty: (name, value) => options.properties.set(cut(name, PROPERTY_NAME), cleanText(value) || null),

    rate(mark, by, comment = '') {
      if (!Number.isInteger(mark) || mark < 1 || mark > 5) {
        callers.refuse(by, 'setOperatorRating', 'invalid_argument', 'A rating is 1 to 5.');
      } else if (!context.facts.settings.chat.is_consultant_operator_rating) {
        callers.refuse(by, 'setOperatorRating', 'disabled', 'Rating is off.');
      } else {
        const said = cut(cleanText(comment).trim(), COMMENT_MAX_LENGTH);
        change(() => give({ uid: chance.uid(), kind: 'rating.set', mark, ...(said && { comment: said }) }, by));
      }
    },

    mail(address, by) {
      change(() => {
        outcomes.forget('mailed');
        give({ uid: chance.uid(), kind: 'transcript.mail', address: cut(address.trim(), 1000) }, by);
      });
    },

    setCard(values, by) {
      const card = tidyChange(values);
      change((set) => {
        if (Object.keys(card).length === 0) callers.reply(by, { ok: true }, set);
        else act({ uid: chance.uid(), kind: 'card.set', card }, by);
      });
    },

    acceptInvite: (by) => change(() => act({ uid: chance.uid(), kind: 'invite.accept' }, by)),
    rejectInvite: (by) => change(() => give({ uid: chance.uid(), kind: 'invite.reject' }, by)),

    sendRequest(request, by, wantsCall = false) {
      change((set) => {
        const uid = chance.uid();
        outcomes.forget('requested');
        const clean = cleanRequest(request);
        if (Object.entries(REQUEST_LENGTHS).some(([key, max]) => (clean[key]?.length ?? 0) > max)) {
          callers.wait(uid, by);
          outcomes.endRequest(uid, { success: false, code: 'too_long', message: 'A field is too long.' }, set);
          return;
        }
        give({ uid, kind: 'request.send', request: clean, ...(wantsCall && { wantsCall }) }, by);
        outcomes.watchRequest(uid);
      });
    },

    identify(jwt, by) {
      const uid = chance.uid();
      callers.wait(uid, by);
      options.loadIdentify().then(
        (identify) => identify(context, jwt, uid, callers),
        () => change((set) => callers.fail('identify', uid, 'unavailable', UNREACHED, set)),
      );
    },

    tellRead(chat: ChatId, seq) {
      outbox.prune((command) => command.kind === 'messages.read' && command.chat === chat);
      outbox.add({ uid: chance.uid(), kind: 'messages.read', chat, seq });
    },
  };
}

function tidyGroup(group: string | null): string | null {
  return group === null ? null : cut(group, 64);
}

function cleanRequest(request: OfflineRequest): Record<string, string> {
  return Object.fromEntries(Object.entries(request).map(([key, value]) => [key, cleanText(String(value))]));
}
