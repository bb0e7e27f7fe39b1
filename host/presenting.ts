/**
 * Tells the frame about the page: what it may draw, for which address, and whether an invitation could be shown here.
 *
 * Sends each when it has changed, and to a new frame with its welcome.
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

export interface Presenting {
  /** Tells the frame what it may draw, if that has changed. */
  _present(): void;
  /** The page moved on, or has another title. */
  _tellPage(): void;
  /** Whether our interface in the frame is what shows this widget. */
  _isDrawn(core?: Core): boolean;
  /** Runs what a click in the frame has asked for. */
  _byVisitor(act: () => void): void;
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
): Presenting {
  /** What the frame knows of the page. */
  let shown = '';
  let isInvitable = false;
  let view: Presentation['view'] = null;
  let byVisitor = false;
  /** The frame asks, on behalf of a click. */
  let isAsking = false;

  const isDrawn = (core?: Core) => !!core && core._isRendered && !core._element && !controllers._isRunning;

  const present = () => {
    const chat = newest(CHAT);
    const form = newest(FORM);
    const isChat = isDrawn(chat);
    const now = isDrawn(form) && form!._isOpen ? 'offline_message' : isChat && chat!._isOpen ? 'chat' : null;
    if (now !== view) byVisitor = isAsking;
    view = now;
    const own = Object(chat?._config.settings);
    const { title, h_position, v_position, is_animation_enabled } = { ...own, ...own.chat };
    const next: Presentation = {
      isDrawn: isChat || !!view,
      hasLauncher: isChat && !chat!._box && chat!._config.launcher !== false && (controllers._hasFailed || !newest(LABEL)),
      view,
      isInline: isChat && !!chat!._box,
      byVisitor,
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
    title: document.title.slice(0, PAGE_LENGTH),
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
    _welcome: () => ({ page: page(), isInvitable, presentation: JSON.parse(shown) }),
  };
}
