import { describe, expect, test } from 'vitest';
import { ChatError } from '../../shared/errors.ts';
import { flushPromises } from '../../shared/testing/clock-and-store.ts';
import { ANNA, API, INVITE, OPERATOR, REGISTER, SETTINGS, UI, VISITOR, chatOf, world } from '../testing/session-world.ts';

const by = (id: string) => ({ via: 'api', id }) as const;
const DOCUMENT = { name: 'a.txt', size: 3, type: 'text/plain' };
const FILE_UID = '00000000-0000-4000-9000-000000000001';

/** A visitor in an open chat that Anna has joined. */
async function inChat(options = {}) {
  const chat = chatOf('c1');
  chat.started();
  chat.joined();
  const w = world({ isKnown: true, ...options });
  await w.begin(chat);
  return { ...w, chat };
}

describe('loading', () => {
  test('the page begins with the first welcome and hears no event of it', async () => {
    const chat = chatOf('c1');
    chat.started();
    chat.joined();
    chat.said('Hello');
    const w = world({ isKnown: true });
    await w.load();
    w.say(w.welcomeFrame(chat));
    await flushPromises();
    expect(w.heard()).toEqual([]);
    expect(w.session.state.value).toBe('chat');
    expect(w.session.operator.value).toEqual(ANNA);
    expect(w.session.unread.value).toBe(1);
    expect(w.session.isAvailable.value).toBe(true);
  });

  test('[SE.quiet] before an act the page stores nothing, makes no visitor and says hello without a token', async () => {
    const w = world();
    await w.begin();
    w.session.closeChat(API);
    w.session.rejectInvite(API);
    w.session.setDraft('thinking');
    await w.settle();
    expect(w.asked).toEqual([false]);
    expect(w.store.rows.size).toBe(0);
    expect(w.frames('hello')).toHaveLength(1);
    expect(w.frames('hello')[0]).not.toHaveProperty('access');
    expect(w.frames('typing')).toEqual([]);
  });

  test('the first act stores the command, makes the visitor and signs in on the same socket', async () => {
    const w = world();
    await w.begin();
    w.session.start(null, API);
    expect(w.commands()).toEqual([]);
    await w.settle();
    expect(w.asked).toEqual([false, true]);
    expect(w.frames('hello').at(-1)).toMatchObject({ access: 'token2' });
    expect(w.commands()).toMatchObject([{ kind: 'chat.start' }]);
    expect(w.store.rows.size).toBe(1);
    expect(w.session.visitorId.value).toBe('v1');
    expect(w.told).toEqual(['acted']);
  });

  test('the page asks an unreachable server again until the visitor exists', async () => {
    const w = world();
    await w.begin();
    w.reach(false);
    w.session.send('Hi', null, API);
    await w.clock.pass(10_000);
    expect(w.commands()).toEqual([]);
    w.reach(true);
    await w.clock.pass(4_000);
    await w.settle();
    w.say(w.welcomeFrame());
    await flushPromises();
    expect(w.commands()).toMatchObject([{ kind: 'message.send', text: 'Hi' }]);
  });

  test('when another page acts, this page becomes the same visitor and hears of the chat', async () => {
    const w = world();
    await w.begin();
    const chat = chatOf('c1');
    chat.started();
    chat.said('from there', VISITOR, 'other');
    w.appear();
    w.hearPeer('acted');
    await flushPromises();
    expect(w.asked.at(-1)).toBe(false);
    w.say(w.welcomeFrame(chat));
    expect(w.heard()).toEqual(['statechange chat', 'sendmessage from there']);
  });

  test('nothing leaves the page before a required consent; acts wait in memory', async () => {
    const w = world({ isConsentRequired: true });
    await w.load();
    w.session.send('Hi', null, API);
    await w.clock.pass(5_000);
    expect([w.asked, w.sockets.length, w.store.rows.size]).toEqual([[], 0, 0]);
    expect(w.session.pending.value).toHaveLength(1);
    expect([w.session.connection.value, w.hasKeptConsent()]).toEqual(['withheld', false]);
    w.session.setConsent(true);
    expect([w.session.connection.value, w.hasKeptConsent()]).toEqual(['connecting', false]);
    await flushPromises();
    w.sockets[0]?.listener.open();
    w.say(w.welcomeFrame());
    await flushPromises();
    expect(w.commands()).toMatchObject([{ kind: 'message.send' }]);
    expect(w.store.rows.size).toBe(1);
  });

  test('[VI.consent] a consent that the visitor gives in the chat is kept, and connects', async () => {
    const w = world({ isConsentRequired: true });
    await w.load();
    w.session.agree();
    await flushPromises();
    expect([w.session.connection.value, w.hasKeptConsent(), w.sockets.length]).toEqual(['connecting', true, 1]);
    w.session.setConsent(false);
    expect(w.session.connection.value).toBe('withheld');
  });

  test('[RE.settings] the site’s settings hold from the first moment, before any request', async () => {
    const settings = structuredClone(SETTINGS);
    settings.chat.h_position = 'left';
    settings.common.banner_color = '#008800';
    const w = world({ settings });
    expect(w.session.settings.value).toEqual(settings);
    expect([w.asked, w.sockets.length]).toEqual([[], 0]);
    await w.begin();
    w.say({ t: 'settings', settings: SETTINGS });
    expect(w.session.settings.value).toEqual(SETTINGS);
  });

  test('the page forgets everything and closes its socket when consent is withdrawn', async () => {
    const w = await inChat();
    w.session.send('Hi', null, API);
    await w.settle();
    w.drain();
    w.session.setConsent(false);
    await flushPromises();
    expect(w.isForgotten()).toBe(true);
    expect(w.store.isCleared).toBe(true);
    expect(w.sockets.every(({ isClosed }) => isClosed)).toBe(true);
    expect([w.session.state.value, w.session.messages.value, w.session.pending.value, w.session.visitorId.value]).toEqual([
      'available',
      [],
      [],
      null,
    ]);
    expect(w.told.at(-1)).toBe('forgotten');
    await w.clock.pass(60_000);
    expect(w.sockets).toHaveLength(1);
  });

  test('[C1] the page of a closed site says once that nobody answers, and does not try again', async () => {
    const w = await inChat();
    w.drain();
    w.sockets.at(-1)?.listener.close(4410);
    expect(w.heard()).toEqual(['offline', 'availability false']);
    expect([w.session.connection.value, w.session.isAvailable.value]).toEqual(['closed', false]);
    await w.clock.pass(600_000);
    expect([w.sockets.length, w.heard()]).toEqual([1, []]);
  });

  test('the page shows what an earlier one could not send, sends it first, and tells its delivery', async () => {
    const w = world({ isKnown: true, hasTraces: true });
    const command = { uid: 'old', kind: 'message.send', text: 'unsent', group: null } as const;
    w.store.left = [{ uid: 'old', order: 1, command, failed: null }];
    await w.begin();
    expect(w.session.pending.value).toMatchObject([{ message: { text: 'unsent', message_id: null } }]);
    w.session.send('newer', null, API);
    await w.settle();
    expect(w.commands().map(({ uid }) => uid)[0]).toBe('old');
    const chat = chatOf('c1');
    w.drain();
    w.evt(chat, chat.started(null, 'message'), chat.said('unsent', VISITOR, 'old'));
    expect(w.heard()).toEqual(['statechange chat', 'messagedelivered c1-2']);
  });

  test('a browser that never says what it keeps does not keep the page from the server', async () => {
    const w = world({ isKnown: true });
    w.store.mood = 'stuck';
    const command = { uid: 'old', kind: 'message.send', text: 'unsent', group: null } as const;
    w.store.left = [{ uid: 'old', order: 1, command, failed: null }];
    w.session.setPage({ url: 'https://shop.example/', title: 'Shop' }, true);
    await w.clock.pass(2_000);
    expect(w.sockets).toHaveLength(1);
    w.sockets[0]?.listener.open();
    w.say(w.welcomeFrame());
    expect(w.session.connection.value).toBe('online');
    // The next look finds what was left.
    w.store.mood = 'well';
    await w.clock.pass(3_000);
    expect(w.commands()).toMatchObject([{ uid: 'old' }]);
  });

  test('[SE.leave] a page that may end leaves unanswered commands to the browser in order, and keeps them', async () => {
    const { session, handed, store, say, settle, commands } = await inChat();
    session.sendBeacon();
    expect(handed.flatMap(({ commands }) => commands)).toEqual([]);
    session.send('one', null, API);
    await settle();
    session.send('two', null, API);
    session.send('three', null, API);
    session.sendBeacon();
    expect(handed.at(-1)).toMatchObject({ access: 'token1', commands: [{ text: 'one' }, { text: 'two' }, { text: 'three' }] });
    await settle();
    expect([...store.rows.values()].map(({ command }) => command)).toMatchObject([{ text: 'one' }, { text: 'two' }, { text: 'three' }]);
    say({ t: 'nack', uid: commands()[0]!.uid, code: 'storage_full', message: '', retry: false });
    await settle();
    session.sendBeacon();
    expect(handed.at(-1)?.commands).toMatchObject([{ text: 'two' }, { text: 'three' }]);
  });

  test('[SE.leave] [SE.quiet] a page without a visitor leaves nothing', async () => {
    const w = world();
    await w.begin();
    w.session.rejectInvite(API);
    w.session.sendBeacon();
    expect(w.handed).toEqual([]);
  });

  test('the page renews an ended or refused token before it reconnects', async () => {
    const w = await inChat();
    expect(w.asked).toEqual([false]);
    w.cut();
    await w.reopen();
    expect(w.asked).toEqual([false]);
    await w.clock.pass(10 * 60_000);
    w.cut();
    await w.reopen();
    expect(w.asked).toEqual([false, false]);
    w.sockets.at(-1)?.listener.close(4401);
    await w.reopen();
    expect(w.asked).toHaveLength(3);
  });
});

