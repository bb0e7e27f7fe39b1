/**
 * The open chat: header, messages, the next step, and the composer or the offline form. It is a region of the page, not a
 * dialog, and traps no focus. Escape and *Close chat* ask the page to close it.
 */
import { useEffect } from 'preact/hooks';
import { Composer } from '../composer/Composer.tsx';
import { Header } from './Header.tsx';
import { MessageList } from '../messages/MessageList.tsx';
import type { Drawn, ViewModel } from '../contract.ts';

export function Panel({ view, drawn }: { view: ViewModel; drawn: Drawn }) {
  const title = view.stage.presentation.value.appearance.title || view.session.settings.value.chat.title;
  const isChat = drawn.view === 'chat';
  const extras = view.extras.value;
  const form = view.form.value;
  /** What takes the place of the conversation. */
  const Whole = isChat ? form === 'chats' && extras?.LazyChats : extras?.OfflineForm;

  // On the document: when a pressed button disappears, the focus goes with it, and Escape must still work.
  useEffect(() => {
    const handleKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || event.defaultPrevented || event.isComposing) return;
      if (!view.form.peek()) return view.stage.close();
      view.show(null);
      view.takeFocus();
    };
    document.addEventListener('keydown', handleKey);
    return () => document.removeEventListener('keydown', handleKey);
  }, [view]);

  return (
    <section id="panel" class={drawn.isClosing ? 'panel closing' : 'panel'} aria-label={title} inert={drawn.isClosing} tabIndex={-1}>
      <Header view={view} title={title} />
      {extras && <extras.Notices view={view} />}
      {Whole && <Whole view={view} />}
      {isChat && !Whole && (
        <>
          <MessageList view={view} />
          {extras && <extras.Tail view={view} />}
          {form === 'mail' && extras ? <extras.MailForm view={view} /> : <Composer view={view} />}
        </>
      )}
    </section>
  );
}
