/** Files that were pasted or dropped and wait above the reply for *Send*, each with a button that removes it. */
import { useEffect, useMemo } from 'preact/hooks';
import { humanSize } from '../session/conversation.ts';
import type { Attachment } from '../session/attachments.ts';
import type { Session } from '../session/contract.ts';
import { Icon } from './Icon.tsx';
import { t } from './strings.ts';

export function AttachmentList({ session, attachments }: { session: Session; attachments: readonly Attachment[] }) {
  return (
    <>
      <p class="unseen" role="status">
        {attachments.length > 0 ? t.attached(attachments.length) : ''}
      </p>
      {attachments.length > 0 && (
        <ul class="attachments">
          {attachments.map((one) => (
            <Waiting key={one.uid} attachment={one} session={session} />
          ))}
        </ul>
      )}
    </>
  );
}

function Waiting({ attachment: { uid, file }, session }: { attachment: Attachment; session: Session }) {
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
      <button type="button" class="icon-button" aria-label={t.removeFile(file.name)} onClick={() => session.detach(uid)}>
        <Icon name="close" />
      </button>
    </li>
  );
}
