/** What a message says: a file, a few emoji, an operator's formatted text, or plain text with its addresses as links. */
import type { FileInfo, Message } from '../../../shared/chat.ts';
import { linkify } from '../../../shared/ui/linkify.ts';
import { isEmoji } from '../../../shared/ui/emoji.ts';
import type { ViewModel } from '../contract.ts';
import { FileBubble } from './FileBubble.tsx';
import { Formatted, Link } from './Formatted.tsx';

export function Body({ view, message, file }: { view: ViewModel; message: Message; file: FileInfo | null }) {
  if (file !== null) return <FileBubble view={view} file={file} />;
  const { text, sender } = message;
  return (
    <div class={isEmoji(text) ? 'bubble emoji' : 'bubble'} dir="auto">
      {sender === 'operator' ? (
        <Formatted text={text} />
      ) : (
        linkify(text).map(({ text: part, href }, i) =>
          href === undefined ? (
            part
          ) : (
            <Link key={i} href={href}>
              {part}
            </Link>
          ),
        )
      )}
    </div>
  );
}
