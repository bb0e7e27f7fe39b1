/**
 * What tests of hostile content share: an address that nobody may ask for, a watch on dialogs, requests and broken policies, and
 * how a screen, a sheet of paper and a mail are read. It knows no field; the corpus itself is in `corpus.ts`.
 */
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Frame, Locator, Page } from '@playwright/test';
import { expect, type World } from './fixtures.ts';

/** An address that nobody may ask for, and who has asked all the same. */
export async function startCanary() {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, close: () => server.close() };
}

/** Dialogs, and requests to hosts that are not ours, from the page's first moment on. */
export function watch(page: Page, world: World) {
  const seen: string[] = [];
  const ours = [world.system.chat, world.system.shop].map((origin) => new URL(origin).host);
  page.on('dialog', (dialog) => {
    seen.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.context().on('request', (request) => {
    const url = new URL(request.url());
    if (/^(https?|wss?):/.test(url.protocol) && !ours.includes(url.host)) seen.push(request.url());
  });
  return seen;
}

export const noteViolations = (page: Page) =>
  page.addInitScript(() => {
    Object.assign(window, { violations: [] });
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) =>
      (window as unknown as { violations: string[] }).violations.push(effectiveDirective),
    );
  });

/** In no document did any of it run, and none tried what its policy forbids. */
export async function expectNothingRan(...pages: Page[]): Promise<void> {
  for (const page of pages)
    for (const frame of page.frames())
      expect(
        await frame.evaluate(() => [
          (window as unknown as { owned?: number }).owned,
          (window as unknown as { violations?: string[] }).violations ?? [],
        ]),
      ).toEqual([undefined, []]);
}

/** What stands out of `root` to its left or right, as far as it can be seen. */
export async function escaping(root: Locator): Promise<string[]> {
  return root.evaluate((box) => {
    const { left: from, right: to } = box.getBoundingClientRect();
    const out = box.scrollWidth > box.clientWidth + 1 ? [`scrolls sideways by ${box.scrollWidth - box.clientWidth}`] : [];
    for (const element of box.querySelectorAll('*')) {
      let { left, right } = element.getBoundingClientRect();
      for (let around = element.parentElement; around !== null && around !== box; around = around.parentElement) {
        if (getComputedStyle(around).overflowX === 'visible') continue;
        const clip = around.getBoundingClientRect();
        left = Math.max(left, clip.left);
        right = Math.min(right, clip.right);
      }
      if (right > left && (left < from - 1 || right > to + 1))
        out.push(`${element.tagName} ${Math.round(left - from)} ${Math.round(right - to)} ${element.textContent?.slice(0, 40)}`);
    }
    return out;
  });
}

/** Elements that could run something or fetch it from elsewhere, no matter who made them. */
export const RUNNING = 'a[href^="javascript:" i], a[href^="data:" i], [onerror], [onload], iframe[srcdoc], object, embed';

/** What was in the document when it was printed. */
export interface Paper {
  text: string;
  images: string[];
}

/** From now on printing records the content of the paper; returns a function that reads it. */
export async function watchPaper(frame: Frame | undefined): Promise<() => Promise<Paper>> {
  await frame?.evaluate(() => {
    window.print = () => {
      dispatchEvent(new Event('beforeprint'));
      Object.assign(window, { paper: { text: document.body.textContent, images: [...document.images].map(({ src }) => src) } });
      dispatchEvent(new Event('afterprint'));
    };
  });
  return async () => (await frame?.evaluate(() => (window as unknown as { paper?: Paper }).paper)) ?? { text: '', images: [] };
}

/** A name, title or address as the server keeps it: one line, without invisible characters that turn the text beside them. */
export const lined = (text: string) => text.replace(/[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu, '');
/** Of a text what may stand in a mail address: hostile all the same, in one word. */
export const addressOf = (text: string) => `${text.replace(/[\s,;<>@]/g, '')}@x`;
export const flat = (text: string) => text.replace(/\s+/g, ' ').trim();
export async function expectTexts(log: Locator, texts: readonly string[]): Promise<void> {
  await expect
    .poll(async () => {
      const shown = flat((await log.textContent()) ?? '');
      return texts.filter((text) => !shown.includes(flat(text)));
    })
    .toEqual([]);
}

/** The two parts of a mail, decoded. */
export function partsOf(raw: string): { text: string; html: string } {
  const boundary = /boundary="([^"]+)"/.exec(raw)?.[1] ?? '';
  const [text = '', html = ''] = raw
    .split(`--${boundary}`)
    .slice(1, -1)
    .map((part) => {
      const [head = '', ...body] = part.split('\r\n\r\n');
      const coded = body.join('\r\n\r\n');
      if (/base64/i.test(head)) return Buffer.from(coded, 'base64').toString();
      if (!/quoted-printable/i.test(head)) return coded;
      return Buffer.from(
        coded.replace(/=\r\n/g, '').replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
        'latin1',
      ).toString();
    });
  return { text, html };
}
