/**
 * The log *Messages*: stays at the end while somebody reads there, keeps its place while earlier messages are put on top,
 * and says nothing aloud while it fills.
 */
import { useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { Conversation } from '../session/conversation.ts';
import type { Session } from '../session/session.ts';
import { Icon } from './Icon.tsx';
import { MessageLine } from './MessageLine.tsx';
import { linesOf } from './lines.ts';
import { t } from './strings.ts';

/** Within this distance of the end, new messages are followed; within it of the top, older ones are fetched. Pixels. */
const NEAR = 80;

export function MessageList({ session, conversation }: { session: Session; conversation: Conversation }) {
  const log = useRef<HTMLDivElement>(null);
  /** Height and first message at the last drawing: what was put on top since moves the view down by as much. */
  const last = useRef({ height: 0, first: '' });
  const isAtEnd = useRef(true);
  const isAway = useSignal(false);
  const lines = linesOf(conversation, {
    self: session.self.value.id,
    now: session.now.peek(),
    pending: session.pending.value,
    uploads: session.uploads.value,
  });
  const first = conversation.events[0]?.message_id ?? '';

  useLayoutEffect(() => {
    const box = log.current;
    if (box === null) return;
    if (isAtEnd.current) box.scrollTop = box.scrollHeight;
    else if (first !== last.current.first) box.scrollTop += box.scrollHeight - last.current.height;
    last.current = { height: box.scrollHeight, first };
    // A short page leaves nothing to scroll: fetch until there is.
    if (conversation.hasOlder && box.scrollHeight <= box.clientHeight) session.older();
  });

  // A keyboard, a longer draft or a narrower window takes room away: the end stays in sight.
  useEffect(() => {
    const box = log.current;
    if (box === null) return undefined;
    const observer = new ResizeObserver(() => {
      if (isAtEnd.current) box.scrollTop = box.scrollHeight;
    });
    observer.observe(box);
    return () => observer.disconnect();
  }, []);

  const handleScroll = (): void => {
    const box = log.current;
    if (box === null) return;
    isAtEnd.current = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;
    isAway.value = !isAtEnd.current;
    if (box.scrollTop < NEAR) session.older();
  };

  const jump = (): void => {
    log.current?.scrollTo({ top: log.current.scrollHeight });
  };

  return (
    <div class="log-place">
      <div
        ref={log}
        class={`log ${lines.length === 0 ? 'log-is-empty' : ''}`}
        role="log"
        aria-label={t.messages}
        aria-live={conversation.isLoaded && !conversation.isLoadingOlder ? 'polite' : 'off'}
        tabIndex={0}
        onScroll={handleScroll}
      >
        {conversation.isLoadingOlder && <p class="log-note">{t.loadingOlder}</p>}
        {!conversation.isLoaded && <p class="log-note">{t.loading}</p>}
        {conversation.isLoaded && lines.length === 0 && <p class="log-empty muted">{t.noMessages}</p>}
        {lines.map((line) => <MessageLine key={line.key} line={line} session={session} conversation={conversation} />)}
      </div>
      {isAway.value && (
        <button type="button" class="icon-button jump" aria-label={t.jump} onClick={jump}><Icon name="down" /></button>
      )}
    </div>
  );
}
