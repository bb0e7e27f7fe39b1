/**
 * What stands between the messages and the composer: the next step, as `standing.ts` decides it. It is not part of the log, where a
 * screen reader would read it out as a message; a change of the step is said once.
 */
import { Company } from './Company.tsx';
import { Consent } from './Consent.tsx';
import { Details } from '../forms/Details.tsx';
import { Ended } from './Ended.tsx';
import { Forgetful } from './Losses.tsx';
import { Invitation } from './Invitation.tsx';
import { Offer, offerOf } from './Offer.tsx';
import { Start } from './Start.tsx';
import type { ViewModel } from '../contract.ts';
import type { Step } from '../standing.ts';
import { t } from '../words.ts';

export function Tail({ view }: { view: ViewModel }) {
  const { session } = view;
  const { step } = view.standing.value;
  const typing = session.typing.value;
  const isTalking = session.messages.value.length + session.pending.value.length + session.uploads.value.length > 0;
  const isFirst = !isTalking && (step === 'start' || step === 'consent' || step === 'closed');
  const needsDetails = session.requiredInfo.value.length > 0 && step !== 'consent' && step !== 'closed';
  const isOver = step === 'start' || step === 'ended';
  const text = typing === null ? textOf(step, view) : null;

  return (
    <div class={isFirst ? 'tail alone' : 'tail'}>
      <Forgetful view={view} />
      {typing !== null && (
        <p class="typing">
          <span class="dots" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          <span>{t('typing', { name: typing })}</span>
        </p>
      )}
      <div role="status">
        {text && (
          <p class={step === 'offered' || step === 'closed' || step === 'requested' ? 'told' : 'waiting'} dir="auto">
            {text}
          </p>
        )}
      </div>
      {step === 'consent' && <Consent view={view} />}
      {step === 'invited' && <Invitation view={view} />}
      {step === 'offered' && <Offer view={view} />}
      {step === 'ended' && <Ended view={view} />}
      {isOver && <Start view={view} isFirst={isFirst} />}
      {needsDetails && <Details view={view} submit={t(isOver ? 'start' : 'continue')} />}
      {isFirst && step !== 'consent' && <Company view={view} />}
    </div>
  );
}

/** What a visitor with nothing to press is told. */
function textOf(step: Step, { session }: ViewModel): string | null {
  const name = session.chat.value?.lastOperator?.name ?? '';
  switch (step) {
    case 'waiting':
    case 'waitingAway':
      return t(step);
    case 'waitingAgain':
    case 'operatorAway':
      return t(step, { name });
    case 'requested':
      return t(session.chat.value?.taken === 'sitephone' ? 'callSent' : 'requestSent');
    case 'offered':
      return session.retention.value && offerOf(session.retention.value);
    case 'closed':
      return t('unavailable');
    default:
      return null;
  }
}
