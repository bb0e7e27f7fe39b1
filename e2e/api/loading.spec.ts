/** How the loader gets onto a page, what it leaves alone, and who controls the view. */
import { expect, test } from '../support/fixtures.ts';
import type { VisitorPage } from '../support/pages/visitor.ts';

interface PageGlobals {
  order: string[];
  chat: { isVisible(): boolean };
  CallGear: {
    UI: {
      registerViewController(name: string, fn: (...args: never[]) => unknown): unknown;
      createWidget(
        name: string,
        config: object,
      ): { render(): void; show(): void; on(name: string, fn: (...args: unknown[]) => unknown): void };
      getWidget(name: string): { isVisible(): boolean; getState(): string } | undefined;
    };
    on(name: string, fn: (value: { code: string }) => void): void;
    openChatWindow(): void;
    openSiteRequestPanel(): void;
    openSitePhonePanel(): void;
    getOperatorStatus(): unknown;
    getVisitorId(): string | null;
    getSessionId(): string | null;
    addVisitorInfo(info: object, done?: () => void): void;
    identify(jwt: string): Promise<unknown>;
    setConsent(isGiven: boolean): void;
  };
}

const order = (visitor: VisitorPage): Promise<string[]> => visitor.page.evaluate(() => (window as unknown as PageGlobals).order);

/** What the page printed from now on, warnings and errors only. */
function listen(visitor: VisitorPage): { warnings: string[]; errors: string[] } {
  const printed = { warnings: [] as string[], errors: [] as string[] };
  visitor.page.on('console', (line) => {
    if (line.type() === 'warning') printed.warnings.push(line.text());
    if (line.type() === 'error') printed.errors.push(line.text());
  });
  return printed;
}

test('[LO.sync] without async the API is complete for the next script', async ({ world }) => {
  const visitor = await world.visitor();
  expect(await visitor.page.evaluate(() => typeof (window as unknown as PageGlobals).CallGear.UI.createWidget)).toBe('function');
});

for (const [name, expected] of [
  ['queue-before', ['first', 'second', 'controller']],
  ['queue-after', ['first', 'after', 'controller']],
] as const)
  test(`[LO.queue] ${name}: what was pushed runs, in order`, async ({ world }) => {
    const visitor = await (await world.stranger()).goto(`${name}.html`);
    await expect.poll(() => order(visitor)).toEqual(expected);
  });

test('[LO.stub] what the documented stub collected is carried out', async ({ world }) => {
  const visitor = await (await world.stranger()).goto('stub.html');
  await expect.poll(() => order(visitor)).toEqual(['pushed', 'controller']);
});

test('[LO.older] [FA.input] the older queue works, and a name it does not know warns once', async ({ world }) => {
  const visitor = await world.stranger();
  const printed = listen(visitor);
  await visitor.goto('older.html');
  expect(await visitor.page.evaluate(() => (window as unknown as { isAlias: boolean }).isAlias)).toBe(true);
  await expect(visitor.frame.getByRole('textbox', { name: /Email/ })).toBeVisible();
  expect(printed.warnings.filter((text) => text.includes('setSiteNothing'))).toHaveLength(1);
});

test('[LO.twice] a second loader does nothing, and one of another site says so once', async ({ world }) => {
  const visitor = await world.stranger();
  const printed = listen(visitor);
  await visitor.goto('twice.html');
  await expect(visitor.launcher).toBeVisible();
  expect(
    await visitor.page.evaluate(
      () => (window as unknown as { first: unknown; CallGear: unknown }).first === (window as unknown as { CallGear: unknown }).CallGear,
    ),
  ).toBe(true);
  await expect(visitor.page.locator('iframe')).toHaveCount(1);
  expect(printed.warnings.filter((text) => text.includes('another-site'))).toHaveLength(1);
});

test('[LO.foreign] a name that is taken is left alone, with one console error', async ({ world }) => {
  const visitor = await world.stranger();
  const printed = listen(visitor);
  await visitor.goto('foreign.html');
  const theirs = await visitor.page.evaluate(() => {
    const { CallGear, Comagic, __cs } = window as unknown as Record<string, unknown>;
    return { CallGear, Comagic, __cs };
  });
  expect(theirs).toEqual({ CallGear: { version: 'theirs' }, Comagic: { also: 'theirs' }, __cs: { theirs: true } });
  expect(printed.errors).toHaveLength(1);
});

