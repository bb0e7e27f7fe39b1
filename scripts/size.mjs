/**
 * `npm run size`: what a visitor's browser has to fetch, in bytes, held against the budgets. Reads dist/, builds nothing.
 * Brotli at its best, as our server sends it. A budget is raised only with a reason in the change that raises it.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { root } from './built.mjs';

const KB = 1024;
const dist = join(root, 'dist');

const FRAME = 'frame/index.html';
/** One of the languages: with the interface and the acting half all that is needed to see, type and send. */
const LANGUAGE = 'shared/languages/en.ts';

if (!existsSync(join(dist, 'loader/loader.js')) || !existsSync(join(dist, 'manifest/frame.json'))) {
  console.error('Nothing is built yet. Run: npm run build');
  process.exit(1);
}

/** @typedef {{ file: string, name?: string, imports?: string[], css?: string[] }} Chunk */
/** @type {Record<string, Chunk>} */
const manifest = JSON.parse(readFileSync(join(dist, 'manifest/frame.json'), 'utf8'));

/**
 * A chunk, all it imports statically, and their styles.
 * @param {string} key
 * @param {Set<string>} [seen] keys
 * @returns {string[]} files
 */
function filesOf(key, seen = new Set()) {
  if (seen.has(key)) return [];
  seen.add(key);
  const chunk = manifest[key];
  if (chunk === undefined) throw new Error(`${key} is not in the frame's manifest: was it moved, or is it no longer loaded lazily?`);
  return [chunk.file, ...(chunk.css ?? []), ...(chunk.imports ?? []).flatMap((imported) => filesOf(imported, seen))];
}

/** The manifest's key of the chunk that the build has given this name. @param {string} name */
function keyOf(name) {
  const key = Object.keys(manifest).find((candidate) => manifest[candidate]?.name === name);
  if (key === undefined) throw new Error(`The frame has no chunk "${name}": see vite.config.ts.`);
  return key;
}

/** @param {string} name of a chunk */
const fileOf = (name) => manifest[keyOf(name)]?.file ?? '';

/** What the document itself names: modulepreloads are already in the imports, so a set joins them. */
const named = [...readFileSync(join(dist, FRAME), 'utf8').matchAll(/(?:src|href)="\/(frame\/[^"]+)"/g)].map((match) => match[1] ?? '');
const live = new Set([FRAME, ...named, ...filesOf(keyOf('index'))]);
const [ui, acting] = [filesOf(keyOf('main')), filesOf(keyOf('acting'))];
const usable = new Set([...live, ...ui, ...acting, ...filesOf(LANGUAGE)]);
if (acting.includes(fileOf('main')) || ui.includes(fileOf('acting')))
  throw new Error('The interface and the acting half need each other: a page without an interface would fetch it.');

/**
 * Two of the three are wider than was first planned (5 and 32 KB), and this is why. Loader: everything that answers in the same
 * statement has to be on the page (mirror, history cursors, opening sequence, cancellable lifecycle, three kinds of install, commands
 * that outlive a reloaded frame), and a second script would break pinning by hash and `createWidget` right after the loader. About 0.7 KB
 * of it is Comlink. Frame:
 * the delivery half (outbox in IndexedDB, answers to the page) weighs 5.5 KB and is counted here although nothing waits for
 * it; without it nobody can send. The last kilobyte is what calls the last request of a page, the file carrier, the way around
 * refused WebSockets and the other pages of a browser, whose socket it has to find before it opens one; they themselves are fetched apart.
 */
const budgets = [
  { name: 'loader', files: new Set(['loader/loader.js']), budget: 10_000 },
  { name: 'frame until live', files: live, budget: 16 * KB },
  { name: 'frame until usable', files: usable, budget: 36 * KB },
];

/** Each file is compressed by itself, as it travels. @param {Iterable<string>} files */
function weigh(files) {
  const sum = { raw: 0, gzip: 0, brotli: 0 };
  for (const file of files) {
    const bytes = readFileSync(join(dist, file));
    sum.raw += bytes.length;
    sum.gzip += gzipSync(bytes, { level: 9 }).length;
    sum.brotli += brotliCompressSync(bytes, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
    }).length;
  }
  return sum;
}

/** @param {string} name @param {(number | string)[]} cells */
const print = (name, ...cells) => console.log(name.padEnd(46) + cells.map((cell) => String(cell).padStart(9)).join(''));

print('', 'raw', 'gzip', 'brotli', 'budget', 'left');
let isOver = false;
for (const { name, files, budget } of budgets) {
  const { raw, gzip, brotli } = weigh(files);
  print(name, raw, gzip, brotli, budget, budget - brotli);
  for (const file of files) print(`  ${file}`, ...Object.values(weigh([file])));
  isOver ||= brotli > budget;
}
if (isOver) {
  console.error('\nOver budget.');
  process.exit(1);
}
