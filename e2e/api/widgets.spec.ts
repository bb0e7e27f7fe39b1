/** Widgets on the page: what `createWidget` returns, its lifecycle, and who decides about showing and hiding. */
import { expect, test, type World } from '../support/fixtures.ts';
import type { VisitorPage } from '../support/pages/visitor.ts';

/** Runs a controller's body on a page that has no other; `CallGear` and `said` are there. Returns what it returns. */
async function controller(visitor: VisitorPage, body: string): Promise<unknown> {
  return visitor.page.evaluate(`new Promise((resolve, reject) => {
    const said = (window.said = []);
    CallGear.UI.registerViewController('consultant', () => {
      try { resolve((() => { ${body} })()); } catch (error) { reject(error); }
    });
  })`);
}

/** Whatever text. */
const aText: unknown = expect.any(String);

const empty = async (world: World): Promise<VisitorPage> => (await world.stranger()).goto('empty.html');

test('[WI.create] [WI.get] [WI.members] widgets are made at once, know their settings and keep what they were given', async ({ world }) => {
  const visitor = await empty(world);
  const warnings: string[] = [];
  visitor.page.on('console', (line) => line.type() === 'warning' && warnings.push(line.text()));
  expect(
    await controller(
      visitor,
      `const UI = CallGear.UI;
       const early = UI.getWidget('consultant_chat');
       const chat = UI.createWidget('consultant_chat', { mine: 7, greet() { return 'hi ' + this.mine; }, settings: { chat: { title: 'Mine' } } });
       const odd = UI.createWidget('something_else', {});
       const newer = UI.createWidget('consultant_chat', {});
       const answer = [early === undefined, chat.mine, chat.greet(), chat.name, chat.settings.chat.title, odd.name, typeof odd.render, odd.startChat === undefined, UI.getWidget('consultant_chat') === newer];
       newer.destroy();
       return [...answer, UI.getWidget('consultant_chat') === chat];`,
    ),
  ).toEqual([true, 7, 'hi 7', 'consultant_chat', 'Mine', 'something_else', 'function', true, true, true]);
  expect(warnings.filter((text) => text.includes('something_else'))).toHaveLength(1);
});

test('[WI.base] methods work detached, listeners know their widget, and on returns what unsubscribes', async ({ world }) => {
  const visitor = await empty(world);
  expect(
    await controller(
      visitor,
      `const chat = CallGear.UI.createWidget('consultant_chat', {});
       const off = chat.on('show', function () { said.push(this === chat); });
       chat.once('show', () => said.push('once'));
       const twice = () => said.push('twice');
       chat.on('show', twice);
       const { show, hide } = chat;
       show(); hide(); chat.un('show', twice); off(); show(); hide();
       return [...said, 'then' in chat, chat.isVisible()];`,
    ),
  ).toEqual([true, 'once', 'twice', false, false]);
});

test('[WI.lifecycle] [WI.visible] events are synchronous, without argument, and repeats do nothing', async ({ world }) => {
  const visitor = await empty(world);
  expect(
    await controller(
      visitor,
      `const chat = CallGear.UI.createWidget('consultant_chat', {});
       for (const name of ['beforerender', 'render', 'beforeshow', 'show', 'beforehide', 'hide', 'beforedestroy'])
         chat.on(name, function () { said.push(name + arguments.length + (chat.isVisible() ? '+' : '-')); });
       chat.render(); chat.render(); chat.show(); chat.show(); chat.hide(); chat.hide(); chat.destroy(); chat.destroy(); chat.show();
       return said;`,
    ),
  ).toEqual(['beforerender0-', 'render0-', 'beforeshow0-', 'show0+', 'beforehide0+', 'hide0-', 'beforedestroy0-']);
});

test('[WI.lifecycle] show before render keeps the flag, and a later render appears visible', async ({ world }) => {
  const visitor = await empty(world);
  await controller(visitor, `const chat = CallGear.UI.createWidget('consultant_chat', {}); chat.show(); chat.render();`);
  await expect(visitor.frame.getByRole('button', { name: 'Close chat' })).toBeVisible();
});

