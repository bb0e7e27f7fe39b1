/**
 * The conversation. Keeps at most one window of it in the document, holds still while rows come in above, follows the
 * newest only while it is in sight, and tells the view model when it is. It says nothing aloud: what is news is spoken by
 * `Spoken.tsx`, each thing once.
 */
import { useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { followsEnd, isResized, standOf } from '../../../shared/ui/follow.ts';
import { MessageRow } from './MessageRow.tsx';
import { takeGoal } from './goal.ts';
import { type Row, STEP, endAround, keyOf, rowsOf, windowOf } from './rows.ts';
import type { ViewModel } from '../contract.ts';
import { t } from '../words.ts';

/** From here on the next rows are fetched, so that scrolling rarely meets an end. */
const NEAR_PX = 240;
const AT_END_PX = 48;

export function MessageList({ view }: { view: ViewModel }) {
  const { session } = view;
  const log = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const sentinel = useRef<HTMLElement>(null);
  /** Position that keeps the reader's place over the next rendering; `null` follows the newest. */
  const wanted = useRef(takeGoal()).current;
  const anchor = useRef<{ key: string; top: number } | null>(wanted === null ? null : { key: wanted, top: 0 });
  /** The list's position at the last look. */
  const stand = useRef(standOf({ scrollTop: 0, scrollHeight: 0, clientHeight: 0 }));
  const asked = useRef('');
  const lastKey = useRef<string | undefined>(undefined);
  /** Where the visitor stopped reading: a message, and how many were unread when it was last looked. */
  const stop = useRef<{ key: string | null; unread: number }>({ key: null, unread: 0 });
  /** The newest is out of sight by more than a screen. */
  const isFar = useSignal(false);

  const entries = session.entries.value;
  const connection = session.connection.value;
  const extras = view.extras.value;
  const unread = session.unread.value;
  // Where news comes in sight at once, nobody has stopped anywhere.
  if (unread > 0 && stop.current.unread === 0 && (!lastKey.current || anchor.current || document.hidden)) {
    const first = entries.filter((entry) => entry.isCounted).at(-unread);
    stop.current.key = first ? keyOf(first.message) : null;
  }
  stop.current.unread = unread;
  const rows = rowsOf(entries, session.pending.value, session.uploads.value, extras?.linesOn(view, stop.current.key));
  const seen = extras?.seenIn(session);
  /** Row after the last one in the document; `null` follows the newest. */
  const end = useSignal(wanted === null ? null : endAround(rows, wanted));
  const stretch = windowOf(rows.length, end.value);
  const newest = rows.at(-1);
  const isTail = stretch.end === rows.length;

  const settle = () => {
    const box = log.current;
    if (!box) return;
    keepPlace(box, anchor.current);
    stand.current = standOf(box);
  };
  const reach = () => {
    const box = log.current;
    if (!box) return;
    const isAtEnd = isTail && followsEnd(anchor.current === null, stand.current, box, AT_END_PX);
    anchor.current = isAtEnd ? null : topRow(box);
    if (isResized(stand.current, box)) settle();
    stand.current = standOf(box);
    const below = box.scrollHeight - box.scrollTop - box.clientHeight;
    isFar.value = !isAtEnd && (!isTail || unread > 0 || below > box.clientHeight);
    if (box.scrollTop < NEAR_PX) {
      if (stretch.start > 0) return move(stretch.end - STEP);
      // Ask once for each oldest message and connection: the answer may be slow or never come.
      const ask = `${entries[0]?.message.message_id}|${connection}`;
      if (!session.hasOlder.peek() || asked.current === ask) return;
      asked.current = ask;
      session.older();
    } else if (!isTail && below < NEAR_PX) {
      move(stretch.end + STEP);
    }
  };
  const move = (to: number) => void (end.value = to >= rows.length ? null : to);
  const toEnd = () => {
    anchor.current = null;
    if (!isTail) move(rows.length);
    log.current?.scrollTo({ top: log.current.scrollHeight });
  };

  useLayoutEffect(() => {
    const box = log.current;
    if (!box) return;
    if (newest?.key !== lastKey.current) {
      lastKey.current = newest?.key;
      if (isOwnNew(newest)) {
        // Who answers has read.
        stop.current.key = null;
        toEnd();
        // Far back, the end is not in the document yet: the rendering that brings it scrolls there.
        if (!isTail) return;
      }
    }
    settle();
    reach();
  });

  // The composer grows, the keyboard comes, a card appears, a picture is loaded: the end must stay in sight.
  useEffect(() => {
    const observer = new ResizeObserver(settle);
    if (log.current) observer.observe(log.current);
    if (content.current) observer.observe(content.current);
    return () => observer.disconnect();
  }, []);

  useEffect(() => {
    if (!sentinel.current) return;
    const observer = new IntersectionObserver((seen) => view.see(seen.at(-1)?.isIntersecting ?? false));
    observer.observe(sentinel.current);
    return () => {
      observer.disconnect();
      view.see(false);
    };
  }, [view]);

  return (
    <div class="messages">
      <div
        ref={log}
        class={rows.length > 0 ? 'log' : 'log empty'}
        role="log"
        aria-label={t('messages')}
        aria-live="off"
        tabIndex={rows.length > 0 ? 0 : undefined}
        onScroll={reach}
      >
        <div ref={content} role={rows.length > 0 ? 'list' : undefined}>
          {stretch.start === 0 && extras && <extras.Shortened view={view} />}
          {rows
            .slice(stretch.start, stretch.end)
            .map((row) =>
              row.kind === 'line' ? (
                row.node
              ) : row.kind === 'upload' ? (
                extras && <extras.UploadRow key={row.key} view={view} upload={row.upload} />
              ) : (
                <MessageRow
                  key={row.key}
                  view={view}
                  name={row.key}
                  message={row.message}
                  file={row.file}
                  state={row.state}
                  reason={row.reason}
                  isFirst={row.isFirst}
                  isLast={row.isLast}
                  isSeen={row.key === seen}
                />
              ),
            )}
          <i ref={sentinel} key="end" class="sentinel" />
        </div>
      </div>
      {isFar.value && extras && <extras.News unread={unread} onClick={toEnd} />}
    </div>
  );
}

const rowsIn = (box: HTMLElement): HTMLCollection | [] => box.firstElementChild?.children ?? [];

/** The first row in sight and where it stands. */
function topRow(box: HTMLElement): { key: string; top: number } | null {
  for (const row of rowsIn(box)) {
    if (!(row instanceof HTMLElement) || row.dataset.key === undefined) continue;
    if (row.offsetTop + row.offsetHeight > box.scrollTop) return { key: row.dataset.key, top: row.offsetTop - box.scrollTop };
  }
  return null;
}

function keepPlace(box: HTMLElement, anchor: { key: string; top: number } | null): void {
  if (!anchor) {
    box.scrollTop = box.scrollHeight;
    return;
  }
  for (const row of rowsIn(box))
    if (row instanceof HTMLElement && row.dataset.key === anchor.key) {
      const top = row.offsetTop - anchor.top;
      if (Math.abs(top - box.scrollTop) > 1) box.scrollTop = top;
      return;
    }
}

/** The list always shows the visitor's newest own message, wherever they were reading. */
function isOwnNew(row: Row | undefined): boolean {
  return row?.kind === 'upload' || (row?.kind === 'message' && row.state === 'pending');
}
