/** What was pasted or dropped and waits above the reply for *Send*, each with a way to take it back. */
import { useEffect, useMemo } from 'preact/hooks';
import { humanSize } from '../session/conversation.ts';
import type { HeldFile } from '../session/held.ts';
import type { Session } from '../session/session.ts';
import { Icon } from './Icon.tsx';
import { t } from './strings.ts';

export function HeldFiles({ session, held }: { session: Session; held: readonly HeldFile[] }) {
  return (
    <>
      <p class="unseen" role="status">
        {held.length > 0 ? t.held(held.length) : ''}
      </p>
      {held.length > 0 && (
        <ul class="held">
          {held.map((one) => (
            <Waiting key={one.uid} held={one} session={session} />
          ))}
        </ul>
      )}
    </>
  );
}

function Waiting({ held: { uid, file }, session }: { held: HeldFile; session: Session }) {
  const picture = useMemo(
    () => (file instanceof Blob && /^image\/(png|jpeg|gif|webp|avif)$/.test(file.type) ? URL.createObjectURL(file) : null),
    [file],
  );
  useEffect(() => () => void (picture !== null && URL.revokeObjectURL(picture)), [picture]);
  return (
    <li>
      {picture === null ? <Icon name="file" /> : <img src={picture} alt="" />}
      <bdi class="file-name">{file.name}</bdi>
      <span class="file-size">{humanSize(file.size)}</span>
      <button type="button" class="icon-button" aria-label={t.removeFile(file.name)} onClick={() => session.unhold(uid)}>
        <Icon name="close" />
      </button>
    </li>
  );
}
