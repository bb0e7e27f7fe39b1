/** The words of `spoken.ts`, for a moment, inside the live region that is always there. A screen reader reads each when it comes. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { ViewModel } from '../contract.ts';
import { listen } from './spoken.ts';

/** After this time a word goes, so that nobody who walks through the document meets it as well. */
const STAYS_MS = 4_000;

export function Spoken({ view }: { view: ViewModel }) {
  const words = useSignal<readonly { n: number; text: string }[]>([]);
  useEffect(() => {
    let n = 0;
    const timers = new Set<ReturnType<typeof setTimeout>>();
    const stop = listen(view.session, view.stage, (text) => {
      const word = { n: (n += 1), text };
      words.value = [...words.peek(), word];
      const timer = setTimeout(() => {
        timers.delete(timer);
        words.value = words.peek().filter((one) => one !== word);
      }, STAYS_MS);
      timers.add(timer);
    });
    return () => {
      stop();
      timers.forEach(clearTimeout);
    };
  }, [view, words]);
  return (
    <>
      {words.value.map(({ n, text }) => (
        <p key={n}>{text}</p>
      ))}
    </>
  );
}
