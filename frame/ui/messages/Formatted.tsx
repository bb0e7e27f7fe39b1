/** An operator's text as `markdown.ts` reads it. It makes elements, never HTML. */
import type { ComponentChildren } from 'preact';
import { formatted, type Inline } from '../../../shared/ui/markdown.ts';

/** A link to a foreign page: no referrer, no opener, no rank. */
export const AWAY = { target: '_blank', rel: 'noopener noreferrer nofollow ugc' } as const;

export function Link({ href, children }: { href: string; children: ComponentChildren }) {
  return (
    <a href={href} {...AWAY}>
      {children}
    </a>
  );
}

export function Formatted({ text }: { text: string }) {
  return (
    <>
      {formatted(text).map((block, i) => {
        switch (block.kind) {
          case 'text':
            return <Inlines key={i} parts={block.parts} />;
          case 'code':
            return (
              <pre key={i} dir="ltr" tabIndex={0}>
                <code>{block.text}</code>
              </pre>
            );
          case 'quote':
            return (
              <blockquote key={i} dir="auto">
                <Inlines parts={block.parts} />
              </blockquote>
            );
          case 'list': {
            const items = block.items.map((parts, n) => (
              <li key={n} dir="auto">
                <Inlines parts={parts} />
              </li>
            ));
            return block.start === null ? (
              <ul key={i}>{items}</ul>
            ) : (
              <ol key={i} start={block.start}>
                {items}
              </ol>
            );
          }
        }
      })}
    </>
  );
}

function Inlines({ parts }: { parts: readonly Inline[] }) {
  return (
    <>
      {parts.map((part, i) => {
        switch (part.kind) {
          case 'plain':
            return part.text;
          case 'code':
            return (
              <code key={i} dir="auto">
                {part.text}
              </code>
            );
          case 'strong':
            return (
              <strong key={i}>
                <Inlines parts={part.parts} />
              </strong>
            );
          case 'em':
            return (
              <em key={i}>
                <Inlines parts={part.parts} />
              </em>
            );
          case 'link':
            return (
              <span key={i}>
                <Link href={part.href}>
                  <bdi>{part.text}</bdi>
                </Link>
                {part.host !== undefined && <small> ({part.host})</small>}
              </span>
            );
        }
      })}
    </>
  );
}
