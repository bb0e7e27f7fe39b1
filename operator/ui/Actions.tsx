/** What can be done with the open chat: take it, hand it over, step back, end it. Ending it, or taking it from a colleague, asks once, inside the page. */
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { ComponentChildren } from 'preact';
import type { OperatorInfo } from '../../shared/wire/workplace.ts';
import type { Conversation } from '../session/conversation.ts';
import type { Session } from '../session/contract.ts';
import { runningKey } from '../session/outgoing.ts';
import { Avatar } from './Avatar.tsx';
import { t } from './strings.ts';

export function Actions({ session, conversation }: { session: Session; conversation: Conversation }) {
  const asked = useSignal<'transfer' | 'take' | 'close' | null>(null);
  const { chat } = conversation;
  if (!chat?.isOpen) return null;
  const isMine = chat.operator?.id === session.self.value.id;
  const isFree = chat.operator === null;
  const isOffline = session.connection.value !== 'online';
  const isRunning = (kind: 'chat.join' | 'chat.take' | 'chat.leave' | 'chat.close' | 'chat.transfer'): boolean =>
    isOffline || session.running.value.has(runningKey(kind, chat.id));
  const settle = (act: () => void) => () => {
    asked.value = null;
    act();
  };

  return (
    <div class="actions">
      {isFree && (
        <button type="button" class="button button-primary" disabled={isRunning('chat.join')} onClick={session.join}>
          {t.join}
        </button>
      )}
      {chat.operator !== null && !isMine && (
        <Popover
          label={t.takeOver}
          title={t.takeOverTitle(chat.operator.card.name)}
          isOpen={asked.value === 'take'}
          isDisabled={isRunning('chat.take')}
          onToggle={(isOpen) => (asked.value = isOpen ? 'take' : null)}
        >
          <p class="muted">{t.takeOverHint(chat.operator.card.name)}</p>
          <div class="popover-buttons">
            <button type="button" class="button" onClick={settle(() => undefined)}>
              {t.cancel}
            </button>
            <button type="button" class="button button-primary" onClick={settle(session.takeOver)}>
              {t.takeOverConfirm}
            </button>
          </div>
        </Popover>
      )}
      {isMine && (
        <>
          {/* Not last: a second click on Join must not leave again. */}
          <button type="button" class="button" disabled={isRunning('chat.leave')} onClick={session.leave}>
            {t.leave}
          </button>
          <Popover
            label={t.transfer}
            title={t.transferTitle}
            isOpen={asked.value === 'transfer'}
            isDisabled={isRunning('chat.transfer')}
            onToggle={(isOpen) => (asked.value = isOpen ? 'transfer' : null)}
          >
            <Colleagues session={session} site={conversation.item?.site ?? ''} onChoose={(to) => settle(() => session.transfer(to))()} />
          </Popover>
        </>
      )}
      {(isMine || isFree) && (
        <Popover
          label={t.closeChat}
          title={t.closeTitle}
          isOpen={asked.value === 'close'}
          isDisabled={isRunning('chat.close')}
          onToggle={(isOpen) => (asked.value = isOpen ? 'close' : null)}
        >
          <p class="muted">{t.closeHint}</p>
          <div class="popover-buttons">
            <button type="button" class="button" onClick={settle(() => undefined)}>
              {t.cancel}
            </button>
            <button type="button" class="button button-danger" onClick={settle(session.closeChat)}>
              {t.closeConfirm}
            </button>
          </div>
        </Popover>
      )}
    </div>
  );
}

function Colleagues({ session, site, onChoose }: { session: Session; site: string; onChoose(id: string): void }) {
  const serves = (operator: OperatorInfo): boolean => operator.sites.length === 0 || operator.sites.includes(site);
  const others = session.operators.value.filter(
    (operator) => operator.isOnline && operator.id !== session.self.value.id && serves(operator),
  );
  if (others.length === 0) return <p class="muted">{t.transferNobody}</p>;
  return (
    <ul class="colleagues" role="list">
      {others.map(({ id, name }) => (
        <li key={id}>
          <button type="button" class="colleague" onClick={() => onChoose(id)}>
            <Avatar id={id} name={name} />
            <bdi>{name}</bdi>
          </button>
        </li>
      ))}
    </ul>
  );
}

interface PopoverProps {
  label: string;
  title: string;
  isOpen: boolean;
  isDisabled: boolean;
  onToggle(isOpen: boolean): void;
  children: ComponentChildren;
}

/** A button and what it opens. Escape, a click elsewhere or the button itself close it; focus comes back to the button. */
function Popover({ label, title, isOpen, isDisabled, onToggle, children }: PopoverProps) {
  const place = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);

  useEffect(() => {
    if (!isOpen) return undefined;
    const opener = button.current;
    place.current?.querySelector<HTMLElement>('.popover button')?.focus();
    const handleDown = ({ target }: PointerEvent): void => {
      if (target instanceof Node && !place.current?.contains(target)) onToggle(false);
    };
    document.addEventListener('pointerdown', handleDown);
    return () => {
      document.removeEventListener('pointerdown', handleDown);
      // Only if the focus would be lost with the popover: a click elsewhere has already put it there.
      if (document.activeElement === document.body || place.current?.contains(document.activeElement)) opener?.focus();
    };
  }, [isOpen]);

  return (
    <div
      class="popover-place"
      ref={place}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && isOpen) {
          event.stopPropagation();
          onToggle(false);
        }
      }}
    >
      <button
        ref={button}
        type="button"
        class="button"
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        disabled={isDisabled}
        onClick={() => onToggle(!isOpen)}
      >
        {label}
      </button>
      {isOpen && (
        <div class="popover" role="dialog" aria-label={title}>
          <p class="popover-title">{title}</p>
          {children}
        </div>
      )}
    </div>
  );
}
