/**
 * Deeds: what this page does, and what became of it. Each command becomes an outbox item and is answered once, by events and
 * by the answer its caller waits for; what was sent is shown as pending until the timeline has it.
 *
 * Stands on the session's ground (`ground.ts`): changes facts only within its steps, assigns no signal, tells nobody itself.
 */
import type { ChatEvent, OfflineRequest, Uid } from '../../shared/chat.ts';
import type { Answer, PageEvent, PendingMessage } from '../../shared/page/bridge.ts';
import { createOutbox } from '../../shared/client/outbox.ts';
import type { OutboxItem, OutboxStore } from '../../shared/client/outside.ts';
import { toErrorCode, type ErrorCode } from '../../shared/errors.ts';
import { MESSAGE_MAX_LENGTH, PROPERTY_NAME, codePoints } from '../../shared/limits.ts';
import type { CommandResult, VisitorCommand, VisitorCommandKind } from '../../shared/wire/protocol.ts';
import { changeCard, stillRequired, tidyChange } from './card.ts';
import type { Draft, DraftOptions } from './draft.ts';
import type { Deeds, Ground, Step } from './ground.ts';
import { createLateDraft, createLateUploads } from './late.ts';
import type { ShowToken } from './naming.ts';
import type { HandOver } from './outside.ts';
import { noticeOf } from './notice.ts';
import { createPropertyTeller } from './properties.ts';
import type { Caller } from './session.ts';
import type { Uploads, UploadsOptions } from './uploads.ts';
import { cleanText, cut } from './text.ts';
import { METHOD_OF, REQUEST_LENGTHS, REQUEST_TEXTS } from './words.ts';

export interface DeedsOptions {
  store: OutboxStore<VisitorCommand>;
  /** Fetched with the first file, and with the first letter of a draft. */
  loadUploads(options: Omit<UploadsOptions, 'carry'>): Promise<Uploads>;
  loadDraft(options: DraftOptions): Promise<Draft>;
  /** Few pages have visitors who are known elsewhere: what shows a signed token is fetched with the first one. */
  loadNaming(): Promise<ShowToken>;
  /** Where there is no browser to leave anything to, there is none. */
  handOver?: HandOver;
}

/** What this page remembers of a command it gave, until the command has ended. */
interface Given {
  by: Caller;
  /** It was applied here already; what the server says about it later is not told again. */
  isAnswered: boolean;
}

/** An answer that came before the event it speaks of. */
interface Held {
  command: VisitorCommand;
  result: CommandResult;
  stop: () => void;
}

/** An answer whose event does not come is believed without it. */
const ANSWER_WAITS_MS = 5_000;
/** Offline for so long, a request is given back to the visitor. */
const REQUEST_WAITS_MS = 10_000;
/** A transcript that was accepted and of which nothing bad is heard is on its way. */
const MAIL_WAITS_MS = 30_000;
const UNREACHED = 'The server could not be reached.';
const ADOPT_WAITS_MS = 1_000;
/** A close that finds the page's first connection still being made waits so long for it, then it is carried out here. */
const CLOSE_WAITS_MS = 3_000;
/** A draft that was longer could not be sent as a message anyway. */
const DRAFT_LENGTH = MESSAGE_MAX_LENGTH * 2;

