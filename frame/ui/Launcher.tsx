/** The round button in the corner of the page, with the number of messages not seen yet. */
import { useEffect, useRef } from 'preact/hooks';
import { Icon } from './Icon.tsx';
import * as icons from './icons.ts';
import { strings } from './strings.ts';
import { useFocusAsked } from './use-focus.ts';
import type { View } from './view.ts';

export function Launcher({ view }: { view: View }) {
  const button = useRef<HTMLButtonElement>(null);
  const unread = view.session.unread.value;

  useEffect(() => {
    if (view.hasBeenOpen.peek() && view.stage.presentation.peek().byVisitor) button.current?.focus();
  }, [view]);
  useFocusAsked(view, button);

  return (
    <button
      ref={button}
      type="button"
      class="launcher"
      aria-label={strings.open}
      aria-describedby={unread > 0 ? 'unread' : undefined}
      aria-expanded="false"
      aria-controls="panel"
      onClick={() => view.stage.open('chat')}
    >
      <Icon path={icons.chat} />
      {unread > 0 && <span class="badge" aria-hidden="true">{unread > 99 ? '99+' : unread}</span>}
    </button>
  );
}
