/**
 * Where the chat lives in the page: whatever becomes of the document around it, of the box it was rendered into, and of what comes
 * to the top, it is where a visitor looks for it, and moves nothing of the page.
 */
import type { Page } from '@playwright/test';
import { openReact, openTurbo, type Major } from '../support/documents.ts';
import { expect, test, type World } from '../support/fixtures.ts';
import { watchShifts } from '../support/pages/shifts.ts';
import type { VisitorPage } from '../support/pages/visitor.ts';
import { watch } from './watch.ts';

/** `npm run matrix` does it in Firefox too; the measure of shifts is Chromium's alone. */
const tag = process.env['MATRIX'] === 'whole' ? ['@firefox'] : [];

const iframe = (page: Page) => page.locator('iframe.callgear-widget');

/** How many documents of the frame have greeted the page, counted from now on. */
async function countGreetings(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    const notes = Object.assign(window as unknown as { greetings: number }, { greetings: 0 });
    addEventListener('message', () => void (notes.greetings += 1));
  });
  return () => page.evaluate(() => (window as unknown as { greetings: number }).greetings);
}

/** The topmost element at the middle of the frame, and where that is. */
const seen = (page: Page) =>
  iframe(page).evaluate((element) => {
    const { left, top, right, bottom, width, height } = element.getBoundingClientRect();
    const [x, y] = [left + width / 2, top + height / 2];
    return {
      isOnTop: document.elementFromPoint(x, y) === element,
      isInCorner:
        Math.round(right) === document.documentElement.clientWidth && Math.round(bottom) === document.documentElement.clientHeight,
    };
  });

const inCorner = { isOnTop: true, isInCorner: true };

async function talk(world: World, visitor: VisitorPage): Promise<void> {
  const operator = await world.operator();
  await expect(visitor.launcher).toBeVisible();
  await visitor.openChat();
  await visitor.say('Hello');
  await operator.join();
  await operator.reply('Good afternoon');
  await visitor.sees('Good afternoon');
}

test.describe('[FF.E2] a document that React hydrates as a whole', { tag }, () => {
  for (const major of [18, 19] as Major[]) {
    for (const isAtOnce of [true, false])
      test(`it takes over all that its server made, and the chat goes on. ${isAtOnce ? `As it is parsed, embed: a document that React ${major} hydrates` : `React ${major}, long after the chat has come`}`, async ({
        world,
      }) => {
        const visitor = await world.stranger();
        const { page } = visitor;
        await openReact(page, world, { major, isAtOnce });
        await expect(visitor.launcher).toBeVisible();
        const greetings = await countGreetings(page);
        const heading = await page.locator('h1').elementHandle();
        if (!isAtOnce) await page.evaluate(() => (window as unknown as { hydrate(): void }).hydrate());
        await page.getByRole('button', { name: 'Counted 0' }).click();
        await expect(page.getByRole('button', { name: 'Counted 1' })).toBeVisible();
        expect(await page.evaluate(() => (window as unknown as { recovered: string[] }).recovered)).toEqual([]);
        expect(await heading?.evaluate((element) => element.isConnected)).toBe(true);
        expect(await greetings()).toBe(0);
        await talk(world, visitor);
      });

    test(`one quiet reload, and the chat is there again. embed: a document that React ${major} makes anew, for a difference of its own`, async ({
      world,
    }) => {
      const visitor = await world.stranger();
      const { page } = visitor;
      const complaints = await watch(page, world.system.chat);
      await openReact(page, world, { major, isAtOnce: false, differs: true });
      await expect(visitor.launcher).toBeVisible();
      const greetings = await countGreetings(page);
      await page.evaluate(() => (window as unknown as { hydrate(): void }).hydrate());
      await expect(page.getByRole('heading', { name: 'Shop of the client' })).toBeVisible();
      await expect.poll(greetings).toBe(1);
      await talk(world, visitor);
      expect(await complaints.all()).toEqual([]);
    });
  }
});

