/** The offline form: a message while nobody is there, or a number to call back. */
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { FieldBox } from './FieldBox.tsx';
import { Icon } from '../Icon.tsx';
import * as more from '../icons-extras.ts';
import { requestFields } from './fields.ts';
import { isFocusLost } from '../use-focus.ts';
import { useForm } from './use-form.ts';
import { BY_VISITOR } from '../by-visitor.ts';
import type { ViewModel } from '../contract.ts';
import { t } from '../words.ts';

export function OfflineForm({ view }: { view: ViewModel }) {
  const { session } = view;
  const settings = session.settings.value.offline_message;
  const wantsCall = view.wantsCall.value;
  const card = session.card.peek();
  const fields = requestFields(settings.fields, wantsCall);
  const group = useSignal('');
  const isSent = useSignal(false);
  /** The answer that was there before this form was sent. */
  const before = useRef(session.requested.peek());

  const known = { ...(card.name && { name: card.name }), email: card.email?.at(-1) ?? '', phone: card.phone?.at(-1) ?? '' };
  const form = useForm(fields, known, (values) => {
    before.current = session.requested.peek();
    isSent.value = true;
    session.sendRequest(group.value ? { ...values, group_id: group.value } : values, BY_VISITOR, wantsCall);
  });

  const answer = session.requested.value === before.current ? null : session.requested.value;
  const isWaiting = isSent.value && answer === null;
  const isDone = answer?.success === true;
  const again = () => {
    before.current = session.requested.peek();
    isSent.value = false;
    form.change('message', '');
    view.takeFocus();
  };
  // The form is gone, and the focus with it.
  useEffect(() => void (isDone && isFocusLost() && view.takeFocus()), [isDone]);

  return (
    <div class="offline">
      {!isDone && (
        <button type="button" class="link" onClick={() => view.stage.open('chat')}>
          <Icon path={more.back} />
          {t('back')}
        </button>
      )}
      <h2 dir="auto">{wantsCall ? t('call') : settings.title}</h2>
      <div role="status">
        {answer && (
          <div class={answer.success ? 'card good' : 'card bad'}>
            <b dir="auto">{answer.title}</b>
            <p dir="auto">{wantsCall && answer.success ? t('callSent') : answer.message}</p>
          </div>
        )}
      </div>
      {isDone && (
        <div class="ways">
          <button type="button" class="primary" data-first onClick={() => view.stage.open('chat')}>
            {t('back')}
          </button>
          {!wantsCall && (
            <button type="button" class="secondary" onClick={again}>
              {t('leaveMessage')}
            </button>
          )}
        </div>
      )}
      {!isDone && (
        <form ref={form.ref} noValidate onSubmit={(event) => (event.preventDefault(), isWaiting || form.submit())}>
          <p>{wantsCall ? t('callHint') : t('requestHint')}</p>
          {settings.is_groups_enabled && settings.allowed_groups.length > 1 && (
            <div class="field">
              <label for="request-group" dir="auto">
                {settings.group_title}
              </label>
              <select id="request-group" value={group.value} onChange={(event) => (group.value = event.currentTarget.value)}>
                <option value="">{t('anyone')}</option>
                {settings.allowed_groups.map(({ id, name }) => (
                  <option key={id} value={id}>
                    {name}
                  </option>
                ))}
              </select>
            </div>
          )}
          {fields.map((field, i) => (
            <FieldBox
              key={field.name}
              field={field}
              value={form.values[field.name] ?? ''}
              problem={form.problemIn(field.name)}
              isFirst={i === 0}
              isLast={i === fields.length - 1}
              onChange={(value) => form.change(field.name, value)}
            />
          ))}
          <button type="submit" class="primary" aria-disabled={isWaiting}>
            {isWaiting ? t('sending') : t('send')}
          </button>
        </form>
      )}
    </div>
  );
}
