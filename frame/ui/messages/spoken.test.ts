/** What a screen reader is told of a conversation: each thing once, nothing twice, in the language on show. */
import { signal } from '@preact/signals';
import { beforeEach, expect, test } from 'vitest';
import { API, INVITE, REGISTER, UI, VISITOR, chatOf, world } from '../../testing/session-world.ts';
import type { Presentation } from '../../../shared/page/bridge.ts';
import { speak } from '../../language/language.ts';
import { listen } from './spoken.ts';

const SHOWN: Presentation = {
  isDrawn: true,
  isInline: false,
  hasLauncher: true,
  view: 'chat',
  byVisitor: true,
  appearance: {},
} as Presentation;

function hearing(isKnown = true) {
  const w = world({ isKnown });
  const presentation = signal(SHOWN);
  const said: string[] = [];
  listen(w.session, { presentation }, (text) => said.push(text));
  return { ...w, presentation, heard: () => said.splice(0) };
}

beforeEach(() => speak('en'));

test('[VI.conversation] messages of others are spoken once, own ones never, and no sign that only formats', async () => {
  const w = hearing();
  const chat = chatOf('c1');
  chat.started();
  chat.said('what was there before');
  chat.joined();
  await w.begin(chat);
  expect(w.heard()).toEqual([]);

  w.session.send('Mine', null, UI);
  w.evt(chat, chat.said('Mine', VISITOR, 'u1'), chat.said('**Hello**\n- one'), chat.file('plan.pdf', null));
  expect(w.heard()).toEqual(['Anna: Hello\none']);
  w.evt(chat, chat.said('A bot', { kind: 'bot' }));
  expect(w.heard()).toEqual(['Automatic message: A bot']);
});

test('[VI.conversation] who came and went is spoken once, and leaving with the end is one thing', async () => {
  const w = hearing();
  const chat = chatOf('c1');
  chat.started();
  await w.begin(chat);
  w.evt(chat, chat.joined());
  w.evt(chat, chat.rated(4));
  w.evt(chat, chat.lost());
  await w.clock.pass(200);
  w.evt(chat, chat.joined(), chat.left(), chat.closed());
  // The step below the messages says that Anna has left, and that the mark was taken.
  expect(w.heard()).toEqual(['Anna joined the chat', 'Anna joined the chat', 'You ended the chat']);
});

test('[VI.conversation] after a break only what is new is spoken, and older history never', async () => {
  const w = hearing();
  const chat = chatOf('c1');
  chat.started();
  const joined = chat.joined();
  chat.said('one');
  await w.begin(chat, { history: { items: chat.messages(), moments: [joined as never], hasOlder: true } });
  w.cut();
  await w.reopen();
  const again = chat.joined();
  chat.said('two');
  w.say(w.welcomeFrame(chat, { history: { items: chat.messages(), moments: [joined, again] as never, hasOlder: true } }));
  expect(w.heard().sort()).toEqual(['Anna joined the chat', 'Anna: two']);
  w.session.older();
  w.say({ t: 'history', n: 1, page: { items: [], moments: [{ kind: 'request.left', way: 'sitephone', date: 1 }], hasOlder: false } });
  expect(w.heard()).toEqual([]);
});

test('[VI.conversation] an invitation is spoken once, also where the chat is closed, and not again as its first message', async () => {
  const w = hearing(false);
  await w.begin();
  w.presentation.value = { ...SHOWN, view: null };
  w.say({ t: 'register', register: { ...REGISTER, invite: INVITE } });
  w.say({ t: 'register', register: { ...REGISTER, invite: INVITE } });
  expect(w.heard()).toEqual(['Anna: May I help?']);
  w.presentation.value = SHOWN;
  const chat = chatOf('c1');
  w.evt(chat, chat.started(null, 'invite'), chat.said('May I help?'), chat.said('Then ask.'));
  expect(w.heard()).toEqual(['Anna: Then ask.']);
});

test('[VI.conversation] that somebody types is spoken once a minute, and only while the chat is open', async () => {
  const w = hearing();
  const chat = chatOf('c1');
  chat.started();
  chat.joined();
  await w.begin(chat);
  w.presentation.value = { ...SHOWN, view: null };
  w.say({ t: 'typing', name: 'Anna' });
  expect(w.heard()).toEqual([]);
  w.presentation.value = SHOWN;
  for (let minute = 0; minute < 2; minute += 1)
    for (let n = 0; n < 4; n += 1) {
      await w.clock.pass(15_000);
      w.say({ t: 'typing', name: 'Anna' });
    }
  expect(w.heard()).toEqual(['Anna is typing', 'Anna is typing']);
});

test('[VI.conversation] a refusal is spoken when it comes; that a message was stored is not', async () => {
  const w = hearing();
  const chat = chatOf('c1');
  chat.started();
  await w.begin(chat);
  w.session.send('one', null, API);
  await w.settle(chat);
  w.say({ t: 'nack', uid: w.uidOf('message.send'), code: 'too_long', message: '', retry: false });
  expect(w.heard()).toEqual(['Not sent']);
});

test('[VI.conversation] speaks the language on show', async () => {
  const w = hearing();
  const chat = chatOf('c1');
  chat.started();
  await w.begin(chat);
  await speak('de');
  expect(w.heard()).toEqual([]);
  w.evt(chat, chat.joined());
  expect(w.heard()).toEqual(['Anna ist dem Chat beigetreten']);
});
