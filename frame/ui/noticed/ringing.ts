/**
 * When the chat sounds: for a new message of an operator that the visitor is not looking at, once among all pages of the site, and
 * never before the visitor has acted in this document. It makes no sound itself.
 *
 * A page whose visitor looks at the chat claims the message at once, the others a moment later: so nothing rings in a hidden tab
 * while the message is being read in another one.
 */
import { effect, type ReadonlySignal } from '@preact/signals';
import type { Session } from '../../session/contract.ts';

/** Long enough for a page of the same browser to have claimed the message. */
const POLITE_MS = 300;

export interface RingingOptions {
  session: Pick<Session, 'messages' | 'unread'>;
  /** What the visitor has chosen. */
  isOn: ReadonlySignal<boolean>;
  /** The visitor has used a key or pointer in this document. */
  isTouched: ReadonlySignal<boolean>;
  /** The visitor looks at the open chat now. */
  isAttended(): boolean;
  /** Resolves with whether this page is the first of the site's to claim the message. */
  claim(id: string): Promise<boolean>;
  ring(): void;
  after(ms: number, run: () => void): () => void;
}

/** Returns the function that ends it. */
export function createRinging({ session, isOn, isTouched, isAttended, claim, ring, after }: RingingOptions): () => void {
  let newest = newestOf(session.messages.peek());
  let cancel = (): void => undefined;

  const claimAndRing = async (id: string): Promise<void> => {
    const mayRing = session.unread.peek() > 0 && isOn.peek() && !isAttended();
    if (mayRing && (await claim(id))) ring();
  };
  const stop = effect(() => {
    const id = newestOf(session.messages.value);
    if (id === newest || id === null) return;
    newest = id;
    cancel();
    if (isAttended()) void claim(id);
    else if (isTouched.peek()) cancel = after(POLITE_MS, () => void claimAndRing(id));
  });
  return () => {
    stop();
    cancel();
  };
}

function newestOf(messages: Session['messages']['value']): string | null {
  return messages.filter(({ sender }) => sender === 'operator').at(-1)?.message_id ?? null;
}
