/** What a screen reader says of a conversation: each thing once, own words never. */
import { expect, test } from '../support/fixtures.ts';
import { recordSpoken } from '../support/spoken.ts';
import { SOON, VisitorPage } from '../support/pages/visitor.ts';

test('[VI.conversation] [UI.spoken] of a whole conversation each thing is spoken once, and nothing of the visitor’s own', async ({
  world,
}) => {
  const operator = await world.operator();
  const visitor = await world.visitor();
  await visitor.openChat();
  const spoken = await recordSpoken(visitor);
  const all: string[] = [];
  const hears = (text: string) =>
    expect.poll(async () => all.push(...(await spoken())) && all.includes(text), { intervals: SOON, message: text }).toBe(true);

  await visitor.say('Is it open today?');
  await visitor.sees('Is it open today?');
  await operator.join();
  await hears('Olga Petrova joined the chat');
  // The workplace shows it formatted as well.
  await operator.page.getByRole('textbox', { name: 'Reply' }).fill('Until **six**');
  await operator.button('Send').click();
  await expect(operator.log.locator('strong', { hasText: 'six' })).toBeVisible();
  await hears('Olga Petrova: Until six');
  await operator.reply('And tomorrow');
  await hears('Olga Petrova: And tomorrow');
  await visitor.say('Thank you');
  await visitor.sees('Thank you');
  await operator.closeChat();
  await hears('Olga Petrova ended the chat');

  const told = ['Olga Petrova joined the chat', 'Olga Petrova: Until six', 'Olga Petrova: And tomorrow', 'Olga Petrova ended the chat'];
  for (const text of told)
    expect(
      all.filter((one) => one.includes(text)),
      text,
    ).toEqual([text]);
  for (const own of ['Is it open today?', 'Thank you', 'Today', 'Message sent', 'joined the chat ended'])
    expect(all.join('\n')).not.toContain(own);
});

/** Texts that stand in a live region of the browser's own tree of accessibility, which is what readers go by. */
async function readable({ page }: VisitorPage, chat: string): Promise<() => Promise<string[]>> {
  const frame = page.frames().find((one) => one.url().startsWith(chat));
  if (!frame) throw new Error('no frame');
  const tools = await page.context().newCDPSession(frame);
  return async () => {
    const { nodes } = await tools.send('Accessibility.getFullAXTree');
    const byId = new Map(nodes.map((node) => [node.nodeId, node]));
    const isLive = (id?: string): boolean => {
      const node = byId.get(id ?? '');
      const live = node?.properties?.find(({ name }) => name === 'live')?.value.value as string | undefined;
      return live === undefined ? node?.parentId !== undefined && isLive(node.parentId) : live !== 'off';
    };
    return nodes.filter(({ role, nodeId }) => role?.value === 'StaticText' && isLive(nodeId)).map(({ name }) => String(name?.value));
  };
}

test('[UI.spoken] what is spoken stands in a live region of the tree that readers go by', async ({ world }) => {
  const operator = await world.operator();
  const visitor = await world.visitor();
  const inRegions = await readable(visitor, world.system.chat);
  const isRead = (text: string) => expect.poll(inRegions, { intervals: SOON, message: text }).toContain(text);

  await operator.open('On site');
  await operator.invite('Can we help you choose?');
  await isRead('Olga Petrova: Can we help you choose?');
  await visitor.frame.getByRole('button', { name: 'Accept invitation' }).click();
  await visitor.say('Is it open today?');
  await visitor.sees('Is it open today?');
  await operator.reply('Until six');
  await isRead('Olga Petrova: Until six');
  await operator.closeChat();
  await isRead('Olga Petrova ended the chat');
});

/** The words of two languages that are not the browser's. Isolates stand around a name in the second. */
const SPOKEN = {
  de: {
    open: 'Chat öffnen',
    message: 'Nachricht',
    waiting: 'Gleich ist jemand für Sie da',
    joined: 'Olga Petrova ist dem Chat beigetreten',
    left: 'Olga Petrova hat den Chat verlassen. Gleich ist jemand anderes für Sie da.',
    ended: 'Olga Petrova hat den Chat beendet',
  },
  ar: {
    open: 'فتح الدردشة',
    message: 'الرسالة',
    waiting: 'سيجيبك أحدنا قريبًا',
    joined: 'انضمام \u2068Olga Petrova\u2069 إلى الدردشة',
    left: 'انتهت مشاركة \u2068Olga Petrova\u2069. سيجيبك شخص آخر قريبًا.',
    ended: 'إنهاء الدردشة من جانب \u2068Olga Petrova\u2069',
  },
} as const;

