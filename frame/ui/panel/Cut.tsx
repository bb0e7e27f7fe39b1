/** Those lines of the header that it has no room for, whole: a long title or name, or letters that the reader has spaced. */
import { useSignal } from '@preact/signals';
import { useLayoutEffect } from 'preact/hooks';

export function Cut() {
  const lines = useSignal<readonly string[]>([]);
  useLayoutEffect(() => {
    const cut = [...document.querySelectorAll('#panel > header h1, #panel > header h1 + span')].filter(
      ({ scrollWidth, clientWidth }) => scrollWidth > clientWidth,
    );
    lines.value = cut.map(({ textContent }) => textContent);
  }, [lines]);
  return lines.value.length === 0 ? null : (
    <div class="whole">
      {lines.value.map((line) => (
        <p key={line} dir="auto">
          {line}
        </p>
      ))}
    </div>
  );
}
