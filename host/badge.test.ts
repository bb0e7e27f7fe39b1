import { expect, test } from 'vitest';
import type { Place } from '../shared/page/bridge.ts';
import { createBadge } from './badge.ts';

const PICTURE = 'data:image/png;base64,iVBORw0KGgo=';

/** A document as far as a badge needs one: it drops blanks around its title, as browsers do. */
function page(first = 'Tea') {
  const icons: { rel?: string; href?: string; remove(): void }[] = [];
  let title = first;
  const document = {
    get title() {
      return title;
    },
    set title(value: string) {
      title = value.replace(/\s+/g, ' ').trim();
    },
    createElement: () => ({
      remove() {
        icons.splice(icons.indexOf(this), 1);
      },
    }),
    head: { append: (link: (typeof icons)[number]) => void icons.push(link) },
  };
  const badge = createBadge(document as never);
  const show = (place: object) => badge._show(place as Place);
  return { document, badge, show, icons };
}

test('[VI.badge] the number of unread messages stands before the title, follows it, and is taken back', () => {
  const { document, badge, show } = page();
  for (const [count, title] of [
    [1, '(1) Tea'],
    [12, '(12) Tea'],
    [0, 'Tea'],
    [3, '(3) Tea'],
  ] as const) {
    show({ badge: count });
    expect([document.title, badge._title()]).toEqual([title, 'Tea']);
  }
  show({});
  expect(document.title).toBe('Tea');
});

test('[VI.badge] a title that the page changes meanwhile stays the page’s', () => {
  const { document, badge, show } = page();
  show({ badge: 2 });
  document.title = 'Coffee';
  expect(badge._title()).toBe('Coffee');
  show({ badge: 3 });
  expect(document.title).toBe('(3) Coffee');
  document.title = 'Milk';
  show({});
  expect(document.title).toBe('Milk');
});

test('[VI.badge] a page without a title gets the mark alone, and loses it', () => {
  const { document, badge, show } = page('');
  show({ badge: 3 });
  expect([document.title, badge._title()]).toEqual(['(3)', '']);
  show({ badge: 4 });
  expect(document.title).toBe('(4)');
  show({ badge: 0 });
  expect(document.title).toBe('');
});

test('[VI.badge] the picture is one icon after those of the page, and goes with its number', () => {
  const { show, icons } = page();
  show({ badge: 1, icon: PICTURE });
  show({ badge: 2, icon: PICTURE });
  expect(icons).toMatchObject([{ rel: 'icon', href: PICTURE }]);
  show({ badge: 2 });
  expect(icons).toEqual([]);
});

test.each([
  ['https://evil.test/i.png'],
  ['data:image/svg+xml;base64,PHN2Zz4='],
  [` ${PICTURE}`],
  [`${PICTURE}\n`],
  ['data:image/png;base64,' + 'A'.repeat(10_000)],
  [5],
  [{ href: PICTURE }],
  [null],
])('[VI.badge] [BR.bounds] what is no small PNG is no icon: %j', (icon) => {
  const { show, icons } = page();
  show({ badge: 1, icon });
  expect(icons).toEqual([]);
});

test.each([
  [1e9, '(999) Tea'],
  [-3, 'Tea'],
  [2.7, '(2) Tea'],
  [NaN, 'Tea'],
  ['<b>', 'Tea'],
  [{}, 'Tea'],
  [null, 'Tea'],
])('[VI.badge] [BR.bounds] a number of %s is a whole one from 0 to 999', (badge, title) => {
  const { document, show } = page();
  show({ badge });
  expect(document.title).toBe(title);
});
