import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { INVITE_SECONDS } from '../../shared/limits.ts';
import { anonymousId } from './anonymous-id.ts';
import { createInbox, type Inbox, type InboxChange } from './inbox.ts';
import type { Person } from './person.ts';
import { chatOf, createWorld, SITE, type World } from '../testing/room-world.ts';

let world: World;
let inbox: Inbox;
let changes: InboxChange[];
const GRACE_MS = 3_000;
const ALL = new Set([SITE]);

beforeEach(async () => {
  world = await createWorld({ limits: { timing: { presenceGraceMs: GRACE_MS } } });
  inbox = await createInbox(world);
  changes = [];
  inbox.subscribe((change) => changes.push(change));
});
afterEach(async () => {
  inbox.close();
  await world.close();
});

const settle = () => new Promise((resolve) => setImmediate(resolve));
const person = (id: string, change: Partial<Person> = {}): Person => ({
  id,
  site: SITE,
  isAnonymous: false,
  card: {},
  properties: [],
  invite: null,
  chat: null,
  ...change,
});
const page = (conn: string, url = `https://shop.example/${conn}`, isInvitable = true) => ({
  conn,
  tab: `tab-${conn}`,
  page: { url, title: conn },
  isInvitable,
});
const lines = () => inbox.items(ALL).map((item) => `${item.presence} ${item.pages}`);
const kinds = () => changes.map((change) => change.t);
const START = { kind: 'chat.start', group: null } as const;

describe('pages', () => {
  it('of one visitor are one line, with the newest page', async () => {
    inbox.pageOpened(person('ann'), page('a'));
    inbox.pageOpened(person('ann'), page('b'));
    expect(inbox.items(ALL)).toMatchObject([{ id: 'ann', presence: 'on_site', pages: 2, page: { title: 'b' }, isInvitable: true }]);
    inbox.pageClosed('b', true);
    expect(inbox.items(ALL)).toMatchObject([{ pages: 1, page: { title: 'a' } }]);
    await settle();
    expect(kinds().filter((kind) => kind === 'arrived')).toEqual(['arrived']);
  });

  it('can be invited if one of them can show it', () => {
    inbox.pageOpened(person('ann'), page('a', undefined, false));
    expect(inbox.canBeInvited('ann')).toBe(false);
    inbox.pageMoved('a', { url: 'https://shop.example/', title: 'a' }, true);
    expect(inbox.canBeInvited('ann')).toBe(true);
  });

  it('of a visitor who reloads leave no trace of the moment between', async () => {
    inbox.pageOpened(person('ann'), page('a'));
    inbox.pageClosed('a', true);
    world.clock.advance(GRACE_MS - 1);
    expect(lines()).toEqual(['on_site 1']);
    inbox.pageOpened(person('ann'), page('b'));
    world.clock.advance(GRACE_MS);
    await settle();
    expect(lines()).toEqual(['on_site 1']);
    expect(kinds()).not.toContain('gone');
    expect(kinds()).not.toContain('left');
  });

  it('of a visitor who does not come back are gone after the grace', async () => {
    inbox.pageOpened(person('ann'), page('a'));
    inbox.pageClosed('a', true);
    world.clock.advance(GRACE_MS);
    await settle();
    expect(lines()).toEqual([]);
    expect(changes).toContainEqual({ t: 'gone', site: SITE, id: 'ann' });
  });

  it('are gone at once after a goodbye, and wait for their tab after a cut', async () => {
    const id = anonymousId(world.store.secret, SITE, 'tab-a');
    inbox.pageOpened(person(id, { isAnonymous: true }), page('a'));
    inbox.pageClosed('a', false);
    world.clock.advance(GRACE_MS - 1);
    expect(lines()).toEqual(['on_site 1']);
    inbox.pageOpened(person(id, { isAnonymous: true }), { ...page('a2'), tab: 'tab-a' });
    inbox.pageClosed('a2', true);
    await settle();
    expect(lines()).toEqual([]);
  });

  it('of somebody who acts go on under the new id', async () => {
    const id = anonymousId(world.store.secret, SITE, 'tab-a');
    inbox.pageOpened(person(id, { isAnonymous: true }), page('a'));
    await settle();
    changes.length = 0;
    inbox.renamed(SITE, id, 'ann');
    inbox.pageOpened(person('ann'), page('a'));
    await settle();
    expect(inbox.items(ALL)).toMatchObject([{ id: 'ann', pages: 1 }]);
    expect(changes[0]).toEqual({ t: 'renamed', site: SITE, from: id, to: 'ann' });
    expect(changes).toContainEqual({ t: 'gone', site: SITE, id });
  });

  it('[RO.foreign] of one site are no line of another', () => {
    inbox.pageOpened(person('ann'), page('a'));
    expect(inbox.items(new Set(['other']))).toEqual([]);
  });
});

