import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AFTER_CHAT_SECONDS, INVITE_SECONDS } from '../../shared/limits.ts';
import { codeOf } from '../mail/code.ts';
import type { TranscriptJob } from './visitor-commands.ts';
import { chatOf, createWorld, OTHER_SITE, SITE, verdict, type World } from '../testing/room-world.ts';
import type { StoredFile } from '../store/files.ts';
import { Database } from '../store/driver.ts';

let world: World;
let ann: string;
beforeEach(async () => {
  world = await createWorld();
  ann = await world.addVisitor();
});
afterEach(() => world.close());

const START = { kind: 'chat.start', group: null } as const;
const say = (text: string, uid = randomUUID()) => ({ kind: 'message.send', text, group: null, uid }) as const;
const mail = (address: string, uid = randomUUID()) => ({ kind: 'transcript.mail', address, uid }) as const;
const eventFacts = () => world.facts.flatMap((fact) => (fact.t === 'event' ? [fact.event] : []));

async function joined(name = 'Olga') {
  const operator = await world.addOperator(name);
  const chat = chatOf(await world.visitor(ann, START));
  await world.operator(operator, { kind: 'chat.join', chat });
  return { operator, chat };
}

async function upload(owner: Partial<StoredFile>): Promise<string> {
  const file = {
    id: randomUUID(),
    site: SITE,
    visitor: null,
    operator: null,
    name: 'a.png',
    type: 'image/png',
    size: 5,
    createdAt: 1,
    state: 'clean' as const,
    ...owner,
  };
  await world.store.transact([], (tx) => tx.saveFile(file));
  return file.id;
}

async function stand(text = 'May I help?') {
  const operator = await world.addOperator('Olga');
  expect(verdict(await world.operator(operator, { kind: 'visitor.invite', visitor: ann, text }))).toBe('ack');
  return operator;
}