test('[WI.cancel] exactly false cancels, others still run, other falsy values do not', async ({ world }) => {
  const visitor = await empty(world);
  expect(
    await controller(
      visitor,
      `const chat = CallGear.UI.createWidget('consultant_chat', {});
       const no = chat.on('beforeshow', () => false);
       chat.on('beforeshow', () => { said.push('still runs'); });
       chat.on('show', () => said.push('show'));
       chat.show();
       said.push(chat.isVisible());
       no();
       for (const value of [0, null, undefined, '']) chat.on('beforeshow', () => value);
       chat.show();
       return [...said, chat.isVisible()];`,
    ),
  ).toEqual(['still runs', false, 'still runs', 'show', true]);
});

test('[WI.override] show and hide of the config replace the action; false leaves flag and events alone', async ({ world }) => {
  const visitor = await empty(world);
  expect(
    await controller(
      visitor,
      `let answer = false;
       const chat = CallGear.UI.createWidget('consultant_chat', { isOpenWithVisibilityObserver: true, show(isApi) { said.push('mine ' + isApi); return answer; } });
       chat.on('show', () => said.push('show'));
       chat.show(); said.push(chat.isVisible());
       answer = undefined;
       chat.show(true); said.push(chat.isVisible());
       return said;`,
    ),
  ).toEqual(['mine undefined', false, 'mine true', 'show', true]);
});

test('[WI.closer] a click in the frame asks the page, which may refuse', async ({ world }) => {
  const visitor = await empty(world);
  await controller(
    visitor,
    `const chat = window.chat = CallGear.UI.createWidget('consultant_chat', {});
     window.refuse = true;
     chat.on('beforehide', () => { said.push('beforehide'); return !window.refuse; });
     for (const name of ['beforeshow', 'show', 'hide']) chat.on(name, () => said.push(name));
     chat.render();`,
  );
  const said = () => visitor.page.evaluate(() => (window as unknown as { said: string[] }).said);
  const close = visitor.frame.getByRole('button', { name: 'Close chat' });
  await visitor.openChat();
  await close.click();
  await expect.poll(said).toEqual(['beforeshow', 'show', 'beforehide']);
  await expect(close).toBeVisible();
  await visitor.page.evaluate(() => ((window as unknown as { refuse: boolean }).refuse = false));
  await close.click();
  await expect.poll(said).toEqual(['beforeshow', 'show', 'beforehide', 'beforehide', 'hide']);
  await expect(visitor.launcher).toBeVisible();
});

test('[WI.element] an Element is the widget: shown and hidden by class, our interface stays away', async ({ world }) => {
  const visitor = await empty(world);
  await controller(
    visitor,
    `const chat = window.chat = CallGear.UI.createWidget('consultant_chat', { template: document.getElementById('template') });
     chat.render();`,
  );
  const own = visitor.page.locator('#template');
  await visitor.call('show');
  await expect(own).not.toHaveClass(/callgear-widget--hidden/);
  expect(
    await visitor.page.evaluate(() => (window as unknown as { chat: { getEl(s?: string): Element } }).chat.getEl('.inner').textContent),
  ).toBe('inner');
  await visitor.call('hide');
  await expect(own).toHaveClass(/callgear-widget--hidden/);
  await expect(visitor.launcher).toBeHidden();
});

test('[WI.render] [ME.getState] render(parent) moves nothing that would reload, and the session goes on', async ({ world }) => {
  const operator = await world.operator();
  const visitor = await empty(world);
  await controller(
    visitor,
    `const chat = window.chat = CallGear.UI.createWidget('consultant_chat', {}); chat.on('sendmessage', (m) => said.push(m.text)); chat.startChat();`,
  );
  await operator.join();
  await visitor.page.evaluate(() => {
    const { chat } = window as unknown as { chat: { render(parent: Element | null): void; show(): void } };
    chat.render(document.getElementById('place'));
    chat.show();
  });
  await operator.reply('inside the page now');
  await visitor.sees('inside the page now');
  const place = await visitor.page.locator('#place').boundingBox();
  const iframe = await visitor.page.locator('iframe').boundingBox();
  expect(iframe).toEqual(place);
  const box = await visitor.page.evaluate(() => {
    const { chat } = window as unknown as { chat: { getEl(s?: string): Element | null } };
    return [chat.getEl()?.className, chat.getEl()?.parentElement?.id, chat.getEl('h1')];
  });
  expect(box).toEqual(['callgear-widget', 'place', null]);
  expect(await visitor.page.evaluate(() => (window as unknown as { said: string[] }).said)).toEqual(['inside the page now']);
});

