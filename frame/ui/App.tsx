/**
 * Draws the panel, the invitation with the launcher, the launcher alone or nothing, and asks the page for the room it needs.
 * The page decides which of them is open.
 */
import { useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { Announcer } from './Announcer.tsx';
import { Launcher } from './panel/Launcher.tsx';
import { Panel } from './panel/Panel.tsx';
import { useFocusAsked } from './use-focus.ts';
import { t } from './words.ts';
import type { ViewModel } from './contract.ts';

/** The panel and the space its shadow takes, in CSS pixels (see `panel.css`). */
const PANEL = { width: 400 + 2 * 16, height: 640 + 2 * 16 };
/** The wide one; the page knows how high it is. */
const LARGE_WIDTH = 640 + 2 * 16;

export function App({ view }: { view: ViewModel }) {
  const { session, stage } = view;
  const presentation = stage.presentation.value;
  const { chat, common } = session.settings.value;
  const { company: name, offset_x: offsetX, offset_y: offsetY } = common;
  const title = t('frame', { name: name || hostname() });
  const unread = presentation.isDrawn ? session.unread.value : 0;
  const badge = common.badge === 'title' || common.badge === 'both' ? unread : 0;
  const drawn = view.drawn.value;
  const extras = view.extras.value;

  const hasCorner = presentation.isDrawn && chat.is_visible;
  const hasBubble = hasCorner && !drawn && extras !== null && session.state.value === 'invite' && session.invite.value !== null;
  const hasLauncher = hasCorner && presentation.hasLauncher;
  const isLarge = extras?.isLarge.value ?? false;
  const icon = unread > 0 && (common.badge === 'icon' || common.badge === 'both') ? extras?.drawBadge(unread) : undefined;
  const mode = !presentation.isDrawn ? 'hidden' : drawn ? 'panel' : hasBubble ? 'bubble' : hasLauncher ? 'launcher' : 'hidden';

  const isCovered = drawn?.isClosing === false;

  const { appearance } = presentation;
  const side = appearance.h_position ?? chat.h_position;
  const height = appearance.v_position ?? chat.v_position;
  const isLeft = side === 'left';
  const isTop = height === 'top';

  const corner = useRef<HTMLDivElement>(null);
  const returns = useReturns();
  useLayoutEffect(() => {
    // What a reader says of the document, and what stands on a printed page.
    document.title = title;
    // Only the launcher keeps off its corner: the open panel needs the room. What stands beside it needs a phone's whole width.
    const x = isPhone() ? 0 : offsetX;
    const off = mode === 'panel' ? {} : { x: isLeft ? x : -x, y: isTop ? offsetY : -offsetY };
    const place = (width: number, height: number) =>
      stage.place({ mode, width, height, isLeft, isTop, name, title, isLarge, ...off, badge, ...(icon && { icon }) });
    if (mode === 'panel') return place(isLarge ? LARGE_WIDTH : PANEL.width, PANEL.height);
    const box = corner.current;
    if (!box) return place(0, 0);
    const measure = () => {
      // Measure the full height; in a low window the page may give less, and the invitation's text shrinks.
      box.style.setProperty('max-height', 'none');
      place(Math.ceil(box.offsetWidth), Math.ceil(box.offsetHeight));
      box.style.removeProperty('max-height');
    };
    // Measure at once: a browser does not draw a frame without size, and never calls an observer inside it.
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(box);
    return () => observer.disconnect();
    // Also for a panel that is opened again while it leaves: the page waits to hear that it is drawn.
  }, [returns, mode, isCovered, isLeft, isTop, name, title, isLarge, offsetX, offsetY, badge, icon, stage]);

  const root = useFocusAsked(view);
  const isFull = useIsFull(!presentation.isInline);
  if (mode === 'hidden') return null;

  const classes = ['frame', side, height, view.isAnimated.value ? 'animated' : '', presentation.isInline ? 'inline' : isFull ? 'full' : ''];
  return (
    <div class={classes.join(' ')} ref={root}>
      {drawn && <Panel key={drawn.view} view={view} drawn={drawn} />}
      {(hasLauncher || hasBubble) && (
        // It fades behind the panel, and is there again while that one leaves.
        <div class={isCovered ? 'corner covered' : 'corner'} inert={isCovered} ref={corner}>
          {hasBubble && <extras.Invitation view={view} />}
          {hasLauncher && !drawn && !hasBubble && extras && <extras.Preview view={view} />}
          {hasLauncher && (
            <div class="stand">
              {extras && <extras.Label view={view} />}
              <Launcher view={view} />
            </div>
          )}
        </div>
      )}
      <Announcer view={view} />
    </div>
  );
}

/** The page's, as the loader has written it into our address. */
function hostname(): string {
  return /\/\/([^:/]+)/.exec(decodeURIComponent(location.hash))?.[1] ?? '';
}

/** How often the page has come back out of the browser's history. It took the badge away when it was left. */
function useReturns(): number {
  const returns = useSignal(0);
  useEffect(() => {
    const count = ({ persisted }: PageTransitionEvent) => void (returns.value += Number(persisted));
    addEventListener('pageshow', count);
    return () => removeEventListener('pageshow', count);
  }, [returns]);
  return returns.value;
}

/** The page gives the width we ask for, or on a phone all it has: then the panel fills the frame. */
function useIsFull(isFloating: boolean): boolean {
  const width = useSignal(innerWidth);
  useEffect(() => {
    const measure = () => (width.value = innerWidth);
    addEventListener('resize', measure);
    return () => removeEventListener('resize', measure);
  }, [width]);
  const isOurs = [PANEL.width, LARGE_WIDTH].some((ours) => Math.abs(width.value - ours) < 3);
  // Some phones are as wide as the panel.
  return isFloating && (!isOurs || isPhone());
}

const isPhone = (): boolean => screen.width <= 480;
