/** What an operator wrote, formatted as the visitor sees it. It makes elements, never HTML. */
import type { VNode } from 'preact';
import { drawn, type Pen } from '../../shared/ui/drawn.ts';
import { formatted } from '../../shared/ui/markdown.ts';
import { OutsideLink } from './Linked.tsx';

const pen: Pen<VNode> = {
  element: (Tag, props, inner) => <Tag {...props}>{inner}</Tag>,
  link: ({ href, text, host }, key) => (
    <span key={key}>
      <OutsideLink href={href}>
        <bdi>{text}</bdi>
      </OutsideLink>
      {host !== undefined && ` (${host})`}
    </span>
  ),
};

export function Formatted({ text }: { text: string }) {
  return <>{drawn(formatted(text), pen)}</>;
}
