/**
 * *Your chats*: the visitor's conversations by date and operator, the newest first. A press opens one at its beginning, in the log that
 * holds them all. Older ones are fetched while the end of the list is in sight.
 */
import { untracked } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { Avatar } from '../Avatar.tsx';
import { Icon } from '../Icon.tsx';
import * as icons from '../icons-extras.ts';
import type { ViewModel } from '../contract.ts';
import { language } from '../../language/language.ts';
import { timeOf } from '../messages/clock.ts';
import { dayKey } from '../messages/days.ts';
import { setGoal } from '../messages/goal.ts';
import { joined } from '../names.ts';
import { focus } from '../use-focus.ts';
import { t } from '../words.ts';
import { chatLines, type ChatLine } from './list.ts';
import '../styles/chats.css';

/** Pages of history fetched for one look at the list, so that a chat without end is not fetched to its end. */
const PAGES = 20;

export function Chats({ view }: { view: ViewModel }) {
  const { session } = view;
  const root = useRef<HTMLDivElement>(null);
  const lines = chatLines(session.messages.value);
  const unread = session.unread.value;
  const isInChat = session.state.value === 'chat';
  const end = useOlder(view);
  useEffect(() => focus(root.current?.querySelector('button')), []);

  const leave = () => {
    view.show(null);
    view.takeFocus();
  };
  const open = (key: string) => {
    setGoal(key);
    leave();
  };

  return (
    <div class="chats" ref={root}>
      <button type="button" class="link" onClick={leave}>
        <Icon path={icons.back} />
        {t('back')}
      </button>
      <h2>{t('chats')}</h2>
      {!isInChat && (
        <button type="button" class="primary" onClick={() => (leave(), view.begin())}>
          {t('newChat')}
        </button>
      )}
      <ul>
        {lines.map((line, i) => (
          <li key={line.id}>
            <Line line={line} unread={i === 0 ? unread : 0} now={session.now()} onClick={() => open(line.key)} />
          </li>
        ))}
      </ul>
      <i ref={end} class="sentinel" />
    </div>
  );
}

interface LineProps {
  line: ChatLine;
  unread: number;
  now: number;
  onClick: () => void;
}

function Line({ line: { since, last, operators }, unread, now, onClick }: LineProps) {
  const names = operators.map(({ name }) => name).reverse();
  const who = names.length > 0 ? joined(names, language.value) : t('you');
  return (
    <button type="button" class="chat" onClick={onClick}>
      <Avatar name={operators[0]?.name ?? ''} picture={operators[0]?.avatar} />
      <span class="chat-text">
        <b dir="auto">{who}</b>
        <time dateTime={new Date(since * 1000).toISOString()}>{dateOf(since, now)}</time>
        <span dir="auto">{last.text}</span>
        {unread > 0 && <mark>{unread.toLocaleString(language.value)}</mark>}
      </span>
    </button>
  );
}

/** The hour of today, the day of this year, the date of an earlier one. */
function dateOf(seconds: number, now: number): string {
  if (dayKey(seconds) === dayKey(now)) return timeOf(seconds);
  const date = new Date(seconds * 1000);
  const isThisYear = date.getFullYear() === new Date(now * 1000).getFullYear();
  return date.toLocaleDateString(language.value, isThisYear ? { day: 'numeric', month: 'short' } : { dateStyle: 'medium' });
}

/** Asks for a page of history each time the element comes into sight, or is still there when the last page has come. */
function useOlder({ session }: ViewModel) {
  const end = useRef<HTMLElement>(null);
  const pages = useRef(0);
  const count = session.messages.value.length;
  useEffect(() => {
    const element = end.current;
    if (!element) return;
    const observer = new IntersectionObserver((entries) => {
      if (entries.at(-1)?.isIntersecting !== true || !session.hasOlder.peek() || pages.current >= PAGES) return;
      pages.current += 1;
      untracked(() => session.older());
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [count, session]);
  return end;
}
