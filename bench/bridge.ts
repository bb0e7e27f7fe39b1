/**
 * A round trip over our bridge against one over a bare MessagePort, in the same page and the same cross-process frame, in
 * turns, so that the ratio does not depend on the machine. Then 1,000 calls in flight at once.
 */
import type { Browser } from '@playwright/test';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import type { Figure } from './figure.ts';
import { duration, median } from './statistics.ts';

interface Trips {
  raw: number[];
  bridge: number[];
}

export async function measureBridge(browser: Browser): Promise<Figure[]> {
  const outDir = mkdtempSync(join(tmpdir(), 'bench-bridge-'));
  for (const name of ['host', 'frame'])
    await build({
      configFile: false,
      logLevel: 'error',
      build: {
        outDir,
        emptyOutDir: false,
        lib: { entry: new URL(`pages/${name}.ts`, import.meta.url).pathname, formats: ['iife'], name, fileName: () => `${name}.js` },
      },
    });
  const server = await serve(outDir);
  const { port } = server.address() as AddressInfo;
  const page = await browser.newPage();
  try {
    await page.goto(`http://127.0.0.1:${port}/host?frame=${encodeURIComponent(`http://localhost:${port}/frame`)}`);
    await page.waitForFunction('window.isReady');
    const { raw, bridge } = (await page.evaluate('window.measure(200)')) as Trips;
    const flights = (await page.evaluate('window.flood(1000)')) as { raw: number; bridge: number };
    return [
      { what: 'round trip, bare port', value: duration(median(raw)), aim: '' },
      { what: 'round trip, bridge', value: `${duration(median(bridge))} = ${(median(bridge) / median(raw)).toFixed(2)} ×`, aim: '≤ 1.5 ×' },
      { what: '64 calls in flight, bridge', value: `${(flights.bridge / flights.raw).toFixed(2)} × bare port's time`, aim: '' },
    ];
  } finally {
    await page.close();
    server.close();
    rmSync(outDir, { recursive: true });
  }
}

async function serve(folder: string): Promise<Server> {
  const server = createServer((request, response) => {
    const name = new URL(request.url ?? '/', 'http://x').pathname.slice(1);
    const isScript = name.endsWith('.js');
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
    response.end(isScript ? readFileSync(join(folder, name)) : `<!doctype html><script src="/${name}.js"></script>`);
  }).listen(0);
  await once(server, 'listening');
  return server;
}