test(
  '[FF.E2] the chat is loaded anew once at most, and the conversation goes on. embed: pages among which Turbo goes, with a new body each time',
  { tag },
  async ({ world }) => {
    const visitor = await world.stranger();
    const { page } = visitor;
    await openTurbo(page, world);
    await talk(world, visitor);
    const greetings = await countGreetings(page);
    for (const n of [2, 3, 4, 5, 1, 2]) {
      await page.getByRole('link', { name: 'Next page' }).click();
      await expect(page.getByRole('heading', { name: `Page ${n}` })).toBeVisible();
      await visitor.sees('Good afternoon');
    }
    expect(await greetings()).toBe(1);
    await expect(iframe(page)).toHaveCount(1);
  },
);

test.describe('[FF.E2] the document is replaced under it', { tag }, () => {
  const changes: Record<string, () => void> = {
    'embed: a root that is replaced': () => {
      const root = document.createElement('html');
      root.append(document.createElement('head'), document.createElement('body'));
      document.replaceChild(root, document.documentElement);
    },
    'its root, by one that is made later': () => {
      document.documentElement.remove();
      setTimeout(() => document.append(document.createElement('html')), 50);
    },
    'embed: a document that is written anew (`document.open`)': () => {
      document.open();
      document.write('<!doctype html><title>Anew</title><h1>Written anew</h1>');
      document.close();
    },
    'by document.open, and bit by bit': () => {
      document.open();
      const parts = ['<!doctype html><title>Anew</title>', '<h1>Written', ' anew</h1>'];
      const write = (): void => {
        const part = parts.shift();
        if (part === undefined) return document.close();
        document.write(part);
        setTimeout(write, 30);
      };
      write();
    },
    'its body, three times': () => {
      const again = (left: number): void => {
        document.body.replaceWith(document.createElement('body'));
        if (left > 1) setTimeout(() => again(left - 1), 100);
      };
      again(3);
    },
    'everything in its body': () => void (document.body.innerHTML = '<h1>Only this</h1>'),
  };
  for (const [name, change] of Object.entries(changes))
    test(`it is there again, open as it was, with all that was said, and hears the page. ${name}`, async ({ world }) => {
      const operator = await world.operator();
      const visitor = await world.stranger();
      const { page } = visitor;
      const complaints = await watch(page, world.system.chat);
      await visitor.open();
      await visitor.openChat();
      await visitor.say('Hello');
      await operator.join();
      await operator.reads('Hello');
      await page.evaluate(change);
      await visitor.sees('Hello');
      await operator.reply('Still there');
      await visitor.sees('Still there');
      expect(await visitor.done('sendChatMessage', 'From the page')).toBe('ok');
      await operator.reads('From the page');
      expect(await seen(page)).toEqual(inCorner);
      await expect(iframe(page)).toHaveCount(1);
      expect((await complaints.all()).filter((text) => !text.includes('document.write'))).toEqual([]);
    });
});