describe('what somebody is doing', () => {
  it('is on site, invited, waiting, in chat, each since it began', async () => {
    const olga = await world.addOperator('Olga');
    const ann = await world.addVisitor();
    inbox.pageOpened(person(ann), page('a'));
    const seen: [string | undefined, number | undefined][] = [];
    const note = async () => {
      await settle();
      seen.push([inbox.item(ann)?.presence, inbox.item(ann)?.since]);
      world.clock.advance(1000);
    };
    const t0 = world.clock.nowSeconds();
    await note();
    await world.operator(olga, { kind: 'visitor.invite', visitor: ann, text: 'Hi' });
    await note();
    await world.visitor(ann, { kind: 'invite.reject' });
    await note();
    const chat = chatOf(await world.visitor(ann, START));
    await note();
    await world.operator(olga, { kind: 'chat.join', chat });
    await note();
    await world.operator(olga, { kind: 'chat.leave', chat });
    await note();
    await world.visitor(ann, { kind: 'chat.close' });
    await note();
    const names = ['on_site', 'invited', 'on_site', 'waiting', 'in_chat', 'waiting', 'on_site'];
    expect(seen).toEqual(names.map((name, i) => [name, t0 + i]));
  });

  it('is no moment of waiting during a transfer', async () => {
    const [olga, otto] = [await world.addOperator('Olga'), await world.addOperator('Otto')];
    const ann = await world.addVisitor();
    const chat = chatOf(await world.visitor(ann, START));
    await world.operator(olga, { kind: 'chat.join', chat });
    await settle();
    changes.length = 0;
    await world.operator(olga, { kind: 'chat.transfer', chat, operator: otto.id });
    await settle();
    const items = changes.flatMap((change) => (change.t === 'item' ? [change.item] : []));
    expect(items).toMatchObject([{ presence: 'in_chat', operator: { name: 'Otto' } }]);
  });

  it('of a visitor who left an open chat stays in the list', async () => {
    const ann = await world.addVisitor();
    inbox.pageOpened(person(ann), page('a'));
    await world.visitor(ann, START);
    inbox.pageClosed('a', false);
    world.clock.advance(GRACE_MS);
    await settle();
    expect(inbox.items(ALL)).toMatchObject([{ presence: 'waiting', pages: 0, page: { title: 'a' } }]);
    await world.visitor(ann, { kind: 'chat.close' });
    await settle();
    expect(inbox.items(ALL)).toEqual([]);
  });

  it('is invited until the invitation ends by itself', async () => {
    const olga = await world.addOperator('Olga');
    const ann = await world.addVisitor();
    inbox.pageOpened(person(ann), page('a'));
    await world.operator(olga, { kind: 'visitor.invite', visitor: ann, text: 'Hi' });
    await settle();
    world.clock.advance(INVITE_SECONDS * 1000 - 1);
    expect(inbox.person(ann)?.invite?.text).toBe('Hi');
    world.clock.advance(1000);
    await settle();
    expect(inbox.person(ann)?.invite).toBeNull();
    expect(lines()).toEqual(['on_site 1']);
  });

  it('counts what no operator has read, and shows the last line', async () => {
    const olga = await world.addOperator('Olga');
    const ann = await world.addVisitor();
    const chat = chatOf(await world.visitor(ann, { kind: 'message.send', text: 'one', group: null }));
    await world.visitor(ann, { kind: 'message.send', text: 'two', group: null });
    await settle();
    expect(inbox.item(ann)).toMatchObject({ lastText: 'two', unread: 2 });
    await world.operator(olga, { kind: 'messages.read', chat, seq: 3 });
    await settle();
    expect(inbox.item(ann)).toMatchObject({ lastText: 'two', unread: 0 });
  });

  it('[ST.restart] is read from the store at the start', async () => {
    const olga = await world.addOperator('Olga');
    const ann = await world.addVisitor();
    await world.visitor(ann, { kind: 'card.set', card: { name: 'Ann' } });
    const chat = chatOf(await world.visitor(ann, { kind: 'message.send', text: 'one', group: 'sales' }));
    world.clock.advance(5000);
    await world.operator(olga, { kind: 'chat.join', chat });
    const joinedAt = world.clock.nowSeconds();
    world.clock.advance(5000);
    await world.visitor(ann, { kind: 'message.send', text: 'two', group: null });
    await settle();
    const restarted = await createInbox(world);
    expect(restarted.items(ALL)).toEqual([
      {
        id: ann,
        site: SITE,
        presence: 'in_chat',
        since: joinedAt,
        page: { url: '', title: '' },
        pages: 0,
        isInvitable: false,
        card: { name: 'Ann' },
        chat,
        group: 'sales',
        operator: { id: olga.id, name: 'Olga' },
        lastText: 'two',
        unread: 2,
      },
    ]);
    restarted.close();
  });
});