export function createDeeds(ground: Ground, options: DeedsOptions): Deeds {
  const { clock, chance, identity, transport, chats, history, change, later, rules, isOnline } = ground;

  const given = new Map<Uid, Given>();
  /** Messages and files this page sent, for as long as it lives. */
  const own = new Map<Uid, 'api' | 'ui'>();
  /** Messages of earlier pages that the first snapshot showed as pending. */
  const inherited = new Set<Uid>();
  const closing = new Set<Uid>();
  const shownPending = new Map<Uid, PendingMessage>();
  /** Those that were dated by the visitor's own clock, because the server had not said what time it is. */
  const roughlyDated = new Set<Uid>();
  let held: Held[] = [];
  /** Told at the end of the step, after what its events answer. */
  const notices: PageEvent[] = [];
  let pending: readonly PendingMessage[] = [];
  let mailed: Deeds['mailed'] = null;
  let requested: Deeds['requested'] = null;
  /** Steady once it is true: a word that comes and goes with each command says nothing. */
  let isForgetful = false;

  const outbox = createOutbox<VisitorCommand>({
    clock,
    store: options.store,
    isStoring: false,
    keepsFailed: ({ kind }) => kind === 'message.send' || kind === 'file.send',
    isMinor,
    // What the visitor does goes out under the visitor's name, never under that of the anonymous page before.
    send: (items) => (ground.isSignedIn() || !ground.hasActed()) && transport.send({ t: 'send', items }),
    onAck: (command, result) => change((now) => (isFolded(command, result) ? settle(command, result, now) : hold(command, result))),
    onFailed: (command, code, message) => change((now) => fail(command, code, message, now)),
    onChange: () => {
      transport.expect(outbox.isWaiting);
      change(() => undefined);
    },
  });

  const uploadsOptions: Omit<UploadsOptions, 'carry'> = {
    rules,
    isOnline: () => isOnline() && ground.isSignedIn(),
    access: () => ground.access(),
    onArrived: (uid, file) => change(() => outbox.add({ uid, kind: 'file.send', file })),
    onProgress: ({ uid, name, size, loaded }) =>
      change((now) => now.then.push({ name: 'fileprogress', uid, file: name, size, loaded, total: size })),
    onFailed: failFile,
  };
  let uploads = createLateUploads(
    () => options.loadUploads(uploadsOptions),
    later,
    failFile,
    (real, waiting) =>
      change(() => {
        uploads = real;
        for (const [uid, file] of waiting) real.add(uid, file);
      }),
  );

  let draft = createLateDraft(
    () =>
      options.loadDraft({
        clock,
        everyMs: () => ground.timing().typingMs,
        isAllowed: () => isOnline() && ground.view().state === 'chat' && rules().is_typing_preview,
        send: (text) => transport.send({ t: 'typing', text }),
      }),
    later,
    (real) => (draft = real),
  );

  const properties = createPropertyTeller({ clock, isOnline, send: (changes) => void transport.send({ t: 'properties', changes }) });

  // ── what shows ─────────────────────────────────────────────────────────────────────────────────────────────────

  /** Own messages that are not in the timeline yet, those already answered first. The same list until it changes. */
  function pendingNow(): readonly PendingMessage[] {
    const answered = held.map(({ command }) => ({ command, failed: null, order: 0 }));
    const list = [...answered, ...outbox.items].flatMap((item) => toPending(item) ?? []);
    for (const uid of shownPending.keys()) if (!list.some(({ message }) => message.uid === uid)) shownPending.delete(uid);
    if (list.length !== pending.length || list.some((item, at) => item !== pending[at])) pending = list;
    return pending;
  }

  function remember(uid: Uid, shown: PendingMessage): void {
    shownPending.set(uid, shown);
    if (ground.knowsTime()) roughlyDated.delete(uid);
    else roughlyDated.add(uid);
  }

  function toPending({
    command,
    failed,
    order,
  }: Pick<OutboxItem<VisitorCommand>, 'command' | 'failed' | 'order'>): PendingMessage | undefined {
    if (command.kind !== 'message.send' || history.has(command.uid)) return undefined;
    const shown = shownPending.get(command.uid);
    const reason = failed === null ? null : toErrorCode(failed);
    const isRough = roughlyDated.has(command.uid) && ground.knowsTime();
    if (shown !== undefined && shown.failed === reason && !isRough) return shown;
    const now = { message: (!isRough && shown?.message) || ground.optimistic(command.uid, command.text, order), failed: reason };
    remember(command.uid, now);
    return now;
  }

  // ── giving and answering ───────────────────────────────────────────────────────────────────────────────────────

  function give(command: VisitorCommand, by: Caller): void {
    given.set(command.uid, { by, isAnswered: false });
    outbox.add(command);
  }

  function answer(uid: Uid, outcome: Answer, now: Step): void {
    const command = given.get(uid);
    given.delete(uid);
    if (command !== undefined && !command.isAnswered) reply(command.by, outcome, now);
  }

  function reply(by: Caller, outcome: Answer, now: Step): void {
    if (by.via === 'api' && by.id !== undefined) now.then.push({ name: 'answer', id: by.id, answer: outcome });
  }

  function refuse(by: Caller, command: string, code: ErrorCode, message: string): void {
    change((now) => {
      now.then.push({ name: 'error', code, message, command });
      reply(by, { ok: false, code, message }, now);
    });
  }

  /** The close is carried out here before the server can: whatever was begun before it counts as answered. */
  function closeLocally(close: Uid, now: Step): void {
    const command = given.get(close);
    if (command === undefined || command.isAnswered) return;
    const begun = outbox.items.filter((item) => item.failed === null && BEGINS.has(item.command.kind));
    for (const {
      uid,
      command: { kind },
    } of begun) {
      const start = given.get(uid);
      if (start === undefined || start.isAnswered || (kind !== 'chat.start' && kind !== 'invite.accept')) continue;
      now.then.push({ name: kind === 'chat.start' ? 'startchat' : 'inviteaccept' });
      reply(start.by, { ok: true }, now);
      start.isAnswered = true;
    }
    const chat = chats.current;
    if (chat?.isOpen === true) chats.hide(chat.id, [close]);
    if (ground.view().state === 'chat' || begun.length > 0) now.then.push({ name: 'closechat' });
    reply(command.by, { ok: true }, now);
    command.isAnswered = true;
  }

  // ── what became of a command ───────────────────────────────────────────────────────────────────────────────────

  /** Whether the timeline already shows what an answer speaks of. */
  function isFolded(command: VisitorCommand, { chat, seq }: CommandResult): boolean {
    if (chat === null) return true;
    switch (command.kind) {
      case 'message.send':
      case 'file.send':
        return history.has(command.uid) || (seq !== undefined && ground.cursorAt(chat) >= seq);
      case 'chat.start':
      case 'invite.accept':
        return chats.get(chat) !== undefined;
      case 'chat.close':
        return chats.get(chat)?.isOpen === false;
      default:
        return true;
    }
  }

  function hold(command: VisitorCommand, result: CommandResult): void {
    const answered = { command, result, stop: later(ANSWER_WAITS_MS, () => change((now) => release(answered, now))) };
    held = [...held, answered];
  }

  function release(answered: Held, now: Step): void {
    if (!held.includes(answered)) return;
    answered.stop();
    held = held.filter((other) => other !== answered);
    settle(answered.command, answered.result, now);
  }

  function settle(command: VisitorCommand, result: CommandResult, now: Step): void {
    const { uid } = command;
    const isMine = given.get(uid)?.isAnswered === false;
    switch (command.kind) {
      case 'chat.start':
        if (isMine) now.then.push({ name: 'startchat' });
        break;
      case 'invite.accept':
        if (isMine) now.then.push({ name: 'inviteaccept' });
        break;
      case 'chat.close':
        closing.delete(uid);
        if (isMine && result.chat !== null) now.then.push({ name: 'closechat' });
        break;
      case 'invite.reject':
        ground.foresee({ invite: null });
        if (isMine) now.then.push({ name: 'invitereject' });
        break;
      case 'message.send':
        if (originOf(uid) !== undefined) tellDelivered(uid, result, now);
        break;
      case 'file.send':
        uploads.remove(uid);
        break;
      case 'rating.set':
        if (isMine) now.first.push({ name: 'setrating', mark: command.mark });
        break;
      case 'card.set': {
        const { card, requiredInfo } = ground.register();
        ground.foresee({ card: changeCard(card, command.card), requiredInfo: stillRequired(requiredInfo, command.card) });
        break;
      }
      case 'transcript.mail':
        // The answer proper is `mailed`.
        if (isMine) later(MAIL_WAITS_MS, () => change((then) => endMail(uid, true, undefined, then)));
        return;
      case 'request.send':
        endRequest(uid, true, now);
        return;
      case 'messages.read':
        break;
    }
    answer(uid, { ok: true }, now);
  }

  function originOf(uid: Uid): 'api' | 'ui' | 'inherited' | undefined {
    return own.get(uid) ?? (inherited.has(uid) ? 'inherited' : undefined);
  }

  function tellDelivered(uid: Uid, result: CommandResult, now: Step): void {
    const stored = history.find(uid)?.message;
    const message_id = result.message_id ?? stored?.message_id;
    const chat_id = result.chat ?? stored?.chat_id;
    if (message_id && chat_id)
      now.then.push({ name: 'messagedelivered', uid, message_id, chat_id, date: result.date ?? stored?.date ?? 0 });
  }

  function fail(command: VisitorCommand, code: ErrorCode, message: string, now: Step): void {
    const { uid, kind } = command;
    closing.delete(uid);
    if (kind === 'file.send') {
      uploads.fail(uid, code, message);
      // Left by an earlier page: there is nothing to show it by and nobody to try it again.
      if (!uploads.has(uid)) outbox.discard(uid);
    } else if (kind === 'message.send') {
      failMessage(kind, uid, code, message, now);
    } else if (kind === 'transcript.mail') {
      endMail(uid, false, code, now, message);
    } else if (kind === 'request.send') {
      endRequest(uid, false, now, code, message);
    } else {
      failCommand(kind, uid, code, message, now);
    }
  }

  function failFile(uid: Uid, code: ErrorCode, message: string): void {
    change((now) => failMessage('file.send', uid, code, message, now));
  }

  function failMessage(kind: 'message.send' | 'file.send', uid: Uid, code: ErrorCode, message: string, now: Step): void {
    now.then.push({ name: 'messagefailed', uid, reason: code });
    failCommand(kind, uid, code, message, now);
  }

  function failCommand(kind: VisitorCommandKind | 'identify', uid: Uid, code: ErrorCode, message: string, now: Step): void {
    const command = kind === 'identify' ? kind : METHOD_OF[kind];
    if (given.get(uid)?.isAnswered === false && command !== undefined) now.then.push({ name: 'error', code, message, command });
    answer(uid, { ok: false, code, message }, now);
  }

  function endMail(uid: Uid, success: boolean, error: string | undefined, now: Step, message = 'The mail could not be sent.'): void {
    if (!given.has(uid)) return;
    mailed = success ? { success } : { success, error: error ?? 'unavailable' };
    now.then.push({ name: 'sendchatbymail', ...mailed });
    if (success) answer(uid, { ok: true }, now);
    else failCommand('transcript.mail', uid, toErrorCode(error ?? 'unavailable'), message, now);
  }

  function endRequest(uid: Uid, success: boolean, now: Step, code: ErrorCode = 'unavailable', message = UNREACHED): void {
    if (!given.has(uid)) return;
    requested = { success, ...REQUEST_TEXTS[success ? 'sent' : 'failed'] };
    now.then.push({ name: 'sendofflinerequest', ...requested });
    if (success) answer(uid, { ok: true }, now);
    else failCommand('request.send', uid, code, message, now);
  }

  /** Gives a request back when there is nobody to take it; never one that may be on its way. */
  function watchRequest(uid: Uid): void {
    later(REQUEST_WAITS_MS, () => {
      if (!given.has(uid)) return;
      if (isOnline()) {
        watchRequest(uid);
        return;
      }
      change((now) => {
        endRequest(uid, false, now);
        outbox.discard(uid);
      });
    });
  }

  async function inherit(isEarly: boolean): Promise<void> {
    outbox.startStoring();
    const adopting = outbox.adopt().then((commands) => {
      if (commands.length === 0) return;
      change(() => {
        ground.act();
        for (const { uid } of commands) {
          if (history.has(uid)) outbox.discard(uid);
          else if (isEarly && !ground.hasBeenWelcomed()) inherited.add(uid);
        }
      });
    });
    await Promise.race([adopting, new Promise<void>((resolve) => void later(ADOPT_WAITS_MS, resolve))]);
  }

  return {
    closing,
    get closed() {
      return [...closing].filter((uid) => given.get(uid)?.isAnswered === true);
    },
    get pending() {
      return pendingNow();
    },
    get uploads() {
      return uploads.list;
    },
    foreseen({ card, requiredInfo }) {
      const changes = outbox.items.flatMap(({ command, failed }) => (command.kind === 'card.set' && failed === null ? [command.card] : []));
      return { card: changes.reduce(changeCard, card), requiredInfo: changes.reduce(stillRequired, requiredInfo) };
    },
    get isForgetful() {
      isForgetful ||= outbox.isForgetful && (outbox.items.some(({ command }) => !isMinor(command)) || !identity.isLasting());
      return isForgetful;
    },
    get mailed() {
      return mailed;
    },
    get requested() {
      return requested;
    },
    originOf,
    inherit,
    startStoring: () => outbox.startStoring(),
    handOver() {
      const access = ground.accessNow();
      if (access !== undefined)
        options.handOver?.(
          access,
          outbox.items.flatMap(({ command, failed }) => (failed === null ? command : [])),
        );
    },

    open() {
      outbox.open();
      uploads.proceed();
      draft.retry();
      properties.retell();
    },
    move: () => outbox.shut(),
    shut(now) {
      outbox.shut();
      for (const close of closing) closeLocally(close, now);
    },
    takeAck({ uid, result }) {
      transport.expect(false);
      change(() => outbox.ack(uid, result));
    },
    takeNack(nack) {
      transport.expect(false);
      change(() => outbox.nack(nack.uid, nack));
      // Erased, or signed out elsewhere: come back as whoever we are now.
      if (nack.code === 'unauthorized' && nack.retry) ground.doubtIdentity();
    },
    takeMailed: (uid, success, error) => change((now) => endMail(uid, success, error, now)),
    takeEvent(event) {
      const { kind, uid, chat, message_id, seq, date } = event;
      const notice = chats.isHidden(chat, (close) => closing.has(close)) ? undefined : noticeOf(event);
      if (notice) notices.push({ name: 'notice', message: notice });
      if (uid === null) return;
      const command = outbox.items.find((item) => item.uid === uid)?.command;
      if (command !== undefined && ANSWERED_BY[kind]?.includes(command.kind)) outbox.ack(uid, { chat, message_id, seq, date });
    },
    takeSummary(isFirst, now) {
      // Answered before anything that is still in line.
      for (const answered of held) release(answered, now);
      for (const { uid, command } of outbox.items) {
        if (command.kind === 'messages.read') chats.read(command.chat, command.seq);
        const entry = history.find(uid);
        if (entry === undefined) continue;
        const { message_id, date } = entry.message;
        if (isFirst && !own.has(uid)) outbox.discard(uid);
        else outbox.ack(uid, { chat: entry.chat, seq: entry.seq, date, ...(message_id !== null && { message_id }) });
      }
    },
    endStep(now) {
      for (const answered of held) if (isFolded(answered.command, answered.result)) release(answered, now);
      now.then.push(...notices.splice(0));
    },
    afterStep: () => draft.retry(),
    endDraft: () => draft.clear(),
    tellRead(chat, seq) {
      outbox.prune((command) => command.kind === 'messages.read' && command.chat === chat);
      outbox.add({ uid: chance.uid(), kind: 'messages.read', chat, seq });
    },
    forget(now) {
      for (const uid of [...given.keys()]) answer(uid, { ok: false, code: 'destroyed', message: 'The visitor is forgotten.' }, now);
      for (const { stop } of held) stop();
      held = [];
      isForgetful = false;
      closing.clear();
      inherited.clear();
      uploads.clear();
      draft.clear();
      void outbox.clear();
    },
    close() {
      outbox.close();
      draft.close();
      properties.close();
      uploads.clear();
    },

    // ── commands ─────────────────────────────────────────────────────────────────────────────────────────────────

    start(group, by) {
      change(() => {
        ground.act();
        give({ uid: chance.uid(), kind: 'chat.start', group: tidyGroup(group) }, by);
      });
    },

    closeChat(by) {
      change((now) => {
        const uid = chance.uid();
        closing.add(uid);
        give({ uid, kind: 'chat.close' }, by);
        if (isOnline()) return;
        if (!ground.isArriving()) closeLocally(uid, now);
        else later(CLOSE_WAITS_MS, () => isOnline() || change((then) => closeLocally(uid, then)));
      });
    },

    send(text, group, by, uid) {
      const clean = cleanText(text);
      if (clean.trim() === '') return null;
      if (codePoints(clean) > MESSAGE_MAX_LENGTH) {
        refuse(by, 'sendChatMessage', 'too_long', `A message has at most ${MESSAGE_MAX_LENGTH} characters.`);
        return null;
      }
      const message = ground.optimistic(uid, clean, clock.now());
      if (own.has(uid)) return message;
      change((now) => {
        ground.act();
        own.set(uid, by.via);
        remember(uid, { message, failed: null });
        give({ uid, kind: 'message.send', text: clean, group: tidyGroup(group) }, by);
        draft.clear();
        now.then.push({ name: 'messagesent', message: { ...message }, via: by.via });
      });
      return { ...message };
    },

    resend(uid) {
      change(() => {
        const via = own.get(uid);
        if (via !== undefined) given.set(uid, { by: { via }, isAnswered: false });
        if (!uploads.retry(uid)) outbox.resend(uid);
      });
    },

    discard(uid) {
      const hasFailed = outbox.items.some((item) => item.uid === uid && item.failed !== null);
      let isDone = false;
      change((now) => {
        isDone = uploads.discard(uid) || hasFailed;
        if (!isDone) return;
        outbox.discard(uid);
        // A file that was still moving has not been answered; what failed has.
        if (given.has(uid)) now.then.push({ name: 'messagefailed', uid, reason: 'upload_failed' });
        given.delete(uid);
      });
      return isDone;
    },

    sendFiles(files, by) {
      if (files.length === 0) return;
      change(() => {
        ground.act();
        for (const { uid, file } of files) {
          if (own.has(uid)) continue;
          own.set(uid, by.via);
          given.set(uid, { by, isAnswered: false });
          uploads.add(uid, file);
        }
      });
    },

    setDraft: (text) => draft.set(cut(text, DRAFT_LENGTH)),
    setProperty: (name, value) => properties.set(cut(name, PROPERTY_NAME), cleanText(value) || null),

    rate(mark, by) {
      if (!Number.isInteger(mark) || mark < 1 || mark > 5) {
        refuse(by, 'setOperatorRating', 'invalid_argument', 'A rating is 1 to 5.');
      } else if (!rules().is_consultant_operator_rating) {
        refuse(by, 'setOperatorRating', 'disabled', 'Rating is off.');
      } else {
        change(() => give({ uid: chance.uid(), kind: 'rating.set', mark }, by));
      }
    },

    mail(address, by) {
      change(() => {
        mailed = null;
        give({ uid: chance.uid(), kind: 'transcript.mail', address: cut(address.trim(), 1000) }, by);
      });
    },

    setCard(values, by) {
      const card = tidyChange(values);
      change((now) => {
        if (Object.keys(card).length === 0) {
          reply(by, { ok: true }, now);
          return;
        }
        ground.act();
        give({ uid: chance.uid(), kind: 'card.set', card }, by);
      });
    },

    acceptInvite(by) {
      change(() => {
        ground.act();
        give({ uid: chance.uid(), kind: 'invite.accept' }, by);
      });
    },

    rejectInvite(by) {
      change(() => give({ uid: chance.uid(), kind: 'invite.reject' }, by));
    },

    sendRequest(request, by) {
      change((now) => {
        const uid = chance.uid();
        requested = null;
        const clean = cleanRequest(request);
        if (Object.entries(REQUEST_LENGTHS).some(([key, max]) => (clean[key]?.length ?? 0) > max)) {
          given.set(uid, { by, isAnswered: false });
          endRequest(uid, false, now, 'too_long', 'A field is too long.');
          return;
        }
        give({ uid, kind: 'request.send', request: clean }, by);
        watchRequest(uid);
      });
    },

    identify(jwt, by) {
      const uid = chance.uid();
      given.set(uid, { by, isAnswered: false });
      options.loadNaming().then(
        (showToken) => showToken(ground, jwt, uid, { given, answer, fail: failCommand }),
        () => change((now) => failCommand('identify', uid, 'unavailable', UNREACHED, now)),
      );
    },
  };
}

/** Commands that may begin a chat. */
const BEGINS: ReadonlySet<VisitorCommandKind> = new Set<VisitorCommandKind>(['chat.start', 'message.send', 'file.send', 'invite.accept']);

/** Which of our commands an event of our uid answers. */
const ANSWERED_BY: Partial<Record<ChatEvent['kind'], readonly VisitorCommandKind[]>> = {
  'chat.started': ['chat.start', 'invite.accept'],
  'message.added': ['message.send', 'file.send'],
  'rating.set': ['rating.set'],
  'chat.closed': ['chat.close'],
};

function isMinor({ kind }: VisitorCommand): boolean {
  return kind === 'messages.read';
}

function tidyGroup(group: string | null): string | null {
  return group === null ? null : cut(group, 64);
}

function cleanRequest(request: OfflineRequest): Record<string, string> {
  return Object.fromEntries(Object.entries(request).map(([key, value]) => [key, cleanText(String(value))]));
}
