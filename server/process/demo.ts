/**
 * The demonstration shop: somebody else's website, on an origin of its own, with our loader in its pages. It knows the chat's
 * address and nothing else of ours. Pages are written for `http://localhost:8080`; another address is put in its place.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Limits } from '../limits/limits.ts';
import { createAsset } from '../http/assets.ts';
import { sendAsset } from '../http/routes/assets.ts';
import { httpOptions } from '../network/entrance.ts';

export interface DemoOptions {
  /** The folder of the shop's files. */
  folder: string;
  /** Origin of the chat. */
  chat: string;
  timing: Limits['timing'];
}

const WRITTEN_FOR = 'http://localhost:8080';

/** `undefined` where there is no shop: an installation may leave the folder out. */
export async function createDemo({ folder, chat, timing }: DemoOptions): Promise<FastifyInstance | undefined> {
  if (!existsSync(join(folder, 'index.html'))) return undefined;
  const app = Fastify({ ...httpOptions(timing), forceCloseConnections: 'idle' });
  app.addHook('onSend', async (_request, reply) => {
    reply.headers({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-cache' });
  });
  const names = readdirSync(folder);
  for (const name of names.filter((file) => extname(file) === '.html')) {
    const path = join(folder, name);
    const send = (): string => readFileSync(path, 'utf8').replaceAll(WRITTEN_FOR, chat);
    const headers = {
      'content-type': 'text/html; charset=utf-8',
      ...(name === 'strict.html' ? { 'content-security-policy': strictPolicy(chat) } : {}),
    };
    for (const url of name === 'index.html' ? ['/', '/index.html'] : [`/${name}`]) {
      app.get(url, (_request, reply) => reply.headers(headers).send(send()));
    }
  }
  // Only what stands in the folder has an address, so no path of a request reaches the disk.
  for (const name of names.filter((file) => /\.(css|js|svg)$/.test(file))) {
    const path = join(folder, name);
    app.get(`/${name}`, (request, reply) => sendAsset(request, reply, createAsset(readFileSync(path), extname(name)), {}));
  }
  await app.ready();
  return app;
}

/** What a careful shop allows: itself, our loader and our frame. */
function strictPolicy(chat: string): string {
  return `default-src 'none'; script-src 'self' ${chat}; style-src 'self'; img-src 'self'; frame-src ${chat}`;
}
