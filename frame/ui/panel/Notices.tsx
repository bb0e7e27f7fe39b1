/**
 * One line about the line, never two: no connection, connected again, or that the server went back to a backup. The announcer reads
 * the first two out, not this element.
 */
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { Icon } from '../Icon.tsx';
import * as icons from '../icons.ts';
import * as more from '../icons-extras.ts';
import type { ViewModel } from '../contract.ts';
import { t } from '../words.ts';

/** As long as it takes to read two words. */
const GOOD_NEWS_MS = 2_000;

export function Notices({ view }: { view: ViewModel }) {
  const { connection, lost } = view.session;
  const isCut = view.isDisconnected.value === true && connection.value !== 'closed';
  const wasCut = useRef(isCut);
  /** Each attempt begins and fails; the line above the conversation does not flicker with them. */
  const hasFailed = useRef(false);
  hasFailed.current = isCut && (hasFailed.current || connection.value === 'offline');
  const isBack = useSignal(false);

  useEffect(() => {
    const cameBack = wasCut.current && view.isDisconnected.value === false;
    wasCut.current = isCut;
    isBack.value = cameBack;
    if (!cameBack) return;
    const timer = setTimeout(() => (isBack.value = false), GOOD_NEWS_MS);
    return () => clearTimeout(timer);
  }, [isCut]);

  if (isCut) {
    const isTrying = !hasFailed.current;
    return <Notice kind="busy" icon={isTrying ? icons.pending : more.failed} text={t(isTrying ? 'connecting' : 'offline')} />;
  }
  if (isBack.value) return <Notice kind="good" icon={icons.stored} text={t('connected')} />;
  if (lost.value === 'epoch') return <Notice kind="busy" icon={more.failed} text={t('restored')} isSpoken />;
  return null;
}

function Notice({ kind, icon, text, isSpoken = false }: { kind: 'busy' | 'good'; icon: string; text: string; isSpoken?: boolean }) {
  return (
    <p class={`notice ${kind}`} role={isSpoken ? 'status' : undefined}>
      <Icon path={icon} />
      <span>{text}</span>
    </p>
  );
}
