/** The operator workplace as the person in front of it uses it: by names only. */
import { expect, type Locator, type Page } from '@playwright/test';

export class Workplace {
  readonly page: Page;
  readonly #chat: string;

  constructor(page: Page, chat: string) {
    this.page = page;
    this.#chat = chat;
  }

  async signIn(email: string, password: string): Promise<this> {
    await this.page.goto(`${this.#chat}/operator/`);
    await this.page.getByRole('textbox', { name: 'Email' }).fill(email);
    await this.page.getByLabel('Password').fill(password);
    await this.page.getByRole('button', { name: 'Sign in' }).click();
    await expect(this.page.getByRole('switch', { name: 'Online' })).toBeVisible();
    return this;
  }

  async goOnline(): Promise<this> {
    const online = this.page.getByRole('switch', { name: 'Online' });
    // Only then does the switch say how it is.
    await expect(this.page.getByText('Connected', { exact: true })).toBeVisible();
    if (!(await online.isChecked())) await online.click();
    await expect(online).toBeChecked();
    return this;
  }

  async goOffline(): Promise<this> {
    const online = this.page.getByRole('switch', { name: 'Online' });
    if (await online.isChecked()) await online.click();
    await expect(online).not.toBeChecked();
    return this;
  }

  /** The lines of the list, or those in one state: exactly `On site`, `Invited`, `Waiting`, `In chat`. */
  visitors(state?: string | RegExp): Locator {
    const items = this.page.getByRole('list', { name: 'Visitors' }).getByRole('listitem');
    return state === undefined ? items : items.filter({ hasText: state });
  }

  async sees(state: string): Promise<void> {
    await expect(this.visitors(state)).toHaveCount(1);
  }

  /** Opens the only visitor in that state. */
  async open(state: string): Promise<void> {
    await this.visitors(state).getByRole('button').first().click();
  }

  button(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  async join(): Promise<void> {
    await this.open('Waiting');
    await this.button('Join').click();
    await this.sees('In chat');
  }

  /** Invites the visitor who is open now. */
  async invite(text: string): Promise<void> {
    await this.page.getByRole('textbox', { name: 'Invitation' }).fill(text);
    await this.button('Invite').click();
    await this.sees('Invited');
  }

  /** Ends the chat; the workplace asks once more. */
  async closeChat(): Promise<void> {
    await this.button('Close chat').click();
    await this.page.getByRole('dialog').getByRole('button', { name: 'End chat' }).click();
  }

  async reply(text: string): Promise<void> {
    await this.page.getByRole('textbox', { name: 'Reply' }).fill(text);
    await this.button('Send').click();
    await this.reads(text);
  }

  get log(): Locator {
    return this.page.getByRole('log', { name: 'Messages' });
  }

  async reads(text: string): Promise<void> {
    await expect(this.log.getByText(text, { exact: true })).toBeVisible();
  }
}
