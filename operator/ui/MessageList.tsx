/**
 * The log *Messages*: keeps at most one window of a long conversation in the document, stays at the end while somebody reads
 * there, keeps its place while rows come in above or below, and says nothing aloud while it fills or moves.
 */
import { useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { followsEnd, isResized, standOf } from '../../shared/ui/follow.ts';
import type { Conversation } from '../session/conversation.ts';
import type { Session } from '../session/contract.ts';
import { Icon } from './Icon.tsx';
import { MessageLine } from './MessageLine.tsx';
import { STEP, linesOf, windowOf } from './lines.ts';
import { t } from './strings.ts';

/** Within this distance of the end, new messages are followed; within it of an end of the window, more is fetched. Pixels. */
const NEAR = 80;
/** Time for a screen reader to have noticed that rows of history are not news. */
const HUSH_MS = 600;

/** The first line in sight, and its distance below the log's upper edge. */
interface ScrollAnchor {
  key: string;
  top: number;
}

export function MessageList({ session, conversation }: { session: Session; conversation: Conversation }) {
  const log = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  /** Kept over the next drawing; `null` follows the newest. */
  const anchor = useRef<ScrollAnchor | null>(null);
  /** Where the list stood when it was last looked at. */
  const stand = useRef(standOf({ scrollTop: 0, scrollHeight: 0, clientHeight: 0 }));
  /** Line after the last one in the document; `null` follows the newest. */
  const end = useSignal<number | null>(null);
  const isAway = useSignal(false);
  const isHushed = useSignal(false);
  const lines = linesOf(conversation, {
    self: session.self.value.id,
    now: session.now.peek(),
    pending: session.pending.value,
    uploads: session.uploads.value,
  });
  const stretch = windowOf(lines.length, end.value);
  const isTail = stretch.end === lines.length;

  const move = (to: number | null): void => {
    isHushed.value = true;
    end.value = to === null || to >= lines.length ? null : to;
  };

  const settle = (): void => {
    const box = log.current;
    if (box === null) return;
    keepAnchor(box, anchor.current);
    stand.current = standOf(box);
  };

  const look = (): void => {
    const box = log.current;
    if (box === null) return;
    const isAtEnd = isTail && followsEnd(anchor.current === null, stand.current, box, NEAR);
    anchor.current = isAtEnd ? null : anchorIn(box);
    isAway.value = !isAtEnd;
    if (isResized(stand.current, box)) settle();
    stand.current = standOf(box);
    const below = box.scrollHeight - box.scrollTop - box.clientHeight;
    if (box.scrollTop < NEAR && stretch.start > 0) move(stretch.end - STEP);
    else if (box.scrollTop < NEAR) session.older();
    else if (!isTail && below < NEAR) move(stretch.end + STEP);
  };

  useLayoutEffect(() => {
    const box = log.current;
    if (box === null) return;
    settle();
    // A short page leaves nothing to scroll: fetch until there is.
    if (conversation.hasOlder && box.scrollHeight <= box.clientHeight) session.older();
    // What was put on top of the window is not in the document yet, and at its upper edge nobody can scroll to ask for it.
    if (anchor.current !== null) look();
  });

  // A keyboard, a longer draft or a narrower window takes room away, a picture is loaded: the end stays in sight.
  useEffect(() => {
    const observer = new ResizeObserver(settle);
    if (log.current !== null) observer.observe(log.current);
    if (content.current !== null) observer.observe(content.current);
    return () => observer.disconnect();
  }, []);

  const moved = isHushed.value;
  useEffect(() => {
    if (!moved) return undefined;
    const timer = setTimeout(() => (isHushed.value = false), HUSH_MS);
    return () => clearTimeout(timer);
  }, [moved, end.value]);

  const jump = (): void => {
    anchor.current = null;
    if (!isTail) move(null);
    log.current?.scrollTo({ top: log.current.scrollHeight });
  };

  const isSilent = moved || !isTail || !conversation.isLoaded || conversation.isLoadingOlder;
  return (
    <div class="log-place">
      <div
        ref={log}
        class={`log ${lines.length === 0 ? 'log-is-empty' : ''}`}
        role="log"
        aria-label={t.messages}
        aria-live={isSilent ? 'off' : 'polite'}
        tabIndex={0}
        onScroll={look}
      >
        <div ref={content} class="log-content">
          {conversation.isLoadingOlder && <p class="log-note">{t.loadingOlder}</p>}
          {!conversation.isLoaded && <p class="log-note">{t.loading}</p>}
          {conversation.isLoaded && lines.length === 0 && <p class="log-empty muted">{t.noMessages}</p>}
          {lines.slice(stretch.start, stretch.end).map((line) => (
            <MessageLine key={line.key} line={line} session={session} conversation={conversation} />
          ))}
        </div>
      </div>
      {isAway.value && (
        <button type="button" class="icon-button jump" aria-label={t.jump} onClick={jump}>
          <Icon name="down" />
        </button>
      )}
    </div>
  );
}

function anchorIn(box: HTMLElement): ScrollAnchor | null {
  const edge = box.getBoundingClientRect().top;
  for (const row of box.querySelectorAll<HTMLElement>('[data-key]')) {
    const { top, bottom } = row.getBoundingClientRect();
    if (bottom > edge) return { key: row.dataset.key ?? '', top: top - edge };
  }
  return null;
}

function keepAnchor(box: HTMLElement, anchor: ScrollAnchor | null): void {
  if (anchor === null) {
    box.scrollTop = box.scrollHeight;
    return;
  }
  for (const row of box.querySelectorAll<HTMLElement>('[data-key]')) {
    if (row.dataset.key !== anchor.key) continue;
    const shift = row.getBoundingClientRect().top - box.getBoundingClientRect().top - anchor.top;
    if (Math.abs(shift) > 1) box.scrollTop += shift;
    return;
  }
}