test.describe('[FF.E3] rendered into a box', { tag }, () => {
  /** A page with `html`, the chat in its `#box`, open, and a mark in the frame's document that a reload would lose. */
  async function inBox(world: World, html: string, prepare: () => void = () => {}): Promise<VisitorPage> {
    await world.operator();
    const visitor = await world.stranger();
    const { page } = await visitor.goto('empty.html');
    await page.evaluate((html) => {
      document.body.innerHTML = html;
      window.CallGear.UI.registerViewController('consultant', () => {
        const chat = (window.chat = window.CallGear.UI.createWidget('consultant_chat', {}));
        chat.render(document.querySelector('#box'));
        chat.show();
      });
    }, html);
    await page.waitForFunction(() => document.querySelector('#box iframe.callgear-widget') !== null);
    await page.evaluate(prepare);
    await expect(visitor.box).toBeVisible();
    return visitor;
  }
  const rects = (page: Page) =>
    page.evaluate(() => {
      const round = (element: Element | null): number[] => {
        const { left, top, width, height } = (element as Element).getBoundingClientRect();
        return [left, top, width, height].map(Math.round);
      };
      return [round(document.querySelector('iframe.callgear-widget')), round(document.querySelector('#box'))];
    });
  const expectInBox = async (page: Page): Promise<void> => {
    const [frame, box] = await rects(page);
    expect(frame).toEqual(box);
  };
  const at = (page: Page, x: number, y: number): Promise<string> =>
    page.evaluate(
      ([x, y]) =>
        document.elementFromPoint(x as number, y as number)?.id || document.elementFromPoint(x as number, y as number)?.className || '',
      [x, y],
    );

  test('by a transition that no event tells of, and is not loaded anew. embed: in a drawer that slides in', async ({ world }) => {
    const visitor = await inBox(
      world,
      '<div id="drawer" style="position:fixed;inset:0 0 0 auto;width:400px;transform:translateX(100%);transition:transform .3s"><div id="box" style="height:500px"></div></div>',
    );
    const { page } = visitor;
    await expectInBox(page);
    const greetings = await countGreetings(page);
    await visitor.box.fill('A draft');
    await page.evaluate(() =>
      document
        .querySelector('#drawer')
        ?.setAttribute('style', 'position:fixed;inset:0 0 0 auto;width:400px;transform:none;transition:transform .3s'),
    );
    await expect.poll(async () => (await rects(page))[1]?.[0]).toBe(1280 - 400);
    await expectInBox(page);
    await expect(visitor.box).toHaveValue('A draft');
    expect(await greetings()).toBe(0);
  });

  test('it goes down when something above it grows', async ({ world }) => {
    const { page } = await inBox(world, '<div id="above"></div><div id="box" style="width:400px;height:450px"></div>');
    await page.evaluate(() => document.querySelector('#above')?.setAttribute('style', 'height:150px'));
    await expectInBox(page);
    expect((await rects(page))[0]?.[1]).toBeGreaterThanOrEqual(150);
  });

  test('one lies over it, the other cuts it off, and it has no highest place of its own. embed: in a scroller under a sticky header', async ({
    world,
  }) => {
    const { page } = await inBox(
      world,
      `<div id="header" style="position:sticky;top:0;height:60px;background:#fff;z-index:1"></div>
       <div id="scroller" style="height:300px;width:400px;overflow:auto"><div style="height:100px"></div><div id="box" style="height:450px"></div><div style="height:900px"></div></div><div style="height:3000px"></div>`,
    );
    await page.evaluate(() => void (document.querySelector('#scroller')!.scrollTop = 100));
    await expectInBox(page);
    // Below the scroller's edge is the page, not the rest of the chat.
    expect(await at(page, 100, 400)).not.toBe('callgear-widget');
    expect(await at(page, 100, 200)).toBe('callgear-widget');
    await page.evaluate(() => scrollTo(0, 200));
    expect(await at(page, 100, 30)).toBe('header');
    await expectInBox(page);
  });

  test('it fades with its parent, hides with it, and takes no clicks then', async ({ world }) => {
    const { page } = await inBox(world, '<div id="parent"><div id="box" style="width:400px;height:450px"></div></div>');
    const set = (style: string) => page.evaluate((style) => document.querySelector('#parent')?.setAttribute('style', style), style);
    await set('visibility:hidden');
    expect(await at(page, 100, 200)).not.toBe('callgear-widget');
    await set('opacity:0');
    expect(await page.evaluate(() => document.querySelector('iframe.callgear-widget')?.checkVisibility({ opacityProperty: true }))).toBe(
      false,
    );
    await set('opacity:0;pointer-events:none');
    expect(await at(page, 100, 200)).not.toBe('callgear-widget');
    await set('display:none');
    expect((await rects(page))[0]).toEqual([0, 0, 0, 0]);
    await set('');
    expect(await at(page, 100, 200)).toBe('callgear-widget');
  });

  test('it can be used, and another dialog lies over it. embed: in a dialog', async ({ world }) => {
    const visitor = await inBox(
      world,
      '<dialog id="dialog"><div id="box" style="width:400px;height:450px"></div></dialog><dialog id="other" style="width:90vw;height:90vh">Other</dialog>',
      () => document.querySelector<HTMLDialogElement>('#dialog')?.showModal(),
    );
    const { page } = visitor;
    await expectInBox(page);
    await visitor.say('From within a dialog');
    await visitor.sees('From within a dialog');
    await page.evaluate(() => document.querySelector<HTMLDialogElement>('#other')?.showModal());
    expect(await at(page, 640, 400)).toBe('other');
  });

  test('it is there again, with the draft. embed: in a list that throws its box away and brings it back', async ({ world }) => {
    const visitor = await inBox(world, '<div id="list"><div id="row"><div id="box" style="width:400px;height:450px"></div></div></div>');
    const { page } = visitor;
    // Of who has said nothing yet, nothing is kept.
    await visitor.say('Hello');
    await visitor.sees('Hello');
    await visitor.hasExtras();
    await visitor.box.fill('A draft');
    await page.evaluate(async () => {
      const row = document.querySelector('#row') as HTMLElement;
      row.remove();
      await new Promise((resolve) => setTimeout(resolve, 300));
      document.querySelector('#list')?.append(row);
    });
    await page.waitForFunction(() => document.querySelector('#box iframe.callgear-widget')?.getBoundingClientRect().width === 400);
    await expectInBox(page);
    await expect(visitor.box).toHaveValue('A draft');
  });

  test('where a browser can move nothing, it is loaded anew in its box, once, open as it was, with what was said and begun', async ({
    world,
  }) => {
    const visitor = await world.stranger();
    const { page } = visitor;
    await page.addInitScript(() => {
      delete (Element.prototype as Partial<Element>).moveBefore;
      delete (Document.prototype as Partial<Document>).moveBefore;
    });
    const operator = await world.operator();
    await visitor.open();
    await visitor.openChat();
    await visitor.say('Hello');
    await operator.join();
    await operator.reads('Hello');
    await visitor.box.fill('A draft');
    const greetings = await countGreetings(page);
    await page.evaluate(() => {
      const drawer = Object.assign(document.createElement('div'), {
        id: 'box',
        style: 'width:400px;height:450px;transform:translateX(200px)',
      });
      document.body.append(drawer);
      const chat = window.CallGear.UI.createWidget('consultant_chat', {});
      chat.render(drawer);
      chat.show();
    });
    await visitor.sees('Hello');
    await expect(visitor.box).toHaveValue('A draft');
    await expectInBox(page);
    expect(await greetings()).toBe(1);
    await operator.reply('Still there');
    await visitor.sees('Still there');
  });

  test('from one box to another, and back into the corner, it moves without being loaded anew', async ({ world }) => {
    const visitor = await inBox(
      world,
      '<div id="box" style="width:400px;height:450px"></div><div id="second" style="width:300px;height:430px"></div>',
    );
    const { page } = visitor;
    await visitor.box.fill('A draft');
    const greetings = await countGreetings(page);
    await page.evaluate(() => {
      const second = window.CallGear.UI.createWidget('consultant_chat', {});
      second.render(document.querySelector('#second'));
      second.show();
      window.chat.destroy();
    });
    await expect.poll(() => page.evaluate(() => document.querySelector('#second iframe.callgear-widget') !== null)).toBe(true);
    await expect(visitor.box).toHaveValue('A draft');
    expect(await greetings()).toBe(0);
  });
});

