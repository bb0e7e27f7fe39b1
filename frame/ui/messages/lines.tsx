/**
 * The lines between the messages: days, earlier chats, where the visitor stopped reading, and what happened. Each has a key that
 * stays, so that a line is neither drawn nor read twice.
 */
import type { ComponentChild } from 'preact';
import type { Moment } from '../../../shared/chat.ts';
import { Avatar } from '../Avatar.tsx';
import type { ViewModel } from '../contract.ts';
import { t } from '../words.ts';
import { timeOf } from './clock.ts';
import { dayKey, dayLabel } from './days.ts';
import { faceOf, momentKey, wordsOf } from './moments.ts';
import { keyOf, type Line, type LinesBefore } from './rows.ts';

/** How days are told apart and called, and hours written. Without `now`, a day is always called by its date. */
export interface Calendar {
  dayKey(date: number): string;
  dayLabel(date: number, now?: number): string;
  timeOf(date: number): string;
}

/** Where the visitor is. */
const HERE: Calendar = { dayKey, dayLabel, timeOf };

/** What the lines are made from. */
export interface LineSources {
  moments: readonly Moment[];
  /** The message before which it says that what follows is new. */
  unread: string | null;
  now?: number;
  calendar?: Calendar;
}

/** The lines of the conversation on the screen. Who has left stands below it while the visitor waits, and not in it as well. */
export function linesOn({ session, standing }: ViewModel, unread: string | null): LinesBefore {
  const all = session.moments.value;
  const isSaid = standing.value.step === 'waitingAgain' && all.at(-1)?.kind === 'operator.left';
  return linesOf({ moments: isSaid ? all.slice(0, -1) : all, unread, now: session.now() });
}

export function linesOf({ moments, unread, now, calendar = HERE }: LineSources): LinesBefore {
  const used = new Set<string>();
  const told = [...moments].reverse();
  let day: string | undefined;
  let chat: string | null = null;

  /** A key that stands once, also where a wrong clock brings a day twice. */
  const once = (key: string): string => {
    const free = used.has(key) ? `${key}-${used.size}` : key;
    used.add(free);
    return free;
  };
  const line = (key: string, name: string, node: ComponentChild): Line => ({
    kind: 'line',
    key,
    node: (
      <div key={key} data-key={key} class={name} role="listitem">
        {node}
      </div>
    ),
  });

  /** A new day, or on the same day a new chat, which says when it began. */
  function divider(date: number, of: string | null): Line[] {
    const today = calendar.dayKey(date);
    const isNewDay = day !== today;
    const isNewChat = of !== null && chat !== null && of !== chat;
    day = today;
    chat = of ?? chat;
    if (!isNewDay && !isNewChat) return [];
    const label = calendar.dayLabel(date, now);
    const key = once(isNewDay ? `day-${day}` : `chat-${of}`);
    return [line(key, isNewChat ? 'day chat' : 'day', <span>{isNewDay ? label : `${label}, ${calendar.timeOf(date)}`}</span>)];
  }

  function momentLine(moment: Moment): Line[] {
    const words = wordsOf(moment, told.at(-1));
    if (words === undefined) return [];
    const face = faceOf(moment);
    const before = divider(moment.date, 'chat' in moment ? moment.chat : null);
    const content = (
      <>
        {face && <Avatar name={face.name} picture={face.avatar} />}
        <span dir="auto">{words}</span>
        <time class="unseen">{calendar.timeOf(moment.date)}</time>
      </>
    );
    return [...before, line(once(momentKey(moment)), 'moment', content)];
  }

  return (message, seq) => {
    const lines: Line[] = [];
    for (let next = told.at(-1); next !== undefined && isBefore(next, message, seq); next = told.at(-1)) {
      told.pop();
      lines.push(...momentLine(next));
    }
    if (message === null) return lines;
    lines.push(...divider(message.date, message.chat_id));
    if (unread !== null && keyOf(message) === unread) lines.push(line('unread', 'day new', <span>{t('newMessages')}</span>));
    return lines;
  };
}

/** Within one chat the number decides, between two chats the date: a chat begins after the one before it has ended. */
function isBefore(moment: Moment, message: { chat_id: string | null; date: number } | null, seq: number): boolean {
  if (message === null) return true;
  if ('chat' in moment && moment.chat === message.chat_id) return moment.seq < seq;
  return moment.date <= message.date;
}
