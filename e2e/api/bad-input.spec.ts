/** Wrong input gives one clear error where its author sees it, and changes nothing else. */
import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '../support/fixtures.ts';
import type { VisitorPage } from '../support/pages/visitor.ts';

/** The errors `CallGear.on('error')` tells, and what the console shows of ours. */
async function blocked(visitor: VisitorPage, path: string): Promise<{ codes: () => Promise<string[]>; printed: string[] }> {
  const printed: string[] = [];
  visitor.page.on('console', (line) => line.type() === 'error' && line.text().includes('CallGear') && printed.push(line.text()));
  await visitor.goto(path);
  return {
    printed,
    codes: () => visitor.page.evaluate(() => (window as unknown as { errors: { code: string }[] }).errors.map(({ code }) => code)),
  };
}

/** Runs the server's command with this environment until it ends by itself. */
async function start(env: Record<string, string>): Promise<{ code: number; stderr: string }> {
  return new Promise((resolve) => {
    const dataDir = mkdtempSync(join(tmpdir(), 'chat-env-'));
    const child = execFile(
      process.execPath,
      ['dist/server/main.js'],
      { env: { ...process.env, DATA_DIR: dataDir, DEMO_PORT: '0', ...env } },
      (error, _stdout, stderr) => resolve({ code: typeof error?.code === 'number' ? error.code : 0, stderr }),
    );
    child.on('error', () => resolve({ code: -1, stderr: '' }));
  });
}

test('[BI.site] an unknown site key: frame_blocked and one line on the console', async ({ world }) => {
  const visitor = await world.stranger();
  await visitor.page.clock.install();
  const { codes, printed } = await blocked(visitor, '../no-such-site/recorder.html');
  await visitor.passHope();
  await expect.poll(codes).toEqual(['frame_blocked']);
  expect(printed).toHaveLength(1);
  expect(printed[0]).toMatch(/frame-src/);
});

test('[BI.origin] [BR.embedder] an origin that is not allowed: the same, and the administrator can see it', async ({ world }) => {
  await world.system.admin('site', 'origin', 'add', world.key, 'https://shop.example');
  await world.system.admin('site', 'origin', 'remove', world.key, world.system.shop);
  await expect
    .poll(async () =>
      (await fetch(`${world.system.chat}/frame/?site=${world.key}`, { headers: { 'sec-fetch-dest': 'iframe' } })).headers.get(
        'content-security-policy',
      ),
    )
    .toContain('frame-ancestors https://shop.example');
  const visitor = await world.stranger();
  await visitor.page.clock.install();
  const { codes } = await blocked(visitor, 'recorder.html');
  await visitor.passHope();
  await expect.poll(codes).toEqual(['frame_blocked']);
  expect(await visitor.page.evaluate(() => (window as unknown as { isReady?: boolean }).isReady)).toBeUndefined();
  await expect.poll(() => world.system.admin('site', 'list')).toContain(world.system.shop);
});

test('[BI.frame] [LO.error] a frame refused by the page’s policy: one error at once, and the page goes on', async ({ world }) => {
  const visitor = await world.stranger();
  const failures: string[] = [];
  visitor.page.on('pageerror', (error) => failures.push(error.message));
  const { codes, printed } = await blocked(visitor, "recorder.html?csp=default-src 'none'; script-src 'self' CHAT");
  await expect.poll(codes).toEqual(['frame_blocked']);
  expect(printed.filter((text) => !text.includes('Content Security Policy'))).toHaveLength(1);
  expect(failures).toEqual([]);
});

test('[BI.server] [FA.controller] without a server the controller runs, and a late server heals the state', async ({ world }) => {
  test.slow();
  const operator = await world.operator();
  const visitor = await world.stranger();
  const { page } = visitor;
  // The frame's document is there, and then nothing of the server is: neither the session nor the socket.
  let isReached = false;
  await page.route('**/session', (route) => (isReached ? route.continue() : route.abort()));
  await page.routeWebSocket(/\/socket$/, (socket) => (isReached ? socket.connectToServer() : socket.close()));
  await visitor.open();
  expect(await page.evaluate(() => (window as unknown as { atStart: unknown }).atStart)).toMatchObject({
    state: 'available',
    isAvailable: false,
  });
  expect(await visitor.call('sendChatMessage', 'said offline')).toMatchObject({ text: 'said offline', message_id: null });

  isReached = true;
  await expect.poll(() => visitor.call('isChatAvailable'), { timeout: 20_000 }).toBe(true);
  await visitor.hears('messagedelivered');
  expect(await visitor.order('chatavailabilitychange')).toEqual(['chatavailabilitychange']);
  await operator.join();
  await operator.reads('said offline');
});