describe('starting and closing', () => {
  test('[ME.startChat] statechange, then startchat, then the answer', async () => {
    const w = world({ isKnown: true });
    await w.begin();
    w.session.start(null, by('1'));
    await w.settle();
    const chat = chatOf('c1');
    w.evt(chat, chat.started(w.uidOf('chat.start')));
    w.ack('chat.start', 'c1');
    expect(w.heard()).toEqual(['statechange chat', 'startchat', 'answer 1 ok']);
  });

  test('[ME.startChat] an answer that comes before its event waits for it', async () => {
    const w = world({ isKnown: true });
    await w.begin();
    w.session.start(null, by('1'));
    await w.settle();
    w.ack('chat.start', 'c1');
    expect(w.heard()).toEqual([]);
    const chat = chatOf('c1');
    w.evt(chat, chat.started());
    expect(w.heard()).toEqual(['statechange chat', 'startchat', 'answer 1 ok']);
  });

  test('[ME.startChat] in a chat already: startchat answers, nothing else happens', async () => {
    const w = await inChat();
    w.session.start(null, by('1'));
    await w.settle();
    w.ack('chat.start', 'c1');
    expect(w.heard()).toEqual(['startchat', 'answer 1 ok']);
  });

  test('[EV.answers.not] a chat that a message or another page began only changes the state', async () => {
    const w = world({ isKnown: true });
    await w.begin();
    const chat = chatOf('c1');
    w.evt(chat, chat.started('someone else'));
    expect(w.heard()).toEqual(['statechange chat']);
  });

  test('[ME.closeChat] statechange, operatorleave, closechat, answer, although two events bring them', async () => {
    const w = await inChat();
    w.session.closeChat(by('1'));
    await w.settle();
    expect(w.heard()).toEqual([]);
    w.evt(w.chat, w.chat.left(), w.chat.closed(w.uidOf('chat.close')));
    expect(w.heard()).toEqual(['statechange available', 'operatorleave', 'closechat', 'answer 1 ok']);
    expect(w.session.operator.value).toBeNull();
  });

  test('[EV.answers.not] closed by the operator: no closechat', async () => {
    const w = await inChat();
    w.evt(w.chat, w.chat.left(), w.chat.closed());
    expect(w.heard()).toEqual(['statechange available', 'operatorleave']);
  });

  test('[EV.operatorleave.not] nobody had joined', async () => {
    const chat = chatOf('c1');
    chat.started();
    const w = world({ isKnown: true });
    await w.begin(chat);
    w.session.closeChat(by('1'));
    await w.settle();
    w.evt(chat, chat.closed(w.uidOf('chat.close')));
    expect(w.heard()).toEqual(['statechange available', 'closechat', 'answer 1 ok']);
  });

  test('[FF.C1] the page hears that an operator has no connection, then is lost, and waits anew', async () => {
    const w = await inChat();
    w.say({ t: 'register', register: { ...REGISTER, isAway: true } });
    expect([w.session.isAway.value, w.session.operator.value?.name]).toEqual([true, 'Anna']);
    w.evt(w.chat, w.chat.lost());
    w.say({ t: 'register', register: REGISTER });
    w.evt(w.chat, w.chat.said('Please wait', { kind: 'bot' }));
    w.evt(w.chat, w.chat.offered());
    expect(w.heard()).toEqual(['operatorleave', 'sendmessage Please wait', 'retention sitephone']);
    expect([w.session.isAway.value, w.session.operator.value, w.session.state.value, w.session.chat.value?.isAnswered]).toEqual([
      undefined,
      null,
      'chat',
      false,
    ]);
  });

  test('[EV.operatorleave] the page hears after a moment of an operator who leaves without closing', async () => {
    const w = await inChat();
    w.evt(w.chat, w.chat.left());
    await w.clock.pass(200);
    expect(w.heard()).toEqual(['operatorleave']);
    expect(w.session.state.value).toBe('chat');
  });

  test('[EV.operatorjoined] a transfer is a leaving, then a joining', async () => {
    const w = await inChat();
    w.evt(w.chat, w.chat.left(), w.chat.joined());
    expect(w.heard()).toEqual(['operatorleave', 'operatorjoined Anna', 'ratingchange null']);
  });

  test('[SC.1] a close overtakes a start: startchat, closechat, and nothing in between', async () => {
    const w = world({ isKnown: true });
    await w.begin();
    w.session.start(null, by('1'));
    w.session.closeChat(by('2'));
    await w.settle();
    const chat = chatOf('c1');
    w.evt(chat, chat.started(w.uidOf('chat.start')), chat.joined());
    await w.settle();
    w.evt(chat, chat.left(), chat.closed(w.uidOf('chat.close')));
    expect(w.heard()).toEqual(['startchat', 'answer 1 ok', 'closechat', 'answer 2 ok']);
    expect(w.session.state.value).toBe('available');
  });

  test('[SC.1] the page sees only the last chat of start, close and start at once', async () => {
    const w = world({ isKnown: true });
    await w.begin();
    w.session.start(null, API);
    w.session.closeChat(API);
    w.session.start(null, API);
    await w.settle();
    const one = chatOf('c1');
    const two = chatOf('c2', 2);
    w.evt(one, one.started(w.uidOf('chat.start')));
    await w.settle();
    expect(w.commands().map(({ kind }) => kind)).toEqual(['chat.start', 'chat.close', 'chat.start']);
    w.evt(one, one.closed(w.uidOf('chat.close')));
    w.evt(two, two.started(w.uidOf('chat.start')));
    expect(w.heard()).toEqual(['startchat', 'closechat', 'statechange chat', 'startchat']);
  });

  test('[ME.closeChat] a close without a chat is answered and told by no event', async () => {
    const w = world({ isKnown: true });
    await w.begin();
    w.session.closeChat(by('1'));
    await w.settle();
    w.ack('chat.close', null);
    expect(w.heard()).toEqual(['answer 1 ok']);
  });

  test('the page applies a close offline at once, delivers it later, and shows it once', async () => {
    const w = await inChat();
    w.cut();
    w.drain();
    w.session.closeChat(by('1'));
    expect(w.heard()).toEqual(['statechange available', 'operatorleave', 'closechat', 'answer 1 ok']);
    expect(w.session.chat.value?.isOpen).toBe(false);
    await w.reopen();
    w.say(w.welcomeFrame(w.chat, { resumed: true, history: null }));
    await flushPromises();
    w.drain();
    w.evt(w.chat, w.chat.left(), w.chat.closed(w.uidOf('chat.close')));
    w.ack('chat.close', 'c1');
    await w.clock.pass(1_000);
    expect(w.heard()).toEqual([]);
    expect(w.session.state.value).toBe('available');
  });

  test('[ME.closeChat] a page that never reached the server answers at once and tells no event', async () => {
    const w = world({ isKnown: true });
    w.reach(false);
    await w.load();
    w.session.closeChat(by('1'));
    await flushPromises();
    expect(w.heard()).toEqual(['answer 1 ok']);
    const silent = world({ isConsentRequired: true });
    await silent.load();
    silent.session.closeChat(by('1'));
    await flushPromises();
    expect(silent.heard()).toEqual(['answer 1 ok']);
  });

  test('[ME.closeChat] a close waits for the first connection, but not for ever', async () => {
    const chat = chatOf('c1');
    chat.started();
    const w = world({ isKnown: true });
    await w.load();
    w.session.closeChat(by('1'));
    await w.clock.pass(2_900);
    expect(w.heard()).toEqual([]);
    w.say(w.welcomeFrame(chat));
    await w.settle();
    w.evt(chat, chat.closed(w.uidOf('chat.close')));
    expect(w.heard()).toEqual(['statechange available', 'closechat', 'answer 1 ok']);
    const slow = world({ isKnown: true });
    await slow.load();
    slow.session.closeChat(by('1'));
    await slow.clock.pass(3_000);
    expect(slow.heard()).toEqual(['answer 1 ok']);
  });

  test('[ME.closeChat] the page never shows a chat that it closed before the server opened it', async () => {
    const chat = chatOf('c1');
    chat.started();
    const w = world({ isKnown: true });
    w.reach(false);
    await w.load();
    w.session.closeChat(API);
    await flushPromises();
    w.reach(true);
    await w.reopen();
    w.drain();
    w.say(w.welcomeFrame(chat));
    await w.settle();
    expect(w.commands()).toMatchObject([{ kind: 'chat.close' }]);
    expect(w.session.state.value).toBe('available');
    w.evt(chat, chat.closed(w.uidOf('chat.close')));
    w.ack('chat.close', 'c1');
    expect(w.heard()).toEqual([]);
  });

  test('[SC.1] start and close before any connection: startchat, closechat, and nobody waits', async () => {
    const w = world({ isKnown: true });
    w.reach(false);
    await w.load();
    w.session.start(null, by('1'));
    w.session.closeChat(by('2'));
    await flushPromises();
    expect(w.heard()).toEqual(['startchat', 'answer 1 ok', 'closechat', 'answer 2 ok']);
  });

  test('the page applies a close that is under way when the connection breaks', async () => {
    const w = await inChat();
    w.session.closeChat(by('1'));
    await w.settle();
    w.cut();
    expect(w.heard()).toEqual(['offline', 'statechange available', 'operatorleave', 'closechat', 'answer 1 ok']);
  });

  test('[VI.mark] a mark carries its comment, cut to what the server takes, and none where there is none', async () => {
    const w = world();
    await w.begin();
    w.session.setCard({ name: 'Eva' }, API);
    w.session.rate(5, API, ` Kind\u0000 ${'!'.repeat(1200)}`);
    w.session.rate(4, API, '  ');
    w.session.rate(3, API);
    await w.settle();
    const marks = w.commands().slice(-3) as { mark: number; comment?: string }[];
    expect(marks.map(({ mark, comment }) => [mark, comment?.length, comment?.slice(0, 6)])).toEqual([
      [5, 1000, 'Kind !'],
      [4, undefined, undefined],
      [3, undefined, undefined],
    ]);
  });

  test('[OR.5] commands of every kind go out in the order they were given', async () => {
    const w = world();
    await w.begin();
    w.session.setCard({ name: 'Eva' }, API);
    w.session.send('one', null, API);
    w.session.rate(5, API);
    w.session.send('two', null, API);
    w.session.closeChat(API);
    await w.settle();
    expect(w.commands().map(({ kind }) => kind)).toEqual(['card.set', 'message.send', 'rating.set', 'message.send', 'chat.close']);
  });
});

