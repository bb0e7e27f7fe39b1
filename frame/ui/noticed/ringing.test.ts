import { signal } from '@preact/signals';
import { describe, expect, test } from 'vitest';
import type { Message } from '../../../shared/chat.ts';
import { createRinging } from './ringing.ts';

/** Pages of one browser: they share who has claimed what. */
function createBrowser() {
  const claimed = new Set<string>();
  return { claim: async (id: string) => !claimed.has(id) && !!claimed.add(id) };
}

function createPage({ claim } = createBrowser()) {
  const messages = signal<readonly Message[]>([]);
  const unread = signal(0);
  const page = { isAttended: false, rings: 0, waits: [] as (() => void)[] };
  const isOn = signal(true);
  const isTouched = signal(true);
  let id = 0;
  const stop = createRinging({
    session: { messages, unread },
    isOn,
    isTouched,
    isAttended: () => page.isAttended,
    claim,
    ring: () => void (page.rings += 1),
    after: (_ms, run) => (page.waits.push(run), () => void page.waits.splice(page.waits.indexOf(run), 1)),
  });
  return {
    isOn,
    isTouched,
    stop,
    unread,
    page,
    hears(sender: Message['sender'] = 'operator') {
      unread.value += sender === 'operator' ? 1 : 0;
      messages.value = [...messages.value, { sender, message_id: `m${(id += 1)}` } as Message];
    },
    async pass() {
      for (const run of page.waits.splice(0)) run();
      await new Promise((resolve) => setImmediate(resolve));
      return page.rings;
    },
  };
}

describe('[VI.sound]', () => {
  test('an operator’s message rings once', async () => {
    const page = createPage();
    page.hears();
    expect(await page.pass()).toBe(1);
    expect(await page.pass()).toBe(1);
  });

  test('a burst rings once', async () => {
    const page = createPage();
    page.hears();
    page.hears();
    page.hears();
    expect(await page.pass()).toBe(1);
  });

  test('nothing rings for the visitor’s own message, or before they have acted here', async () => {
    const page = createPage();
    page.hears('visitor');
    expect(await page.pass()).toBe(0);
    page.isTouched.value = false;
    page.hears();
    expect(await page.pass()).toBe(0);
  });

  test('nothing rings while the visitor looks at the chat, has read it meanwhile or has switched it off', async () => {
    const page = createPage();
    page.page.isAttended = true;
    page.hears();
    expect(await page.pass()).toBe(0);
    page.page.isAttended = false;
    page.hears();
    page.unread.value = 0;
    expect(await page.pass()).toBe(0);
    page.isOn.value = false;
    page.hears();
    expect(await page.pass()).toBe(0);
  });

  test('of two pages one rings, and none where the visitor looks at the chat in one of them', async () => {
    const browser = createBrowser();
    const [one, other] = [createPage(browser), createPage(browser)];
    one.hears();
    other.hears();
    expect([await one.pass(), await other.pass()]).toEqual([1, 0]);
    one.page.isAttended = true;
    other.hears();
    one.hears();
    expect([await one.pass(), await other.pass()]).toEqual([1, 0]);
  });

  test('a stopped one is silent', async () => {
    const page = createPage();
    page.hears();
    page.stop();
    expect(await page.pass()).toBe(0);
  });
});
