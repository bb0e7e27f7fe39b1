/**
 * What a browser test is given: `world`, a site of its own on the worker's system, with as many visitors and operators as it
 * asks for, each in a browser context of their own. The first line of a test makes its small world; nothing is shared with
 * another test but the server.
 */
import { expect, test as base, type Browser, type BrowserContext } from '@playwright/test';
import { randomBytes } from 'node:crypto';
import { WebSocket } from 'ws';
import { SOON, VisitorPage } from './pages/visitor.ts';
import { Workplace } from './pages/workplace.ts';
import { startSystem, type System } from './system.ts';

export { expect };

export interface World {
  readonly system: System;
  /** Key of this test's site. */
  readonly key: string;
  /** A new person on the site: their first page. */
  visitor(path?: string): Promise<VisitorPage>;
  /** A new person, nothing opened yet; for pages that run no recorder. */
  stranger(): Promise<VisitorPage>;
  /** One more tab of the same person, nothing opened in it yet. */
  tab(of: VisitorPage): Promise<VisitorPage>;
  /** One more page of the same person. */
  page(of: VisitorPage, path?: string): Promise<VisitorPage>;
  /** A new operator of this site, signed in and online. */
  operator(name?: string, options?: { isOnline?: boolean; position?: string; group?: string; avatar?: string }): Promise<Workplace>;
  /** Adds a group to the site; returns its id. */
  group(name: string): Promise<string>;
  /** Another site on the same server, with people of its own. */
  neighbour(): Promise<World>;
  /** Changes a setting and waits until the server has taken it up. */
  set(path: string, value: unknown): Promise<void>;
  /** The usual beginning: a visitor on the recorder page and an operator in one chat. */
  conversation(path?: string): Promise<{ visitor: VisitorPage; operator: Workplace }>;
}

export const test = base.extend<{ world: World }, { system: System }>({
  system: [
    // The driver wants a pattern here, also where nothing is taken.
    // eslint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const system = await startSystem();
      await use(system);
      await system.close();
    },
    { scope: 'worker' },
  ],
  world: async ({ system, browser }, use) => {
    const contexts: BrowserContext[] = [];
    const world = await createWorld(system, browser, contexts);
    await use(world);
    for (const context of contexts) await context.close();
  },
});

/** A site of its own on `system`; the caller closes the contexts that it adds to `contexts`. */
export async function createWorld(system: System, browser: Browser, contexts: BrowserContext[]): Promise<World> {
  const key = `t${randomBytes(6).toString('hex')}`;
  await system.admin('site', 'add', '--key', key, '--name', 'Test shop', '--origin', system.shop);
  await published(system, key);
  const context = async (): Promise<BrowserContext> => {
    const made = await browser.newContext();
    contexts.push(made);
    return made;
  };
  const base = `${system.shop}/${key}`;

  const world: World = {
    system,
    key,
    async stranger() {
      return new VisitorPage(await (await context()).newPage(), base);
    },
    async visitor(path) {
      return (await world.stranger()).open(path);
    },
    async tab(of) {
      return new VisitorPage(await of.page.context().newPage(), base);
    },
    async page(of, path) {
      return (await world.tab(of)).open(path);
    },
    async operator(name = 'Olga Petrova', { isOnline = true, position = 'Consultant', group, avatar } = {}) {
      const email = `${randomBytes(6).toString('hex')}@example.com`;
      const password = 'correct horse battery';
      const inGroup = group === undefined ? [] : ['--group', group];
      const picture = avatar === undefined ? [] : ['--avatar', avatar];
      await system.admin(
        'operator',
        'add',
        '--email',
        email,
        '--name',
        name,
        '--position',
        position,
        '--site',
        key,
        '--password',
        password,
        ...inGroup,
        ...picture,
      );
      const workplace = await new Workplace(await (await context()).newPage(), system.chat).signIn(email, password);
      return isOnline ? workplace.goOnline() : workplace;
    },
    async group(name) {
      const id = name.toLowerCase();
      await system.admin('group', 'add', '--site', key, '--id', id, '--name', name);
      await expect
        .poll(async () => JSON.stringify(at(await servedSettings(system, key), 'chat.allowed_groups')), { intervals: SOON })
        .toContain(id);
      return id;
    },
    neighbour: () => createWorld(system, browser, contexts),
    async set(path, value) {
      await system.admin('site', 'set', key, path, JSON.stringify(value));
      await expect.poll(async () => at(await servedSettings(system, key), path), { intervals: SOON }).toEqual(value);
    },
    async conversation(path) {
      const operator = await world.operator();
      const visitor = await world.visitor(path);
      await visitor.done('startChat');
      await operator.join();
      await visitor.hears('operatorjoined');
      return { visitor, operator };
    },
  };
  return world;
}

/** A world on a server of its own, which takes nothing of another test along and is ended with the work. */
export async function onOwnServer(browser: Browser, env: NodeJS.ProcessEnv, work: (world: World) => Promise<void>): Promise<void> {
  const contexts: BrowserContext[] = [];
  const system = await startSystem(env);
  try {
    await work(await createWorld(system, browser, contexts));
  } finally {
    for (const context of contexts) await context.close();
    await system.close();
  }
}

/** The running server has taken up a new site: it serves the site's frame. */
async function published(system: System, key: string): Promise<void> {
  await expect
    .poll(async () => (await fetch(`${system.chat}/frame/?site=${key}`, { headers: { 'sec-fetch-dest': 'iframe' } })).status, {
      intervals: SOON,
    })
    .toBe(200);
}

/** The site's settings as a page that connects now gets them. */
async function servedSettings(system: System, key: string): Promise<unknown> {
  const socket = new WebSocket(`${system.chat.replace('http', 'ws')}/socket`, { origin: system.chat });
  try {
    return await new Promise((resolve, reject) => {
      socket.on('error', reject);
      socket.on('close', () => reject(new Error('closed')));
      socket.on('open', () =>
        socket.send(
          JSON.stringify({
            t: 'hello',
            v: 1,
            site: key,
            tab: randomBytes(8).toString('hex'),
            page: { url: system.shop, title: '' },
            isInvitable: false,
            cursors: {},
          }),
        ),
      );
      socket.on('message', (data: Buffer) => {
        const frame = JSON.parse(data.toString()) as { t: string; settings?: unknown };
        if (frame.t === 'welcome') resolve(frame.settings);
      });
    });
  } finally {
    socket.terminate();
  }
}

/** The value at `a.b.c`. */
function at(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((inner, name) => (inner as Record<string, unknown> | undefined)?.[name], value);
}
