/**
 * Asks once, when an operator first goes online, how they want to be called; and says when a browser still holds the sound back. In the
 * flow, above the lists: it covers nothing and waits as long as one likes.
 */
import { useRef } from 'preact/hooks';
import type { DeviceControls, Session } from '../session/contract.ts';
import { Icon } from './Icon.tsx';
import { t } from './strings.ts';

export function CallOffer({ session, device }: { session: Session; device: DeviceControls }) {
  const place = useRef<HTMLDivElement>(null);
  const answer = (isYes: boolean): void => {
    device.answerOffer(isYes);
    // The buttons go: an operator who uses the keyboard goes on from here.
    place.current?.focus();
  };
  const offer = session.isReady.value && session.self.value.isOnline ? device.offer.value : null;
  return (
    // Always in the document, so that a screen reader reads additions out.
    <div ref={place} class="call-offer-place" tabIndex={-1} role="status" aria-label={t.calls}>
      {offer === 'gesture' && (
        <p class="call-offer call-offer-late">
          <Icon name="bell" />
          {t.callGesture}
        </p>
      )}
      {(offer === 'calls' || offer === 'sound') && (
        <div class="call-offer">
          <Icon name="bell" />
          <div class="call-offer-text">
            <p>
              <strong>{t.callOffer}</strong>
            </p>
            <p class="muted">{t.callHint[offer]}</p>
          </div>
          <div class="call-offer-answers">
            <button type="button" class="button button-small button-primary" onClick={() => answer(true)}>
              {t.callYes}
            </button>
            <button type="button" class="button button-small button-quiet" onClick={() => answer(false)}>
              {t.callNo}
            </button>
          </div>
        </div>
      )}
    </div>
  );
}
