/**
 * Before a chat and after it. The first time: who is there, how soon they answer, a greeting, and questions that are sent with one
 * press. Whoever writes begins a chat as well, so *Start chat* is quieter than the composer. Required details stand in its place.
 */
import { Avatar } from '../Avatar.tsx';
import { Groups } from '../forms/Groups.tsx';
import type { ViewModel } from '../contract.ts';
import { language } from '../../language/language.ts';
import { joined } from '../names.ts';
import { t, tn } from '../words.ts';

/** More minutes than this are told as hours. */
const MINUTES = 60;

export function Start({ view, isFirst }: { view: ViewModel; isFirst: boolean }) {
  const { session } = view;
  const { chat, offline_message } = session.settings.value;
  const isAvailable = session.isAvailable.value;
  const needsDetails = session.requiredInfo.value.length > 0;
  const faces = isAvailable ? (session.team.value?.faces ?? []) : [];

  const ask = (question: string) => {
    const written = view.draft.peek();
    view.write(question);
    view.begin();
    // What the visitor has begun to write is not the question's to take.
    if (view.draft.peek() === '') view.write(written);
  };

  return (
    <div class={isFirst ? 'start first' : 'start'}>
      {isFirst && faces.length > 0 && (
        <span class="faces" aria-hidden="true">
          {faces.map(({ name, avatar }, i) => (
            <Avatar key={i} name={name} picture={avatar} />
          ))}
        </span>
      )}
      {isFirst && <h2 dir="auto">{chat.greeting || greetingBy(faces.map(({ name }) => name))}</h2>}
      {isFirst && view.standing.value.presence && <p class="hint">{hintOf(isAvailable, session.team.value?.answerMinutes ?? null)}</p>}
      {chat.is_groups_enabled && chat.allowed_groups.length > 1 && <Groups view={view} onChoose={(id) => view.choose(id)} />}
      {isFirst && !needsDetails && chat.questions.length > 0 && (
        <ul class="chips">
          {chat.questions.map((question) => (
            <li key={question}>
              <button type="button" class="chip" dir="auto" onClick={() => ask(question)}>
                {question}
              </button>
            </li>
          ))}
        </ul>
      )}
      <div class="ways">
        {!isAvailable && offline_message.is_visible && (
          <button type="button" class="secondary" onClick={() => view.openRequest(false)}>
            {t('leaveMessage')}
          </button>
        )}
        {!needsDetails && (
          <button type="button" class="quiet" onClick={() => view.begin()}>
            {t('start')}
          </button>
        )}
      </div>
    </div>
  );
}

/** `Hi, we are Eva, Tom and Mia`, as the language joins names. */
function greetingBy(names: readonly string[]): string {
  if (names.length === 0) return t('greeting');
  return t('greetingBy', { names: joined(names, language.value) });
}

function hintOf(isAvailable: boolean, minutes: number | null): string {
  if (!isAvailable) return t('awayHint');
  if (minutes === null) return t('greetingHint');
  return minutes > MINUTES ? t('answersLater') : tn('answersIn', minutes);
}
