/** `npm run dev` on a copy of the sources: what somebody changes there shows in a page that is open. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from '../support/fixtures.ts';
import { shopPort, untilListening } from '../support/listening.ts';
import { VisitorPage } from '../support/pages/visitor.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const COPIED = [
  'shared',
  'host',
  'frame',
  'operator',
  'server',
  'scripts',
  'demo',
  'dist',
  'package.json',
  'package-lock.json',
  'vite.config.ts',
  'tsconfig.base.json',
  'tsconfig.json',
];

/** Somebody who develops in a folder of their own, where everything is built already. */
async function develop(): Promise<{ shop: string; edit(file: string, from: string, to: string): void; stop(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'chat-dev-'));
  for (const name of COPIED) cpSync(join(ROOT, name), join(folder, name), { recursive: true, preserveTimestamps: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const { fingerprint, markBuilt } = (await import(pathToFileURL(join(folder, 'scripts/built.mjs')).href)) as {
    fingerprint(): string;
    markBuilt(print: string): void;
  };
  markBuilt(fingerprint());
  const env = { ...process.env, PORT: '0', DEMO_PORT: 'auto', DATA_DIR: join(folder, 'data') };
  const child = spawn(process.execPath, ['scripts/dev.mjs'], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (output += data.toString()));
  await untilListening(child, () => output);
  return {
    shop: `http://127.0.0.1:${shopPort(output)}`,
    edit(file, from, to) {
      const text = readFileSync(join(folder, file), 'utf8');
      expect(text).toContain(from);
      writeFileSync(join(folder, file), text.replace(from, to));
    },
    async stop() {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

test('[dev] an open page shows a changed style and a changed component, and keeps what the visitor has written', async ({ page }) => {
  const { shop, edit, stop } = await develop();
  try {
    const visitor = await new VisitorPage(page, shop).goto('');
    await visitor.openChat();
    // Where a component cannot be swapped, the frame is loaded anew; then, too, the draft stays, as that of everybody who has sent something.
    await visitor.say('Hello');
    await visitor.sees('Hello');
    await visitor.hasExtras();
    await visitor.box.fill('half a thought');
    const panel = visitor.frame.locator('.panel');
    edit('frame/ui/styles/panel.css', '.panel {', '.panel { letter-spacing: 3px;');
    await expect(panel).toHaveCSS('letter-spacing', '3px');
    edit('frame/ui/panel/Header.tsx', '<header', '<header title="changed"');
    await expect(visitor.frame.getByTitle('changed')).toBeVisible();
    await expect(visitor.box).toHaveValue('half a thought');
    expect(visitor.console).toEqual([]);
  } finally {
    await stop();
  }
});
