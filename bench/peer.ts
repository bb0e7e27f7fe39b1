/**
 * The lightest loader among comparable chats: Rocket.Chat's, from its npm package. It is fetched for the measurement alone and is
 * never a dependency. It stands on a page as its vendor says, by the snippet of the package's `widget-demo.html`.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const PACKAGE = '@rocket.chat/livechat@1.13.3';
const FILE = 'package/build/rocketchat-livechat.min.js';
export const PEER = 'Rocket.Chat 1.13.3';

export interface Peer {
  /** Where its server is: its script lies there, and its frame would. */
  origin: string;
  /** What its vendor asks a customer to paste. */
  snippet: string;
  close(): void;
}

/** Serves the peer's loader; `undefined`, and a line that says why, where the npm registry cannot be reached. */
export async function startPeer(): Promise<Peer | undefined> {
  const loader = await fetchLoader();
  if (loader === undefined) return undefined;
  const server = createServer((request, response) => {
    if (request.url?.startsWith('/livechat/rocketchat-livechat.min.js') !== true) response.writeHead(404).end();
    else response.setHeader('content-type', 'text/javascript').setHeader('cache-control', 'no-store').end(loader);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  return { origin, snippet: snippet(`${origin}/livechat`), close: () => void (server.closeAllConnections(), server.close()) };
}

async function fetchLoader(): Promise<string | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'chat-peer-'));
  const run = promisify(execFile);
  try {
    const { stdout } = await run('npm', ['pack', PACKAGE, '--silent', '--pack-destination', folder], { cwd: folder });
    await run('tar', ['-xzf', join(folder, stdout.trim()), '-C', folder, FILE]);
    return readFileSync(join(folder, FILE), 'utf8');
  } catch (error) {
    console.warn(`No comparison with ${PACKAGE}: the npm registry did not give it (${String(error).split('\n')[0]}).`);
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const snippet = (url: string): string => `<script>
(function(w, d, s, u) {
  w.RocketChat = function(c) { w.RocketChat._.push(c) };
  w.RocketChat._ = [];
  w.RocketChat.url = u;
  var h = d.getElementsByTagName(s)[0],
    j = d.createElement(s);
  j.async = true;
  j.src = '${url}/rocketchat-livechat.min.js?_=' + Math.random();
  h.parentNode.insertBefore(j, h);
})(window, document, 'script', '${url}');
</script>`;
