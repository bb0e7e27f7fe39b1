/**
 * What the page's script may make the session do: each call with the parsers of its arguments. A visitor who writes in the frame
 * needs none of it, so the bridge fetches it apart. It accepts or refuses a call at once; events report what became of it.
 */
import type { FrameMethod } from '../../shared/page/bridge.ts';
import { refuse, toFlagArgument } from '../../shared/page/bridge-arguments.ts';
import {
  toAddress,
  toCallId,
  toCardChange,
  toDraft,
  toFiles,
  toGroup,
  toJwt,
  toComment,
  toLanguageTag,
  toMark,
  toMessageText,
  toProperty,
  toRequest,
  toUid,
} from '../../shared/page/call-arguments.ts';
import type { FileLike, Session } from '../session/contract.ts';

/** The calls about the bridge itself and the drawing; the bridge serves them alone. */
export type OwnCall = 'welcome' | 'ping' | 'resync' | 'page' | 'present' | 'goodbye';

export type Calls = Record<Exclude<FrameMethod, OwnCall>, (...args: unknown[]) => void>;

export interface CallsOptions {
  session: Session;
  isFile(value: unknown): value is FileLike;
  print(): void;
  /** Gives the page one more page of history. */
  older(): void;
  /** Says the whole state again. */
  retell(): void;
}

export function createCalls({ session, isFile, print, older, retell }: CallsOptions): Calls {
  const api = { via: 'api' } as const;
  const by = (id: unknown) => ({ ...api, id: toCallId(id) });

  /** Carries out a change that the page has already made in its mirror. If it is refused, the page gets the real state again. */
  function ahead(act: () => void): void {
    try {
      act();
    } catch (error) {
      retell();
      throw error;
    }
  }

  return {
    start: (id, group) => session.start(toGroup(group), by(id)),
    closeChat: (id) => session.closeChat(by(id)),
    send: (uid, text, group) => void session.send(toMessageText(text), toGroup(group), api, toUid(uid)),
    resend: (uid) => session.resend(toUid(uid)),
    discard: (uid) => session.discard(toUid(uid)) || refuse('not_found', 'No failed message has this uid.'),
    sendFiles: (files) => session.sendFiles(toFiles(files, isFile), api),
    typing: (text) => session.setDraft(toDraft(text)),
    rate: (id, mark, comment) => session.rate(toMark(mark), by(id), toComment(comment)),
    mail: (id, address) => session.mail(toAddress(address), by(id)),
    setCard: (id, card) => ahead(() => session.setCard(toCardChange(card), by(id))),
    acceptInvite: (id) => session.acceptInvite(by(id)),
    rejectInvite: (id) => session.rejectInvite(by(id)),
    read: () => session.read(),
    sendRequest: (id, request) => session.sendRequest(toRequest(request), by(id)),
    older: () => older(),
    print: () => print(),
    identify: (id, jwt) => session.identify(toJwt(jwt), by(id)),
    language: (tag) => session.setLanguage(toLanguageTag(tag), api),
    setConsent: (isGiven) => session.setConsent(toFlagArgument(isGiven)),
    setProperty: (name, value) => session.setProperty(toProperty(name), toProperty(value)),
  };
}
