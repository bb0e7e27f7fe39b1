import { expect, it } from 'vitest';
import type { OperatorServerFrame, VisitorItem } from '../../shared/wire/workplace.ts';
import { createListFeed } from './list-feed.ts';

const item = (id: string, title: string): VisitorItem => ({
  id,
  site: 'shop',
  presence: 'on_site',
  since: 0,
  page: { url: '', title },
  pages: 1,
  isInvitable: false,
  card: {},
  chat: null,
  group: null,
  operator: null,
  lastText: '',
  unread: 0,
});

function world() {
  const now = new Map<string, VisitorItem>();
  const sent: string[] = [];
  let isSlow = false;
  let catchUp = () => {};
  const caughtUp = () => new Promise<void>((resolve) => (isSlow ? (catchUp = resolve) : resolve()));
  const items = createListFeed({
    isSlow: () => isSlow,
    flushed: caughtUp,
    send: (frame: OperatorServerFrame) =>
      void sent.push(frame.t === 'visitor' ? `${frame.item.id} ${frame.item.page.title}` : `${frame.t} ${'id' in frame ? frame.id : ''}`),
    item: (id) => now.get(id),
  });
  return {
    sent,
    put(id: string, title: string) {
      now.set(id, item(id, title));
      items.put(item(id, title));
    },
    gone(id: string) {
      now.delete(id);
      items.gone(id);
    },
    async beSlow(value: boolean) {
      isSlow = value;
      catchUp();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

it('[FF.A11] a slow workplace hears of each visitor once, as they are when there is room', async () => {
  const w = world();
  w.put('ann', 'one');
  await w.beSlow(true);
  for (let i = 0; i < 1_000; i += 1) w.put('ann', `page ${i}`);
  w.put('bob', 'shop');
  w.put('cid', 'shop');
  w.gone('cid');
  w.gone('dan');
  expect(w.sent).toEqual(['ann one']);
  await w.beSlow(false);
  expect(w.sent).toEqual(['ann one', 'ann page 999', 'bob shop', 'gone cid', 'gone dan']);
  w.put('ann', 'after');
  expect(w.sent.at(-1)).toBe('ann after');
});
