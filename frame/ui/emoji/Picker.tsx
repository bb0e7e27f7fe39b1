/**
 * The emoji picker: a search, a tab for each group, and a grid that the arrow keys walk through. It stands above the composer, is no
 * modal dialog and traps no focus: whoever goes on elsewhere has closed it. Enter or a click takes an emoji; with Shift it stays.
 */
import './picker.css';
import { useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { directionOf } from '../../../shared/languages/languages.ts';
import { language } from '../../language/language.ts';
import { Icon } from '../Icon.tsx';
import * as icons from '../icons.ts';
import { focus } from '../use-focus.ts';
import { t } from '../words.ts';
import { loadEmoji } from './data.ts';
import type { Emoji, EmojiGroup, PickerProps } from './emoji.ts';
import { findEmoji } from './find.ts';
import { addRecent, recent } from './recent.ts';
import { walk } from './walk.ts';

/** A cell is as wide and as high as a finger. */
const CELL_PX = 44;

export function Picker({ view, opener, onPick, onClose }: PickerProps) {
  const root = useRef<HTMLDivElement>(null);
  const search = useRef<HTMLInputElement>(null);
  const groups = useSignal<readonly EmojiGroup[]>([]);
  const query = useSignal('');
  const chosen = useSignal(0);
  const at = useSignal(0);
  const columns = useSignal(8);
  /** The text takes the focus for a moment to take an emoji. */
  const isPicking = useRef(false);
  const spoken = language.value;

  useEffect(() => {
    let isWanted = true;
    const taken = (found: EmojiGroup[]) => {
      if (isWanted) groups.value = [recentOf(found), ...found].filter(({ emoji }) => emoji.length > 0);
    };
    loadEmoji(spoken).then(taken, () => isWanted && onClose('button'));
    return () => void (isWanted = false);
  }, [spoken]);

  useEffect(() => {
    focus(search.current);
    const look = ({ target }: Event) => {
      const isOurs = target instanceof Node && [root, opener].some(({ current }) => current?.contains(target));
      // The document itself is told of nothing but the focus that comes back to the window.
      if (!isOurs && !isPicking.current && target instanceof Element) onClose(null);
    };
    document.addEventListener('pointerdown', look);
    document.addEventListener('focusin', look);
    return () => {
      document.removeEventListener('pointerdown', look);
      document.removeEventListener('focusin', look);
    };
  }, []);

  useLayoutEffect(() => {
    const picker = root.current;
    const list = picker?.querySelector('.emoji');
    const form = picker?.closest('form');
    const header = form?.parentElement?.querySelector('header');
    if (!picker || !list || !form || !header) return;
    const measure = () => {
      columns.value = Math.max(1, Math.floor(list.clientWidth / CELL_PX));
      // Never over the header: its buttons lead out of every view.
      const room = form.getBoundingClientRect().top - header.getBoundingClientRect().bottom;
      picker.style.setProperty('max-height', `${Math.floor(room) - 2}px`);
    };
    measure();
    const observer = new ResizeObserver(measure);
    [list, form, form.parentElement!].forEach((one) => observer.observe(one));
    return () => observer.disconnect();
  }, []);

  const group = groups.value[chosen.value];
  const shown = useMemo(
    () => (query.value === '' ? (group?.emoji ?? []) : findEmoji(groups.value, query.value)),
    [query.value, group, groups.value],
  );
  const rows = useMemo(() => linesOf(shown, columns.value), [shown, columns.value]);
  const name = query.value === '' ? (group?.name ?? t('emoji')) : t('searchEmoji');
  const isFound = shown.length > 0 || groups.value.length === 0;

  const show = (next: number) => {
    query.value = '';
    chosen.value = next;
    at.value = 0;
  };
  const pick = (emoji: Emoji, stays: boolean) => {
    addRecent(emoji.char, view.session.visitorId.peek() !== null);
    isPicking.current = true;
    onPick(emoji.char);
    isPicking.current = false;
    if (!stays) onClose('text');
  };
  const goTo = (next: number) => focus(next < 0 ? search.current : root.current?.querySelectorAll<HTMLElement>('[role=gridcell]')[next]);

  const handleKey = (event: KeyboardEvent) => {
    if (event.isComposing || event.keyCode === 229) return;
    const { key, target } = event;
    const isInCell = target instanceof Element && target.matches('[role=gridcell]');
    if (key === 'Escape') onClose('button');
    else if (isInCell) {
      const next = walk(key, at.peek(), event.ctrlKey || event.metaKey, {
        count: shown.length,
        columns: columns.peek(),
        isRtl: directionOf(spoken) === 'rtl',
      });
      if (next !== undefined) goTo(next);
      else {
        // Whoever types means the search. The character goes where the focus is by then.
        if (key.length === 1 && key !== ' ' && !event.ctrlKey && !event.metaKey && !event.altKey) focus(search.current);
        return;
      }
    } else if (target === search.current && key === 'ArrowDown') goTo(0);
    else if (target === search.current && key === 'Enter') {
      const first = shown[0];
      if (query.peek() !== '' && first) pick(first, event.shiftKey);
    } else return;
    event.preventDefault();
  };

  return (
    <div class="picker" role="dialog" aria-label={t('emoji')} ref={root} onKeyDown={handleKey}>
      <input
        ref={search}
        type="search"
        class="seek"
        dir={query.value === '' ? undefined : 'auto'}
        aria-label={t('searchEmoji')}
        placeholder={t('searchEmoji')}
        autoComplete="off"
        spellcheck={false}
        maxLength={60}
        value={query.value}
        onInput={(event) => {
          query.value = event.currentTarget.value.trim();
          at.value = 0;
        }}
      />
      <Tabs groups={groups.value} chosen={query.value === '' ? chosen.value : -1} onChoose={show} />
      <p class={isFound ? 'unseen' : 'none'} role="status">
        {isFound ? '' : t('noEmoji')}
      </p>
      <div class="emoji" role="tabpanel" aria-label={name} aria-busy={groups.value.length === 0}>
        <div role="grid" aria-label={name}>
          {rows.map((row, line) => (
            <div role="row" key={row[0]?.char}>
              {row.map((one, place) => {
                const number = line * columns.value + place;
                return (
                  <button
                    type="button"
                    role="gridcell"
                    key={one.char}
                    tabIndex={number === at.value ? 0 : -1}
                    aria-label={one.name}
                    title={one.name}
                    onFocus={() => (at.value = number)}
                    onClick={(event) => pick(one, event.shiftKey)}
                  >
                    {one.char}
                  </button>
                );
              })}
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}

/** One button for each group, of which Tab reaches the chosen one and the arrow keys the others. */
function Tabs({ groups, chosen, onChoose }: { groups: readonly EmojiGroup[]; chosen: number; onChoose: (at: number) => void }) {
  const handleKey = (event: KeyboardEvent) => {
    const isRtl = directionOf(language.peek()) === 'rtl';
    const next = walk(event.key, Math.max(0, chosen), true, { count: groups.length, columns: groups.length, isRtl });
    if (next === undefined || next < 0) return;
    event.preventDefault();
    event.stopPropagation();
    onChoose(next);
    if (event.currentTarget instanceof Element) focus(event.currentTarget.querySelectorAll<HTMLElement>('[role=tab]')[next]);
  };
  return (
    <div class="tabs" role="tablist" aria-label={t('emoji')} onKeyDown={handleKey}>
      {groups.map(({ name, emoji }, place) => (
        <button
          type="button"
          role="tab"
          key={name}
          aria-selected={place === chosen}
          tabIndex={place === Math.max(0, chosen) ? 0 : -1}
          aria-label={name}
          title={name}
          onClick={() => onChoose(place)}
        >
          {name === t('recentEmoji') ? <Icon path={icons.pending} /> : emoji[0]?.char}
        </button>
      ))}
    </div>
  );
}

/** Of what is stored, only what there is. */
function recentOf(groups: readonly EmojiGroup[]): EmojiGroup {
  const all = new Map(groups.flatMap(({ emoji }) => emoji.map((one) => [one.char, one])));
  return { name: t('recentEmoji'), emoji: recent().flatMap((char) => all.get(char) ?? []) };
}

function linesOf(emoji: readonly Emoji[], columns: number): Emoji[][] {
  return Array.from({ length: Math.ceil(emoji.length / columns) }, (_, line) => emoji.slice(line * columns, (line + 1) * columns));
}