describe('messages', () => {
  test('[ME.sendChatMessage] a message shows as pending at once, and as delivered once it is stored', async () => {
    const w = await inChat();
    const message = w.session.send('Hi', null, API);
    expect(message).toMatchObject({ text: 'Hi', source: 'Visitor', from: 'Visitor', sender: 'visitor', chat_id: 'c1', message_id: null });
    expect(w.session.pending.value).toHaveLength(1);
    expect(w.heard()).toEqual(['messagesent Hi api']);
    await w.settle();
    w.evt(w.chat, w.chat.said('Hi', VISITOR, message?.uid ?? ''));
    expect(w.heard()).toEqual(['messagedelivered c1-3']);
    expect(w.session.pending.value).toEqual([]);
    expect(w.session.messages.value).toMatchObject([{ text: 'Hi', message_id: 'c1-3' }]);
    w.ack('message.send', 'c1', { message_id: 'c1-3', seq: 3, date: 1 });
    expect(w.heard()).toEqual([]);
  });

  test('[ME.sendFile] a message is never nowhere when its answer comes before its event', async () => {
    const w = await inChat();
    w.session.send('Hi', null, UI);
    await w.settle();
    const uid = w.ack('message.send', 'c1', { message_id: 'c1-3', seq: 3, date: 1 });
    expect(w.session.pending.value).toHaveLength(1);
    w.evt(w.chat, w.chat.said('Hi', VISITOR, uid));
    expect([w.session.pending.value.length, w.session.messages.value.length]).toEqual([0, 1]);
    expect(w.heard()).toEqual(['messagesent Hi ui', 'messagedelivered c1-3']);
  });

  test('[EV.sendmessage] any author’s message counts as unread before the page hears of it', async () => {
    const w = await inChat();
    let unread = -1;
    w.session.subscribe((change) => {
      if (change.events.some(({ name }) => name === 'sendmessage')) unread = w.session.unread.value;
    });
    w.evt(w.chat, w.chat.said('Hello'));
    expect(unread).toBe(1);
    w.evt(w.chat, w.chat.said('wait', { kind: 'bot' }), w.chat.said('there', VISITOR, 'elsewhere'));
    expect(w.heard()).toEqual(['sendmessage Hello', 'sendmessage wait', 'sendmessage there']);
    expect(w.session.unread.value).toBe(1);
  });

  test("[EV.sendmessage.not] never twice, in the server's order, a gap filled first", async () => {
    const w = await inChat();
    const events = [w.chat.said('one'), w.chat.said('two'), w.chat.said('three')];
    w.evt(w.chat, events[0]!, events[2]!, events[0]!);
    expect(w.heard()).toEqual(['sendmessage one']);
    expect(w.frames('sync')).toEqual([{ t: 'sync', chat: 'c1', after: 3 }]);
    w.evt(w.chat, events[1]!, events[2]!);
    expect(w.heard()).toEqual(['sendmessage two', 'sendmessage three']);
  });

  test('[FF.A4] the page asks until a long answer is whole, and a later chat waits for it', async () => {
    const w = await inChat();
    const [one, two, three] = [w.chat.said('one'), w.chat.said('two'), w.chat.said('three')];
    const next = chatOf('c2', 2);
    w.cut();
    await w.reopen();
    w.say(w.welcomeFrame(w.chat, { resumed: true, history: null }));
    await flushPromises();
    w.drain();
    w.evt(w.chat, one);
    w.say({ t: 'more', chat: 'c1', seq: 5 });
    w.evt(next, next.started(), next.said('later'));
    w.evt(w.chat, two);
    w.say({ t: 'more', chat: 'c1', seq: 5 });
    expect(w.frames('sync')).toEqual([
      { t: 'sync', chat: 'c1', after: 3 },
      { t: 'sync', chat: 'c1', after: 4 },
    ]);
    expect(w.heard()).toEqual(['sendmessage one', 'sendmessage two']);
    w.evt(w.chat, three);
    expect(w.heard()).toEqual(['sendmessage three', 'operatorleave', 'sendmessage later']);
    await w.clock.pass(10_000);
    expect(w.frames('sync')).toHaveLength(2);
  });

  test('[OR.4] a gap in one chat is filled before the next chat goes on', async () => {
    const w = await inChat();
    const next = chatOf('c2', 2);
    const [missed, closed] = [w.chat.said('missed'), w.chat.closed()];
    w.evt(w.chat, closed);
    w.evt(next, next.started(), next.said('later'));
    expect(w.heard()).toEqual([]);
    w.evt(w.chat, missed);
    expect(w.heard()).toEqual(['sendmessage missed', 'statechange available', 'operatorleave', 'statechange chat', 'sendmessage later']);
    expect(w.session.messages.value.map(({ text }) => text)).toEqual(['missed', 'later']);
  });

  test('[EV.additions] the page hears of a final refusal, and a retry keeps the uid', async () => {
    const w = await inChat();
    const uid = w.session.send('Hi', null, API)?.uid ?? '';
    await w.settle();
    w.drain();
    w.say({ t: 'nack', uid, code: 'uid_conflict', message: 'no', retry: false });
    expect(w.heard()).toEqual(['messagefailed uid_conflict', 'error uid_conflict sendChatMessage']);
    expect(w.session.pending.value).toMatchObject([{ failed: 'uid_conflict' }]);
    w.session.resend(uid);
    await w.settle();
    expect(w.commands().at(-1)?.uid).toBe(uid);
    expect(w.session.pending.value).toMatchObject([{ failed: null }]);
    w.say({ t: 'nack', uid, code: 'forbidden', message: 'No.', retry: false });
    expect(w.session.discard(uid)).toBe(true);
    expect(w.session.pending.value).toEqual([]);
  });

  test('[ME.resendMessage] a message on its way cannot be discarded: it stays once and is answered', async () => {
    const w = await inChat();
    w.session.send('Hi', null, API);
    await w.settle();
    const uid = w.uidOf('message.send');
    w.drain();
    expect([w.session.discard(uid), w.session.discard('nobody')]).toEqual([false, false]);
    w.evt(w.chat, w.chat.said('Hi', VISITOR, uid));
    expect(w.heard()).toEqual(['messagedelivered c1-3']);
    expect(w.session.messages.value).toHaveLength(1);
    expect(w.session.discard(uid)).toBe(false);
  });

  test('[ME.resendMessage] goes to the group it was meant for', async () => {
    const w = world({ isKnown: true });
    await w.begin();
    w.session.send('Hi', 'sales', API);
    await w.settle();
    const uid = w.uidOf('message.send');
    w.say({ t: 'nack', uid, code: 'forbidden', message: 'No.', retry: false });
    w.session.resend(uid);
    await w.settle();
    expect(w.commands()).toMatchObject([
      { uid, group: 'sales' },
      { uid, group: 'sales' },
    ]);
  });

  test('[ME.sendChatMessage] the page ignores empty text, refuses long text, replaces half a character', async () => {
    const w = await inChat();
    expect(w.session.send(' \n', null, API)).toBeNull();
    expect(w.session.send('x'.repeat(4097), null, by('1'))).toBeNull();
    expect(w.heard()).toEqual(['error too_long sendChatMessage', 'answer 1 too_long']);
    expect(w.session.send('a\ud83d\0', null, API)?.text).toBe('a\ufffd');
  });

  test('[OB.once] after a break the same message goes again, and its event ends it', async () => {
    const w = await inChat();
    const uid = w.session.send('Hi', null, API)?.uid ?? '';
    await w.settle();
    w.cut();
    await w.reopen();
    expect(w.frames('hello')[0]?.cursors).toEqual({ c1: 2 });
    w.say(w.welcomeFrame(w.chat, { resumed: true, history: null }));
    w.drain();
    w.evt(w.chat, w.chat.said('Hi', VISITOR, uid));
    await flushPromises();
    expect(w.commands().filter((command) => command.uid === uid)).toHaveLength(2);
    expect(w.heard()).toEqual(['messagedelivered c1-3']);
    w.say({ t: 'ack', uid, dup: true, result: { chat: 'c1', message_id: 'c1-3', seq: 3, date: 1 } });
    expect(w.heard()).toEqual([]);
  });

  test('[OB.once] the page tells two messages of a summary as delivered in their order', async () => {
    const w = world({ isKnown: true });
    await w.begin();
    w.session.send('one', null, API);
    w.session.send('two', null, API);
    await w.settle();
    const [one = '', two = ''] = w.session.pending.value.map(({ message }) => message.uid ?? '');
    w.say({ t: 'ack', uid: one, dup: false, result: { chat: 'c1', message_id: 'c1-2', seq: 2, date: 1 } });
    w.cut();
    const chat = chatOf('c1');
    chat.started();
    chat.said('one', VISITOR, one);
    chat.said('two', VISITOR, two);
    await w.reopen();
    w.drain();
    w.say(w.welcomeFrame(chat));
    expect(w.heard().filter((event) => event.startsWith('messagedelivered'))).toEqual(['messagedelivered c1-2', 'messagedelivered c1-3']);
  });

  test('[OR.4] after a long absence the page takes the summary over and shows what it missed', async () => {
    const w = await inChat();
    w.evt(w.chat, w.chat.said('before'));
    w.cut();
    w.drain();
    w.changes.length = 0;
    w.chat.said('missed');
    await w.reopen();
    w.say(w.welcomeFrame(w.chat, { resumed: false }));
    expect(w.changes.some(({ isReplaced }) => isReplaced)).toBe(true);
    expect(w.heard()).toEqual(['online', 'sendmessage missed']);
    expect(w.session.messages.value.map(({ text }) => text)).toEqual(['before', 'missed']);
  });

  test('[EV.operatorjoined] the page hears a missed transfer as leaving, joining and a new rating', async () => {
    const w = await inChat();
    w.cut();
    w.drain();
    await w.reopen();
    const boris = { id: 'o2', card: { ...ANNA, name: 'Boris' } };
    w.say(w.welcomeFrame(w.chat, { chat: { ...w.chat.summary, operator: boris } }));
    expect(w.heard()).toEqual(['online', 'operatorleave', 'operatorjoined Boris', 'ratingchange null']);
  });

  test('[ME.unread] read() changes unread before it returns, fires messageviewed and sends a marker', async () => {
    const w = await inChat();
    w.evt(w.chat, w.chat.said('one'), w.chat.said('two'));
    w.drain();
    w.session.read();
    expect(w.session.unread.value).toBe(0);
    expect(w.heard()).toEqual(['messageviewed']);
    w.session.read();
    expect(w.heard()).toEqual([]);
    await w.settle();
    expect(w.commands().at(-1)).toMatchObject({ kind: 'messages.read', chat: 'c1', seq: 4 });
  });

  test('[EV.messageviewed] another page has read', async () => {
    const w = await inChat();
    w.evt(w.chat, w.chat.said('one'));
    w.drain();
    w.say({ t: 'read', chat: 'c1', visitor: 3, operator: 0 });
    w.say({ t: 'read', chat: 'c1', visitor: 3, operator: 0 });
    expect(w.heard()).toEqual(['messageviewed']);
  });

  test('[ME.getHistory] older pages of history come one by one, in front of the newer ones', async () => {
    const old = chatOf('c0');
    old.started();
    const first = old.said('first');
    const chat = chatOf('c1', 2);
    chat.started();
    chat.said('last');
    const w = world({ isKnown: true });
    await w.begin(chat, { history: { items: chat.messages(), hasOlder: true } });
    w.session.older();
    w.session.older();
    const [asked] = w.frames('history');
    expect(w.frames('history')).toHaveLength(1);
    expect(asked?.before).toEqual({ chat: 'c1', seq: 2 });
    w.say({ t: 'history', n: asked?.n ?? 0, page: { items: old.messages(), hasOlder: false } });
    expect(w.session.messages.value.map(({ text }) => text)).toEqual(['first', 'last']);
    expect(w.changes.at(-1)?.older).toMatchObject({ messages: [{ message_id: first.message_id }], hasOlder: false });
    w.session.older();
    expect(w.changes.at(-1)?.older).toEqual({ messages: [], hasOlder: false });
  });
});

