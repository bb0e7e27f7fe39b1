/** A button that scrolls to the newest message, for a visitor who reads further up; it counts what has come since. */
import { Icon } from '../Icon.tsx';
import * as icons from '../icons-extras.ts';
import { focus } from '../use-focus.ts';
import { t, tn } from '../words.ts';

export function News({ unread, onClick }: { unread: number; onClick: () => void }) {
  const press = (event: MouseEvent) => {
    // The button goes when the newest is in sight. The focus stays with what the visitor reads.
    if (event.currentTarget instanceof Element) focus(event.currentTarget.parentElement?.querySelector<HTMLElement>('.log'));
    onClick();
  };
  return (
    <button type="button" class={unread > 0 ? 'news' : 'news round'} aria-label={unread > 0 ? undefined : t('toNewest')} onClick={press}>
      <Icon path={icons.down} />
      {unread > 0 && tn('unread', unread)}
    </button>
  );
}