test('[LO.foreign] an element that only bears the name is no foreign object', async ({ world }) => {
  const visitor = await (await world.stranger()).goto('clobbered.html');
  await expect.poll(() => order(visitor)).toEqual(['controller']);
});

test('[LO.standIn] without a controller the built-in one runs; opening starts and hiding ends nothing', async ({ world }) => {
  const operator = await world.operator();
  const visitor = await (await world.stranger()).goto('plain.html');
  await visitor.openChat();
  await operator.sees('On site');
  await visitor.say('Hello');
  await operator.sees('Waiting');
  await visitor.frame.getByRole('button', { name: 'Close chat' }).click();
  await expect(visitor.launcher).toBeVisible();
  await operator.sees('Waiting');
});

test('[LO.standInYields] the first registration takes over from the built-in view, and the chat goes on', async ({ world }) => {
  const operator = await world.operator();
  const visitor = await (await world.stranger()).goto('plain.html');
  await visitor.openChat();
  await visitor.say('Hello');
  await operator.sees('Waiting');
  const seen = await visitor.page.evaluate(() => {
    const page = window as unknown as PageGlobals;
    page.order = [];
    page.CallGear.UI.registerViewController('consultant', () => {
      const chat = page.CallGear.UI.createWidget('consultant_chat', {});
      for (const name of ['hide', 'beforehide', 'closechat', 'statechange']) chat.on(name, () => page.order.push(name));
      page.order.push('controller');
    });
    return page.order;
  });
  expect(seen).toEqual(['controller']);
  await expect(visitor.frame.getByRole('button', { name: 'Close chat' })).toBeHidden();
  expect(await visitor.page.evaluate(() => (window as unknown as PageGlobals).CallGear.UI.getWidget('consultant_chat')?.getState())).toBe(
    'chat',
  );
  await operator.sees('Waiting');
  expect(await order(visitor)).toEqual(['controller']);
});

test('[LO.standInYields] data-controller="own" keeps the built-in view away', async ({ world }) => {
  const operator = await world.operator();
  const visitor = await (await world.stranger()).goto('own.html');
  await operator.sees('On site');
  await expect(visitor.launcher).toBeHidden();
});

test('[LO.register] [BI.register] the last registration before the run counts, a later one is ignored, both warn', async ({ world }) => {
  const visitor = await world.stranger();
  const printed = listen(visitor);
  await visitor.goto('registers.html');
  await expect.poll(() => order(visitor)).toEqual(['second', 'ready']);
  expect(
    await visitor.page.evaluate(() => 'returned' in window && (window as unknown as { returned: unknown }).returned === undefined),
  ).toBe(true);
  expect(printed.warnings.filter((text) => text.includes('consultant'))).toHaveLength(2);
});

test('[LO.throws] [FA.isolation] a controller that throws is reported, and the built-in view runs', async ({ world }) => {
  const visitor = await world.stranger();
  const printed = listen(visitor);
  await visitor.goto('throws.html');
  await expect(visitor.launcher).toBeVisible();
  expect(printed.errors.filter((text) => text.includes('broken controller'))).toHaveLength(1);
});

test('[FA.afterReturn] chat events wait until the promise of the controller has settled', async ({ world }) => {
  const operator = await world.operator();
  const visitor = await (await world.stranger()).goto('promised.html');
  await operator.sees('Waiting');
  expect(await order(visitor)).toEqual([]);
  await visitor.page.evaluate(() => (window as unknown as { settle(): void }).settle());
  await expect.poll(() => order(visitor)).toEqual(['settled', 'statechange', 'startchat', 'ready']);
});

test('[LO.launcher] a rendered chat has the launcher; a label widget or launcher: false keep it away', async ({ world }) => {
  const visitor = await world.visitor();
  await expect(visitor.launcher).toBeVisible();
  const other = await (await world.stranger()).goto('empty.html');
  await other.page.evaluate(() => {
    const { CallGear } = window as unknown as PageGlobals;
    CallGear.UI.registerViewController('consultant', () => CallGear.UI.createWidget('consultant_chat', { launcher: false }).render());
  });
  await other.page.evaluate(() => new Promise<void>((resolve) => (window as unknown as PageGlobals).CallGear.on('ready', () => resolve())));
  await expect(other.launcher).toBeHidden();
});