test('[BI.arguments] [FA.input] what a visitor typed never throws, what a programmer got wrong does', async ({ world }) => {
  const visitor = await world.visitor();
  const outcome = (expression: string): Promise<string> =>
    visitor.page.evaluate(
      `(() => { try { ${expression}; return 'fine'; } catch (error) { return error.name + ': ' + error.message; } })()`,
    );
  for (const mistake of [
    "chat.on('show', 5)",
    "chat.on('show')",
    "CallGear.UI.registerViewController('consultant', {})",
    'chat.sendChatMessage({})',
    "chat.setVisitorCard('Vera')",
    'chat.sendFile({})',
    'chat.sendFile({ files: [{}] })',
    'chat.sendFile(window)',
    'chat.setOperatorRating({})',
  ])
    expect(await outcome(mistake), mistake).toMatch(/^TypeError: .*expected/);
  for (const harmless of [
    'chat.startChat(null, 1, 2)',
    "chat.startChat('')",
    'chat.startChat(12)',
    "chat.startChat(new Event('click'))",
    'chat.closeChat(undefined)',
    "chat.closeChat(new Event('click'))",
    'chat.inviteReject(new Event("click"))',
    "chat.on('no such event', () => {})",
    'chat.setVisitorCard({ shoe_size: 44 })',
    'chat.sendFile([])',
  ])
    expect(await outcome(harmless), harmless).toBe('fine');
});

test('[BI.length] [ME.sendChatMessage] 4,096 code points are sent, one more throws and sends nothing', async ({ world }) => {
  const visitor = await world.visitor();
  const result = await visitor.page.evaluate(() => {
    const { chat } = window as unknown as { chat: { sendChatMessage(text: string): unknown; getMessages(): unknown[] } };
    try {
      chat.sendChatMessage('🙂'.repeat(4097));
      return 'sent';
    } catch (error) {
      return `${(error as Error).name} ${chat.getMessages().length}`;
    }
  });
  expect(result).toBe('RangeError 0');
  await visitor.call('sendChatMessage', '🙂'.repeat(4096));
  await visitor.hears('messagedelivered');
});

test('[BI.rating] [ME.setOperatorRating] 0, 6 and nobody to rate: one error each', async ({ world }) => {
  const visitor = await world.visitor();
  expect(await visitor.done('setOperatorRating', 0)).toBe('invalid_argument');
  expect(await visitor.done('setOperatorRating', 6)).toBe('invalid_argument');
  expect(await visitor.done('setOperatorRating', 5)).toBe('no_operator');
  expect((await visitor.heard('error')).map(({ payload }) => [payload['code'], payload['command']])).toEqual([
    ['invalid_argument', 'setOperatorRating'],
    ['invalid_argument', 'setOperatorRating'],
    ['no_operator', 'setOperatorRating'],
  ]);
  expect(await visitor.heard('setrating', 'ratingchange')).toEqual([]);
});

test('[BI.mail] [ME.sendChatByMail] a mistyped address is answered, and nothing is sent', async ({ world }) => {
  const { visitor } = await world.conversation();
  await visitor.call('sendChatMessage', 'Hello');
  for (const [times, address] of ['not an address', 'a@b\r\nBcc: c@example.com', 'a@example.com, b@example.com'].entries()) {
    await visitor.call('sendChatByMail', address);
    expect((await visitor.hears('sendchatbymail', times + 1)).payload).toMatchObject({ success: false, error: expect.any(String) });
  }
  expect(world.system.mails.filter(({ raw }) => raw.includes(world.key))).toEqual([]);
});

test('[BI.file] [ME.sendFile] too large or of a refused type: messagefailed, and the chat goes on', async ({ world }) => {
  await world.set('chat.file', { max_size: 1000, accept: ['.txt', 'image/*'] });
  const { visitor, operator } = await world.conversation();
  const send = (name: string, type: string, size: number) =>
    visitor.page.evaluate(
      ([name, type, size]) =>
        (window as unknown as { chat: { sendFile(file: File): void } }).chat.sendFile(
          new File(['x'.repeat(size as number)], name as string, { type: type as string }),
        ),
      [name, type, size],
    );
  await send('big.txt', 'text/plain', 1001);
  expect((await visitor.hears('messagefailed')).payload['reason']).toBe('file_too_large');
  await send('tool.exe', 'application/x-msdownload', 10);
  expect((await visitor.hears('messagefailed', 2)).payload['reason']).toBe('file_refused');
  await send('fine.txt', 'text/plain', 10);
  await expect(operator.log.getByRole('link', { name: /fine\.txt/ })).toBeVisible();
});

for (const [env, expected] of [
  [{ PORT: 'eighty' }, /PORT.*eighty.*expected/],
  [{ PUBLIC_URL: 'http://chat.example.com' }, /PUBLIC_URL.*https/],
  [{ DATABASE_URL: 'postgres://localhost/chat' }, /DATABASE_URL/],
  [{ REDIS_URL: 'redis://localhost' }, /REDIS_URL/],
  [{ LIMITS: '{"timing":{"soon":1}}' }, /LIMITS.*soon/],
  [{ SMTP_URL: 'mail.example.com' }, /SMTP_URL.*smtp:/],
] as const)
  test(`[BI.environment] ${Object.keys(env)[0]} is refused with one line`, async () => {
    const { code, stderr } = await start({ PORT: '0', ...env });
    expect(code).toBe(1);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(expected);
  });

test('[BI.port] the server reports a taken port in one line', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as { port: number };
  const { code, stderr } = await start({ PORT: String(port) });
  taken.close();
  expect(code).toBe(1);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(stderr).toContain(`${port}`);
});
