/** The correspondence by mail, received by a real mail server. */
import { expect, test, type World } from '../support/fixtures.ts';
import { type Mail } from '../support/system.ts';

/** The mail that came to this address, its text decoded. */
async function received(world: World, to: string): Promise<Mail & { text: string }> {
  const mine = () => world.system.mails.filter((mail) => mail.to.includes(to));
  await expect.poll(() => mine().length).toBe(1);
  const [mail] = mine() as [Mail];
  return { ...mail, text: decode(mail.raw) };
}

/** Enough of MIME for our own mails: quoted-printable and base64 parts as one text. */
function decode(raw: string): string {
  const quoted = raw
    .replace(/=\r?\n/g, '')
    .replace(/((?:=[0-9A-F]{2})+)/g, (bytes) => Buffer.from(bytes.replaceAll('=', ''), 'hex').toString());
  const encoded = [...raw.matchAll(/base64\r?\n(?:[^\r\n]+\r?\n)*\r?\n([A-Za-z0-9+/=\r\n]+)/g)].map(([, part]) =>
    Buffer.from(part ?? '', 'base64').toString(),
  );
  return [quoted, ...encoded].join('\n');
}

test('[ME.sendChatByMail] [EV.sendchatbymail] the correspondence arrives, in order, and the event says so', async ({ world }) => {
  const { visitor, operator } = await world.conversation();
  await visitor.done('sendChatMessage', 'Do you ship to Tromsø?');
  await operator.reply('Yes, in <three> days.');
  await visitor.hears('sendmessage');
  const to = `${world.key}@example.com`;
  expect(await visitor.call('sendChatByMail', to)).toBe('(undefined)');
  expect((await visitor.hears('sendchatbymail')).payload).toEqual({ success: true });
  const mail = await received(world, to);
  expect(mail.to).toEqual([to]);
  expect(mail.text).toMatch(/Do you ship to Tromsø\?[^]*Olga Petrova[^]*Yes, in (<|&lt;)three(>|&gt;) days\./);
});

test('[ME.sendChatByMail] after the chat has ended it is still the last one’s', async ({ world }) => {
  const { visitor } = await world.conversation();
  await visitor.done('sendChatMessage', 'the last word');
  await visitor.done('closeChat');
  const to = `${world.key}@example.com`;
  await visitor.call('sendChatByMail', ` ${to} `);
  expect((await visitor.hears('sendchatbymail')).payload).toEqual({ success: true });
  expect((await received(world, to)).text).toContain('the last word');
});

test('[ME.sendChatByMail] [EV.sendchatbymail] a mistyped address answers without success, and nothing is sent', async ({ world }) => {
  const { visitor } = await world.conversation();
  await visitor.done('sendChatMessage', 'secret');
  const wrong = [
    'vera',
    'vera@',
    'vera@example.com, eve@example.com',
    `vera@example.com\r\nBcc: eve@example.com`,
    'Vera <vera@example.com>',
    '',
  ];
  for (const [n, address] of wrong.entries()) {
    await visitor.call('sendChatByMail', address);
    expect((await visitor.hears('sendchatbymail', n + 1)).payload, address).toEqual({ success: false, error: expect.any(String) });
  }
  expect(await visitor.told('error')).toMatchObject(wrong.map(() => ({ command: 'sendChatByMail' })));
  const to = `${world.key}@example.com`;
  await visitor.call('sendChatByMail', to);
  await received(world, to);
  expect(world.system.mails.filter(({ raw }) => raw.includes('secret')).flatMap((mail) => mail.to)).toEqual([to]);
});

test('[ME.sendChatByMail] with no correspondence there is nothing to send', async ({ world }) => {
  const visitor = await world.visitor();
  await visitor.call('sendChatByMail', `${world.key}@example.com`);
  expect((await visitor.hears('sendchatbymail')).payload).toMatchObject({ success: false });
});

test('[EV.sendchatbymail] it answers on the calling page alone', async ({ world }) => {
  const { visitor } = await world.conversation();
  const second = await world.page(visitor);
  await visitor.done('sendChatMessage', 'a word');
  await visitor.call('sendChatByMail', `${world.key}@example.com`);
  await visitor.hears('sendchatbymail');
  await second.settled();
  expect(await second.order('sendchatbymail')).toEqual([]);
});

test('[E6] [ME.sendChatByMail] where addresses are confirmed, the code from the mail opens the way, by hand and by script', async ({
  world,
}) => {
  // The setting concerns the server alone and no page hears of it, so the first refusal shows that it is in force.
  await world.system.admin('site', 'set', world.key, 'mail.confirm', 'true');
  const { visitor } = await world.conversation();
  await visitor.done('sendChatMessage', 'for my eyes only');
  await visitor.openChat();
  const to = `${world.key}@example.com`;
  await visitor.choose('Email transcript');
  await visitor.frame.getByRole('textbox', { name: 'Email' }).fill(to);
  const form = visitor.frame.getByRole('form', { name: 'Email transcript' });
  await form.getByRole('button', { name: 'Send' }).click();
  await expect(form.getByText('We have sent a code to this address.')).toBeVisible();
  const asked = await received(world, to);
  expect(asked.text).not.toContain('for my eyes only');
  const code = /Your code is (\d{6})\./.exec(asked.text)?.[1] ?? '';
  const wrong = code === '111111' ? '222222' : '111111';
  expect(await visitor.done('sendChatByMail', `${to} ${wrong}`)).toBe('forbidden');
  await form.getByRole('textbox', { name: 'Code from the mail' }).fill(code);
  await form.getByRole('button', { name: 'Send' }).click();
  await expect(form.getByText('The conversation is on its way to you.')).toBeVisible();
  await expect.poll(() => world.system.mails.filter((mail) => mail.to.includes(to)).length).toBe(2);
  expect(decode(world.system.mails.filter((mail) => mail.to.includes(to))[1]?.raw ?? '')).toContain('for my eyes only');
});
