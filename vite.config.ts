/**
 * Builds everything with one `vite build --app`: the loader, the frame, the operator's workplace and the server, one Vite
 * environment each, all into dist/. Tests have their own vitest.config.ts; nothing here serves pages, our server does.
 *
 * All environments share root and base `/`: a page at frame/index.html therefore becomes dist/frame/index.html and asks for
 * /frame/assets/…, which is where the server has it.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import preact from '@preact/preset-vite';
import { minify } from 'terser';
import { defineConfig, type EnvironmentOptions, type Plugin, type ViteBuilder } from 'vite';
import { environmentsToBuild, fingerprint, markBuilt, root, withBuildLock } from './scripts/built.mjs';
import { lessOfLibraries } from './scripts/less.mjs';
import { noticesText } from './scripts/notices.mjs';

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

const dist = join(root, 'dist');
/** Built here first and swapped in when complete: a failed build leaves what was there, a running server never sees half. */
const next = join(dist, '.next');

export default defineConfig({
  root,
  base: '/',
  publicDir: false,
  resolve: {
    // The packages give browsers a build for old ones; our target is younger.
    alias: Object.fromEntries(
      ['@preact/signals', '@preact/signals-core'].map((name) => [name, join(root, 'node_modules', name, 'dist', `${name.slice(8)}.mjs`)]),
    ),
  },
  define: { __VERSION__: JSON.stringify(version) },
  plugins: [
    lazyStyles(),
    earlyRuntime(),
    lessOfLibraries,
    smaller('loader'),
    smaller('frame'),
    preact({ devToolsEnabled: false, prefreshEnabled: false, reactAliasesEnabled: false }),
  ],
  build: { outDir: next, emptyOutDir: false, reportCompressedSize: false },
  environments: { loader: loader(), frame: page('frame'), operator: page('operator'), server: server() },
  builder: { buildApp: (builder) => withBuildLock(() => buildAll(builder)) },
});

/** One classic script for pages we do not know: no modules, no helpers, nothing global but what host/main.ts makes. */
function loader(): EnvironmentOptions {
  return {
    consumer: 'client',
    build: {
      target: 'es2020',
      modulePreload: false,
      rolldownOptions: {
        input: join(root, 'host/main.ts'),
        optimization: { inlineConst: { mode: 'smart', pass: 3 } },
        preserveEntrySignatures: false,
        output: {
          format: 'iife',
          entryFileNames: 'loader/loader.js',
          codeSplitting: false,
          // Property names that begin with one underscore are internal to the loader and are shortened. Two underscores are not
          // touched: `__cs` is public. The loader has no class fields, which this target would turn into quoted names that
          // stay while their readers are shortened.
          minify: { compress: true, mangle: false, codegen: true, mangleProps: { include: /^_[a-z]/ } },
        },
      },
    },
  };
}

/**
 * A page of ours under a strict policy (`script-src 'self'; style-src 'self'; trusted-types 'none'`): no inline script or
 * style, no `data:` assets, and lazy chunks bring their styles as <link>, which that policy allows.
 */
function page(room: 'frame' | 'operator'): EnvironmentOptions {
  return {
    consumer: 'client',
    build: {
      target: 'es2022',
      assetsInlineLimit: 0,
      modulePreload: false,
      // Beside the pages, not among them: scripts/size.mjs reads it, nobody needs to be served it.
      manifest: `manifest/${room}.json`,
      rolldownOptions: {
        input: join(root, room, 'index.html'),
        output: {
          // Six letters are 36 bits: enough to tell the builds of one file apart. The first script names some thirty files.
          entryFileNames: `${room}/assets/[name]-[hash:6].js`,
          chunkFileNames: `${room}/assets/[name]-[hash:6].js`,
          assetFileNames: `${room}/assets/[name]-[hash:6][extname]`,
          // What the first script, the acting half and the interface need comes with each of them, whoever shares it: a chunk of its
          // own for what lazy chunks share as well would be asked for only after both. What the two halves share comes with the first
          // script: a page without an interface acts, and neither half waits for the other.
          codeSplitting: {
            groups: [
              { name: 'index', test: /\/frame\/(main\.tsx|session\/notice\.ts)$/, priority: 3, includeDependenciesRecursively: true },
              { name: 'acting', test: /\/frame\/acting\.ts$/, priority: 2, includeDependenciesRecursively: true },
              { name: 'main', test: /\/frame\/ui\/main\.tsx$/, priority: 1, includeDependenciesRecursively: true },
            ],
          },
        },
      },
    },
  };
}

/**
 * Vite's own helper for lazy chunks weighs a kilobyte: it preloads modules, copies nonces and raises events. Ours only waits
 * for the chunk's styles, without which it must not be drawn; those that did not come are asked for again the next time.
 */
