/** A file under way, and what a visitor can do with a message or file that was refused. */
import { isInVain } from '../../../shared/ui/vain.ts';
import type { Upload } from '../../session/contract.ts';
import { Icon } from '../Icon.tsx';
import * as more from '../icons-extras.ts';
import { sizeLabel } from '../composer/uploads.ts';
import type { ViewModel } from '../contract.ts';
import type { ErrorCode } from '../../../shared/errors.ts';
import type { TextKey } from '../../../shared/languages/catalogue.ts';
import { t } from '../words.ts';

/** Errors that have a text of their own; of the others it is only said that nothing was sent. */
const REASONS = [
  'too_long',
  'file_too_large',
  'file_refused',
  'file_empty',
  'file_damaged',
  'file_unsafe',
  'picture_too_large',
  'rate_limited',
  'storage_full',
  'disabled',
] as const satisfies readonly (ErrorCode & TextKey)[];

export function UploadRow({ view, upload }: { view: ViewModel; upload: Upload }) {
  const { uid, name, size, loaded, failed } = upload;
  return (
    <div class={failed === null ? 'row own first last pending' : 'row own first last failed'} data-key={uid}>
      <div class="bubble file">
        <Icon path={more.file} />
        <span>
          <b dir="auto">{name}</b>
          <small>{sizeLabel(size)}</small>
        </span>
        {failed === null && <progress aria-label={t('uploading', { name: name })} max={size || 1} value={loaded} />}
      </div>
      {failed !== null && <Failure view={view} uid={uid} reason={failed} />}
    </div>
  );
}

export function Failure({ view, uid, reason }: { view: ViewModel; uid: string | null; reason: string | null }) {
  const act = (command: (uid: string) => void) => () => {
    if (uid !== null) command(uid);
    view.takeFocus();
  };
  return (
    <>
      <div class="foot">
        <span>{t(REASONS.find((one) => one === reason) ?? 'notSent')}</span>
        <Icon path={more.failed} class="tick" />
      </div>
      <div class="again">
        {!isInVain(reason ?? '') && (
          <button type="button" onClick={act((id) => view.session.resend(id))}>
            {t('retry')}
          </button>
        )}
        <button type="button" onClick={act((id) => view.session.discard(id))}>
          {t('discard')}
        </button>
      </div>
    </>
  );
}
