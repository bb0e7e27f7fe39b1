/** The shop as a stranger's website: its pages name the chat's address, need nothing inline, and one has a strict policy. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLimits } from '../limits/limits.ts';
import { createDemo } from './demo.ts';

const folder = fileURLToPath(new URL('../../demo', import.meta.url));
const chat = 'http://chat.localhost:9000';
const { timing } = createLimits();
const pages = readdirSync(folder).filter((name) => name.endsWith('.html'));

let shop: FastifyInstance;
beforeAll(async () => void (shop = (await createDemo({ folder, chat, timing }))!));
afterAll(() => shop.close());

describe('the shop', () => {
  it('loads the chat from the configured address on every page, with one line', async () => {
    expect(pages).toEqual(expect.arrayContaining(['index.html', 'controller.html', 'headless.html', 'strict.html']));
    for (const name of pages) {
      const { statusCode, headers, body } = await shop.inject(`/${name}`);
      expect([statusCode, headers['content-type']], name).toEqual([200, 'text/html; charset=utf-8']);
      expect(body.match(/<script[^>]* src="http:\/\/chat\.localhost:9000\/loader\.js" data-site="demo"/g), name).toHaveLength(1);
      expect(body, name).not.toContain('localhost:8080');
    }
    expect((await shop.inject('/')).body).toBe((await shop.inject('/index.html')).body);
  });

  it('[A2] has nothing inline that a strict policy would refuse', async () => {
    for (const name of pages) {
      const { body } = await shop.inject(`/${name}`);
      expect(body, name).not.toMatch(/<style|\sstyle=|\son[a-z]+=|javascript:/i);
      for (const [, attributes = '', inside = ''] of body.matchAll(/<script([^>]*)>([^<]*)/g))
        expect([/\ssrc=/.test(attributes), inside], name).toEqual([true, '']);
    }
  });

  it('leads nowhere that is not there', async () => {
    for (const name of pages) {
      const { body } = await shop.inject(`/${name}`);
      for (const [, path = ''] of body.matchAll(/(?:href|src)="(\/[^"#]*)/g))
        expect((await shop.inject(path)).statusCode, `${name} → ${path}`).toBe(200);
    }
  });

  it('sends one page with a policy of which the chat needs two words', async () => {
    expect((await shop.inject('/strict.html')).headers['content-security-policy']).toBe(
      `default-src 'none'; script-src 'self' ${chat}; style-src 'self'; img-src 'self'; frame-src ${chat}`,
    );
    expect((await shop.inject('/index.html')).headers).not.toHaveProperty('content-security-policy');
  });

  it('serves its own files and no others', async () => {
    for (const url of [
      '/../package.json',
      '/%2e%2e/package.json',
      '/..%2fpackage.json',
      '/.git/config',
      '/nothing.html',
      '/server/main.ts',
    ]) {
      expect((await shop.inject(url)).statusCode, url).toBe(404);
    }
    expect((await shop.inject('/shop.css')).headers).toMatchObject({
      'content-type': 'text/css; charset=utf-8',
      'x-content-type-options': 'nosniff',
    });
  });

  it('is left out where its folder is', async () => {
    expect(await createDemo({ folder: `${folder}/nowhere`, chat, timing })).toBeUndefined();
  });
});