test.describe('[FF.E5] what comes to the top', { tag }, () => {
  test('launcher and open panel stay above it and can be used. embed: over a popover', async ({ world }) => {
    await world.operator();
    const visitor = await world.visitor();
    const { page } = visitor;
    await expect(visitor.launcher).toBeVisible();
    await page.evaluate(() => {
      const popover = document.createElement('div');
      popover.setAttribute('popover', 'manual');
      popover.setAttribute('style', 'inset:0;width:100vw;height:100vh');
      document.body.append(popover);
      popover.showPopover();
    });
    await expect.poll(() => seen(page)).toEqual(inCorner);
    await visitor.openChat();
    await visitor.say('Over a popover');
    await visitor.sees('Over a popover');
    await page.evaluate(() => document.querySelector<HTMLElement>('div[popover]')?.hidePopover());
    await expect.poll(() => seen(page)).toEqual(inCorner);
    await page.evaluate(() => document.querySelector<HTMLElement>('div[popover]')?.showPopover());
    await expect.poll(() => seen(page)).toEqual(inCorner);
  });

  test('a page that dims what lies behind its own dialogs is not dimmed for the chat, under a policy without styles either', async ({
    world,
  }) => {
    const visitor = await world.stranger();
    const { page } = visitor;
    const complaints = await watch(page, world.system.chat);
    await visitor.goto(`plain.html?csp=${encodeURIComponent("default-src 'none'; script-src CHAT; frame-src CHAT")}`);
    await expect(visitor.launcher).toBeVisible();
    await page.evaluate(() => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync('::backdrop { display: block; background: rgb(0 0 0 / 50%); }');
      document.adoptedStyleSheets = [sheet, ...document.adoptedStyleSheets];
    });
    const shown = await iframe(page).evaluate((element) => [
      element.matches(':popover-open'),
      getComputedStyle(element, '::backdrop').display,
    ]);
    expect(shown).toEqual([true, 'none']);
    expect(await complaints.all()).toEqual([]);
  });

  test('two who both want to be the topmost do not keep each other busy', async ({ world }) => {
    const visitor = await world.visitor();
    const { page } = visitor;
    await expect(visitor.launcher).toBeVisible();
    const raised = await page.evaluate(async () => {
      const rival = document.createElement('div');
      rival.setAttribute('popover', 'manual');
      document.body.append(rival);
      let raised = 0;
      document.addEventListener(
        'toggle',
        ({ target }) => {
          if (target === rival || raised > 50) return;
          raised += 1;
          rival.hidePopover();
          rival.showPopover();
        },
        true,
      );
      rival.showPopover();
      for (let n = 0; n < 60; n += 1) await new Promise((resolve) => requestAnimationFrame(resolve));
      return raised;
    });
    expect(raised).toBeLessThan(5);
  });

  test(
    'the chat is in it, and can be used; afterwards it is where it was, never loaded anew. embed: in an element that fills the screen',
    { tag: '@whole-browser' },
    async ({ world }) => {
      await world.operator();
      const visitor = await world.visitor();
      const { page } = visitor;
      await expect(visitor.launcher).toBeVisible();
      const greetings = await countGreetings(page);
      await page.evaluate(() => {
        const stage = document.createElement('button');
        stage.id = 'stage';
        stage.textContent = 'Fill the screen';
        stage.onclick = () => void document.querySelector('#screen')?.requestFullscreen();
        const screen = document.createElement('div');
        screen.id = 'screen';
        screen.append(stage);
        document.body.append(screen);
      });
      await page.getByRole('button', { name: 'Fill the screen' }).click();
      await expect.poll(() => page.evaluate(() => document.fullscreenElement?.id)).toBe('screen');
      await expect.poll(() => seen(page)).toEqual(inCorner);
      await visitor.openChat();
      await visitor.say('Over a full screen');
      await visitor.sees('Over a full screen');
      await page.evaluate(() => document.exitFullscreen());
      await expect
        .poll(() => page.evaluate(() => document.querySelector('iframe.callgear-widget')?.parentElement === document.body))
        .toBe(true);
      await visitor.sees('Over a full screen');
      expect(await greetings()).toBe(0);
    },
  );

  for (const ending of ['closed', 'removed'] as const)
    test(`openChatWindow() opens nothing, says so, and opens when the dialog is ${ending}. embed: under a modal dialog`, async ({
      world,
    }) => {
      await world.operator();
      const visitor = await world.visitor();
      const { page } = visitor;
      await expect(visitor.launcher).toBeVisible();
      const heard = await page.evaluate(() => {
        const dialog = document.createElement('dialog');
        document.body.append(dialog);
        dialog.showModal();
        const heard: string[] = [];
        const { CallGear, chat } = window;
        CallGear.on('error', ({ code }) => heard.push(`page ${code}`));
        chat.on('error', ({ code }: { code: string }) => heard.push(`chat ${code}`));
        CallGear.openChatWindow();
        return [...heard, chat.isVisible()];
      });
      expect(new Set(heard)).toEqual(new Set(['chat unavailable', 'page unavailable', false]));
      await page.evaluate((isClosed) => {
        const dialog = document.querySelector('dialog');
        if (isClosed) dialog?.close();
        else dialog?.remove();
      }, ending === 'closed');
      await expect(visitor.box).toBeVisible();
      await expect.poll(() => seen(page)).toEqual(inCorner);
      await visitor.say('After the dialog');
      await visitor.sees('After the dialog');
    });
});

