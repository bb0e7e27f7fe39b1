/** Whom the visitor is talking to, and the way out. */
import { Avatar } from '../Avatar.tsx';
import { Icon } from '../Icon.tsx';
import * as icons from '../icons.ts';
import { focus } from '../use-focus.ts';
import { BY_VISITOR } from '../by-visitor.ts';
import type { ViewModel } from '../contract.ts';
import { t } from '../words.ts';

export function Header({ view, title }: { view: ViewModel; title: string }) {
  const { session } = view;
  const extras = view.extras.value;
  const operator = session.operator.value;
  const isInChat = session.state.value === 'chat' && view.drawn.value?.view === 'chat';
  const isAvailable = session.isAvailable.value;

  // The button goes with the chat. Not to the composer: on a phone that would bring up the keyboard.
  const end = (event: MouseEvent) => {
    if (event.currentTarget instanceof Element) focus(event.currentTarget.closest<HTMLElement>('#panel'));
    session.closeChat(BY_VISITOR);
  };

  return (
    <header class="header">
      <div class="who">
        <Avatar name={operator?.name ?? ''} picture={operator?.avatar} />
        <div>
          <h1 dir="auto">{title}</h1>
          {operator ? (
            <p dir="auto">
              {operator.name}
              {operator.position && (
                <>
                  {' '}
                  · <span>{operator.position}</span>
                </>
              )}
            </p>
          ) : (
            <p class={isAvailable ? 'dot' : 'dot away'}>{isAvailable ? t('online') : t('away')}</p>
          )}
        </div>
        {isInChat && (
          <button type="button" class="pill" onClick={end}>
            {t('end')}
          </button>
        )}
        <button type="button" class="round" aria-label={t('close')} onClick={() => view.stage.close()}>
          <Icon path={icons.close} />
        </button>
      </div>
      {isInChat && operator && extras && !view.isLow.value && <extras.Rating view={view} />}
    </header>
  );
}