describe('operators', () => {
  it('make a site and their groups available while they are online', async () => {
    const olga = await world.addOperator('Olga', [SITE], [`${SITE}/sales`]);
    inbox.operatorConnected(olga, 'o');
    expect(inbox.isAvailable(SITE, null)).toBe(false);
    inbox.setOnline(olga.id, true);
    expect([inbox.isAvailable(SITE, null), inbox.isAvailable(SITE, 'sales'), inbox.isAvailable(SITE, 'support')]).toEqual([
      true,
      true,
      false,
    ]);
    expect(inbox.isAvailable('other', null)).toBe(false);
    inbox.setOnline(olga.id, false);
    expect(inbox.isAvailable(SITE, null)).toBe(false);
    expect(kinds()).toEqual(['operators', 'operators']);
  });

  it('stay online over a short cut of the line, and go offline after a longer one', async () => {
    const olga = await world.addOperator('Olga');
    inbox.operatorConnected(olga, 'o1');
    inbox.setOnline(olga.id, true);
    inbox.operatorClosed(olga.id, 'o1', false);
    world.clock.advance(GRACE_MS - 1);
    inbox.operatorConnected(olga, 'o2');
    world.clock.advance(GRACE_MS);
    expect(inbox.isOnline(olga.id)).toBe(true);
    inbox.operatorClosed(olga.id, 'o2', false);
    world.clock.advance(GRACE_MS);
    expect(inbox.isOnline(olga.id)).toBe(false);
  });

  it('go offline at once when they sign out or are revoked', async () => {
    const olga = await world.addOperator('Olga');
    const otto = await world.addOperator('Otto');
    for (const operator of [olga, otto]) {
      inbox.operatorConnected(operator, operator.id);
      inbox.setOnline(operator.id, true);
    }
    inbox.operatorClosed(olga.id, olga.id, true);
    expect(inbox.isAvailable(SITE, null)).toBe(true);
    inbox.refreshOperators([]);
    expect(inbox.isAvailable(SITE, null)).toBe(false);
  });
});