test(
  '[FF.E8] the launcher stands in the window’s corner and opens, whatever <body> has of it, too. embed: a root with transform, effects or containment',
  { tag },
  async ({ world }) => {
    await world.operator();
    const visitor = await world.visitor();
    const { page } = visitor;
    await expect(visitor.launcher).toBeVisible();
    await page.evaluate(() => document.body.append(Object.assign(document.createElement('div'), { style: 'height:4000px' })));
    const effects = [
      'transform:translateY(300px)',
      'transform:scale(.9)',
      'scale:.8',
      'rotate:3deg',
      'translate:0 50px',
      'will-change:transform',
      'perspective:500px',
      'contain:paint',
      'contain:strict;height:50px',
      'filter:blur(0)',
      'backdrop-filter:blur(0)',
      'container-type:size;height:100px',
      'content-visibility:auto',
      'overflow:hidden',
      'position:relative;top:200px',
      'clip-path:inset(0 0 90% 0)',
      'display:flex',
    ];
    for (const target of ['html', 'body'])
      for (const effect of effects) {
        await page.evaluate(
          ([target, effect]) => document.querySelector(target as string)?.setAttribute('style', effect as string),
          [target, effect],
        );
        expect(await seen(page), `${target} ${effect}`).toEqual(inCorner);
        await page.evaluate((target) => document.querySelector(target)?.removeAttribute('style'), target);
      }
    await page.evaluate(() => document.documentElement.setAttribute('style', 'transform:translateY(300px)'));
    // By hand, where it is seen: the driver of Firefox looks for it where the root has moved it.
    const [x, y] = await iframe(page).evaluate((element) => {
      const { left, top, width, height } = element.getBoundingClientRect();
      return [left + width / 2, top + height / 2] as const;
    });
    await page.mouse.click(x, y);
    await expect(visitor.box.or(visitor.frame.getByRole('button', { name: 'Close chat' })).first()).toBeVisible();
    expect(await seen(page)).toEqual(inCorner);
  },
);

