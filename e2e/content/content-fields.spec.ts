/**
 * The fields that `content.spec.ts` does not fill: settings of an administrator, arguments of a page's script, input in the forms.
 * The whole corpus goes through each of them in one document, piece by piece. Every piece must be visible as plain text before
 * the test counts that nothing ran.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import type { Locator } from '@playwright/test';
import type { OperatorServerFrame } from '../../shared/wire/workplace.ts';
import { corpusFor, pieces } from '../support/corpus.ts';
import { rawOperator } from '../faults/raw.ts';
import { expect, test, type World } from '../support/fixtures.ts';
import {
  RUNNING,
  addressOf,
  escaping,
  expectNothingRan,
  flat,
  lined,
  noteViolations,
  partsOf,
  startCanary,
  watch,
  watchPaper,
} from '../support/hostile.ts';
import type { PageChat } from '../support/pages/page-api.ts';
import type { VisitorPage } from '../support/pages/visitor.ts';

/** Of a short field, less the mark that says which field it is. */
const SHORT = 76;
const LONG = 990;
const PASSWORD = 'correct horse battery';

/** The page's widget of the application form. */
type Form = PageChat & { sendRequest(request: object): void };

/** Text of each field by its mark: `ti` is the title, and the visible text shows which field it came from. */
const marked = <const M extends string>(marks: readonly M[], text: string): Record<M, string> =>
  Object.fromEntries(marks.map((mark) => [mark, `${mark} ${text}`])) as Record<M, string>;

async function expectSeen(place: Locator, texts: readonly string[]): Promise<void> {
  await expect
    .poll(async () => {
      const seen = flat(await place.innerText());
      return texts.filter((text) => !seen.includes(flat(text)));
    })
    .toEqual([]);
}

/** An operator of this name who comes into the only chat, says one word, and leaves when told to. */
async function joinAs(world: World, name: string, position: string): Promise<() => Promise<void>> {
  const email = `${randomBytes(6).toString('hex')}@example.com`;
  await world.system.admin(
    'operator',
    'add',
    '--email',
    email,
    '--name',
    name,
    '--position',
    position,
    '--site',
    world.key,
    '--password',
    PASSWORD,
  );
  const raw = await rawOperator(world.system, { email, password: PASSWORD });
  const { visitors } = await raw.hears((frame): frame is Extract<OperatorServerFrame, { t: 'welcome' }> => frame.t === 'welcome');
  const chat = visitors.find((visitor) => visitor.chat !== null)?.chat;
  const order = async (...commands: object[]) => {
    const items = commands.map((command) => ({ uid: randomUUID(), chat, ...command }));
    raw.tell({ t: 'send', items });
    for (const { uid } of items)
      await raw.hears((frame): frame is Extract<OperatorServerFrame, { t: 'ack' }> => frame.t === 'ack' && frame.uid === uid);
  };
  await order({ kind: 'chat.join' }, { kind: 'message.send', text: 'a word' });
  return async () => {
    await order({ kind: 'chat.leave' });
    raw.close();
  };
}

/** A page that draws a chat of its own, looking as the site says and not as the page has found it. */
async function drawOwn(visitor: VisitorPage): Promise<void> {
  await visitor.run(() => {
    const own = window.CallGear.UI.createWidget('consultant_chat', {});
    own.render();
    own.show();
  });
}

const required = (titles: Record<string, string>) => Object.entries(titles).map(([name, title]) => ({ name, title, is_required: true }));