for (const tag of ['de', 'ar'] as const) {
  test(`[UI.spoken] what is spoken is in the language on show, not in the browser’s, and each thing once: ${tag}`, async ({
    world,
    browser,
  }) => {
    const words = SPOKEN[tag];
    await world.set('common.language', tag);
    const operator = await world.operator();
    const context = await browser.newContext({ locale: 'fr-FR' });
    const visitor = new VisitorPage(await context.newPage(), `${world.system.shop}/${world.key}`);
    const { page } = visitor;
    // Its title is in the language as well.
    const frame = page.frameLocator('iframe.callgear-widget');
    await visitor.goto('plain.html');
    await frame.getByRole('button', { name: words.open }).click();
    const box = frame.getByRole('textbox', { name: words.message, exact: true });
    await expect(box).toBeFocused();
    const spoken = await recordSpoken({ frame });
    const all: string[] = [];
    const hears = (text: string) =>
      expect.poll(async () => all.push(...(await spoken())) && all.includes(text), { intervals: SOON, message: text }).toBe(true);

    await box.fill('Moin');
    await box.press('Enter');
    await hears(words.waiting);
    await operator.join();
    await hears(words.joined);
    await operator.reply('Good day');
    await hears('Olga Petrova: Good day');
    await operator.button('Leave').click();
    await hears(words.left);
    await operator.join();
    await operator.closeChat();
    await hears(words.ended);

    for (const text of [words.waiting, words.left, words.ended, 'Olga Petrova: Good day'])
      expect(
        all.filter((one) => one.includes(text)),
        text,
      ).toEqual([text]);
    expect(all.filter((one) => one === words.joined)).toHaveLength(2);
    // A word of English or French would be somebody else's.
    expect(all.filter((one) => one !== 'Olga Petrova: Good day').join('\n')).not.toMatch(
      /joined|left|ended|shortly|rejoint|quitté|répond/i,
    );
    await context.close();
  });
}

test('[VI.conversation] [UI.moments] a visitor who comes back sees who came and went, at its place, and which message was seen', async ({
  world,
}) => {
  const operator = await world.operator();
  const visitor = await world.visitor();
  await visitor.openChat();
  await visitor.say('First question');
  await operator.join();
  await operator.reply('First answer');
  await visitor.sees('First answer');
  await visitor.say('Second question');
  await operator.reads('Second question');
  await expect(visitor.log.getByRole('listitem').filter({ hasText: 'Second question' })).toContainText('Seen');
  await operator.closeChat();
  const shown = async () =>
    (await visitor.log.getByRole('listitem').allTextContents()).map((text) => text.replace(/\d+:\d\d\s[AP]M/gu, '').trim());
  const ended = [
    'Today',
    expect.stringContaining('First question'),
    expect.stringContaining('Olga Petrova joined the chat'),
    expect.stringContaining('First answer'),
    expect.stringContaining('Second question'),
    expect.stringContaining('Olga Petrova ended the chat'),
  ];
  await expect.poll(shown).toEqual(ended);
  await visitor.page.reload();
  await visitor.openChat();
  await expect.poll(shown).toEqual(ended);
});

test('[VI.conversation] [UI.viewer] a picture opens over the panel, the arrows walk through all of them, and the focus goes back', async ({
  world,
}) => {
  const { visitor } = await world.conversation();
  await visitor.openChat();
  const pixel = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
  const files = ['one.png', 'two.png'].map((name) => ({ name, mimeType: 'image/png', buffer: pixel }));
  await visitor.frame.locator('input[type=file]').setInputFiles(files);
  await visitor.frame.getByRole('button', { name: 'Send', exact: true }).click();
  const second = visitor.log.getByRole('link', { name: 'Picture: two.png' });
  // Its room is known before it is there.
  await expect(second.getByRole('img')).toHaveAttribute('width', '96');
  await second.focus();
  await visitor.page.keyboard.press('Enter');
  const viewer = visitor.frame.getByRole('dialog');
  await expect(viewer).toHaveAccessibleName('Picture: two.png');
  await expect(viewer.getByRole('button', { name: 'Close picture' })).toBeFocused();
  await visitor.page.keyboard.press('ArrowLeft');
  await expect(viewer).toHaveAccessibleName('Picture: one.png');
  await expect(viewer.getByRole('link', { name: 'Download' })).toHaveAttribute('download', 'one.png');
  await visitor.page.keyboard.press('Escape');
  await expect(viewer).toHaveCount(0);
  await expect(second).toBeFocused();
  await expect(visitor.log).toBeVisible();
});
