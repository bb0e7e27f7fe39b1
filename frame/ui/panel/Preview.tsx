/**
 * The newest message that the visitor has not seen, beside the launcher. It takes no focus and says nothing to a screen reader:
 * the announcer counts unread messages already.
 */
import { useSignal } from '@preact/signals';
import type { Message } from '../../../shared/chat.ts';
import { Avatar } from '../Avatar.tsx';
import type { ViewModel } from '../contract.ts';
import { Icon } from '../Icon.tsx';
import * as icons from '../icons.ts';
import { keep, kept } from '../kept.ts';
import { t } from '../words.ts';

/** More than three lines of it are never on show. UTF-16 units. */
const SHOWN_LENGTH = 200;

export function Preview({ view }: { view: ViewModel }) {
  const dismissed = useSignal(kept('visit', 'dismissed'));
  const message = newestUnread(view);
  if (message === undefined || message.message_id === dismissed.value) return null;

  const dismiss = () => {
    dismissed.value = message.message_id;
    keep('visit', 'dismissed', message.message_id ?? '');
    view.takeFocus();
  };
  return (
    <div class="preview" onKeyDown={(event) => event.key === 'Escape' && (event.preventDefault(), dismiss())}>
      <button key={message.message_id} type="button" class="peek" onClick={() => view.stage.open('chat')}>
        <Avatar name={message.from} picture={message.operator_info?.avatar} />
        <span>
          <b dir="auto">{message.from}</b>
          <span dir="auto">{message.text.slice(0, SHOWN_LENGTH)}</span>
        </span>
      </button>
      <button type="button" class="round" aria-label={t('dismiss')} onClick={dismiss}>
        <Icon path={icons.close} />
      </button>
    </div>
  );
}

function newestUnread({ session }: ViewModel): Message | undefined {
  if (session.unread.value === 0) return undefined;
  return session.messages.value.filter(({ sender }) => sender === 'operator').at(-1);
}
