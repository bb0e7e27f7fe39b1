/** An operator's picture, or the initials where no picture loads. It is decoration: the name stands beside it. */
import { useSignal } from '@preact/signals';
import { Icon } from './Icon.tsx';
import * as icons from './icons.ts';
import { initials } from './messages/rows.ts';

export function Avatar({ name, picture }: { name: string; picture: string | null | undefined }) {
  const broken = useSignal<string | null>(null);
  return (
    <span class="avatar" aria-hidden="true">
      {picture && picture !== broken.value ? (
        <img src={picture} alt="" onError={() => (broken.value = picture)} />
      ) : (
        initials(name) || <Icon path={icons.chat} />
      )}
    </span>
  );
}
