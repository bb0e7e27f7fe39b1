/**
 * Brief notices for the operator, above the composer and not over it. A notice about nobody on the screen is at the top. Screen
 * readers read them out politely. They end by themselves, but not while somebody points at them or has the focus there.
 */
import type { VisitorId } from '../../shared/chat.ts';
import type { Notice } from '../session/notices.ts';
import type { Session } from '../session/contract.ts';
import { Icon } from './Icon.tsx';
import { refusalText, t } from './strings.ts';

export function Notices({ session, about }: { session: Session; about: VisitorId | null }) {
  const shown = session.notices.value.filter((notice) => notice.about === about);
  const release = (): void => session.pauseNotices(false);
  return (
    // Always in the document, so that a screen reader reads additions out.
    <div
      class={about === null ? 'toast-place toast-place-top' : 'toast-place toast-place-talk'}
      role="status"
      aria-label={t.notices}
      onPointerEnter={() => session.pauseNotices(true)}
      onPointerLeave={release}
      onFocusIn={() => session.pauseNotices(true)}
      onFocusOut={release}
    >
      {shown.map((notice) => (
        <div key={notice.id} class={`toast ${notice.type === 'rated' ? 'toast-quiet' : ''}`}>
          <span>{textOf(notice, session)}</span>
          <button type="button" class="icon-button" aria-label={t.dismiss} onClick={() => session.dismissNotice(notice.id)}>
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}

function textOf(notice: Notice, session: Session): string {
  switch (notice.type) {
    case 'refused':
      return refusalText(notice.kind, notice.code, ownerOf(notice, session));
    case 'lost':
      if (notice.why === 'takeover' || notice.why === 'transfer')
        return notice.about === null ? t.lostUnopened(notice.by ?? t.operator) : t.lostTo(notice.by ?? t.operator);
      return t.lost[notice.why];
    case 'rated':
      return t.ratedYou(notice.mark);
  }
}

/** The colleague who has the chat now: not necessarily the one who had it when the command was refused. */
function ownerOf({ about }: Notice, session: Session): string | null {
  const conversation = session.current.value;
  const operator = conversation?.visitor === about ? conversation?.chat?.operator : undefined;
  return operator === undefined || operator === null || operator.id === session.self.value.id ? null : operator.card.name;
}