describe('files', () => {
  const send = (w: Awaited<ReturnType<typeof inChat>>, file = DOCUMENT) => w.session.sendFiles([{ uid: FILE_UID, file }], API);

  test('[ME.sendFile] a file tells progress from 0, then becomes a message with the same uid', async () => {
    const w = await inChat();
    send(w);
    await flushPromises();
    expect(w.heard()).toEqual(['fileprogress 0/3']);
    w.transfers[0]?.onProgress(2);
    w.transfers[0]?.resolve({ file: 'f1', link: '', name: 'a.txt', size: 3, type: '' });
    await w.settle();
    expect(w.commands().at(-1)).toEqual({ uid: FILE_UID, kind: 'file.send', file: 'f1' });
    w.evt(w.chat, w.chat.file('a.txt', FILE_UID));
    expect(w.heard()).toEqual(['fileprogress 2/3', 'messagesent a.txt api', 'sendmessage a.txt']);
    expect(w.session.uploads.value).toEqual([]);
  });

  test('[ME.sendFile] a message does not wait for an upload', async () => {
    const w = await inChat();
    send(w);
    w.session.send('meanwhile', null, API);
    await w.settle();
    expect(w.commands()).toMatchObject([{ kind: 'message.send' }]);
  });

  test('[ME.sendFile] the visitor can retry or discard a failed upload', async () => {
    const w = await inChat();
    send(w);
    await flushPromises();
    w.transfers[0]?.reject(new ChatError('upload_failed', 'broken'));
    await flushPromises();
    expect(w.heard()).toEqual(['fileprogress 0/3', 'messagefailed upload_failed', 'error upload_failed sendFile']);
    expect(w.session.uploads.value).toMatchObject([{ failed: 'upload_failed' }]);
    w.session.resend(FILE_UID);
    await flushPromises();
    expect(w.transfers).toHaveLength(2);
    w.drain();
    expect(w.session.discard(FILE_UID)).toBe(true);
    expect(w.session.uploads.value).toEqual([]);
    expect(w.heard()).toEqual(['messagefailed upload_failed']);
  });

  test('[ME.resendMessage] a file whose bytes have arrived becomes a message', async () => {
    const w = await inChat();
    send(w);
    await flushPromises();
    w.transfers[0]?.resolve({ file: 'f1', link: 'x', name: 'a.txt', size: 3, type: 'text/plain' });
    await w.settle();
    expect(w.session.discard(FILE_UID)).toBe(false);
    w.drain();
    w.evt(w.chat, w.chat.file('a.txt', FILE_UID));
    expect(w.heard()).toContain('sendmessage a.txt');
    expect(w.session.uploads.value).toEqual([]);
  });

  test('[ME.sendFile] the page refuses a file that the site does not accept before it sends any byte', async () => {
    const w = await inChat();
    const settings = structuredClone(SETTINGS);
    settings.chat.file = { max_size: 10, accept: ['.pdf', 'image/*'] };
    w.say({ t: 'settings', settings });
    w.session.sendFiles(
      [
        { uid: FILE_UID, file: { name: 'b.pdf', size: 11, type: 'application/pdf' } },
        { uid: FILE_UID.replace(/1$/, '2'), file: DOCUMENT },
      ],
      API,
    );
    await flushPromises();
    expect(w.heard()).toEqual([
      'messagefailed file_too_large',
      'error file_too_large sendFile',
      'messagefailed file_refused',
      'error file_refused sendFile',
    ]);
    expect(w.transfers).toEqual([]);
  });

  test('[ME.isReadyForFileTransfer] enabled for the site and connected', async () => {
    const w = await inChat();
    expect(w.session.canSendFile.value).toBe(true);
    w.cut();
    expect(w.session.canSendFile.value).toBe(false);
  });
});

