/** Where an operator writes. Enter sends, Shift+Enter breaks the line; picked files go at once, pasted or dropped ones wait for *Send*. */
import { useEffect, useRef } from 'preact/hooks';
import type { TargetedClipboardEvent, TargetedEvent, TargetedKeyboardEvent } from 'preact';
import { MESSAGE_MAX_LENGTH, codePoints } from '../../shared/limits.ts';
import { isPasteOfFiles } from '../../shared/ui/transfer.ts';
import type { Conversation } from '../session/conversation.ts';
import type { Session } from '../session/contract.ts';
import { AttachmentList } from './AttachmentList.tsx';
import { Icon } from './Icon.tsx';
import { t } from './strings.ts';

/** From here on it is said how many characters are left. */
const WARN_AT = MESSAGE_MAX_LENGTH - 200;
const MAX_ROWS = 8;

export function Composer({ session, conversation }: { session: Session; conversation: Conversation }) {
  const box = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const text = session.replies.value.get(conversation.visitor) ?? '';
  const isMine = conversation.chat?.operator !== null;
  const length = codePoints(text);
  const attachments = session.attachments.value.get(conversation.visitor) ?? [];
  const isSendable = (text.trim() !== '' || attachments.length > 0) && length <= MESSAGE_MAX_LENGTH;

  // An operator who opens or takes a chat wants to write in it. Not on a phone, where the keyboard would cover the messages.
  useEffect(() => {
    if (isFocusFree() && matchMedia('(pointer: fine)').matches) box.current?.focus();
  }, [isMine]);

  const handleKey = (event: TargetedKeyboardEvent<HTMLTextAreaElement>): void => {
    if (event.key === 'Escape') document.querySelector<HTMLElement>('.row[aria-current]')?.focus();
    // While an input method composes, Enter belongs to it.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    session.sendReply();
  };

  const handlePaste = (event: TargetedClipboardEvent<HTMLTextAreaElement>): void => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (
      !isPasteOfFiles(
        event.clipboardData?.getData('text/plain') ?? '',
        files.map(({ name }) => name),
      )
    )
      return;
    event.preventDefault();
    session.attach(files);
  };

  const handlePick = (event: TargetedEvent<HTMLInputElement>): void => {
    session.sendFiles([...(event.currentTarget.files ?? [])]);
    event.currentTarget.value = '';
  };

  return (
    <form
      class="foot composer"
      onSubmit={(event) => {
        event.preventDefault();
        session.sendReply();
        box.current?.focus();
      }}
    >
      {session.isForgetful.value && <p class="composer-warning">{t.forgetful}</p>}
      {conversation.item?.leftAt !== undefined && !conversation.isGone && <p class="composer-warning">{t.leftNote}</p>}
      <div class="composer-box">
        <AttachmentList session={session} attachments={attachments} />
        <textarea
          ref={box}
          aria-label={t.reply}
          placeholder={isMine ? t.replyHint : t.replyJoins}
          rows={Math.min(MAX_ROWS, Math.max(2, text.split('\n').length))}
          dir="auto"
          value={text}
          aria-invalid={length > MESSAGE_MAX_LENGTH}
          aria-describedby="reply-length"
          onInput={(event) => session.setReply(event.currentTarget.value)}
          onKeyDown={handleKey}
          onPaste={handlePaste}
        />
        <div class="composer-line">
          <input ref={picker} class="hidden" type="file" multiple tabIndex={-1} aria-hidden="true" onChange={handlePick} />
          <button type="button" class="icon-button" aria-label={t.attach} title={t.attach} onClick={() => picker.current?.click()}>
            <Icon name="attach" />
          </button>
          <p id="reply-length" class={`composer-length ${length > MESSAGE_MAX_LENGTH ? 'problem' : 'muted'}`} role="status">
            {length > MESSAGE_MAX_LENGTH
              ? t.tooLong(length - MESSAGE_MAX_LENGTH)
              : length >= WARN_AT
                ? t.left(MESSAGE_MAX_LENGTH - length)
                : ''}
          </p>
          <button type="submit" class="button button-primary" disabled={!isSendable}>
            <Icon name="send" />
            {t.send}
          </button>
        </div>
      </div>
    </form>
  );
}

/** Nothing else is being used: the focus is nowhere, or on the line of the list that opened this visitor. */
function isFocusFree(): boolean {
  const { activeElement } = document;
  return activeElement === null || activeElement === document.body || activeElement.classList.contains('row');
}
