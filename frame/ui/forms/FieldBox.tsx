/** A labelled text box with its problem. The forms own the values; this only shows them. */
import { type Field, KINDS, type Problem } from './fields.ts';
import { t } from '../words.ts';

export interface FieldBoxProps {
  field: Field;
  value: string;
  problem: Problem | null;
  isFirst: boolean;
  onChange: (value: string) => void;
}

export function FieldBox({ field, value, problem, isFirst, onChange }: FieldBoxProps) {
  const id = `field-${field.name}`;
  const shared = {
    id,
    dir: 'auto' as const,
    value,
    required: field.is_required,
    'aria-invalid': problem !== null,
    'aria-describedby': problem === null ? undefined : `${id}-problem`,
    'data-first': isFirst || undefined,
    onInput: (event: InputEvent) => onChange(textOf(event)),
  };
  const { keyboard, autocomplete } = KINDS[field.name];
  const title = field.title || t(field.name);
  return (
    <div class="field">
      <label for={id} dir="auto">
        {field.is_required ? title : t('optional', { field: title })}
      </label>
      {field.name === 'message' ? (
        <textarea {...shared} rows={4} maxLength={4000} />
      ) : (
        <input {...shared} type="text" inputMode={keyboard} name={field.name} autoComplete={autocomplete} maxLength={200} />
      )}
      {problem !== null && (
        <p class="problem" id={`${id}-problem`}>
          {problem === 'missing' ? t('missing', { field: title }) : t(problem === 'email' ? 'badEmail' : 'badPhone')}
        </p>
      )}
    </div>
  );
}

function textOf(event: Event): string {
  const { target } = event;
  return target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement ? target.value : '';
}
