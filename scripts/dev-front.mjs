/**
 * What `npm run dev` answers with: sources from Vite, everything else from the real server behind it.
 *
 * Documents and loader come from the server as well, so their headers are real; on the way here three things are changed.
 * 1. A document asks for its sources and for Vite's client instead of its built scripts and styles.
 * 2. Vite puts styles into the document, so the policy lets through styles with a nonce of this process. Nothing else is loosened:
 *    what production's policy refuses is refused here.
 * 3. The loader is the one that was built last.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, request as ask } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import preact from '@preact/preset-vite';
import { createServer as createVite } from 'vite';
import { root } from './built.mjs';

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** What the sources of our pages import, and what the compiler and hot replacement put into them. */
const PACKAGES = [
  'preact',
  'preact/hooks',
  'preact/jsx-runtime',
  'preact/jsx-dev-runtime',
  '@preact/signals',
  '@preact/signals-core',
  '@prefresh/core',
  '@prefresh/utils',
  'comlink',
  'valibot',
];

/** Addresses that Vite answers: its own, packages, and files of our rooms by their sources' names. */
const SOURCES = /^\/(@|node_modules\/|dist\/\.vite\/|(frame|operator|shared)\/(?!assets\/).*\.(tsx?|css|svg)(\?|$))/;
const DOCUMENT = /^\/(frame|operator)\/(\?|$)/;
const LOADER = /^\/loader(\/[^/]+)?\.js(\?|$)/;

/** Opens the front's port. It serves once `serve` has said where the server is. */
export async function openFront() {
  const nonce = randomUUID();
  const host = process.env['HOST'] || '127.0.0.1';
  /** @type {() => Promise<number>} */
  let serverPort = () => Promise.reject(new Error('The server is not there yet.'));

  const server = createServer((request, response) => {
    const url = request.url ?? '/';
    if (SOURCES.test(url)) vite.middlewares(request, response);
    else void passOn(request, response, url);
  });
  const vite = await createVite({
    root,
    configFile: false,
    appType: 'custom',
    logLevel: 'warn',
    cacheDir: join(root, 'dist/.vite'),
    define: { __VERSION__: JSON.stringify(version) },
    plugins: [preact({ devToolsEnabled: false, reactAliasesEnabled: false })],
    // All of them, named: a package that Vite discovers later makes it load every open page anew.
    optimizeDeps: { include: PACKAGES, noDiscovery: true },
    html: { cspNonce: nonce },
    // The overlay is drawn from a string, which our policy refuses; the terminal shows faults instead.
    server: { middlewareMode: true, hmr: { server, overlay: false } },
  });

  server.on('upgrade', (request, socket, head) => {
    // Vite hears its own by itself.
    if (request.headers['sec-websocket-protocol']?.startsWith('vite-')) return;
    socket.on('error', () => undefined);
    serverPort().then(
      (port) => {
        const behind = connect(port, host, () => {
          behind.write(`${request.method} ${request.url} HTTP/1.1\r\n${headLines(request.rawHeaders)}\r\n`);
          behind.write(head);
          behind.pipe(socket).pipe(behind);
        });
        behind.on('error', () => socket.destroy());
        socket.on('close', () => behind.destroy());
      },
      () => socket.destroy(),
    );
  });

  /**
   * @param {import('node:http').IncomingMessage} request
   * @param {import('node:http').ServerResponse} response
   * @param {string} url
   */
  async function passOn(request, response, url) {
    const port = await serverPort().catch(() => undefined);
    if (port === undefined) return void response.writeHead(503, { 'retry-after': '1' }).end();
    const isChanged = DOCUMENT.test(url) || LOADER.test(url);
    const headers = { ...request.headers };
    // A response that we change must come whole and uncompressed.
    if (isChanged) for (const name of ['accept-encoding', 'if-none-match']) delete headers[name];
    const asked = ask({ host, port, method: request.method, path: url, headers, setHost: false }, (answer) => {
      if (!isChanged || answer.statusCode !== 200) {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
        return;
      }
      void change(answer, url).then(({ headers, body }) => response.writeHead(200, headers).end(body));
    });
    asked.on('error', () => (response.headersSent ? response.destroy() : response.writeHead(502).end()));
    response.on('close', () => asked.destroy());
    request.pipe(asked);
  }

  /**
   * @param {import('node:http').IncomingMessage} answer
   * @param {string} url
   */
  async function change(answer, url) {
    let text = '';
    for await (const chunk of answer.setEncoding('utf8')) text += chunk;
    const { etag: _etag, 'content-length': _length, 'content-security-policy': policy, ...headers } = answer.headers;
    if (LOADER.test(url))
      return { headers: { ...headers, 'cache-control': 'no-store' }, body: readFileSync(join(root, 'dist/loader/loader.js')) };
    const room = url.startsWith('/frame/') ? 'frame' : 'operator';
    const sources = text
      .replace(/<script [^>]*src="\/[^"]*"[^>]*><\/script>|<link [^>]*rel="(?:stylesheet|modulepreload)"[^>]*>/g, '')
      .replace('</head>', `<script type="module" src="/${room}/main.tsx"></script></head>`);
    return {
      headers: { ...headers, 'content-security-policy': String(policy).replace("style-src 'self'", `style-src 'self' 'nonce-${nonce}'`) },
      body: await vite.transformIndexHtml(`/${room}/index.html`, sources),
    };
  }

  const port = await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(Number(process.env['PORT'] || 8080), host, () =>
      resolve(/** @type {import('node:net').AddressInfo} */ (server.address()).port),
    );
  });
  return {
    url: `http://localhost:${port}`,
    address: `${host}:${port}`,
    /** @param {() => Promise<number>} port of the server, as soon as it listens */
    serve: (port) => void (serverPort = port),
  };
}

/** @param {string[]} raw names and values by turns */
function headLines(raw) {
  let lines = '';
  for (let at = 0; at < raw.length; at += 2) lines += `${raw[at]}: ${raw[at + 1]}\r\n`;
  return lines;
}
