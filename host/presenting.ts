/**
 * Tells the frame about the page: what it may draw, for which address, and whether an invitation could be shown here.
 *
 * Sends each when it has changed, and to a new frame with its welcome. Moves the focus with what opens and closes: into the frame
 * after an act of the visitor, and back to what had it.
 */
import type { Presentation, Welcome } from '../shared/page/bridge.ts';
import type { Bridge } from './bridge.ts';
import type { Chat } from './chat-widget.ts';
import type { Controllers } from './controller.ts';
import type { FrameView } from './iframe.ts';
import { ignore } from './report.ts';
import { CHAT, FORM, LABEL, type Core } from './widget.ts';

/** Of an address or a title, more than the session keeps. */
const PAGE_LENGTH = 4096;
/** What hands the focus on after a click. Never what the visitor may be writing in. */
const BUTTONS = 'a,body,button';

export interface Presenting {
  /** Tells the frame what it may draw, if that has changed. */
  _present(): void;
  /** The page moved on, or has another title. */
  _tellPage(): void;
  /** Whether our interface in the frame is what shows this widget. */
  _isDrawn(core?: Core): boolean;
  /** Runs what a click in the frame has asked for. */
  _byVisitor(act: () => void): void;
  /** The frame has drawn what it was told to. */
  _drawn(): void;
  /** Whether the focus is where it was when the last view opened. */
  _isLeft(): boolean;
  /** What a new frame learns first. */
  _welcome(): Pick<Welcome, 'page' | 'isInvitable' | 'presentation'>;
}

/**
 * @param newest the newest living widget of a name
 * @param controllers whose chat it is that stands there
 */
export function createPresenting(
  document: Document,
  frame: FrameView,
  bridge: Bridge,
  newest: (name: string) => Core | undefined,
  chats: () => Chat[],
  controllers: Pick<Controllers, '_isRunning' | '_hasFailed'>,
  title: () => string,
): Presenting {
  /** What the frame knows of the page. */
  let shown = '';
  let isInvitable = false;
  let view: Presentation['view'] = null;
  let byVisitor = false;
  /** The frame asks, on behalf of a click. */
  let isAsking = false;
  /** What had the focus when an act of the visitor on the page opened the view. */
  let opener: HTMLElement | undefined;
  /** It gives the focus to the frame when that has drawn the view, unless the visitor has gone on by then. */
  let due: HTMLElement | undefined;

  const isDrawn = (core?: Core) => !!core && core._isRendered && !core._element && !controllers._isRunning;

  const present = () => {
    const chat = newest(CHAT);
    const form = newest(FORM);
    const isChat = isDrawn(chat);
    const now = isDrawn(form) && form!._isOpen ? 'offline_message' : isChat && chat!._isOpen ? 'chat' : null;
    if (now !== view) {
      const { activeElement } = document;
      byVisitor = isAsking || !!navigator.userActivation?.isActive;
      if (!view) due = opener = isAsking || !byVisitor ? undefined : (activeElement as HTMLElement);
      // Not back from where the visitor has gone on to.
      if (!now && activeElement === frame._element()) opener?.focus();
    }
    view = now;
    const own = Object(chat?._config.settings);
    const { title, h_position, v_position, is_animation_enabled } = { ...own, ...own.chat };
    const next: Presentation = {
      isDrawn: isChat || !!view,
      hasLauncher: isChat && !chat!._box && chat!._config.launcher !== false && (controllers._hasFailed || !newest(LABEL)),
      view,
      isInline: isChat && !!chat!._box,
      byVisitor,
      wantsCall: form?._wantsCall,
      appearance: { title, h_position, v_position, is_animation_enabled, banner_color: own.common?.banner_color },
    };
    const isWelcome = isChat || chats().some(({ _emitter }) => _emitter._has('invite'));
    const text = JSON.stringify(next);
    frame._room(next.isDrawn, isChat ? chat!._box : undefined);
    if (text !== shown) {
      shown = text;
      if (bridge._isConnected()) bridge._call('present', [JSON.parse(text)]).catch(ignore);
    }
    if (isWelcome !== isInvitable) {
      isInvitable = isWelcome;
      tellPage();
    }
  };

  // Cut, because a page with a title of any length must not be left without a chat.
  const page = () => ({
    url: (document.location.origin + document.location.pathname).slice(0, PAGE_LENGTH),
    title: title().slice(0, PAGE_LENGTH),
  });
  const tellPage = () => {
    if (bridge._isConnected()) bridge._call('page', [page(), isInvitable]).catch(ignore);
  };

  return {
    _present: present,
    _tellPage: tellPage,
    _isDrawn: isDrawn,
    _byVisitor(act) {
      isAsking = true;
      act();
      isAsking = false;
    },
    _drawn() {
      if (due?.matches(BUTTONS) && document.activeElement === due) frame._element()!.focus();
      due = undefined;
    },
    _isLeft: () => document.activeElement === opener,
    _welcome: () => ({ page: page(), isInvitable, presentation: JSON.parse(shown) }),
  };
}
