/** The languages that the chat speaks, each by its own name. */
import { LANGUAGES, directionOf, type Language } from '../../../shared/languages/languages.ts';
import { language } from '../../language/language.ts';
import { BY_VISITOR } from '../by-visitor.ts';
import type { ViewModel } from '../contract.ts';
import { Icon } from '../Icon.tsx';
import * as icons from '../icons-extras.ts';

export function Languages({ view, close }: { view: ViewModel; close: () => void }) {
  return (
    <>
      {LANGUAGES.map((tag) => {
        const isCurrent = tag === language.value;
        return (
          <button
            key={tag}
            type="button"
            class="item"
            lang={tag}
            dir={directionOf(tag)}
            aria-current={isCurrent || undefined}
            data-next={isCurrent || undefined}
            onClick={() => (close(), view.session.setLanguage(tag, BY_VISITOR))}
          >
            <span>{nameOf(tag)}</span>
            {isCurrent && <Icon path={icons.check} />}
          </button>
        );
      })}
    </>
  );
}

/** A language's name in that language, as it begins a line. */
export function nameOf(tag: Language): string {
  const name = new Intl.DisplayNames([tag], { type: 'language' }).of(tag) ?? tag;
  return name.charAt(0).toLocaleUpperCase(tag) + name.slice(1);
}
