/** What the small forms share: values, problems that appear on submit and go when they are solved, focus on the first. */
import { useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { type Field, type FieldName, type Problem, problemOf } from './fields.ts';
import { focus } from '../use-focus.ts';

export type Values = Partial<Record<FieldName, string>>;

export interface Form {
  ref: RefObject<HTMLFormElement | null>;
  values: Values;
  problemIn(name: FieldName): Problem | null;
  change(name: FieldName, value: string): void;
  /** Runs `onGood` with trimmed values if every field is valid, else shows the problems. */
  submit(): void;
}

export function useForm(fields: readonly Field[], initial: Values, onGood: (values: Values) => void): Form {
  const ref = useRef<HTMLFormElement>(null);
  const filled = useSignal(initial);
  const tries = useSignal(0);
  const values = filled.value;
  const problemIn = (field: Field) => (tries.value > 0 ? problemOf(field, values[field.name] ?? '') : null);

  useEffect(() => {
    if (tries.value > 0) focus(ref.current?.querySelector<HTMLElement>('[aria-invalid=true]'));
  }, [tries.value]);

  return {
    ref,
    values,
    problemIn: (name) => fields.map((field) => (field.name === name ? problemIn(field) : null)).find((one) => one) ?? null,
    change: (name, value) => void (filled.value = { ...filled.peek(), [name]: value }),
    submit() {
      if (fields.some((field) => problemOf(field, values[field.name] ?? '') !== null)) return void (tries.value += 1);
      const trimmed: Values = {};
      for (const { name } of fields) if (values[name]?.trim()) trimmed[name] = values[name].trim();
      onGood(trimmed);
    },
  };
}
