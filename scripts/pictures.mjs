/**
 * npm run pictures: every state of the visitor's interface under every look and in every brand, as pictures on one page. The
 * same run measures them, as `npm test` does for one brand. Writes test-results/pictures/index.html. `--brand loud`, `--look dark`
 * and `--state waiting` take some of them, each of them several times if need be; `--quick` leaves axe out, which takes longest; what
 * follows a second `--` is the driver's. `documents` takes the pictures of the documents instead.
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuiltOrExit, root, run } from './built.mjs';

const some = /** @type {const} */ ({ type: 'string', multiple: true });
const { values, positionals } = parseArgs({
  options: { brand: some, look: some, state: some, quick: { type: 'boolean' } },
  allowPositionals: true,
});
const isForDocuments = positionals[0] === 'documents';
const tests = isForDocuments ? ['e2e/looks/documents.spec.ts', ...positionals.slice(1)] : ['e2e/looks', ...positionals];
const folder = join(root, 'test-results/pictures');
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });

await ensureBuiltOrExit();
const code = await run(
  process.execPath,
  [join(root, 'node_modules/@playwright/test/cli.js'), 'test', '--project=chromium', '--reporter=list', ...tests],
  {
    ...process.env,
    ...(isForDocuments ? { DOCUMENTS: join(root, 'docs/pictures') } : { PICTURES: folder, PICTURES_OF: JSON.stringify(values) }),
  },
);
if (isForDocuments) process.exit(code);

/** @param {string} path */
const list = (path) =>
  readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
/** @param {string} text */
const heading = (text) => text.replace(/[<&]/g, ' ');
const rows = list(folder).flatMap((brand) =>
  list(join(folder, brand)).map((state) => {
    const pictures = readdirSync(join(folder, brand, state)).map((file) => {
      const src = [brand, state, file].map(encodeURIComponent).join('/');
      return `<figure><a href="${src}"><img loading="lazy" src="${src}" alt=""></a><figcaption>${heading(file.replace('.png', ''))}</figcaption></figure>`;
    });
    return `<h2>${heading(state)} <small>${heading(brand)}</small></h2><div>${pictures.join('')}</div>`;
  }),
);
writeFileSync(
  join(folder, 'index.html'),
  `<!doctype html><meta charset="utf-8"><title>Pictures</title><style>
body{font:14px system-ui;margin:24px;background:#888}div{display:flex;gap:12px;align-items:start;overflow-x:auto}figure{margin:0}
img{display:block;max-width:320px;max-height:320px;background:#fff}h2{position:sticky;top:0;background:#888;margin:16px 0 4px}</style>${rows.join('\n')}`,
);
console.log(`Pictures: ${join(folder, 'index.html')}`);
process.exit(code);