describe('invitation', () => {
  test('[OR.2] statechange, then invite; withdrawn: available', async () => {
    const w = world();
    await w.begin();
    w.say({ t: 'register', register: { ...REGISTER, invite: INVITE } });
    expect(w.heard()).toEqual(['statechange invite', 'invite May I help?']);
    expect(w.session.invite.value).not.toHaveProperty('expires');
    w.say({ t: 'register', register: REGISTER });
    expect(w.heard()).toEqual(['statechange available']);
  });

  test('[ME.inviteAccept] statechange, inviteaccept; the invitation joins history without sendmessage', async () => {
    const w = world();
    await w.begin();
    w.say({ t: 'register', register: { ...REGISTER, invite: INVITE } });
    w.session.acceptInvite(by('1'));
    await flushPromises();
    w.say(w.welcomeFrame(undefined, { register: { ...REGISTER, invite: INVITE } }));
    await flushPromises();
    w.drain();
    const chat = chatOf('c1');
    w.evt(chat, chat.started(w.uidOf('invite.accept'), 'invite'), chat.said('May I help?', OPERATOR), chat.joined());
    w.say({ t: 'register', register: REGISTER });
    w.ack('invite.accept', 'c1');
    expect(w.heard()).toEqual(['statechange chat', 'inviteaccept', 'answer 1 ok', 'operatorjoined Anna', 'ratingchange null']);
    expect(w.session.messages.value).toHaveLength(1);
    expect(w.session.unread.value).toBe(0);
  });

  test('[ME.inviteReject] statechange, then invitereject, in whichever order the server answers', async () => {
    const w = world();
    await w.begin();
    w.say({ t: 'register', register: { ...REGISTER, invite: INVITE } });
    w.drain();
    w.session.rejectInvite(by('1'));
    await flushPromises();
    w.ack('invite.reject', null);
    w.say({ t: 'register', register: REGISTER });
    expect(w.heard()).toEqual(['statechange available', 'invitereject', 'answer 1 ok']);
    expect(w.asked).toEqual([false]);
  });

  test('[EV.invite.not] in a chat', async () => {
    const w = await inChat();
    w.say({ t: 'register', register: { ...REGISTER, invite: INVITE } });
    expect(w.heard()).toEqual([]);
  });
});