test('[A6] [C3] [E5] [E9] [F1] [P4] settings, groups, operators, cards, titles and applications are text in frame, workplace, mail and on paper', async ({
  world,
}) => {
  test.setTimeout(300_000);
  const canary = await startCanary();
  // As short as an address can be, so that it fits into short fields: relative to whatever page it stands in.
  const address = canary.address.replace('http://127.0.0.1', '//127.1');
  const short = pieces(corpusFor(address), SHORT);
  const long = pieces(corpusFor(address), LONG);
  const set = (path: string, value: unknown) => world.system.admin('site', 'set', world.key, path, JSON.stringify(value));
  const first = short[0] ?? '';
  await set('chat.invite', { is_enabled: true, timeout: 0, text: long[0], name: `in ${first}` });
  await set(
    'chat.retention.messages',
    long.map((text) => ({ timeout: 0, text })),
  );

  const olga = await world.operator();
  const [ann, vera] = [await world.stranger(), await world.stranger()];
  const pages = [ann.page, vera.page, olga.page];
  const outside = pages.map((page) => watch(page, world));
  for (const page of pages) {
    page.setDefaultTimeout(10_000);
    await noteViolations(page);
  }

  // Somebody who only looks: the invitation that comes by itself, and one that an operator writes.
  await ann.open('recorder.html?headless');
  await drawOwn(ann);
  await ann.hears('invite');
  await expectSeen(ann.frame.locator('body'), [`in ${first}`, long[0] ?? '']);
  for (const text of long.slice(1)) {
    await ann.done('inviteReject');
    await olga.open('On site');
    await olga.invite(text);
    await expectSeen(ann.frame.locator('body'), [text]);
  }
  await ann.done('inviteReject');
  await set('chat.invite', { is_enabled: false });

  // Somebody who waits, from a page that tells more than it should: where they came from and with what.
  await vera.page.setExtraHTTPHeaders({ 'user-agent': `UA-${first.replace(/[^\x20-\x7e]/g, '')}` });
  await vera.page.goto(`${world.system.shop}/${world.key}/recorder.html?QUERY=${encodeURIComponent(first)}`, {
    referer: `${canary.address}/REFERRER`,
  });
  await vera.page.waitForFunction(() => window.isReady === true);
  await vera.done('startChat');
  await vera.openChat();
  await olga.open('Waiting');
  for (const place of [vera.log, olga.log]) await expectSeen(place, long);
  // Each has a form: where an application has been sent, the form gives way to the answer.
  for (const visitor of [ann, vera])
    await visitor.run(() => void window.notes.push(window.CallGear.UI.createWidget('consultant_offline_message', {})));
  await vera.run(() => {
    const form = window.notes[0] as Form;
    form.render();
    form.show();
  });

  for (const [n, text] of short.entries()) {
    const is = marked(['ti', 'gt', 'fn', 'fe', 'fp', 'co', 'ot', 'og', 'on', 'op', 'om', 'gr', 'cn', 'ce', 'pt', 'dr'], text);
    const group_title = is.gt;
    const [name, position, group, email] = [lined(`na ${text}`), lined(`po ${text}`), lined(is.gr), addressOf(is.ce)];
    // The command line takes no name that turns what stands beside it.
    if (group !== is.gr)
      await expect(world.system.admin('group', 'add', '--site', world.key, '--id', 'turned', '--name', is.gr)).rejects.toThrow('not seen');
    await Promise.all([
      set('chat', {
        title: is.ti,
        is_groups_enabled: true,
        group_title,
        fields: required({ name: is.fn, email: is.fe, phone: is.fp }),
        retention: { messages: [] },
      }),
      set('offline_message', {
        title: is.ot,
        is_groups_enabled: true,
        group_title: is.og,
        fields: required({ name: is.on, phone: is.op, message: is.om }),
      }),
      set('common', { company: is.co, privacy_url: `https://shop.example/"><svg onload=owned=1>` }),
      // Two make a choice; each is renamed in its turn.
      world.system.admin('group', 'add', '--site', world.key, '--id', `g${n % 2}`, '--name', group),
    ]);
    // One group is no choice.
    await expectSeen(ann.frame.locator('body'), [is.ti, is.fn, is.fe, is.fp, is.co, ...(n > 0 ? [is.gt, group] : [])].map(lined));
    // Who has other groups now has connected anew; an operator who comes later stays.
    const leave = await joinAs(world, name, position);
    await ann.run((_, request) => (window.notes[0] as Form).sendRequest(request), {
      name: `rn ${text}`,
      email: `re ${text}`,
      phone: `rp ${text}`.slice(0, 50),
      message: `rm ${text}`,
      group_id: `rg ${text}`.slice(0, 64),
    });
    await vera.run(
      (chat, { title, card, path, draft }) => {
        document.title = title;
        history.pushState(null, '', path);
        chat.setVisitorCard(card);
        chat.chatTyping(draft);
      },
      {
        title: is.pt,
        path: `/${encodeURIComponent(text)}?QUERY=1`,
        card: { name: is.cn, email, phone: `cp ${text}`.slice(0, 50) },
        draft: is.dr,
      },
    );
    await expectSeen(vera.frame.locator('body'), [...[is.ot, is.on, is.op, is.om].map(lined), name, position]);
    if (n > 0) expect(flat((await vera.frame.getByRole('combobox').textContent()) ?? '')).toContain(flat(group));
    await expectSeen(olga.page.locator('body'), [
      ...[is.cn, `cp ${text}`.slice(0, 50), is.pt, `rn ${text}`, `re ${text}`, `rp ${text}`.slice(0, 50)].map(lined),
      lined(email),
      is.dr,
      `${name} joined`,
      encodeURIComponent(text).replace(/\.$/, ''),
      `rm ${text}`,
      `rg ${text}`.slice(0, 64),
    ]);
    for (const [name, place] of [
      ['start', ann.frame],
      ['form', vera.frame],
      ['workplace', olga.page],
    ] as const)
      expect(await escaping(place.locator('body')), `${name}: ${text}`).toEqual([]);
    await leave();
  }
  expect(await ann.frame.getByRole('link', { name: 'Privacy' }).getAttribute('href')).toContain('https://shop.example/');

  // What a page's script hands in beside words: what the chat is called, a template that is none, a group that there is not.
  for (const text of short) {
    await ann.run((_, text) => {
      const own = window.CallGear.UI.createWidget('consultant_chat', { settings: { title: `at ${text}` }, template: text, tpl: text });
      own.render();
      own.show();
    }, text);
    await expectSeen(ann.frame.getByRole('heading', { level: 1 }), [`at ${text}`]);
  }
  expect(await ann.done('startChat', `gx ${first}`.slice(0, 64))).toBe('ok');
  // Both wait: nobody is with the other any more.
  await expect(olga.visitors('Waiting')).toHaveCount(2);
  await expect(olga.page.locator('body')).not.toContainText('gx ');

  await expectNothingRan(...pages);
  for (const place of [ann.frame, vera.frame, olga.page]) expect(await place.locator(RUNNING).count()).toBe(0);

  // What the visitor is known by stands in the boxes of the next form.
  await vera.run(() => {
    const form = window.notes[0] as Form;
    form.hide();
    form.show();
  });
  await expect(vera.frame.getByRole('textbox').first()).toHaveValue(lined(`cn ${short.at(-1)}`));

  const names = short.map((text) => lined(`na ${text}`));
  const paper = await watchPaper(vera.page.frames().find((each) => each.url().startsWith(`${world.system.chat}/frame/`)));
  await vera.call('printCurrentChat');
  const absent = (texts: readonly string[], from: string) => texts.filter((text) => !flat(from).includes(flat(text)));
  await expect.poll(async () => absent([...long, ...names], (await paper()).text)).toEqual([]);
  expect((await paper()).images.filter((src) => !src.startsWith(world.system.chat))).toEqual([]);

  // By mail: a code first, in which nobody's words stand, then the correspondence. An application goes to nobody.
  await set('mail.confirm', true);
  const to = `${world.key}@example.com`;
  const mails = () => world.system.mails.filter((mail) => mail.to.includes(to));
  await vera.call('sendChatByMail', to);
  await expect.poll(() => mails().length).toBe(1);
  const code = partsOf(mails()[0]?.raw ?? '');
  const number = /\b\d{6}\b/.exec(code.text)?.[0] ?? '';
  const constant = `Your code is ${number}. It confirms that this address is yours, and is good for 15 minutes. If you did not ask for it, nothing needs to be done.`;
  expect([flat(code.text), flat(code.html.replace(/<[^>]*>/g, ' '))]).toEqual([constant, `Your confirmation code ${constant}`]);
  await vera.call('sendChatByMail', `${to} ${number}`);
  await expect.poll(() => mails().length).toBe(2);
  for (const { raw } of mails()) {
    const head = raw
      .slice(0, raw.indexOf('\r\n\r\n'))
      .replace(/\r\n[ \t]+/g, ' ')
      .split('\r\n');
    expect(head.map((line) => line.split(':')[0]).sort()).toEqual([
      'Auto-Submitted',
      'Content-Type',
      'Date',
      'From',
      'MIME-Version',
      'Message-ID',
      'Subject',
      'To',
      'X-Auto-Response-Suppress',
    ]);
    expect(head).toEqual(
      expect.arrayContaining([
        'From: Chat <chat@example.com>',
        `To: ${to}`,
        expect.stringMatching(/^Subject: Your (chat transcript|confirmation code)$/),
      ]),
    );
  }
  const { text, html } = partsOf(mails()[1]?.raw ?? '');
  expect(absent([...long, ...names], text)).toEqual([]);
  const reader = await olga.page.context().newPage();
  await reader.setContent(html);
  expect(await reader.evaluate(() => [...new Set([...document.querySelectorAll('*')].map((element) => element.localName))].sort())).toEqual(
    ['b', 'body', 'br', 'h1', 'head', 'html', 'meta', 'p', 'title'],
  );
  expect(absent([...long, ...names], (await reader.locator('body').textContent()) ?? '')).toEqual([]);
  await expectNothingRan(reader, ...pages);
  expect(world.system.mails.filter(({ raw }) => flat(partsOf(raw).text).includes(flat(`rm ${first}`)))).toEqual([]);

  // What no product of ours has a place for: it stands on no screen, in no mail, and in nothing that is kept.
  const kept = await world.system.admin('visitor', 'export', String(await vera.page.evaluate(() => window.CallGear.getVisitorId())));
  expect(kept).toContain('cn ');
  for (const place of [
    await olga.page.locator('body').textContent(),
    await vera.frame.locator('body').textContent(),
    text,
    kept,
    world.system.output(),
  ])
    for (const word of ['UA-', 'QUERY', 'REFERRER']) expect(place).not.toContain(word);

  expect(outside.flat()).toEqual([]);
  expect(canary.asked).toEqual([]);
  canary.close();
});