test('[LO.headless] a chat that was never rendered shows nothing and keeps its flag and events', async ({ world }) => {
  const visitor = await world.visitor('recorder.html?headless');
  await expect(visitor.launcher).toBeHidden();
  expect(await visitor.page.evaluate(() => (window as unknown as { chat: { getEl(): unknown } }).chat.getEl())).toBeNull();
  await visitor.call('show');
  expect(await visitor.call('isVisible')).toBe(true);
  await visitor.call('hide');
  expect(await visitor.order('beforeshow', 'show', 'beforehide', 'hide')).toEqual(['beforeshow', 'show', 'beforehide', 'hide']);
});

test('[LO.global] the global methods', async ({ world }) => {
  const visitor = await world.visitor();
  const ids = () =>
    visitor.page.evaluate(() => {
      const { CallGear } = window as unknown as PageGlobals;
      return [CallGear.getVisitorId(), CallGear.getSessionId()];
    });
  expect(await ids()).toEqual([null, null]);
  await visitor.page.evaluate(
    () => new Promise<void>((resolve) => (window as unknown as PageGlobals).CallGear.addVisitorInfo({ name: 'Vera' }, resolve)),
  );
  expect((await ids()).every((id) => typeof id === 'string' && id.length > 10)).toBe(true);
  expect(await visitor.call('getVisitorCard')).toEqual({ name: 'Vera' });

  await visitor.page.evaluate(() => (window as unknown as PageGlobals).CallGear.openChatWindow());
  await expect(visitor.frame.getByRole('textbox', { name: /Email/ })).toBeVisible();
  await visitor.page.reload();
  await world.operator();
  await visitor.hears('chatavailabilitychange').catch(() => undefined);
  await expect.poll(() => visitor.call('isChatAvailable')).toBe(true);
  await visitor.page.evaluate(() => (window as unknown as PageGlobals).CallGear.openChatWindow());
  await expect(visitor.frame.getByRole('button', { name: 'Close chat' })).toBeVisible();
  expect(await visitor.call('isVisible')).toBe(true);
});

test('[LO.ready] ready fires after the controller has returned, for late listeners too', async ({ world }) => {
  const visitor = await world.visitor();
  const late = await visitor.page.evaluate(
    () =>
      new Promise<string[]>((resolve) => {
        const said: string[] = [];
        (window as unknown as PageGlobals).CallGear.on('ready', () => {
          said.push('ready');
          resolve(said);
        });
        said.push('in a later task');
      }),
  );
  expect(late).toEqual(['in a later task', 'ready']);
});

test('[LO.identify] identity without keys is refused with a code, and consent can be withdrawn', async ({ world }) => {
  const visitor = await world.visitor();
  const code = await visitor.page.evaluate(() =>
    (window as unknown as PageGlobals).CallGear.identify('no.such.token').then(
      () => 'ok',
      (error: { code: string }) => error.code,
    ),
  );
  expect(code).toBe('disabled');
  await visitor.done('startChat');
  await visitor.page.evaluate(() => (window as unknown as PageGlobals).CallGear.setConsent(false));
  await expect.poll(() => visitor.page.evaluate(() => (window as unknown as PageGlobals).CallGear.getVisitorId())).toBe(null);
});

test('[SE.quiet] before the visitor acts nothing is stored, and no lasting id is made', async ({ world }) => {
  const operator = await world.operator();
  const visitor = await (await world.stranger()).goto('plain.html');
  await visitor.openChat();
  await operator.sees('On site');
  const frame = visitor.page.frames().find((each) => each.url().includes('/frame/'));
  const stored = async (): Promise<unknown> => ({
    cookies: await visitor.page.context().cookies(),
    local: await frame?.evaluate(() => Object.keys(localStorage)),
    databases: (await frame?.evaluate(() => indexedDB.databases()))?.length,
  });
  expect(await stored()).toEqual({ cookies: [], local: [], databases: 0 });
  await visitor.say('Now I act');
  await operator.sees('Waiting');
  expect(await visitor.page.context().cookies()).toEqual([
    expect.objectContaining({ name: `__Host-v-${world.key}`, httpOnly: true, secure: true, sameSite: 'None' }),
  ]);
});