function lazyStyles(): Plugin {
  return {
    name: 'lazy-styles',
    enforce: 'pre',
    load: (id) =>
      id !== '\0vite/preload-helper.js'
        ? undefined
        : `
      const bring = (file) => new Promise((done, fail) => {
        const there = document.querySelector('link[href="/' + file + '"]');
        if (there?.sheet) return done();
        const link = there ?? document.createElement('link');
        link.addEventListener('load', done);
        link.addEventListener('error', () => (link.remove(), fail(new Error(file))));
        link.rel = 'stylesheet';
        link.href = '/' + file;
        if (!there) document.head.append(link);
      });
      export const __vitePreload = (load, styles = []) => Promise.all([load(), ...styles.map(bring)]).then(([chunk]) => chunk);`,
  };
}

/** The bundler's few lines that lazy chunks share come with the document, or they would be asked for only after the first such chunk. */
function earlyRuntime(): Plugin {
  return {
    name: 'early-runtime',
    transformIndexHtml: {
      order: 'post',
      handler: (_html, { bundle = {} }) =>
        Object.values(bundle)
          .filter((file) => file.name === 'rolldown-runtime')
          .map(({ fileName }) => ({ tag: 'link', attrs: { rel: 'modulepreload', crossorigin: true, href: `/${fileName}` } })),
    },
  };
}

/** A lazy chunk without styles, wrapped by Vite in the helper that waits for styles. */
const WAITS_FOR_NO_STYLES = /\b[\w$]+\(async\(\)=>\{let\{[^}]*\}=await (import\(`[^`]*`\));return\{[^}]*\}\},\[\]\)/g;

/**
 * Chromium then compiles all functions in its background thread, as the script comes in, instead of each one on the page's thread when
 * it is first called. Most of the loader's functions are called while the page loads. For other browsers it is a comment.
 */
const COMPILE_AHEAD = '//# allFunctionsCalledOnLoad';

/**
 * Pages of customers and visitors pay for every byte: what the bundler's minifier leaves, a second one takes. In the frame a getter
 * may have an effect (reading a signal subscribes to it), so there none counts as pure.
 */
function smaller(room: 'loader' | 'frame'): Plugin {
  const isLoader = room === 'loader';
  const compress = isLoader
    ? {
        passes: 3,
        lhs_constants: false,
        pure_getters: true,
        keep_fargs: false,
        unsafe_arrows: true,
        unsafe_comps: true,
        sequences: false,
        booleans: false,
        inline: 1,
      }
    : // Nothing of ours or Preact's makes objects with `new` from a method or a function expression, or counts a function's parameters.
      // Statements compress better than sequences of expressions.
      { passes: 4, sequences: false, lhs_constants: false, unsafe_methods: true, unsafe_arrows: true, keep_fargs: false };
  return {
    name: `smaller-${room}`,
    applyToEnvironment: ({ name }) => name === room,
    // After Vite has filled in which styles each lazy chunk needs.
    generateBundle: {
      order: 'post',
      async handler(_options, bundle) {
        for (const chunk of Object.values(bundle)) {
          if (chunk.type !== 'chunk') continue;
          if (!isLoader) chunk.code = chunk.code.replace(WAITS_FOR_NO_STYLES, '$1');
          chunk.code = (
            await minify(chunk.code, { module: !isLoader, ecma: 2020, compress, format: isLoader ? { preamble: COMPILE_AHEAD } : {} })
          ).code!;
        }
      },
    },
  };
}

/** Our own code only; npm packages stay in node_modules, native ones among them. */
function server(): EnvironmentOptions {
  return {
    consumer: 'server',
    resolve: { external: true },
    build: {
      target: 'node20',
      ssr: true,
      sourcemap: true,
      rolldownOptions: {
        input: { main: join(root, 'server/main.ts'), admin: join(root, 'server/admin.ts') },
        output: { entryFileNames: 'server/[name].js', chunkFileNames: 'server/chunks/[name]-[hash].js' },
      },
    },
  };
}

async function buildAll(builder: ViteBuilder): Promise<void> {
  const before = fingerprint();
  rmSync(next, { recursive: true, force: true });
  const all = ['loader', 'frame', 'operator', 'server'];
  const names = environmentsToBuild(all);
  const isWhole = names.length === all.length;
  const modules = new Set<string>();
  for (const name of names) {
    for (const id of moduleIds(await builder.build(builder.environments[name]!))) modules.add(id);
  }
  // A part of the build knows only its own modules: it replaces no notices of a whole one.
  if (isWhole || !existsSync(join(dist, 'licenses.txt'))) writeFileSync(join(next, 'licenses.txt'), noticesText(root, modules));
  swapIn();
  if (isWhole) markBuilt(before);
}

/** Every module with code in the output: what was shaken off is not shipped. */
function moduleIds(built: Awaited<ReturnType<ViteBuilder['build']>>): string[] {
  if ('close' in built) throw new Error('A watching build has no end, and so no list of modules.');
  return [built].flat().flatMap(({ output }) => output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : [])));
}

/** Puts each built folder in the place of the old one. */
function swapIn(): void {
  const old = join(dist, '.old');
  rmSync(old, { recursive: true, force: true });
  mkdirSync(old, { recursive: true });
  for (const name of readdirSync(next)) {
    if (existsSync(join(dist, name))) renameSync(join(dist, name), join(old, name));
    renameSync(join(next, name), join(dist, name));
  }
  rmSync(old, { recursive: true, force: true });
  rmSync(next, { recursive: true, force: true });
}
