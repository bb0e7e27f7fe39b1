/**
 * Documents that a framework takes over as a whole: React 18 and 19, made by their servers and hydrated by their clients, and Turbo,
 * which replaces the body. All from the real packages. Each is served as a page of the test's site.
 */
import { createRequire } from 'node:module';
import { runInThisContext } from 'node:vm';
import type { Page } from '@playwright/test';
import { build } from 'vite';
import type { World } from './fixtures.ts';

const require = createRequire(import.meta.url);

export type Major = 18 | 19;

export interface ReactOptions {
  major: Major;
  /** Hydrates as it is parsed; else when the test calls `hydrate()`. */
  isAtOnce: boolean;
  /** What the client says differs from what the server said: hydration fails by itself. */
  differs?: boolean;
}

/** The whole document as a component, for both ends. */
const DOCUMENT = `
  export const createDocument = (React, loader, site) => {
    const h = React.createElement;
    const Counter = () => {
      const [n, set] = React.useState(0);
      return h('button', { onClick: () => set(n + 1) }, 'Counted ' + n);
    };
    return ({ heading }) =>
      h('html', { lang: 'en' },
        h('head', null, h('title', null, 'Shop'), h('script', { defer: true, src: 'react.js' }), h('script', { async: true, src: loader, 'data-site': site })),
        h('body', null, h('h1', null, heading), h('label', null, 'Field of the page', h('input')), h(Counter)));
  };`;

/** Opens a document that React's server has made. The page notes in `recovered` what its client could not take over. */
export async function openReact(page: Page, world: World, { major, isAtOnce, differs = false }: ReactOptions): Promise<void> {
  const names = [`${world.system.chat}/loader.js`, world.key];
  const given = names.map((name) => JSON.stringify(name)).join();
  const client = await scriptOf(
    major,
    'client',
    `import * as React from 'react';
     import { hydrateRoot } from 'react-dom/client';
     ${DOCUMENT}
     window.take = (loader, site, heading) => {
       window.recovered = [];
       const shown = React.createElement(createDocument(React, loader, site), { heading });
       window.hydrate = () => void hydrateRoot(document, shown, { onRecoverableError: ({ message }) => window.recovered.push(message.slice(0, 60)) });
     };`,
  );
  const server = await scriptOf(
    major,
    'server',
    `import * as React from 'react';
     import { renderToString } from 'react-dom/server';
     ${DOCUMENT}
     globalThis.makeDocument = (loader, site) => '<!doctype html>' + renderToString(React.createElement(createDocument(React, loader, site), { heading: 'Shop' }));`,
  );
  runInThisContext(server);
  const { makeDocument } = globalThis as unknown as { makeDocument(...names: string[]): string };
  const { pages, shop } = world.system;
  pages.set(`/${world.key}/react.html`, makeDocument(...names));
  pages.set(
    `/${world.key}/react.js`,
    `${client}; take(${given}, '${differs ? 'Shop of the client' : 'Shop'}'); ${isAtOnce ? 'hydrate();' : ''}`,
  );
  await page.goto(`${shop}/${world.key}/react.html`);
}

/** Opens the first of five pages among which Turbo goes by replacing the body. */
export async function openTurbo(page: Page, world: World): Promise<void> {
  const { pages, chat, shop } = world.system;
  pages.set(`/${world.key}/turbo.js`, await scriptOf(19, 'client', `import '@hotwired/turbo';`));
  for (const n of [1, 2, 3, 4, 5])
    pages.set(
      `/${world.key}/turbo-${n}.html`,
      `<!doctype html><html lang="en"><head><title>Page ${n}</title><script defer src="turbo.js"></script>
       <script async src="${chat}/loader.js" data-site="${world.key}"></script></head>
       <body><h1>Page ${n}</h1><a href="turbo-${(n % 5) + 1}.html">Next page</a></body></html>`,
    );
  await page.goto(`${shop}/${world.key}/turbo-1.html`);
}

const scripts = new Map<string, Promise<string>>();

/** These lines and all that they import as one script. */
function scriptOf(major: Major, end: 'client' | 'server', code: string): Promise<string> {
  const made = scripts.get(code + major) ?? bundle(major, end, code);
  scripts.set(code + major, made);
  return made;
}

async function bundle(major: Major, end: 'client' | 'server', code: string): Promise<string> {
  const entry = 'virtual:entry';
  const folder = (name: string): string =>
    require.resolve(`${major === 18 ? `${name}-18` : name}/package.json`).replace(/\/package\.json$/, '');
  const built = await build({
    configFile: false,
    logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"production"' },
    resolve: {
      alias: [
        // A process has no streams of the browser's, and needs none for a string.
        { find: 'react-dom/server', replacement: `${folder('react-dom')}/${end === 'server' ? 'server.browser.js' : 'server.js'}` },
        { find: 'react-dom', replacement: folder('react-dom') },
        { find: 'react', replacement: folder('react') },
      ],
    },
    plugins: [
      {
        name: 'entry',
        enforce: 'pre',
        resolveId: (id) => (id === entry ? `\0${entry}` : null),
        load: (id) => (id === `\0${entry}` ? code : null),
      },
    ],
    build: { write: false, rolldownOptions: { input: entry, output: { format: 'iife', codeSplitting: false } } },
  });
  const { output } = [built].flat()[0] as unknown as { output: [{ code: string }] };
  return output[0].code;
}
