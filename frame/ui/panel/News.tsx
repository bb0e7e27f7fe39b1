/** A button for new messages below the part that the visitor reads; it scrolls there. */
import { Icon } from '../Icon.tsx';
import * as icons from '../icons-extras.ts';
import { extraStrings } from '../strings-extras.ts';

export function News({ onClick }: { onClick: () => void }) {
  return (
    <button type="button" class="news" onClick={onClick}>
      <Icon path={icons.down} />
      {extraStrings.newMessages}
    </button>
  );
}
