/** The company behind the chat and its privacy notice, where a site names them. */
import type { ViewModel } from '../contract.ts';
import { t } from '../words.ts';

export function Company({ view }: { view: ViewModel }) {
  const { company, privacy_url: privacy } = view.session.settings.value.common;
  if (!company && !privacy) return null;
  return (
    <p class="company">
      {company && <span>{t('chatBy', { company })}</span>}
      {privacy && (
        <a href={privacy} target="_blank" rel="noopener noreferrer">
          {t('privacy')}
        </a>
      )}
    </p>
  );
}
