/** The walk, with a pen that writes markup as a string. */
import { expect, test } from 'vitest';
import { drawn, type Drawn, type Pen } from './drawn.ts';
import { formatted } from './markdown.ts';

const written = (nodes: Drawn<string>): string => (typeof nodes === 'string' ? nodes : nodes.map(written).join(''));

const pen: Pen<string> = {
  element: (tag, { key: _, ...props }, inner) =>
    `<${tag}${Object.entries(props)
      .map(([name, value]) => ` ${name}=${value}`)
      .join('')}>${written(inner)}</${tag}>`,
  link: ({ href, text, host }) => `<a ${href} ${host}>${text}</a>`,
};

test.each([
  ['a **b *c* `d`**', 'a <strong>b <em>c</em> <code dir=auto>d</code></strong>'],
  ['> one\n> two', '<blockquote dir=auto>one\ntwo</blockquote>'],
  ['- one\n- **two**', '<ul><li dir=auto>one</li><li dir=auto><strong>two</strong></li></ul>'],
  ['7. one\n8. two', '<ol start=7><li dir=auto>one</li><li dir=auto>two</li></ol>'],
  ['```\n**a**\n```', '<pre dir=ltr tabIndex=0><code>**a**</code></pre>'],
  ['[the shop](https://shop.example/a)', '<a https://shop.example/a undefined>the shop</a>'],
])('draws %j', (text, markup) => {
  expect(written(drawn(formatted(text), pen))).toBe(markup);
});

test('names the nodes beside each other by different keys', () => {
  const keys: number[] = [];
  drawn(formatted('**a** *b* `c` [d](https://shop.example)'), {
    element: (_, { key }) => void keys.push(key),
    link: (_, key) => void keys.push(key),
  });
  expect(new Set(keys).size).toBe(4);
});
