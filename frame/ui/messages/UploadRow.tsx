/** A file under way, and what a visitor can do with a message or file that was refused. */
import { isInVain } from '../../../shared/ui/vain.ts';
import type { Upload } from '../../session/contract.ts';
import { Icon } from '../Icon.tsx';
import * as more from '../icons-extras.ts';
import { sizeLabel } from '../composer/uploads.ts';
import type { ViewModel } from '../contract.ts';
import type { ErrorCode } from '../../../shared/errors.ts';
import type { TextKey } from '../../../shared/languages/catalogue.ts';
import { language } from '../../language/language.ts';
import { t } from '../words.ts';
import { FileName } from './FileName.tsx';

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
  const part = size === 0 ? 0 : Math.min(1, loaded / size);
  return (
    <div class={failed === null ? 'row own first last pending' : 'row own first last failed'} data-key={uid} role="listitem">
      <div class="unseen">{t('you')}</div>
      <div class="bubble file upload">
        <Icon path={more.file} />
        <FileName name={name} />
        <small>{failed === null ? percent(part) : sizeLabel(size)}</small>
        {failed === null && <progress aria-label={t('uploading', { name })} max={1} value={part} />}
      </div>
      {failed === null ? (
        <div class="again">
          <Discard view={view} uid={uid} />
        </div>
      ) : (
        <Failure view={view} uid={uid} reason={failed} isFile />
      )}
    </div>
  );
}

function percent(part: number): string {
  return new Intl.NumberFormat(language.value, { style: 'percent' }).format(Math.floor(part * 100) / 100);
}

export interface FailureProps {
  view: ViewModel;
  uid: string | null;
  reason: string | null;
  isFile?: boolean;
}

/** *Retry* stands only where it can help; for a file that never goes through there is another one to choose. */
export function Failure({ view, uid, reason, isFile = false }: FailureProps) {
  const { session } = view;
  const canHelp = !isInVain(reason ?? '');
  const retry = () => {
    if (uid !== null) session.resend(uid);
    view.takeFocus();
  };
  const attachOther = () => {
    if (uid !== null) session.discard(uid);
    document.querySelector<HTMLInputElement>('#panel input[type=file]')?.click();
  };
  return (
    <>
      <div class="foot">
        <span>{reasonText(view, reason)}</span>
        <Icon path={more.failed} class="tick" />
      </div>
      <div class="again">
        {canHelp && (
          <button type="button" onClick={retry}>
            {t('retry')}
          </button>
        )}
        {!canHelp && isFile && session.canSendFile.value && (
          <button type="button" onClick={attachOther}>
            {t('attach')}
          </button>
        )}
        <Discard view={view} uid={uid} />
      </div>
    </>
  );
}

function Discard({ view, uid }: { view: ViewModel; uid: string | null }) {
  const discard = () => {
    if (uid !== null) view.session.discard(uid);
    view.takeFocus();
  };
  return (
    <button type="button" onClick={discard}>
      {t('discard')}
    </button>
  );
}

function reasonText(view: ViewModel, reason: string | null): string {
  const text = t(REASONS.find((one) => one === reason) ?? 'notSent');
  if (reason !== 'file_too_large') return text;
  return `${text} (${sizeLabel(view.session.settings.value.chat.file.max_size)})`;
}
