/**
 * What a visitor seldom needs, behind one button of the header: the mark, the transcript, sound, size, language and the end of the
 * chat. It is a disclosure of real buttons: Tab and the arrow keys walk through them, Escape and a step outside close it.
 */
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { BY_VISITOR } from '../by-visitor.ts';
import type { ViewModel } from '../contract.ts';
import { Icon } from '../Icon.tsx';
import * as icons from '../icons-extras.ts';
import { focus } from '../use-focus.ts';
import { t } from '../words.ts';
import { hasSound, setSound } from '../noticed/noticed.ts';
import { Languages, nameOf } from './Languages.tsx';
import { Cut } from './Cut.tsx';
import { Rating } from './Rating.tsx';
import { enlarge, isLarge } from './size.ts';
import { language } from '../../language/language.ts';

type Page = 'items' | 'end' | 'languages';

export function Menu({ view }: { view: ViewModel }) {
  const page = useSignal<Page | null>(null);
  const root = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);

  const close = () => void (page.value = null);
  const leave = () => {
    close();
    focus(opener.current);
  };
  /** Shows another page of the menu. The button that asked for it is gone then, and the focus goes on. */
  const turnTo = (next: Page) => void (page.value = next);

  const current = page.value;
  useEffect(() => {
    if (current === 'end' || current === 'languages') focus(root.current?.querySelector<HTMLElement>('[data-next]'));
    if (current === null) return;
    const look = ({ target }: Event) => {
      if (!(target instanceof Node && root.current?.contains(target))) close();
    };
    addEventListener('pointerdown', look);
    addEventListener('blur', close);
    return () => {
      removeEventListener('pointerdown', look);
      removeEventListener('blur', close);
    };
  }, [current]);

  const handleKey = (event: KeyboardEvent) => {
    if (current === null) {
      if (event.key === 'ArrowDown') turnTo('items');
      else return;
    } else if (event.key === 'Escape') leave();
    else if (!walk(root.current, event.key)) return;
    event.preventDefault();
  };

  return (
    <div
      class="menu"
      ref={root}
      onKeyDown={handleKey}
      onFocusOut={({ relatedTarget }) => relatedTarget instanceof Node && !root.current?.contains(relatedTarget) && close()}
    >
      <button
        ref={opener}
        type="button"
        class="round"
        aria-label={t('menu')}
        aria-expanded={current !== null}
        aria-controls="menu"
        onClick={() => (page.value = current ? null : 'items')}
      >
        <Icon path={icons.more} />
      </button>
      {current && (
        <div
          id="menu"
          class="sheet-menu"
          role="group"
          aria-label={t(current === 'end' ? 'endQuestion' : current === 'languages' ? 'language' : 'menu')}
        >
          {current === 'items' && (
            <Items view={view} isFloating={root.current?.closest('.full, .inline') === null} turnTo={turnTo} close={leave} />
          )}
          {current === 'languages' && <Languages view={view} close={leave} />}
          {current === 'end' && <Question view={view} close={close} stay={leave} />}
        </div>
      )}
    </div>
  );
}

/** Only what applies now. */
interface ItemsProps {
  view: ViewModel;
  /** The panel has neither the whole screen nor an element of the page. */
  isFloating: boolean;
  turnTo: (page: Page) => void;
  close: () => void;
}

function Items({ view, isFloating, turnTo, close }: ItemsProps) {
  const { session, stage } = view;
  const isChat = view.drawn.value?.view === 'chat';
  const isInChat = isChat && session.state.value === 'chat';
  const hasMessages = isChat && session.messages.value.length + session.pending.value.length > 0;
  const then = (act: () => void) => () => (close(), act());
  return (
    <>
      <Cut />
      {isInChat && session.operator.value && <Rating view={view} />}
      {hasMessages && session.canRate.value && (
        <Item icon={icons.mail} onClick={then(() => view.show('mail'))}>
          {t('mail')}
        </Item>
      )}
      {hasMessages && (
        <Item icon={icons.chats} onClick={then(() => view.show('chats'))}>
          {t('chats')}
        </Item>
      )}
      {hasMessages && (
        <Item icon={icons.print} onClick={then(() => stage.print())}>
          {t('print')}
        </Item>
      )}
      <button type="button" class="item" role="switch" aria-checked={hasSound.value} onClick={() => setSound(!hasSound.peek())}>
        <Icon path={hasSound.value ? icons.sound : icons.mute} />
        <span>{t('sound')}</span>
        <i class="switch" />
      </button>
      {isFloating && (
        <Item icon={isLarge.value ? icons.shrink : icons.expand} onClick={then(() => enlarge(!isLarge.peek()))}>
          {t(isLarge.value ? 'shrink' : 'expand')}
        </Item>
      )}
      <button type="button" class="item" onClick={() => turnTo('languages')}>
        <Icon path={icons.globe} />
        <span>{t('language')}</span>
        <small lang={language.value}>{nameOf(language.value)}</small>
      </button>
      {isInChat && (
        <Item icon={icons.leave} onClick={() => turnTo('end')}>
          {t('end')}
        </Item>
      )}
    </>
  );
}

function Item({ icon, onClick, children }: { icon: string; onClick: () => void; children: ComponentChildren }) {
  return (
    <button type="button" class="item" onClick={onClick}>
      <Icon path={icon} />
      <span>{children}</span>
    </button>
  );
}

/** Asks once before a chat ends. The focus goes to the answer that changes nothing. */
function Question({ view, close, stay }: { view: ViewModel; close: () => void; stay: () => void }) {
  const end = (event: MouseEvent) => {
    // The button goes with the chat. Not to the composer: on a phone that would bring up the keyboard.
    if (event.currentTarget instanceof Element) focus(event.currentTarget.closest<HTMLElement>('#panel'));
    close();
    view.session.closeChat(BY_VISITOR);
  };
  return (
    <div class="question">
      <b>{t('endQuestion')}</b>
      <button type="button" class="primary" onClick={end}>
        {t('end')}
      </button>
      <button type="button" class="secondary" data-next onClick={stay}>
        {t('stay')}
      </button>
    </div>
  );
}

/** Moves the focus as a key says, round and round. Returns whether the key was one of ours. */
function walk(root: HTMLElement | null, key: string): boolean {
  const buttons = [...(root?.querySelectorAll<HTMLElement>('#menu button') ?? [])];
  const at = buttons.findIndex((button) => button === document.activeElement);
  const to: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at < 0 ? -1 : at - 1, Home: 0, End: -1 };
  const next = to[key];
  if (next === undefined || buttons.length === 0) return false;
  focus(buttons.at(next % buttons.length));
  return true;
}
