/** *Your details*: what a site wants to know before the first message. Asks only for what the visitor's card lacks. */
import { useEffect, useRef } from 'preact/hooks';
import { FieldBox } from './FieldBox.tsx';
import { detailFields } from './fields.ts';
import { useForm } from './use-form.ts';
import { BY_VISITOR } from '../by-visitor.ts';
import type { ViewModel } from '../contract.ts';
import { t } from '../words.ts';

export function Details({ view, submit }: { view: ViewModel; submit: string }) {
  const { session } = view;
  const fields = detailFields(session.settings.value.chat.fields, session.requiredInfo.value, session.card.value);
  const form = useForm(fields, {}, ({ name, email, phone }) => {
    session.setCard({ ...(name && { name }), ...(email && { email }), ...(phone && { phone }) }, BY_VISITOR);
    view.begin(true);
  });

  // The visitor tried to send without them: the form says which are missing.
  const asked = view.detailsAsked.value;
  const answered = useRef(asked);
  useEffect(() => {
    if (asked !== answered.current) form.submit();
    answered.current = asked;
  }, [asked]);

  return (
    <form ref={form.ref} noValidate onSubmit={(event) => (event.preventDefault(), form.submit())}>
      <fieldset>
        <legend>{t('details')}</legend>
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
      </fieldset>
      <button type="submit" class="primary">
        {submit}
      </button>
    </form>
  );
}