describe('every command', () => {
  it('[OB.once] runs once, however often it is sent', async () => {
    const command = say('Hi');
    const first = await world.visitor(ann, command);
    const second = await world.visitor(ann, command);
    expect(await world.story(ann)).toEqual(['chat.started', 'visitor: Hi']);
    expect(second.answer).toEqual({ ...first.answer, dup: true });
  });

  it('[OB.once] runs once when two connections send it in the same moment', async () => {
    const command = say('Hi');
    const both = await Promise.all([world.visitor(ann, command), world.visitor(ann, command)]);
    expect(both.map(({ answer }) => answer.t === 'ack' && answer.dup)).toEqual([false, true]);
    expect(await world.story(ann)).toEqual(['chat.started', 'visitor: Hi']);
  });

  it('[ST.uid] is refused when its uid was used for something else', async () => {
    const uid = randomUUID();
    await world.visitor(ann, say('Hi', uid));
    expect(verdict(await world.visitor(ann, say('Bye', uid)))).toBe('uid_conflict');
    expect(await world.story(ann)).toEqual(['chat.started', 'visitor: Hi']);
  });

  it('[RO.order] is published only after its commit, in the order of seq', async () => {
    let stored: number | undefined;
    world.bus.subscribe((fact) => {
      if (fact.t === 'event')
        void world.store.eventsAfter(SITE, fact.event.chat, fact.event.seq - 1, 1).then(([event]) => (stored = event?.seq));
    });
    await Promise.all(Array.from({ length: 10 }, (_, i) => world.visitor(ann, say(`m${i}`))));
    expect(eventFacts().map((event) => event.seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(stored).toBe(11);
  });

  it('[RO.order] of one visitor keeps its order among the others', async () => {
    await Promise.all(Array.from({ length: 10 }, (_, i) => world.visitor(ann, say(`m${i}`))));
    expect(await world.story(ann)).toEqual(['chat.started', ...Array.from({ length: 10 }, (_, i) => `visitor: m${i}`)]);
  });

  it('[ST.undo] leaves nothing behind when it is refused', async () => {
    const answer = await world.visitor(ann, { kind: 'file.send', file: 'nobody' });
    expect(verdict(answer)).toBe('not_found');
    expect(await world.story(ann)).toEqual([]);
    expect(world.facts).toEqual([]);
  });

  it('is answered "later" when the store fails', async () => {
    const broken = await createWorld({ clock: world.clock });
    const visitor = await broken.addVisitor();
    await broken.store.close();
    const { answer } = await broken.visitor(visitor, say('Hi'));
    expect(answer).toMatchObject({ t: 'nack', retry: true });
    await broken.close();
  });

  it('[RO.foreign] of an erased visitor does not run', async () => {
    const { answer } = await world.visitor('gone', say('Hi'));
    expect(answer).toMatchObject({ t: 'nack', code: 'unauthorized' });
  });

  it('[RO.foreign] never reaches a chat of another site or visitor', async () => {
    const chat = chatOf(await world.visitor(ann, START));
    const bob = await world.addVisitor();
    const eve = await world.addVisitor(OTHER_SITE);
    expect(verdict(await world.visitor(bob, { kind: 'messages.read', chat, seq: 1 }))).toBe('not_found');
    expect(verdict(await world.visitor(eve, { kind: 'messages.read', chat, seq: 1 }, OTHER_SITE))).toBe('not_found');
    const stranger = await world.addOperator('Stranger', [OTHER_SITE]);
    for (const kind of ['chat.join', 'chat.leave', 'chat.close'] as const) {
      expect(verdict(await world.operator(stranger, { kind, chat }))).toBe('not_found');
    }
    expect(verdict(await world.operator(stranger, { kind: 'visitor.invite', visitor: ann, text: 'Hi' }))).toBe('not_found');
  });
});

describe('starting and closing', () => {
  it('makes one chat, also when two tabs start together', async () => {
    const [a, b] = await Promise.all([world.visitor(ann, START), world.visitor(ann, START)]);
    expect(chatOf(a)).toBe(chatOf(b));
    expect(await world.story(ann)).toEqual(['chat.started']);
  });

  it('puts the chat into a group of the site, and into none if there is no such group', async () => {
    await world.visitor(ann, { kind: 'chat.start', group: 'sales' });
    expect(eventFacts()[0]).toMatchObject({ kind: 'chat.started', group: 'sales', via: 'command' });
    const bob = await world.addVisitor();
    await world.visitor(bob, { kind: 'chat.start', group: 'nonsense' });
    expect(eventFacts()[1]).toMatchObject({ kind: 'chat.started', group: null });
  });

  it('starts a chat when there is none', async () => {
    const { answer } = await world.visitor(ann, say('Hi'));
    const [started, message] = eventFacts();
    expect(started).toMatchObject({ kind: 'chat.started', via: 'message' });
    expect(answer).toMatchObject({
      t: 'ack',
      dup: false,
      result: { chat: started?.chat, message_id: message?.message_id, seq: 2, date: message?.date },
    });
  });

  it('lets the operator leave first', async () => {
    await joined();
    await world.visitor(ann, { kind: 'chat.close' });
    expect(await world.story(ann)).toEqual(['chat.started', 'operator.joined', 'operator.left', 'chat.closed']);
  });

  it('is accepted without a chat', async () => {
    expect((await world.visitor(ann, { kind: 'chat.close' })).answer).toMatchObject({ t: 'ack', result: { chat: null } });
  });

  it('is followed by a new chat with the next number', async () => {
    await world.visitor(ann, START);
    await world.visitor(ann, { kind: 'chat.close' });
    await world.visitor(ann, say('again'));
    expect((await world.store.openChatOf(SITE, ann))?.summary.number).toBe(2);
  });
});

describe('invitations', () => {
  const invitation = () => world.store.visitor(SITE, ann).then((visitor) => visitor?.invite);

  it('[BI.invite] stand for thirty minutes', async () => {
    await stand();
    expect(await invitation()).toMatchObject({ text: 'May I help?', invite_message: 'May I help?', sender: 'operator', from: 'Olga' });
    world.clock.advance(INVITE_SECONDS * 1000);
    await world.visitor(ann, { kind: 'invite.accept' });
    expect(await world.story(ann)).toEqual(['chat.started']);
  });

  for (const command of [START, { kind: 'invite.accept' }] as const) {
    it(`become the first message of the chat that ${command.kind} begins, and their operator joins`, async () => {
      await stand();
      await world.visitor(ann, command);
      expect(await world.story(ann)).toEqual(['chat.started', 'operator: May I help?', 'operator.joined']);
      expect(eventFacts()[0]).toMatchObject({ via: 'invite' });
      expect(await invitation()).toBeNull();
      expect(world.facts.some((fact) => fact.t === 'invite' && fact.invite === null)).toBe(true);
    });
  }

  it('are accepted by a message, which comes after them', async () => {
    await stand();
    await world.visitor(ann, say('Yes'));
    expect(await world.story(ann)).toEqual(['chat.started', 'operator: May I help?', 'operator.joined', 'visitor: Yes']);
  });

  it('of an operator who has gone since begin a chat that waits', async () => {
    const operator = await stand();
    await world.store.transact([], (tx) => tx.saveOperator({ ...operator, isRevoked: true }));
    await world.visitor(ann, { kind: 'invite.accept' });
    expect(await world.story(ann)).toEqual(['chat.started', 'operator: May I help?']);
    expect((await world.store.openChatOf(SITE, ann))?.summary.isAnswered).toBe(false);
    expect(await world.store.nextJobAtMs()).toBeDefined();
  });

  it('end when they are rejected or withdrawn', async () => {
    const operator = await stand();
    expect(verdict(await world.visitor(ann, { kind: 'invite.reject' }))).toBe('ack');
    expect(await invitation()).toBeNull();
    await world.operator(operator, { kind: 'visitor.invite', visitor: ann, text: 'Sure?' });
    await world.operator(operator, { kind: 'invite.withdraw', visitor: ann });
    expect(await invitation()).toBeNull();
    expect(await world.story(ann)).toEqual([]);
  });

  it('are not made twice, nor during a chat, nor to a page that cannot show one', async () => {
    const operator = await stand();
    const again = { kind: 'visitor.invite', visitor: ann, text: 'Hello?' } as const;
    expect(verdict(await world.operator(operator, again))).toBe('unavailable');
    await world.visitor(ann, START);
    expect(verdict(await world.operator(operator, again))).toBe('unavailable');
    const presence = () => ({ site: SITE, isAnonymous: true, canBeInvited: false });
    expect(verdict(await world.operator(operator, again, { presence }))).toBe('unavailable');
  });

  it('of a page whose visitor has not acted leave no trace in the store', async () => {
    const operator = await world.addOperator('Olga');
    const presence = () => ({ site: SITE, isAnonymous: true, canBeInvited: true });
    await world.operator(operator, { kind: 'visitor.invite', visitor: 'page', text: 'Hi' }, { presence });
    expect(world.facts).toMatchObject([{ t: 'invite', visitor: 'page', invite: { text: 'Hi' } }]);
    expect(await world.store.visitor(SITE, 'page')).toBeUndefined();
  });
});

describe('operators', () => {
  it('[RO.one] of two, one wins and the other gets a refusal', async () => {
    const olga = await world.addOperator('Olga');
    const otto = await world.addOperator('Otto');
    const chat = chatOf(await world.visitor(ann, START));
    const both = await Promise.all([olga, otto].map((operator) => world.operator(operator, { kind: 'chat.join', chat })));
    expect(both.map(verdict)).toEqual(['ack', 'already_taken']);
    expect(await world.story(ann)).toEqual(['chat.started', 'operator.joined']);
  });

  it('only the operator who has joined writes', async () => {
    const { chat, operator } = await joined();
    const otto = await world.addOperator('Otto');
    expect(verdict(await world.operator(otto, { kind: 'message.send', chat, text: 'Hi' }))).toBe('forbidden');
    expect(verdict(await world.operator(operator, { kind: 'message.send', chat, text: 'Hi' }))).toBe('ack');
    expect(await world.story(ann)).toEqual(['chat.started', 'operator.joined', 'operator: Hi']);
  });

  it('nobody writes into a chat that has ended', async () => {
    const { chat, operator } = await joined();
    await world.visitor(ann, { kind: 'chat.close' });
    expect(verdict(await world.operator(operator, { kind: 'message.send', chat, text: 'Hi' }))).toBe('chat_closed');
    expect(verdict(await world.operator(operator, { kind: 'chat.close', chat }))).toBe('ack');
  });

  it('is one leaving and one joining, without a moment between', async () => {
    const { chat, operator } = await joined();
    const otto = await world.addOperator('Otto');
    await world.operator(operator, { kind: 'chat.transfer', chat, operator: otto.id });
    expect(await world.story(ann)).toEqual(['chat.started', 'operator.joined', 'operator.left', 'operator.joined']);
    expect((await world.store.openChatOf(SITE, ann))?.summary.operator?.id).toBe(otto.id);
  });

  it('goes to somebody who is online and of this site', async () => {
    const { chat, operator } = await joined();
    const otto = await world.addOperator('Otto');
    const stranger = await world.addOperator('Stranger', [OTHER_SITE]);
    expect(verdict(await world.operator(operator, { kind: 'chat.transfer', chat, operator: otto.id }, { isOnline: () => false }))).toBe(
      'unavailable',
    );
    expect(verdict(await world.operator(operator, { kind: 'chat.transfer', chat, operator: stranger.id }))).toBe('not_found');
    expect(await world.story(ann)).toEqual(['chat.started', 'operator.joined']);
  });

  it('leaves the chat open for another', async () => {
    const { chat, operator } = await joined();
    await world.operator(operator, { kind: 'chat.leave', chat });
    const otto = await world.addOperator('Otto');
    expect(verdict(await world.operator(otto, { kind: 'chat.join', chat }))).toBe('ack');
  });

  it('of an operator ends the chat, but not one that somebody else has joined', async () => {
    const { chat, operator } = await joined();
    const otto = await world.addOperator('Otto');
    expect(verdict(await world.operator(otto, { kind: 'chat.close', chat }))).toBe('forbidden');
    await world.operator(operator, { kind: 'chat.close', chat });
    expect(eventFacts().at(-1)).toMatchObject({ kind: 'chat.closed', by: 'operator' });
  });

  it('do nothing once they were revoked, even if a connection is open', async () => {
    const { chat, operator } = await joined();
    await world.store.transact([], (tx) => tx.saveOperator({ ...operator, isRevoked: true }));
    expect(verdict(await world.operator(operator, { kind: 'message.send', chat, text: 'Hi' }))).toBe('unauthorized');
  });

  it('markers never go back, and count unread messages', async () => {
    const { chat, operator } = await joined();
    await world.visitor(ann, say('one'));
    await world.visitor(ann, say('two'));
    await world.operator(operator, { kind: 'messages.read', chat, seq: 3 });
    await world.operator(operator, { kind: 'messages.read', chat, seq: 1 });
    const reads = world.facts.filter((fact) => fact.t === 'read');
    expect(reads).toMatchObject([{ byOperator: 3, unread: 1 }]);
  });
});

describe('rating', () => {
  const rate = { kind: 'rating.set', mark: 4 } as const;

  it('needs somebody to rate', async () => {
    expect(verdict(await world.visitor(ann, rate))).toBe('no_operator');
    await world.visitor(ann, START);
    expect(verdict(await world.visitor(ann, rate))).toBe('no_operator');
  });

  it('is for the operator who is there or was', async () => {
    const { chat, operator } = await joined();
    expect(verdict(await world.visitor(ann, rate))).toBe('ack');
    await world.operator(operator, { kind: 'chat.leave', chat });
    expect(verdict(await world.visitor(ann, rate))).toBe('ack');
  });

  it('can be given for a day after the chat, until the next begins', async () => {
    await joined();
    await world.visitor(ann, { kind: 'chat.close' });
    expect(verdict(await world.visitor(ann, rate))).toBe('ack');
    world.clock.advance(AFTER_CHAT_SECONDS * 1000);
    expect(verdict(await world.visitor(ann, rate))).toBe('no_operator');
    await world.visitor(ann, START);
    expect(verdict(await world.visitor(ann, rate))).toBe('no_operator');
  });

  it('[VI.mark] is the person’s: it stays when they leave and come back, and another operator begins without one', async () => {
    const { chat, operator } = await joined();
    await world.visitor(ann, { ...rate, comment: ' Quick and kind. ' });
    expect(eventFacts().at(-1)).toMatchObject({ kind: 'rating.set', mark: 4, comment: 'Quick and kind.' });
    const mark = async () => (await world.store.openChatOf(SITE, ann))?.summary.rating;
    await world.operator(operator, { kind: 'chat.leave', chat });
    await world.operator(operator, { kind: 'chat.join', chat });
    expect(await mark()).toBe(4);
    await world.operator(operator, { kind: 'chat.leave', chat });
    await world.operator(await world.addOperator('Bob'), { kind: 'chat.join', chat });
    expect(await mark()).toBeNull();
  });

  it('can be switched off', async () => {
    const other = await createWorld({ settings: { chat: { is_consultant_operator_rating: false } } });
    expect(verdict(await other.visitor(await other.addVisitor(), rate))).toBe('disabled');
    await other.close();
  });
});

describe('files', () => {
  it('become a message once', async () => {
    const file = await upload({ visitor: ann, pixels: { width: 30, height: 20 } });
    expect(verdict(await world.visitor(ann, { kind: 'file.send', file }))).toBe('ack');
    expect(eventFacts().at(-1)).toMatchObject({
      text: 'a.png',
      file: { link: `https://files.example/${file}/a.png`, name: 'a.png', size: 5, width: 30, height: 20 },
    });
    expect(verdict(await world.visitor(ann, { kind: 'file.send', file }))).toBe('not_found');
  });

  it('belong to the chat in which they were sent, also when it begins with them', async () => {
    const sent = await upload({ visitor: ann });
    const dropped = await upload({ visitor: ann });
    await world.visitor(ann, { kind: 'file.send', file: sent });
    const chat = await world.store.openChatOf(SITE, ann);
    if (chat === undefined) throw new Error('no chat');
    const there = await world.store.filesSentIn(SITE, chat.summary.id, '');
    expect(there.map(({ id }) => id)).toEqual([sent]);
    expect(await world.store.chatOfFile({ site: SITE, id: sent })).toMatchObject({ visitor: ann });
    expect(await world.store.chatOfFile({ site: SITE, id: dropped })).toBeUndefined();
  });

  it('of somebody else, another site or an operator are as absent as none', async () => {
    const bob = await world.addVisitor();
    for (const owner of [{ visitor: bob }, { visitor: ann, site: OTHER_SITE }, { operator: 'olga' }]) {
      expect(verdict(await world.visitor(ann, { kind: 'file.send', file: await upload(owner) }))).toBe('not_found');
    }
  });

  it('can be switched off', async () => {
    const other = await createWorld({ settings: { chat: { is_file_transfer: false } } });
    expect(verdict(await other.visitor(await other.addVisitor(), { kind: 'file.send', file: 'x' }))).toBe('disabled');
    await other.close();
  });

  it('go out from the operator who has joined', async () => {
    const { chat, operator } = await joined();
    const file = await upload({ operator: operator.id });
    expect(verdict(await world.operator(operator, { kind: 'file.send', chat, file }))).toBe('ack');
    expect(verdict(await world.operator(operator, { kind: 'file.send', chat, file }))).toBe('not_found');
  });
});

describe('card, requests, transcripts', () => {
  it('takes the filled-in fields and tells everybody', async () => {
    await world.visitor(ann, { kind: 'card.set', card: { name: 'Ann', email: 'a@b.example', phone: '  ' } });
    expect(world.facts).toEqual([{ t: 'card', site: SITE, visitor: ann, card: { name: 'Ann', email: ['a@b.example'] } }]);
  });

  it('is stored for the operators, with the way that was offered', async () => {
    await world.visitor(ann, { kind: 'request.send', request: { name: 'Ann', message: 'Call me' } });
    expect(await world.store.requests(SITE, 10)).toMatchObject([
      { visitor: ann, request: { name: 'Ann', message: 'Call me' }, isDone: false },
    ]);
    expect(world.facts).toMatchObject([{ t: 'request', item: { way: 'offline_message' } }]);
    expect(verdict(await world.visitor(ann, { kind: 'request.send', request: { message: ' ' } }))).toBe('invalid_argument');
  });

  it('[VI.request] leaves a trace in the open chat, which takes the offer away', async () => {
    await world.visitor(ann, START);
    const chat = await world.store.openChatOf(SITE, ann);
    if (chat === undefined) throw new Error('no chat');
    await world.store.transact([], (tx) =>
      tx.append(chat, { kind: 'retention.offered', way: 'sitephone', author: { kind: 'bot' }, uid: null }, 1),
    );
    await world.visitor(ann, { kind: 'request.send', request: { phone: '+43 1 2345' } });
    expect(eventFacts().at(-1)).toMatchObject({ kind: 'retention.offered', way: 'sitephone', isTaken: true, author: { kind: 'visitor' } });
    expect((await world.store.openChatOf(SITE, ann))?.summary).toMatchObject({ retention: null, taken: 'sitephone' });
  });

  it('[VI.request] for a call is one without an offer and without a chat', async () => {
    await world.visitor(ann, { kind: 'request.send', request: { phone: '+43 1 2345' }, wantsCall: true });
    await world.page('page', { kind: 'request.send', request: { phone: '+43 1 2345' }, wantsCall: true });
    expect(world.facts).toMatchObject([
      { t: 'request', item: { way: 'sitephone' } },
      { t: 'request', item: { way: 'sitephone' } },
    ]);
  });

  it('of a page is stored once, also when the visitor it has become sends it again', async () => {
    const command = { kind: 'request.send', request: { message: 'Call me' }, uid: randomUUID() } as const;
    await world.page('page', command);
    expect((await world.visitor(ann, command)).answer).toMatchObject({ t: 'ack', dup: true });
    expect(await world.store.requests(SITE, 10)).toMatchObject([{ visitor: null }]);
  });

  it('is done when an operator of the site says so', async () => {
    await world.visitor(ann, { kind: 'request.send', request: { message: 'Call me' } });
    const request = (await world.store.requests(SITE, 1))[0]?.id ?? '';
    const stranger = await world.addOperator('Stranger', [OTHER_SITE]);
    expect(verdict(await world.operator(stranger, { kind: 'request.done', request }))).toBe('not_found');
    await world.operator(await world.addOperator('Olga'), { kind: 'request.done', request });
    expect((await world.store.requests(SITE, 1))[0]?.isDone).toBe(true);
  });

  it('of a mistyped address, or without a chat, is answered and goes nowhere', async () => {
    expect(await world.visitor(ann, mail('ann@home.example'))).toMatchObject({
      answer: { t: 'ack' },
      mailed: { success: false, error: 'not_found' },
    });
    await world.visitor(ann, START);
    const outcome = await world.visitor(ann, mail('ann@home.example, bob@home.example'));
    expect(outcome).toMatchObject({ answer: { t: 'ack' }, mailed: { success: false, error: 'invalid_argument' } });
    expect((await world.store.dueJobs(world.clock.nowMs(), 10)).length).toBe(0);
  });

  it('becomes one job, and a repeated command none', async () => {
    await world.visitor(ann, START);
    const command = mail('ann@home.example');
    expect((await world.visitor(ann, command)).mailed).toBeUndefined();
    expect((await world.visitor(ann, command)).mailed).toEqual({ success: true });
    const jobs = await world.store.dueJobs(world.clock.nowMs(), 10);
    expect(jobs).toMatchObject([{ kind: 'mail', payload: { site: SITE, visitor: ann, address: 'ann@home.example', uid: command.uid } }]);
  });

  it('stops at the cap of a visitor and of an address, and goes on a day later', async () => {
    const other = await createWorld({ limits: { mail: { perVisitorDay: 2, perAddressDay: 3 } } });
    const send = async (visitor: string, address: string) => (await other.visitor(visitor, mail(address))).mailed?.error;
    const visitors = await Promise.all([1, 2, 3].map(() => other.addVisitor()));
    for (const visitor of visitors) await other.visitor(visitor, START);
    const [a = '', b = '', c = ''] = visitors;
    expect([await send(a, 'x@home.example'), await send(a, 'X@home.example'), await send(a, 'y@home.example')]).toEqual([
      undefined,
      undefined,
      'rate_limited',
    ]);
    expect([await send(b, 'x@home.example'), await send(c, 'x@home.example')]).toEqual([undefined, 'rate_limited']);
    other.clock.advance(24 * 3600 * 1000);
    expect(await send(c, 'x@home.example')).toBeUndefined();
    await other.close();
  });

  it('[E6] counts on over a restart, and keeps nobody’s address for it', async () => {
    const limits = { mail: { perVisitorDay: 9, perAddressDay: 1 } };
    const before = await createWorld({ limits });
    const ann = await before.addVisitor();
    await before.visitor(ann, START);
    expect((await before.visitor(ann, mail('x@home.example'))).mailed).toBeUndefined();
    await before.close('keep');
    const after = await createWorld({ limits, file: before.file, clock: before.clock });
    expect((await after.visitor(ann, mail('x@home.example'))).mailed?.error).toBe('rate_limited');
    expect((await after.visitor(ann, mail('y@home.example'))).mailed).toBeUndefined();
    await after.close();
    const db = new Database(before.file, { readonly: true });
    const keys = db.prepare('SELECT key FROM taken').pluck().all();
    db.close();
    expect(keys.length).toBe(8);
    for (const key of keys) expect(key).toMatch(/^[A-Za-z0-9_-]{43}$/);
    rmSync(dirname(before.file), { recursive: true });
  });
});

describe('[E6] mail as a weapon', () => {
  it('sends three mails a day to one address, however many visitors ask', async () => {
    const shop = await createWorld();
    let accepted = 0;
    for (let i = 0; i < 100; i += 1) {
      const visitor = await shop.addVisitor();
      await shop.visitor(visitor, START);
      for (let j = 0; j < 10; j += 1) {
        const command = { ...mail(j % 2 === 0 ? 'x@home.example' : 'X@Home.example'), uid: randomUUID() };
        const who = { site: SITE, visitor, presence: visitor, session: null, tab: 'tab' };
        if ((await shop.rooms.visitor(who, command, { address: `198.51.${i}.${j}` })).mailed === undefined) accepted += 1;
      }
    }
    expect(accepted).toBe(3);
    expect((await shop.store.dueJobs(Number.MAX_SAFE_INTEGER, 2_000)).filter(({ kind }) => kind === 'mail')).toHaveLength(3);
    await shop.close();
  });

  async function createStrictShop() {
    const shop = await createWorld({ settings: { mail: { confirm: true } }, limits: { mail: { perVisitorDay: 5, perAddressDay: 9 } } });
    const visitor = await shop.addVisitor();
    await shop.visitor(visitor, say('a secret'));
    const jobs = async () =>
      (await shop.store.dueJobs(Number.MAX_SAFE_INTEGER, 100))
        .filter(({ kind }) => kind === 'mail')
        .map(({ payload }) => payload as TranscriptJob);
    const ask = async (address: string, by = visitor, uid = randomUUID()) => (await shop.visitor(by, { ...mail(address), uid })).mailed;
    /** What stands in the mail that was sent last. */
    const code = async () => {
      const [job] = (await jobs()).filter(({ isCode }) => isCode).slice(-1);
      if (job === undefined) throw new Error('no code was mailed');
      return codeOf(job, shop.store.secret);
    };
    return { ...shop, visitorId: visitor, jobs, ask, code };
  }
  const REFUSED = { success: false, error: 'forbidden' };

  it('mails a transcript only after the mailed code was given, where a site wants it', async () => {
    const shop = await createStrictShop();
    expect(await shop.ask('x@home.example')).toEqual(REFUSED);
    expect((await shop.jobs()).map(({ isCode, address }) => [isCode, address])).toEqual([[true, 'x@home.example']]);
    const code = await shop.code();
    expect(await shop.ask(`x@home.example ${code === '000000' ? '000001' : '000000'}`)).toEqual(REFUSED);
    expect(await shop.ask(`y@home.example ${code}`)).toEqual(REFUSED);
    expect(await shop.ask(`x@home.example ${code}`)).toBeUndefined();
    expect(await shop.ask('X@home.example')).toBeUndefined();
    expect((await shop.jobs()).filter(({ isCode }) => isCode !== true)).toHaveLength(2);
    // Another visitor has confirmed nothing.
    const other = await shop.addVisitor();
    await shop.visitor(other, say('x'));
    expect(await shop.ask('x@home.example', other)).toEqual(REFUSED);
    await shop.close();
  });

  it('takes a code for five attempts and a quarter of an hour, and stores it nowhere', async () => {
    const shop = await createStrictShop();
    const uid = randomUUID();
    await shop.ask('x@home.example', shop.visitorId, uid);
    const code = await shop.code();
    const wrong = code === '000000' ? '000001' : '000000';
    // The same request again mails no second one.
    expect(await shop.ask('x@home.example', shop.visitorId, uid)).toEqual(REFUSED);
    expect(await shop.jobs()).toHaveLength(1);
    for (let i = 0; i < 5; i += 1) await shop.ask(`x@home.example ${wrong}`);
    expect(await shop.ask(`x@home.example ${code}`)).toEqual(REFUSED);
    await shop.ask('x@home.example');
    const fresh = await shop.code();
    shop.clock.advance(15 * 60 * 1000);
    expect(await shop.ask(`x@home.example ${fresh}`)).toEqual(REFUSED);
    const db = new Database(shop.file, { readonly: true });
    const confirmations = JSON.stringify(db.prepare('SELECT * FROM confirmation').all());
    const jobs = JSON.stringify(db.prepare('SELECT * FROM job').all());
    db.close();
    for (const secret of [code, fresh])
      expect([confirmations.includes(`"${secret}"`), jobs.includes(`"${secret}"`)]).toEqual([false, false]);
    expect(confirmations).not.toContain('home.example');
    await shop.close();
  });
});

describe('a page whose visitor has not acted', () => {
  it('does nothing that would need a visitor', async () => {
    for (const command of [START, say('Hi'), { kind: 'invite.accept' }, { kind: 'card.set', card: { name: 'A' } }] as const) {
      expect((await world.page('page', command)).answer).toMatchObject({ t: 'nack', code: 'unauthorized', retry: true });
    }
    expect(world.facts).toEqual([]);
  });

  it('may reject an invitation, and close or read nothing', async () => {
    expect(verdict(await world.page('page', { kind: 'invite.reject' }))).toBe('ack');
    expect(world.facts).toEqual([{ t: 'invite', site: SITE, visitor: 'page', invite: null }]);
    expect((await world.page('page', { kind: 'chat.close' })).answer).toMatchObject({ t: 'ack', result: { chat: null } });
    expect(verdict(await world.page('page', { kind: 'rating.set', mark: 5 }))).toBe('no_operator');
  });
});
