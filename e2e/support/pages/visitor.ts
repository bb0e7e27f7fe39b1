/**
 * One page of a visitor on a customer's site, as the person and as the page's script meet it: by accessible names in the
 * frame, by the documented API on the page.
 */
import { expect, type FrameLocator, type JSHandle, type Locator, type Page } from '@playwright/test';
import type { Heard, PageChat } from './page-api.ts';

export type { Heard };

/** How often a condition is looked at that is true within a moment as a rule: the driver's own steps soon grow to a second. */
export const SOON = [20, 50, 100];

/** So long a page waits for its frame. */
const HOPE_MS = 15_000;

export class VisitorPage {
  readonly frame: FrameLocator;
  readonly launcher: Locator;
  readonly log: Locator;
  readonly box: Locator;
  readonly page: Page;
  /** Warnings and errors on the page's console, the frame's included. */
  readonly console: string[] = [];
  readonly #base: string;

  /** `within` is where the chat's frame is looked for, if not on the page itself. */
  constructor(page: Page, base: string, within: Pick<Page, 'frameLocator'> = page) {
    this.page = page;
    this.#base = base;
    page.on('console', (line) => {
      if (line.type() === 'warning' || line.type() === 'error') this.console.push(line.text());
    });
    this.frame = within.frameLocator('iframe[title^="Chat"]');
    this.launcher = this.frame.getByRole('button', { name: 'Open chat' });
    this.log = this.frame.getByRole('log', { name: 'Messages' });
    this.box = this.frame.getByRole('textbox', { name: 'Message' });
  }

  /** Opens a page of the customer's site, `recorder.html` with all listeners by default, and waits until its controller has run. */
  async open(path = 'recorder.html'): Promise<this> {
    await this.page.goto(`${this.#base}/${path}`);
    await this.page.waitForFunction(() => window.isReady === true);
    return this;
  }

  async goto(path: string): Promise<this> {
    await this.page.goto(`${this.#base}/${path}`);
    return this;
  }

  /** Calls a method of `chat` on the page and returns what it returned in the same statement. */
  async call<T = unknown>(method: string, ...args: unknown[]): Promise<T> {
    return (await this.page.evaluate(
      ([method, args]) => {
        const chat = (window as unknown as { chat: Record<string, (...args: unknown[]) => unknown> }).chat;
        const result = chat[method as string]?.(...(args as unknown[]));
        return result === undefined ? '(undefined)' : result;
      },
      [method, args],
    )) as T;
  }

  /** Runs a piece of the customer's script: `visitor.run((chat) => { chat.startChat(); chat.closeChat(); })`. */
  async run<T, A = undefined>(script: (chat: PageChat, argument: A) => T, argument?: A): Promise<Awaited<T>> {
    const chat = await this.page.evaluateHandle(() => window.chat);
    // The driver's types give a script one object; it may well be a tuple's first.
    return (chat as unknown as JSHandle<PageChat>).evaluate(script as (chat: PageChat, argument: unknown) => T, argument) as Promise<
      Awaited<T>
    >;
  }

  /** The same through `chat.promise`: resolves when the command has ended, rejects with its code. */
  async done(method: string, ...args: unknown[]): Promise<string> {
    return this.page.evaluate(
      async ([method, args]) => {
        const chat = (window as unknown as { chat: { promise: Record<string, (...args: unknown[]) => Promise<unknown>> } }).chat;
        return (chat.promise[method as string] as (...args: unknown[]) => Promise<unknown>)(...(args as unknown[])).then(
          () => 'ok',
          (error: { code?: string }) => String(error.code),
        );
      },
      [method, args],
    );
  }

  async heard(...names: string[]): Promise<Heard[]> {
    const all = await this.page.evaluate(() => window.heard);
    return names.length ? all.filter(({ name }) => names.includes(name)) : all;
  }

  /** Waits until the event was heard `times` times and returns the last. */
  async hears(name: string, times = 1): Promise<Heard> {
    await expect
      .poll(async () => (await this.heard(name)).length, { message: `heard ${name}`, intervals: SOON })
      .toBeGreaterThanOrEqual(times);
    const heard = await this.heard(name);
    return heard[heard.length - 1] as Heard;
  }

  /** What listeners of this event were handed, in order. */
  async told<T = unknown>(name: string): Promise<T[]> {
    return (await this.heard(name)).map(({ payload }) => payload as T);
  }

  /** Names of what was heard, in order, of the given names only. */
  async order(...names: string[]): Promise<string[]> {
    return (await this.heard(...names)).map(({ name }) => name);
  }

  async forget(): Promise<void> {
    await this.page.evaluate(() => void (window.heard.length = 0));
  }

  /**
   * Waits until everything sent so far by server and session has arrived: a command's answer comes after all that went before it.
   * What has not been heard now was not fired. The command is one that changes nothing the second time, but it is an act of
   * the visitor: a phone number is noted.
   */
  async settled(): Promise<void> {
    const result = await this.run((chat) => {
      const phone = chat.getVisitorCard().phone?.slice(-1)[0] ?? '+0';
      return chat.promise['setVisitorCard']?.({ phone }).then(
        () => 'ok',
        (error: { code: string }) => error.code,
      );
    });
    expect(result).toBe('ok');
  }

  /**
   * The fifteen seconds that the page waits for its frame, passed by the page's own clock, which the test has taken over. They
   * begin with the frame: the page puts it in when it is idle, and what passes before that passes for nothing.
   */
  async passHope(): Promise<void> {
    await this.page.locator('iframe.callgear-widget').waitFor({ state: 'attached' });
    await this.page.clock.fastForward(HOPE_MS);
  }

  async state(): Promise<string> {
    return this.call<string>('getState');
  }

  async becomes(state: string): Promise<void> {
    await expect.poll(() => this.state(), { intervals: SOON }).toBe(state);
  }

  /** As a person does it: opens the chat with the launcher. */
  async openChat(): Promise<void> {
    await this.launcher.click();
    await expect(this.frame.getByRole('button', { name: 'Close chat' })).toBeVisible();
  }

  /** What is loaded after the chat can be used is here, and with it what keeps a draft. */
  async hasExtras(): Promise<void> {
    await expect(this.frame.getByRole('button', { name: 'Attach file' })).toBeVisible();
  }

  /** The header's menu, opened if it is not. */
  async openMenu(): Promise<Locator> {
    const button = this.frame.getByRole('button', { name: 'Menu', exact: true });
    if ((await button.getAttribute('aria-expanded')) !== 'true') await button.click();
    return this.frame.locator('#menu');
  }

  /** As a person does it: opens the menu and presses one of its buttons. */
  async choose(name: string): Promise<void> {
    await (await this.openMenu()).getByRole('button', { name, exact: true }).click();
  }

  /** As a person does it: asks for the end, and says yes. */
  async endChat(): Promise<void> {
    await this.choose('End chat');
    await this.frame.getByRole('group', { name: 'End this chat?' }).getByRole('button', { name: 'End chat' }).click();
  }

  /** As a person does it: writes and sends. */
  async say(text: string): Promise<void> {
    await this.box.fill(text);
    await this.frame.getByRole('button', { name: 'Send', exact: true }).click();
  }

  async sees(text: string): Promise<void> {
    await expect(this.log.getByText(text, { exact: true })).toBeVisible();
  }
}
