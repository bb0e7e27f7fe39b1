/**
 * The visitor's card while an operator corrects it: a box for each value, and an empty one for another. It sends only the changes,
 * so that a value the visitor adds meanwhile stays.
 */
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { CardCorrection, CardField, VisitorCard } from '../../shared/chat.ts';
import { isEmail } from '../../shared/contact.ts';
import { CARD_VALUES } from '../../shared/limits.ts';
import { t } from './strings.ts';

interface Box {
  field: CardField;
  /** `null`: not on the card yet. */
  from: string | null;
  text: string;
}

const LABELS: Record<CardField, string> = { name: t.name, email: t.emails, phone: t.phones };
const KEYBOARDS: Record<CardField, { inputMode: 'text' | 'email' | 'tel'; maxLength: number }> = {
  name: { inputMode: 'text', maxLength: 200 },
  email: { inputMode: 'email', maxLength: 254 },
  phone: { inputMode: 'tel', maxLength: 50 },
};

export function CardForm({ card, onSave, onCancel }: { card: VisitorCard; onSave(corrections: CardCorrection[]): void; onCancel(): void }) {
  const boxes = useSignal<Box[]>(boxesOf(card));
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => first.current?.focus(), []);
  const write = (at: number, text: string): void => {
    boxes.value = boxes.value.map((box, index) => (index === at ? { ...box, text } : box));
  };
  const isWrong = ({ field, from, text }: Box): boolean =>
    field === 'email' && text.trim() !== '' && text.trim() !== from && !isEmail(text.trim());

  return (
    <form
      class="card-form"
      aria-label={t.editCard}
      onSubmit={(event) => {
        event.preventDefault();
        if (!boxes.value.some(isWrong)) onSave(correctionsOf(boxes.value));
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        onCancel();
      }}
    >
      {boxes.value.map((box, at) => (
        <label key={at} class="card-field">
          <span>{LABELS[box.field]}</span>
          <input
            ref={at === 0 ? first : null}
            class="input"
            dir="auto"
            {...KEYBOARDS[box.field]}
            value={box.text}
            aria-invalid={isWrong(box)}
            onInput={(event) => write(at, event.currentTarget.value)}
          />
          {isWrong(box) && (
            <span class="card-problem" role="alert">
              {t.noEmail}
            </span>
          )}
        </label>
      ))}
      <div class="popover-buttons">
        <button type="button" class="button button-small" onClick={onCancel}>
          {t.cancel}
        </button>
        <button type="submit" class="button button-small button-primary">
          {t.save}
        </button>
      </div>
    </form>
  );
}

function boxesOf(card: VisitorCard): Box[] {
  const lists = (['email', 'phone'] as const).flatMap((field): Box[] => {
    const known = (card[field] ?? []).map((text) => ({ field, from: text, text }));
    return known.length < CARD_VALUES ? [...known, { field, from: null, text: '' }] : known;
  });
  return [{ field: 'name', from: card.name ?? null, text: card.name ?? '' }, ...lists];
}

function correctionsOf(boxes: readonly Box[]): CardCorrection[] {
  return boxes
    .map(({ field, from, text }) => ({ field, from, to: text.trim() === '' ? null : text.trim() }))
    .filter(({ from, to }) => from !== to);
}
