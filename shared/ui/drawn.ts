/** Walks formatted text, as `markdown.ts` has read it, and asks a pen for each node. Each interface has a pen of its own. */
import type { Block, Inline } from './markdown.ts';

type Tag = 'blockquote' | 'code' | 'em' | 'li' | 'ol' | 'pre' | 'strong' | 'ul';

export interface Pen<Node> {
  /** @param props with a key that is unique among its siblings */
  element(tag: Tag, props: { key: number; dir?: 'auto' | 'ltr'; start?: number; tabIndex?: 0 }, inner: Drawn<Node>[]): Node;
  link(link: Extract<Inline, { kind: 'link' }>, key: number): Node;
}

/** A node, or text as it is. */
export type Drawn<Node> = Node | string | Drawn<Node>[];

export function drawn<Node>(blocks: readonly Block[], { element, link }: Pen<Node>): Drawn<Node>[] {
  const inline = (parts: readonly Inline[]): Drawn<Node>[] =>
    parts.map((part, key) => {
      switch (part.kind) {
        case 'plain':
          return part.text;
        case 'code':
          return element('code', { key, dir: 'auto' }, [part.text]);
        case 'link':
          return link(part, key);
        default:
          return element(part.kind, { key }, inline(part.parts));
      }
    });

  return blocks.map((block, key) => {
    switch (block.kind) {
      case 'text':
        return inline(block.parts);
      case 'code':
        // Wide lines scroll, so the keyboard must get there.
        return element('pre', { key, dir: 'ltr', tabIndex: 0 }, [element('code', { key: 0 }, [block.text])]);
      case 'quote':
        return element('blockquote', { key, dir: 'auto' }, inline(block.parts));
      case 'list': {
        const items = block.items.map((parts, n) => element('li', { key: n, dir: 'auto' }, inline(parts)));
        return block.start === null ? element('ul', { key }, items) : element('ol', { key, start: block.start }, items);
      }
    }
  });
}
