/** A visitor's or colleague's text, with its web addresses as links that tell the other side nothing about us. */
import { linkParts } from './format.ts';

export function Linked({ text }: { text: string }) {
  return (
    <>
      {linkParts(text).map(({ text: part, href }, index) =>
        href === null ? (
          part
        ) : (
          <OutsideLink key={index} href={href}>
            {part}
          </OutsideLink>
        ),
      )}
    </>
  );
}

export function OutsideLink({ href, children, class: extra }: { href: string; children: preact.ComponentChildren; class?: string }) {
  // The title shows the host as the browser reads it, so that a look-alike in another alphabet stands out.
  return (
    <a class={extra} href={href} title={new URL(href).host || undefined} target="_blank" rel="noopener noreferrer nofollow ugc">
      {children}
    </a>
  );
}