describe('rating, card, mail, requests', () => {
  test('[ME.setOperatorRating] setrating, then ratingchange', async () => {
    const w = await inChat();
    w.session.rate(4, by('1'));
    await w.settle();
    w.evt(w.chat, w.chat.rated(4, w.uidOf('rating.set')));
    expect(w.heard()).toEqual(['setrating 4', 'ratingchange 4', 'answer 1 ok']);
    w.ack('rating.set', 'c1', { seq: 3 });
    expect(w.heard()).toEqual([]);
  });

  test('[EV.ratingchange] set on another page; never while rating is disabled', async () => {
    const w = await inChat();
    w.evt(w.chat, w.chat.rated(5));
    expect(w.heard()).toEqual(['ratingchange 5']);
    const settings = structuredClone(SETTINGS);
    settings.chat.is_consultant_operator_rating = false;
    w.say({ t: 'settings', settings });
    w.evt(w.chat, w.chat.rated(1), w.chat.left(), w.chat.joined());
    expect(w.heard()).toEqual(['operatorleave', 'operatorjoined Anna']);
    w.session.rate(3, by('1'));
    expect(w.heard()).toEqual(['error disabled setOperatorRating', 'answer 1 disabled']);
  });

  test('[ME.setOperatorRating] refused by the server: one error, one answer', async () => {
    const w = await inChat();
    w.session.rate(3, by('1'));
    await w.settle();
    w.say({ t: 'nack', uid: w.uidOf('rating.set'), code: 'no_operator', message: 'nobody', retry: false });
    expect(w.heard()).toEqual(['error no_operator setOperatorRating', 'answer 1 no_operator']);
  });

  test('[ME.setVisitorCard] card and required info change at once and stay until the server agrees', async () => {
    const w = world({ isKnown: true });
    await w.begin(undefined, { register: { ...REGISTER, card: { email: ['a@b.c'] }, requiredInfo: ['name', 'phone'] } });
    w.session.setCard({ name: ' Eva ', email: 'e@b.c', phone: '' }, by('1'));
    expect(w.session.card.value).toEqual({ name: 'Eva', email: ['a@b.c', 'e@b.c'] });
    expect(w.session.requiredInfo.value).toEqual(['phone']);
    await w.settle();
    w.ack('card.set', null);
    expect(w.session.card.value.name).toBe('Eva');
    expect(w.session.requiredInfo.value).toEqual(['phone']);
    expect(w.heard()).toEqual(['answer 1 ok']);
  });

  test('[ME.sendChatByMail] the answer says what became of the mail', async () => {
    const w = await inChat();
    w.session.mail('x', by('1'));
    await w.settle();
    const uid = w.ack('transcript.mail', 'c1');
    expect(w.heard()).toEqual([]);
    w.say({ t: 'mailed', uid, success: false, error: 'invalid_argument' });
    expect(w.heard()).toEqual(['sendchatbymail invalid_argument', 'error invalid_argument sendChatByMail', 'answer 1 invalid_argument']);
    w.session.mail('a@b.c', by('2'));
    await w.settle();
    w.ack('transcript.mail', 'c1');
    await w.clock.pass(30_000);
    expect(w.heard()).toEqual(['sendchatbymail ok', 'answer 2 ok']);
  });

  test('[WI.offline] after 10 s offline the visitor gets the request back, and it is not sent later', async () => {
    const w = world();
    await w.begin();
    w.session.sendRequest({ email: 'a@b.c', message: 'Hi' }, by('1'));
    await flushPromises();
    w.ack('request.send', null);
    expect(w.heard()).toEqual(['sendofflinerequest true', 'answer 1 ok']);
    expect(w.asked).toEqual([false]);
    w.reach(false);
    w.cut();
    w.drain();
    w.session.sendRequest({ message: 'again' }, by('2'));
    w.sockets.length = 0;
    await w.clock.pass(10_000);
    expect(w.heard()).toEqual(['sendofflinerequest false', 'error unavailable sendRequest', 'answer 2 unavailable']);
  });

  test('[VI.request] a number to call leaves its own trace, also outside a chat', async () => {
    const w = world();
    await w.begin();
    w.session.sendRequest({ phone: '+43 1 2345' }, by('1'), true);
    await flushPromises();
    w.ack('request.send', null);
    expect(w.session.moments.value).toMatchObject([{ kind: 'request.left', way: 'sitephone' }]);
  });

  test('[WI.offline] a field that is too long fails like any request, and nothing is sent', async () => {
    const w = world();
    await w.begin();
    w.session.sendRequest({ name: 'x'.repeat(201), message: 'Hi' }, by('1'));
    await flushPromises();
    expect(w.heard()).toEqual(['sendofflinerequest false', 'error too_long sendRequest', 'answer 1 too_long']);
    expect(w.commands()).toEqual([]);
  });

  test('[LO.identify] [D3] the page answers a refused token and stays the same visitor', async () => {
    const w = world({ isKnown: true });
    await w.begin();
    for (const code of ['disabled', 'unauthorized', 'unavailable']) w.session.identify(code, by(code));
    await flushPromises();
    expect(w.heard()).toEqual([
      'error disabled identify',
      'answer disabled disabled',
      'error unauthorized identify',
      'answer unauthorized unauthorized',
      'error unavailable identify',
      'answer unavailable unavailable',
    ]);
    expect([w.sockets.length, w.session.visitorId.value]).toEqual([1, 'v1']);
  });

  test("[LO.identify] [D3] the page goes on as the named visitor, with that visitor's chats alone", async () => {
    const w = world({ isKnown: true });
    const mine = chatOf('a');
    mine.started();
    mine.said('said before');
    await w.begin(mine);
    w.session.identify('v2', by('1'));
    await flushPromises();
    expect(w.heard()).toContain('answer 1 ok');
    expect(w.frames('hello').at(-1)).toMatchObject({ access: 'token of v2' });
    const theirs = chatOf('b');
    theirs.started();
    theirs.said('said elsewhere');
    w.say(w.welcomeFrame(theirs, { visitor: 'v2', session: 's of v2' }));
    await flushPromises();
    expect([w.session.visitorId.value, w.session.messages.value.map(({ text }) => text)]).toEqual(['v2', ['said elsewhere']]);
  });

  test('[LO.identify] [D3] the page asks again when the server was out of reach', async () => {
    const w = world({ isKnown: true });
    await w.begin();
    w.reach(false);
    w.session.identify('v2', by('1'));
    await flushPromises();
    expect(w.heard()).toEqual([]);
    w.reach(true);
    await w.clock.pass(500);
    expect(w.heard()).toContain('answer 1 ok');
    // The answer may have been the part that was lost: the same word shows that it is we who ask again. The page does not know it.
    expect(w.words.length).toBe(2);
    expect(new Set(w.words).size).toBe(1);
    expect(w.words[0]).not.toBe('1');
  });

  test('[LO.identify] [D3] the page waits for the server and for consent', async () => {
    const w = world({ isConsentRequired: true });
    w.session.setPage({ url: 'https://shop.example/', title: 'Shop' }, true);
    w.session.identify('v2', by('1'));
    await flushPromises();
    expect([w.sockets.length, w.heard()]).toEqual([0, []]);
    w.session.setConsent(true);
    await flushPromises();
    w.sockets.at(-1)?.listener.open();
    w.say(w.welcomeFrame());
    await w.clock.pass(500);
    expect(w.heard()).toContain('answer 1 ok');
  });
});

