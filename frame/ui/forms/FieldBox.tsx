/** A labelled text box with its problem. The forms own the values; this only shows them. */
import { type Field, KINDS, type Problem } from './fields.ts';
import { focus } from '../use-focus.ts';
import { t } from '../words.ts';

export interface FieldBoxProps {
  field: Field;
  value: string;
  problem: Problem | null;
  isFirst: boolean;
  /** The key that ends the text on a phone's keyboard sends the form; before the last field it leads to the next. */
  isLast: boolean;
  onChange: (value: string) => void;
}

export function FieldBox({ field, value, problem, isFirst, isLast, onChange }: FieldBoxProps) {
  const id = `field-${field.name}`;
  const shared = {
    id,
    // An empty box reads as the interface does.
    dir: value === '' ? undefined : ('auto' as const),
    value,
    required: field.is_required,
    'aria-invalid': problem !== null,
    'aria-describedby': problem === null ? undefined : `${id}-problem`,
    'data-first': isFirst || undefined,
    onInput: (event: InputEvent) => onChange(textOf(event)),
  };
  const title = field.title || t(field.name);
  return (
    <div class="field">
      <label for={id} dir="auto">
        {field.is_required ? title : t('optional', { field: title })}
      </label>
      {field.name === 'message' ? (
        <textarea {...shared} rows={4} maxLength={4000} />
      ) : (
        <input
          {...shared}
          {...KINDS[field.name]}
          name={field.name}
          maxLength={200}
          enterkeyhint={isLast ? 'send' : 'next'}
          onKeyDown={isLast ? undefined : goOn}
        />
      )}
      {problem !== null && (
        <p class="problem" id={`${id}-problem`}>
          {problem === 'missing' ? t('missing', { field: title }) : t(problem === 'email' ? 'badEmail' : 'badPhone')}
        </p>
      )}
    </div>
  );
}

/** On a phone the key says *next*, and so it must not send. On a desk Enter sends, as in every form. */
function goOn(event: KeyboardEvent): void {
  if (event.key !== 'Enter' || event.isComposing || !matchMedia('(pointer: coarse)').matches) return;
  const { target } = event;
  if (!(target instanceof HTMLInputElement) || target.form === null) return;
  event.preventDefault();
  const fields = [...target.form.querySelectorAll<HTMLElement>('input, textarea')];
  focus(fields[fields.indexOf(target) + 1]);
}

function textOf(event: Event): string {
  const { target } = event;
  return target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement ? target.value : '';
}
