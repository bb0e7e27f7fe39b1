/** An operator's text as `markdown.ts` reads it. It makes elements, never HTML. */
import type { ComponentChildren, VNode } from 'preact';
import { drawn, type Pen } from '../../../shared/ui/drawn.ts';
import { formatted } from '../../../shared/ui/markdown.ts';

/** A link to a foreign page: no referrer, no opener, no rank. */
export const AWAY = { target: '_blank', rel: 'noopener noreferrer nofollow ugc' } as const;

export function Link({ href, children }: { href: string; children: ComponentChildren }) {
  return (
    <a href={href} {...AWAY}>
      {children}
    </a>
  );
}

const pen: Pen<VNode> = {
  element: (Tag, props, inner) => <Tag {...props}>{inner}</Tag>,
  link: ({ href, text, host }, key) => (
    <span key={key}>
      <Link href={href}>
        <bdi>{text}</bdi>
      </Link>
      {host !== undefined && <small> ({host})</small>}
    </span>
  ),
};

export function Formatted({ text }: { text: string }) {
  return <>{drawn(formatted(text), pen)}</>;
}