test('[WI.putBack] what a framework removed is put back, silently', async ({ world }) => {
  const visitor = await empty(world);
  await controller(
    visitor,
    `const chat = window.chat = CallGear.UI.createWidget('consultant_chat', {}); for (const name of ['render', 'show', 'hide']) chat.on(name, () => said.push(name)); chat.render();`,
  );
  await expect(visitor.launcher).toBeVisible();
  await visitor.page.evaluate(() => {
    document.body.replaceWith(document.createElement('body'));
    document.querySelectorAll('iframe').forEach((iframe) => iframe.remove());
  });
  await expect(visitor.launcher).toBeVisible();
  expect(await visitor.page.evaluate(() => (window as unknown as { said: string[] }).said)).toEqual(['render']);
});

test('[WI.several] chats share the session but not their listeners, cursors and openings; a destroyed one hears nothing', async ({
  world,
}) => {
  const { visitor, operator } = await world.conversation();
  await operator.reply('one');
  await visitor.hears('sendmessage');
  const second = await visitor.page.evaluate(() => {
    const page = window as unknown as {
      CallGear: { UI: { createWidget(name: string, config: object): Record<string, (...args: unknown[]) => unknown> } };
      second: Record<string, (...args: unknown[]) => unknown>;
      also: unknown[];
    };
    page.also = [];
    page.second = page.CallGear.UI.createWidget('consultant_chat', {});
    page.second['on']?.('showhistory', (all: unknown) => page.also.push((all as { text: string }[]).map(({ text }) => text)));
    page.second['on']?.('sendmessage', (message: unknown) => page.also.push((message as { text: string }).text));
    return [page.second['getState']?.(), page.second['hasHistory']?.()];
  });
  expect(second).toEqual(['chat', true]);
  const also = () => visitor.page.evaluate(() => (window as unknown as { also: unknown[] }).also);
  await expect.poll(also).toEqual([['one']]);
  await visitor.page.evaluate(() => (window as unknown as { second: { destroy(): void } }).second.destroy());
  await operator.reply('two');
  await visitor.hears('sendmessage', 2);
  expect(await also()).toEqual([['one']]);
  expect(await visitor.page.evaluate(() => (window as unknown as { second: { getState(): string } }).second.getState())).toBe('chat');
});

test('[WI.tpls] both names of the template are one', async ({ world }) => {
  const visitor = await world.visitor();
  expect(
    await visitor.page.evaluate(
      () =>
        (window as unknown as { tpls: Record<string, unknown> }).tpls['chat'] ===
        (window as unknown as { tpls: Record<string, unknown> }).tpls['consultant_chat'],
    ),
  ).toBe(true);
});

test('[WI.offline] the offline form of the API is always answered, without a server with success: false', async ({ world }) => {
  const operator = await world.operator('Olga Petrova', { isOnline: false });
  const visitor = await world.stranger();
  await visitor.page.clock.install();
  await visitor.open();
  const send = (message: string) =>
    visitor.page.evaluate(
      (message) =>
        new Promise<unknown>((resolve) => {
          const { CallGear } = window as unknown as {
            CallGear: { UI: { createWidget(name: string, config: object): Record<string, (...args: unknown[]) => unknown> } };
          };
          const form = CallGear.UI.createWidget('consultant_offline_message', {});
          form['on']?.('sendofflinerequest', resolve);
          form['sendRequest']?.({ name: 'Vera', email: 'vera@example.com', message });
        }),
      message,
    );
  expect(await send('with a server')).toMatchObject({ success: true, info: { title: aText, message: aText } });
  await expect(operator.page.getByText('with a server')).toBeVisible();
  await world.system.stopServer();
  const unanswered = send('without one');
  // So long the page waits for an answer, by its own clock.
  await visitor.page.clock.fastForward(15_000);
  expect(await unanswered).toMatchObject({ success: false, info: { title: aText, message: aText } });
  await world.system.startServer();
});
