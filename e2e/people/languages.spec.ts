/** What a site says in single languages, and what the others hear instead; and times on paper, which are the site's. */
import { watchPaper } from '../support/hostile.ts';
import { expect, test, type World } from '../support/fixtures.ts';
import { VisitorPage } from '../support/pages/visitor.ts';

const GERMAN = {
  'chat.title': 'Fragen Sie die Rösterei',
  'chat.greeting': 'Welcher Kaffee darf es sein?',
  'chat.questions': ['Was ist frisch geröstet?'],
  'chat.retention.messages': ['Die Rösterei kommt gleich'],
  'chat.invite.text': 'Darf es eine Probe sein?',
  'offline_message.title': 'Schreiben Sie der Rösterei',
  'offline_message.fields.email': 'Wohin dürfen wir antworten',
};

/** A site with German texts, a title and a question for all languages, and nothing else of its own. */
async function roastery(world: World, settings: Record<string, unknown> = {}): Promise<void> {
  const all = { 'translations.de': GERMAN, 'chat.questions': ['What is fresh?'], ...settings };
  for (const [path, value] of Object.entries(all)) await world.system.admin('site', 'set', world.key, path, JSON.stringify(value));
  // The last one waits until the server has taken up all of them.
  await world.set('chat.title', 'Ask the roastery');
}

const speaking = (world: World, lang: string) => world.visitor(`spoken.html?lang=${lang}`);

test('[VI.lang] a form says a site’s texts in their language, and ours in one that has none', async ({ world }) => {
  await roastery(world);
  for (const [lang, title, email] of [
    ['de', 'Schreiben Sie der Rösterei', /Wohin dürfen wir antworten/],
    ['fr', 'Laisser un message', /E-mail/],
  ] as const) {
    const visitor = await speaking(world, lang);
    await visitor.page.evaluate(() =>
      (window as unknown as { CallGear: { openSiteRequestPanel(): void } }).CallGear.openSiteRequestPanel(),
    );
    await expect(visitor.frame.getByRole('textbox', { name: email })).toBeVisible();
    await expect(visitor.frame.getByText(title).first()).toBeVisible();
  }
});

test('[VI.lang] a chat says a site’s texts in their language, else those for all languages, else ours', async ({ world }) => {
  await roastery(world, { 'chat.retention.messages': [{ timeout: 1, text: '' }] });
  await world.operator();
  for (const { lang, open, title, greeting, question, patience } of [
    {
      lang: 'de-AT',
      open: 'Chat öffnen',
      title: 'Fragen Sie die Rösterei',
      greeting: 'Welcher Kaffee darf es sein?',
      question: 'Was ist frisch geröstet?',
      patience: 'Die Rösterei kommt gleich',
    },
    {
      lang: 'fr',
      open: 'Ouvrir le chat',
      title: 'Ask the roastery',
      greeting: 'Bonjour, ici Olga Petrova',
      question: 'What is fresh?',
      patience: 'Merci de patienter. Quelqu’un va bientôt vous répondre.',
    },
  ]) {
    const visitor = await speaking(world, lang);
    await visitor.frame.getByRole('button', { name: open }).click();
    await expect(visitor.frame.getByText(title).first()).toBeVisible();
    await expect(visitor.frame.getByRole('heading', { name: greeting })).toBeVisible();
    await visitor.frame.getByRole('button', { name: question }).click();
    await expect(visitor.frame.getByRole('log').getByText(question)).toBeVisible();
    await expect(visitor.frame.getByRole('log').getByText(patience)).toBeVisible();
    expect((await visitor.hears('sendmessage')).payload).toMatchObject({ text: patience });
  }
});

test('[VI.lang] an invitation is in the language of who is invited', async ({ world }) => {
  await roastery(world, { 'chat.invite': { is_enabled: true, timeout: 1, text: '', name: '' } });
  await world.operator();
  for (const [lang, text] of [
    ['de', 'Darf es eine Probe sein?'],
    ['fr', 'Bonjour\u202f! Pouvons-nous vous aider\u202f?'],
  ] as const) {
    const visitor = await speaking(world, lang);
    expect((await visitor.hears('invite')).payload).toMatchObject({ text });
    await expect(visitor.frame.getByText(text).first()).toBeVisible();
  }
});

test('[VI.lang] on paper days and hours are those of the site, wherever the browser is', async ({ world, browser }) => {
  // A day and an hour apart: no moment has the same date in both.
  await world.set('common.time_zone', 'Pacific/Kiritimati');
  const operator = await world.operator();
  const context = await browser.newContext({ timezoneId: 'Pacific/Pago_Pago' });
  try {
    const visitor = await new VisitorPage(await context.newPage(), `${world.system.shop}/${world.key}`).open();
    await visitor.done('startChat');
    await visitor.done('sendChatMessage', 'Good evening');
    await operator.join();
    await operator.reply('What may it be?');
    const { date } = (await visitor.hears('sendmessage')).payload as { date: number };
    const day = (timeZone: string) => new Date(date * 1000).toLocaleDateString('en', { dateStyle: 'full', timeZone });
    expect(await visitor.page.evaluate((at) => new Date(at).toLocaleDateString('en', { dateStyle: 'full' }), date * 1000)).toBe(
      day('Pacific/Pago_Pago'),
    );

    const paper = await watchPaper(visitor.page.frames().find((each) => each.url().startsWith(`${world.system.chat}/frame/`)));
    await visitor.call('printCurrentChat');
    await expect.poll(async () => (await paper()).text).toContain(day('Pacific/Kiritimati'));
    const { text } = await paper();
    expect(text).not.toContain(day('Pacific/Pago_Pago'));
    expect(text).toMatch(/joined the chat\d{1,2}:\d\d.[AP]M GMT\+14/);
    expect(text).not.toContain('GMT-11');
  } finally {
    await context.close();
  }
});