test.describe('[FF.E14] opening, closing and growing shift nothing of the page, by the browser’s own measure', () => {
  const openAndClose = async (visitor: VisitorPage): Promise<void> => {
    for (let n = 0; n < 2; n += 1) {
      await visitor.openChat();
      await expect(visitor.box).toBeVisible();
      await visitor.frame.getByRole('button', { name: 'Close chat' }).click();
      await expect(visitor.launcher).toBeVisible();
    }
  };

  test('the measure finds what does shift', async ({ world }) => {
    const { page } = await world.visitor();
    const shifted = await watchShifts(page);
    await page.evaluate(() => document.body.prepend(Object.assign(document.createElement('div'), { style: 'height:200px' })));
    await expect.poll(shifted).toBeGreaterThan(0.01);
  });

  for (const [name, h_position, v_position] of [
    ['right', 'right', 'bottom'],
    ['left', 'left', 'bottom'],
    ['top', 'right', 'top'],
  ] as const)
    test(`launcher and panel, ${name}`, async ({ world }) => {
      await world.set('chat.h_position', h_position);
      await world.set('chat.v_position', v_position);
      await world.operator();
      const visitor = await world.visitor();
      await expect(visitor.launcher).toBeVisible();
      const shifted = await watchShifts(visitor.page);
      await openAndClose(visitor);
      expect(await shifted()).toBe(0);
    });

  test('on a phone, where the panel has the whole screen', async ({ world }) => {
    await world.operator();
    const visitor = await world.stranger();
    await visitor.page.setViewportSize({ width: 390, height: 760 });
    await visitor.open();
    await expect(visitor.launcher).toBeVisible();
    const shifted = await watchShifts(visitor.page);
    await openAndClose(visitor);
    expect(await shifted()).toBe(0);
  });

  test('in a low window, where the panel has all of it', async ({ world }) => {
    await world.operator();
    const visitor = await world.stranger();
    const { page } = visitor;
    await page.setViewportSize({ width: 900, height: 500 });
    await visitor.open();
    await expect(visitor.launcher).toBeVisible();
    const shifted = await watchShifts(page);
    await openAndClose(visitor);
    expect(await shifted()).toBe(0);
    await visitor.openChat();
    await expect.poll(() => iframe(page).boundingBox()).toEqual({ x: 0, y: 0, width: 900, height: 500 });
    await page.setViewportSize({ width: 900, height: 501 });
    await expect.poll(() => iframe(page).boundingBox()).toEqual({ x: 900 - 432, y: 0, width: 432, height: 501 });
    await page.setViewportSize({ width: 900, height: 360 });
    await expect.poll(() => iframe(page).boundingBox()).toEqual({ x: 0, y: 0, width: 900, height: 360 });
  });

  test('the larger window and back: 640 pixels wide, and 85 % of the height', async ({ world }) => {
    await world.operator();
    const visitor = await world.stranger();
    const { page, frame } = visitor;
    await page.setViewportSize({ width: 1200, height: 1000 });
    await visitor.open();
    await visitor.openChat();
    await visitor.hasExtras();
    const width = () => frame.locator('#panel').evaluate((panel) => panel.getBoundingClientRect().width);
    const shifted = await watchShifts(page);
    for (let n = 0; n < 2; n += 1) {
      await visitor.choose('Larger window');
      await expect.poll(() => iframe(page).boundingBox()).toEqual({ x: 1200 - 672, y: 150, width: 672, height: 850 });
      await expect.poll(width).toBe(640);
      await visitor.choose('Smaller window');
      await expect.poll(() => iframe(page).boundingBox()).toEqual({ x: 1200 - 432, y: 1000 - 672, width: 432, height: 672 });
      await expect.poll(width).toBe(400);
    }
    expect(await shifted()).toBe(0);
  });

  test('the bubble of an invitation', async ({ world }) => {
    const operator = await world.operator();
    const visitor = await world.visitor();
    await expect(visitor.launcher).toBeVisible();
    await operator.open('On site');
    const shifted = await watchShifts(visitor.page);
    await operator.invite('Can I help you?');
    await expect(visitor.frame.getByText('Can I help you?', { exact: true })).toBeVisible();
    await visitor.frame.getByRole('button', { name: 'Decline invitation' }).click();
    await expect(visitor.frame.getByText('Can I help you?', { exact: true })).toBeHidden();
    expect(await shifted()).toBe(0);
  });

  test('in a box of the page that has a size of its own', async ({ world }) => {
    await world.operator();
    const visitor = await world.stranger();
    const { page } = await visitor.goto('empty.html');
    await page.evaluate(() => {
      window.CallGear.UI.registerViewController('consultant', () => {
        window.chat = window.CallGear.UI.createWidget('consultant_chat', {});
        window.chat.render(document.querySelector('#place'));
      });
    });
    await page.waitForFunction(() => (window as unknown as { chat?: object }).chat !== undefined);
    const shifted = await watchShifts(page);
    for (const method of ['show', 'hide', 'show'] as const) {
      await visitor.call(method);
      if (method === 'show') await expect(visitor.box).toBeVisible();
    }
    expect(await shifted()).toBe(0);
  });
});

