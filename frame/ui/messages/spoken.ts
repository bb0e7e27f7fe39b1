/**
 * What a screen reader says of the conversation, each thing once: messages of others, who joined and who ended the chat, what was
 * refused. Own messages are not read back. It says nothing of what was there before, of older history, or of what the step below the
 * messages says by itself, and hardly anything while the chat is closed.
 */
import { effect, untracked } from '@preact/signals';
import type { Message, Moment } from '../../../shared/chat.ts';
import type { Session, SessionChange, Stage } from '../../session/contract.ts';
import { formatted, plainOf } from '../../../shared/ui/markdown.ts';
import { isPicture } from '../composer/uploads.ts';
import { t } from '../words.ts';
import { momentKey, wordsOf } from './moments.ts';

/** Somebody types on and off: once in this time is enough. */
const TYPING_SECONDS = 60;

type Heard = Pick<
  Session,
  'subscribe' | 'now' | 'connection' | 'isAvailable' | 'messages' | 'moments' | 'invite' | 'typing' | 'pending' | 'uploads'
>;

/** Calls `say` for each thing, in the language on show, until the returned function is called. */
export function listen(session: Heard, { presentation }: Pick<Stage, 'presentation'>, say: (text: string) => void): () => void {
  const isOpen = () => presentation.peek().view === 'chat';
  const sayOpen = (text: string) => {
    if (isOpen()) say(text);
  };

  let invited: string | undefined;
  let last = session.messages.peek().at(-1)?.message_id;
  const hear = ({ added = [], isReplaced }: SessionChange) => {
    const all = session.messages.peek();
    // After a long break the list begins anew; what follows the last message that was known is news all the same.
    const at = isReplaced ? all.findIndex((message) => message.message_id === last) : -1;
    last = all.at(-1)?.message_id;
    for (const message of at < 0 ? added : all.slice(at + 1)) {
      if (message.sender === 'visitor') continue;
      const text = spokenText(message);
      // An invitation that was accepted is the first message of its chat.
      if (text === invited) invited = undefined;
      else sayOpen(text);
    }
  };

  const stops = [
    session.subscribe(hear),

    effect(() => {
      const invite = session.invite.value;
      if (invite === null) return;
      untracked(() => {
        invited = spokenText({ ...invite, text: invite.invite_message });
        if (presentation.value.isDrawn) say(invited);
      });
    }),
    watchMoments(session, sayOpen),
    watchTyping(session, isOpen, say),
    watchFailures(session, sayOpen),
  ];
  return () => stops.forEach((stop) => stop());
}

/** `Eva: Hello`, without the signs that format it. */
function spokenText({ sender, from, text, fx_name: file }: Message): string {
  const author = sender === 'operator' ? from : t('bot');
  const said = file === undefined ? plainOf(formatted(text)) : isPicture(file) ? t('picture', { name: file }) : file;
  return `${author}: ${said}`;
}

/** The step below the messages, or the form, says by itself that a request has been sent; and who has left, where somebody else may come. */
const isSaidBelow = ({ kind }: Moment, isAvailable: boolean): boolean =>
  kind === 'request.left' || (kind === 'operator.left' && isAvailable);

/** What happens from now on. A list that begins anew is no news beyond the last moment that is known. */
function watchMoments({ moments, connection, isAvailable }: Heard, say: (text: string) => void): () => void {
  let known: string | undefined;
  let isStarted = false;
  return effect(() => {
    const all = moments.value;
    const at = known === undefined ? -1 : all.findIndex((moment) => momentKey(moment) === known);
    const news: readonly Moment[] = isStarted && (at >= 0 || known === undefined) ? all.slice(at + 1) : [];
    isStarted ||= connection.value === 'online';
    const last = all.at(-1);
    known = last && momentKey(last);
    untracked(() =>
      news.forEach((moment, i) => {
        if (isSaidBelow(moment, isAvailable.peek())) return;
        const words = wordsOf(moment, news[i + 1]);
        if (words !== undefined) say(words);
      }),
    );
  });
}

function watchTyping({ typing, now }: Heard, isOpen: () => boolean, say: (text: string) => void): () => void {
  let saidAt = -Infinity;
  return effect(() => {
    const name = typing.value;
    untracked(() => {
      if (name === null || !isOpen() || now() - saidAt < TYPING_SECONDS) return;
      saidAt = now();
      say(t('typing', { name }));
    });
  });
}

/** That own messages arrive goes without saying; that one did not does not. */
function watchFailures({ pending, uploads }: Heard, say: (text: string) => void): () => void {
  let known = new Set<string | null>();
  return effect(() => {
    const failed = new Set([
      ...pending.value.filter((one) => one.failed !== null).map(({ message }) => message.uid),
      ...uploads.value.filter((one) => one.failed !== null).map(({ uid }) => uid),
    ]);
    if ([...failed].some((uid) => !known.has(uid))) untracked(() => say(t('notSent')));
    known = failed;
  });
}
