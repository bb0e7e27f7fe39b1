/** The list *Visitors*: everybody on the sites, who waits longest on top. Arrow keys walk it, Tab passes it in one step. */
import { useComputed, useSignal } from '@preact/signals';
import type { TargetedKeyboardEvent } from 'preact';
import { hasLeft, matchesQuery } from '../session/visitors.ts';
import type { Session } from '../session/contract.ts';
import { Icon } from './Icon.tsx';
import { VisitorRow } from './VisitorRow.tsx';
import { t } from './strings.ts';

/** Rows drawn at a time: a busy shop has thousands of visitors, and nobody reads that far. */
const STEP = 100;

export function VisitorList({ session }: { session: Session }) {
  const query = useSignal('');
  const limit = useSignal(STEP);
  const found = useComputed(() => session.visitors.value.filter((item) => matchesQuery(item, query.value)));
  const shown = found.value.slice(0, limit.value);
  const hidden = found.value.length - shown.length;
  const selected = session.current.value?.visitor;
  const tabStop = shown.some((item) => item.id === selected) ? selected : shown[0]?.id;

  return (
    <section class="visitors" aria-labelledby="visitors-title">
      <div class="list-head">
        <h2 id="visitors-title">{t.visitors}</h2>
        <span class="count">{session.visitors.value.filter((item) => !hasLeft(item)).length}</span>
      </div>
      <label class="search">
        <Icon name="search" />
        <input
          type="search"
          aria-label={t.search}
          placeholder={t.search}
          value={query.value}
          onInput={(event) => {
            query.value = event.currentTarget.value;
            limit.value = STEP;
          }}
        />
      </label>
      <div class="list-scroll">
        <ul class="rows" role="list" aria-label={t.visitors} onKeyDown={walk}>
          {shown.map((item) => (
            <VisitorRow key={item.id} session={session} item={item} isSelected={item.id === selected} isTabStop={item.id === tabStop} />
          ))}
        </ul>
        {hidden > 0 && (
          <button type="button" class="button button-quiet more" onClick={() => (limit.value += STEP)}>
            {t.more(hidden)}
          </button>
        )}
        {shown.length === 0 && session.isReady.value && <Empty isSearching={query.value.trim() !== ''} />}
      </div>
    </section>
  );
}

function Empty({ isSearching }: { isSearching: boolean }) {
  if (isSearching) return <p class="empty">{t.noMatch}</p>;
  return (
    <div class="empty">
      <p>{t.noVisitors}</p>
      <p class="muted">{t.noVisitorsHint}</p>
    </div>
  );
}

/** Up, Down, Home and End move the focus from row to row. */
function walk(event: TargetedKeyboardEvent<HTMLElement>): void {
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('button')];
  const at = rows.findIndex((row) => row === document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
  if (to === undefined || rows[to] === undefined) return;
  event.preventDefault();
  rows[to].focus();
}
