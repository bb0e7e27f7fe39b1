/** A file that somebody sent: the picture itself where every browser draws it, else its name. Opens in a tab of its own. */
import { useSignal } from '@preact/signals';
import type { Message } from '../../../shared/chat.ts';
import { Icon } from '../Icon.tsx';
import * as icons from '../icons-extras.ts';
import { AWAY } from './MessageRow.tsx';
import { isPicture } from '../composer/uploads.ts';

export function FileBubble({ message }: { message: Message }) {
  const isBroken = useSignal(false);
  const { fx_link: link, fx_name: name = message.text, fx_size_info: size } = message;
  const isShown = isPicture(name) && !isBroken.value;
  return (
    <a class={isShown ? 'bubble file picture' : 'bubble file'} {...(link !== undefined && { href: link })} {...AWAY}>
      {isShown ? <img src={link} alt="" onError={() => (isBroken.value = true)} /> : <Icon path={icons.file} />}
      <span>
        <b dir="auto">{name}</b>
        <small>{size}</small>
      </span>
    </a>
  );
}
