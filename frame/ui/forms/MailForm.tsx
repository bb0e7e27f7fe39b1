/**
 * *Email transcript*: where to send the conversation, in the composer's place. A site may want the address confirmed: then the
 * first answer is a refusal and a mail with a code, which is written below the address and sent along with it.
 */
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { FieldBox } from './FieldBox.tsx';
import type { Field } from './fields.ts';
import { focus, isFocusLost } from '../use-focus.ts';
import { useForm } from './use-form.ts';
import { BY_VISITOR } from '../by-visitor.ts';
import type { ViewModel } from '../contract.ts';
import { t } from '../words.ts';

const EMAIL: Field = { name: 'email', is_required: true, title: '' };

export function MailForm({ view }: { view: ViewModel }) {
  const { session } = view;
  const isSent = useSignal(false);
  const isConfirming = useSignal(false);
  const code = useSignal('');
  const sentCode = useSignal('');
  const before = useRef(session.mailed.peek());
  const form = useForm([EMAIL], { email: session.card.peek().email?.at(-1) ?? '' }, ({ email = '' }) => {
    before.current = session.mailed.peek();
    isSent.value = true;
    sentCode.value = code.peek().replace(/\D/g, '');
    session.mail(`${email} ${sentCode.peek()}`.trim(), BY_VISITOR);
  });
  useEffect(() => focus(form.ref.current?.querySelector('input')), []);

  const answer = session.mailed.value === before.current ? null : session.mailed.value;
  const isWaiting = isSent.value && answer === null;
  const isRefused = answer?.error === 'forbidden';
  useEffect(() => void (isRefused && (isConfirming.value = true)), [isRefused]);
  // The answer is read out; the code is written where the focus goes.
  useEffect(() => {
    if (isConfirming.value && isRefused) focus(form.ref.current?.querySelector<HTMLElement>('#mail-code'));
  }, [isConfirming.value, isRefused]);
  // Field and button are gone, and the focus with them.
  const isDone = answer?.success === true;
  useEffect(() => void (isDone && isFocusLost() && view.takeFocus()), [isDone]);
  const problem = isRefused ? (sentCode.value === '' ? t('codeSent') : t('codeWrong')) : t('mailFailed');
  const close = () => {
    view.show(null);
    view.takeFocus();
  };

  return (
    <form
      class="mail"
      ref={form.ref}
      noValidate
      aria-label={t('mail')}
      onSubmit={(event) => (event.preventDefault(), isWaiting || form.submit())}
    >
      <h2>{t('mail')}</h2>
      <p
        id="mail-status"
        role="status"
        class={answer ? (isDone ? 'good' : isRefused && sentCode.value === '' ? undefined : 'bad') : undefined}
      >
        {answer ? (isDone ? t('mailSent') : problem) : t('mailHint')}
      </p>
      {!isDone && (
        <FieldBox
          field={EMAIL}
          value={form.values.email ?? ''}
          problem={form.problemIn('email')}
          isFirst={false}
          isLast={!isConfirming.value}
          onChange={(value) => form.change('email', value)}
        />
      )}
      {isConfirming.value && !isDone && (
        <div class="field">
          <label for="mail-code">{t('code')}</label>
          <input
            id="mail-code"
            type="text"
            dir="ltr"
            inputMode="numeric"
            autoComplete="one-time-code"
            enterkeyhint="send"
            aria-describedby="mail-status"
            aria-invalid={isRefused && sentCode.value !== ''}
            maxLength={10}
            value={code.value}
            onInput={(event) => (code.value = event.currentTarget.value)}
          />
        </div>
      )}
      <div class="buttons">
        <button type="button" class="secondary" data-first={isDone || undefined} onClick={close}>
          {isDone ? t('continue') : t('cancel')}
        </button>
        {!isDone && (
          <button type="submit" class="primary" aria-disabled={isWaiting}>
            {isWaiting ? t('sending') : t('send')}
          </button>
        )}
      </div>
    </form>
  );
}