test.describe('[FF.D10] the corner is the one the frame draws for', () => {
  const corner = (page: Page) =>
    iframe(page).evaluate((element) => {
      const { left, top } = element.getBoundingClientRect();
      return `${top === 0 ? 'top' : 'bottom'} ${left === 0 ? 'left' : 'right'}`;
    });

  test('when a setting is changed beside an open page', async ({ world }) => {
    const visitor = await (await world.stranger()).goto('plain.html');
    await expect(visitor.launcher).toBeVisible();
    expect(await corner(visitor.page)).toBe('bottom right');
    await world.set('chat.h_position', 'left');
    await world.set('chat.v_position', 'top');
    await expect.poll(() => corner(visitor.page)).toBe('top left');
  });

  test('[RE.settings] and the site’s colour is there, although no request but the document’s succeeds', async ({ world }) => {
    await world.set('chat.h_position', 'left');
    await world.set('common.banner_color', '#008800');
    const visitor = await world.stranger();
    await visitor.page.routeWebSocket(/\/socket$/, (socket) => socket.close());
    await visitor.page.route(/\/(session|stream)/, (route) => route.abort());
    await visitor.goto('plain.html');
    await expect(visitor.launcher).toBeVisible();
    expect(await corner(visitor.page)).toBe('bottom left');
    await expect(visitor.launcher).toHaveCSS('background-color', 'rgb(0, 136, 0)');
  });

  test('when the page begins without the server, and when it renders a widget before the first snapshot', async ({ world }) => {
    await world.set('chat.h_position', 'left');
    const visitor = await world.stranger();
    let isReachable = false;
    await visitor.page.routeWebSocket(/\/socket$/, (socket) => (isReachable ? void socket.connectToServer() : socket.close()));
    await visitor.page.route('**/session', (route) => (isReachable ? route.continue() : route.abort()));
    await visitor.goto('empty.html');
    await visitor.page.evaluate(() => {
      window.CallGear.UI.createWidget('consultant_chat', {}).render();
    });
    await expect(visitor.launcher).toBeVisible();
    isReachable = true;
    await expect.poll(() => corner(visitor.page)).toBe('bottom left');
  });

  test('when the page’s own settings say so, and nonsense in them says nothing', async ({ world }) => {
    await world.set('chat.v_position', 'top');
    const visitor = await world.stranger();
    for (const [own, expected] of [
      [{ h_position: 'left' }, 'top left'],
      [{ chat: { h_position: 'left', v_position: 'bottom' } }, 'bottom left'],
      [{ h_position: 'centre', v_position: 5 }, 'top right'],
    ] as const) {
      await visitor.goto('empty.html');
      await visitor.page.evaluate((settings) => {
        window.CallGear.UI.createWidget('consultant_chat', { settings }).render();
      }, own);
      await expect(visitor.launcher).toBeVisible();
      await expect.poll(() => corner(visitor.page)).toBe(expected);
    }
  });
});