describe('what passes by', () => {
  test('[EV.chattyping] the page hears of typing every 3 s at most; it ends after 5 s or with the message', async () => {
    const w = await inChat();
    const typing = () => w.say({ t: 'typing', name: 'Anna' });
    typing();
    await w.clock.pass(1_000);
    typing();
    await w.clock.pass(2_000);
    typing();
    expect(w.heard()).toEqual(['chattyping Anna', 'chattyping Anna']);
    expect(w.session.typing.value).toBe('Anna');
    await w.clock.pass(5_000);
    expect(w.session.typing.value).toBeNull();
    typing();
    w.evt(w.chat, w.chat.said('Hello'));
    expect(w.session.typing.value).toBeNull();
  });

  test('[FF.D9] [EV.system] the page hears of joining, leaving and the end in words, after their events', async () => {
    const w = await inChat();
    const names = () => w.drain().map((event) => (event.name === 'notice' ? event.message.text : event.name));
    names();
    w.session.closeChat(API);
    await w.clock.pass(0);
    const { uid } = w.commands().at(-1)!;
    w.evt(w.chat, w.chat.left());
    w.evt(w.chat, w.chat.closed(uid));
    expect(names()).toEqual(['statechange', 'operatorleave', 'closechat', 'Anna left the chat', 'You ended the chat']);
  });

  test('[FF.D9] [FA.place] the page hears no word of a chat that a close has overtaken', async () => {
    const w = world({ isKnown: true });
    await w.begin();
    w.session.start(null, API);
    w.session.closeChat(API);
    await w.clock.pass(0);
    const chat = chatOf('c1');
    w.evt(chat, chat.started(w.commands()[0]!.uid));
    w.evt(chat, chat.joined());
    expect(w.notices()).toEqual([]);
  });

  test('[VI.lang] the server hears the language with each hello, and each change while it is connected', async () => {
    const w = world({ isKnown: true });
    w.speech.language.value = 'de';
    await w.begin();
    expect(w.frames('hello').map(({ language }) => language)).toEqual(['de']);
    expect(w.frames('language')).toEqual([]);
    w.speech.language.value = 'ar';
    expect(w.frames('language')).toEqual([{ t: 'language', language: 'ar' }]);
    w.say({ t: 'settings', settings: { ...SETTINGS, language: 'ar' } });
    expect(w.session.settings.value.language).toBe('ar');
    w.session.close();
    w.speech.language.value = 'en';
    expect(w.frames('language')).toHaveLength(1);
  });

  test('[VI.lang] what the visitor chooses is remembered, what the page asks for is not', () => {
    const w = world();
    w.session.setLanguage('fr', API);
    w.session.setLanguage('ja', UI);
    expect(w.spoken).toEqual([
      ['fr', false],
      ['ja', true],
    ]);
  });

  test('[FF.D8] properties go out 50 ms later, a few at a time, and again after each welcome', async () => {
    const w = world({ isKnown: true });
    w.session.setProperty('plan', 'free');
    await w.begin();
    for (let n = 0; n < 10; n++) w.session.setProperty('n' + n, String(n));
    w.session.setProperty('plan', 'pro\0');
    w.session.setProperty('n9', '');
    await w.clock.pass(50);
    const told = () => w.frames('properties').flatMap(({ changes }) => changes);
    expect(w.frames('properties').every(({ changes }) => changes.length <= 8)).toBe(true);
    expect(new Map(told())).toEqual(
      new Map([...Array.from({ length: 9 }, (_, n) => ['n' + n, String(n)] as const), ['plan', 'pro'], ['n9', null]]),
    );
    const before = told().length;
    w.cut();
    w.session.setProperty('n0', 'changed');
    await w.clock.pass(50);
    expect(told()).toHaveLength(before);
    await w.reopen();
    expect(told()).toEqual([]);
    w.say(w.welcomeFrame());
    expect(new Map(told())).toEqual(
      new Map([...Array.from({ length: 9 }, (_, n) => ['n' + n, n === 0 ? 'changed' : String(n)] as const), ['plan', 'pro'], ['n9', null]]),
    );
    expect(w.commands()).toEqual([]);
  });

  test('[ME.chatTyping] the draft is throttled, the latest wins, the message clears it, settings silence it', async () => {
    const w = await inChat();
    for (const text of ['H', 'He', 'Hel']) {
      w.session.setDraft(text);
      await flushPromises();
    }
    await w.clock.pass(500);
    w.session.send('Hello', null, API);
    expect(w.frames('typing').map(({ text }) => text)).toEqual(['H', 'Hel', '']);
    const settings = structuredClone(SETTINGS);
    settings.chat.is_typing_preview = false;
    w.say({ t: 'settings', settings });
    w.session.setDraft('secret');
    await w.clock.pass(5_000);
    expect(w.frames('typing')).toHaveLength(3);
  });

  test('[RE.texts] an event offers the other way, and the first answer removes it', async () => {
    const chat = chatOf('c1');
    chat.started();
    const w = world({ isKnown: true });
    await w.begin(chat);
    w.evt(chat, chat.offered());
    expect(w.heard()).toEqual(['retention sitephone']);
    expect(w.session.retention.value).toBe('sitephone');
    w.evt(chat, chat.said('Hello'));
    expect(w.session.retention.value).toBeNull();
  });

  test('[EV.chatavailabilitychange] only when the answer changes', async () => {
    const w = world();
    await w.begin();
    w.say({ t: 'register', register: REGISTER });
    w.say({ t: 'register', register: { ...REGISTER, isAvailable: false } });
    expect(w.heard()).toEqual(['availability false']);
  });

  test('[EV.additions] when the connection is lost and when it is back', async () => {
    const w = await inChat();
    w.cut();
    await w.reopen();
    w.say(w.welcomeFrame(w.chat, { resumed: true, history: null }));
    expect(w.heard()).toEqual(['offline', 'online']);
  });

  test('the page asks for everything anew when the server has another database', async () => {
    const w = await inChat();
    w.say({ t: 'reset', reason: 'epoch' });
    expect(w.frames('hello').at(-1)).toMatchObject({ cursors: {} });
    expect(w.frames('hello').at(-1)).not.toHaveProperty('epoch');
    w.say(w.welcomeFrame(undefined, { epoch: 'e2' }));
    expect(w.session.state.value).toBe('available');
  });

  test('the session says that nothing can be kept, and goes on', async () => {
    const w = world();
    await w.begin();
    w.store.mood = 'fail';
    w.session.send('Hi', null, API);
    await w.settle();
    expect(w.session.isForgetful.value).toBe(true);
    expect(w.commands()).toHaveLength(1);
  });

  test('[FF.E15] an unstored read marker is no loss, and the warning of a loss stays once it is true', async () => {
    const w = await inChat();
    w.session.send('Hi', null, API);
    await w.settle();
    w.ack('message.send', w.chat.id);
    w.store.mood = 'fail';
    const said: boolean[] = [];
    const watch = () => said.push(w.session.isForgetful.value);
    const read = async () => {
      w.evt(w.chat, w.chat.said('Yes?'));
      w.session.read();
      await w.settle();
      watch();
    };
    await read();
    expect(w.commands().at(-1)?.kind).toBe('messages.read');
    w.session.send('Lost with the page', null, API);
    await w.settle();
    watch();
    w.evt(w.chat, w.chat.said('Lost with the page', VISITOR, w.uidOf('message.send')));
    w.ack('message.send', w.chat.id);
    await read();
    await read();
    expect(said).toEqual([false, true, true, true]);
  });

  test('[FF.E11] [UI.clock] dates follow the server’s clock, however wrong the visitor’s is', async () => {
    const day = 86_400_000;
    const w = world();
    w.clock.jump(day);
    await w.load();
    w.session.send('before a word of the server', null, API);
    await flushPromises();
    w.say(w.welcomeFrame());
    await w.settle();
    const server = 1_700_000_000;
    expect(w.session.now()).toBe(server);
    w.session.send('after it', null, API);
    w.clock.jump(-3 * day);
    w.session.send('after the clock was set', null, API);
    await w.clock.pass(60_000);
    w.clock.jump(400 * day);
    w.session.send('a minute later', null, API);
    await w.settle();
    expect(w.session.now()).toBe(server + 60);
    expect(w.session.pending.value.map(({ message: { text, date } }) => [text, date - server])).toEqual([
      ['before a word of the server', 0],
      ['after it', 0],
      ['after the clock was set', 0],
      ['a minute later', 60],
    ]);
  });

  test('a closed session holds no timer and no socket', async () => {
    const w = await inChat();
    w.session.send('Hi', null, API);
    w.session.sendRequest({ message: 'x' }, API);
    await w.settle();
    w.say({ t: 'typing', name: 'Anna' });
    w.session.close();
    expect(w.sockets.every(({ isClosed }) => isClosed)).toBe(true);
    await w.clock.pass(2_000);
    expect(w.clock.waiting).toBe(0);
  });
});
