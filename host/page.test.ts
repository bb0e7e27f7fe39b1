import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { CONTROLLER_MS } from './controller.ts';
import { NOT_SENT, REQUEST_MS } from './forms.ts';
import { UNREACHABLE_MS } from './page.ts';
import { message, messages, record, world, type AnyWidget } from './testing/fakes.ts';

let warnings: string[];
let errors: unknown[][];
beforeEach(() => {
  vi.useFakeTimers();
  warnings = [];
  errors = [];
  vi.spyOn(console, 'warn').mockImplementation((text: string) => void warnings.push(text));
  vi.spyOn(console, 'error').mockImplementation((...args: unknown[]) => void errors.push(args));
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});
const later = () => vi.advanceTimersByTimeAsync(0);
const drawn = (all: ReturnType<typeof world>) => all.call('present')?.args[0] as Record<string, unknown> | undefined;

describe('controller', () => {
  test('[FA.controller] runs once, with settings, templates and the state there; registered later, at once', () => {
    const all = world();
    const controller = vi.fn((settings: unknown, tpls: Record<string, string>) => {
      expect(settings).toMatchObject({ chat: { title: 'Chat with us' } });
      expect(tpls['chat']).toBe(tpls['consultant_chat']);
      expect(all.chat().getState!()).toBe('chat');
    });
    all.snapshot({ state: 'chat' });
    all.CallGear.UI.registerViewController('consultant', controller as never);
    all.snapshot({ state: 'chat' });
    expect([controller.mock.calls.length, errors]).toEqual([1, []]);
  });

  test('[LO.register] the last before the run counts, a later one is ignored, both warn', () => {
    const all = world();
    const ran: string[] = [];
    const { registerViewController } = all.CallGear.UI;
    registerViewController('consultant', () => ran.push('first'));
    registerViewController('consultant', () => ran.push('second'));
    all.snapshot();
    registerViewController('consultant', () => ran.push('third'));
    expect([ran, warnings.filter((text) => text.includes('consultant')).length]).toEqual([['second'], 2]);
    expect(() => registerViewController('consultant', {} as never)).toThrow(/expected a function/);
  });

  test('[FA.afterReturn] events wait for the promise of the controller, ten seconds at most', async () => {
    const all = world();
    let heard!: [string, unknown][];
    all.CallGear.UI.registerViewController('consultant', () => {
      heard = record(all.chat() as never, 'chattyping');
      return new Promise(() => {});
    });
    all.snapshot();
    all.says({}, { name: 'chattyping', operator: 'Olga' });
    await vi.advanceTimersByTimeAsync(CONTROLLER_MS - 1);
    expect(heard).toEqual([]);
    await vi.advanceTimersByTimeAsync(2);
    expect(heard).toHaveLength(1);
  });

  test('[LO.ready] once, after what was held back; late listeners in a task', async () => {
    const all = world();
    const said: string[] = [];
    all.CallGear.on('ready', () => said.push('ready'));
    all.CallGear.UI.registerViewController('consultant', () => void all.chat().on!('showhistory', () => said.push('history')));
    all.snapshot({ state: 'chat', chatId: 'c1' }, { messages: messages(1, 2) });
    await later();
    all.CallGear.on('ready', () => said.push('late'));
    said.push('same task');
    await later();
    expect(said).toEqual(['history', 'ready', 'same task', 'late']);
  });

  test('[LO.standIn] stands in after load, gives way to the first registration without an event', async () => {
    const all = world({ mayStandIn: true });
    all.snapshot();
    expect(all.CallGear.UI.getWidget('consultant_chat')).toBeUndefined();
    all.loads();
    const standIn = all.CallGear.UI.getWidget('consultant_chat')!;
    const heard = record(standIn as never, 'beforehide', 'hide', 'beforedestroy');
    all.asks({ type: 'open', view: 'chat' });
    expect(drawn(all)).toMatchObject({ isDrawn: true, hasLauncher: true, view: 'chat', byVisitor: true });
    all.CallGear.UI.registerViewController('consultant', () => void all.chat());
    await later();
    expect(drawn(all)).toMatchObject({ isDrawn: false, view: null });
    expect([heard, all.calls.some(({ method }) => method === 'closeChat' || method === 'start')]).toEqual([[], false]);
  });

  test('[LO.standIn] data-controller="own" keeps it away, and so does a controller that makes no chat', () => {
    const own = world();
    own.snapshot();
    own.loads();
    const none = world({ mayStandIn: true });
    none.CallGear.UI.registerViewController('consultant', () => {});
    none.snapshot();
    none.loads();
    expect([own, none].map(({ CallGear }) => CallGear.UI.getWidget('consultant_chat'))).toEqual([undefined, undefined]);
  });

  test('[LO.throws] a controller that throws before it made the chat is reported and replaced, later only reported', async () => {
    const early = world({ mayStandIn: true });
    early.CallGear.UI.registerViewController('consultant', () => {
      throw new Error('broken');
    });
    early.loads();
    early.snapshot();
    const late = world({ mayStandIn: true });
    late.CallGear.UI.registerViewController('consultant', () => {
      late.chat({ launcher: false }).render!();
      throw new Error('broken');
    });
    late.loads();
    late.snapshot();
    const replacing = world({ mayStandIn: true });
    replacing.snapshot();
    replacing.loads();
    replacing.CallGear.UI.registerViewController('consultant', () => Promise.reject(new Error('broken')));
    await later();
    expect([early, late, replacing].map((all) => drawn(all)?.['hasLauncher'])).toEqual([true, false, true]);
    expect(errors).toHaveLength(3);
  });

  test('[LO.throws] one that takes over late and throws is replaced by the built-in one, whatever else the page has made', async () => {
    const thrown = world({ mayStandIn: true });
    thrown.snapshot();
    thrown.loads();
    thrown.asks({ type: 'open', view: 'chat' });
    thrown.CallGear.UI.registerViewController('consultant', () => {
      throw new Error('broken');
    });
    const between = world({ mayStandIn: true });
    between.snapshot();
    between.loads();
    between.chat();
    between.CallGear.UI.registerViewController('consultant', () => {
      throw new Error('broken');
    });
    const slow = world({ mayStandIn: true });
    slow.snapshot();
    slow.loads();
    slow.CallGear.UI.registerViewController(
      'consultant',
      () => new Promise((_, reject) => setTimeout(reject, CONTROLLER_MS + 1000, new Error('broken'))),
    );
    await vi.advanceTimersByTimeAsync(CONTROLLER_MS + 1000);
    expect([thrown, between, slow].map((all) => drawn(all))).toMatchObject(Array(3).fill({ isDrawn: true, hasLauncher: true, view: null }));
    expect(errors).toHaveLength(3);
  });

  test.each([
    ['nothing is rendered', () => {}, true],
    [
      'a label was made, which nothing would open',
      (all: ReturnType<typeof world>) => void all.CallGear.UI.createWidget('consultant_label'),
      true,
    ],
    [
      'only the form was rendered',
      (all: ReturnType<typeof world>) => void all.CallGear.UI.createWidget('consultant_offline_message').render!(),
      true,
    ],
    ['the chat was rendered', (_: unknown, chat: AnyWidget) => void chat.render!(), undefined],
    ['the chat was rendered and destroyed', (_: unknown, chat: AnyWidget) => void (chat.render!(), chat.destroy!()), true],
  ])('[FF.D7] [LO.throws] a controller that throws after it made the chat: %s', (_what, make, hasLauncher) => {
    for (const isLater of [false, true]) {
      const all = world({ mayStandIn: true });
      const heard: unknown[] = [];
      all.CallGear.UI.registerViewController('consultant', () => {
        const chat = all.chat({ launcher: false });
        chat.on!('statechange', (state: unknown) => void heard.push(state));
        make(all, chat);
        throw new Error('broken');
      });
      if (!isLater) all.loads();
      all.snapshot();
      if (isLater) all.loads();
      expect([drawn(all)?.['isDrawn'], drawn(all)?.['hasLauncher'] || undefined]).toEqual([true, hasLauncher]);
      vi.advanceTimersByTime(0);
      all.says({ state: { state: 'chat' } }, { name: 'statechange', state: 'chat' });
      // Who made the chat goes on hearing, but for one that was destroyed.
      expect(heard).toEqual(_what.includes('destroyed') ? [] : ['chat']);
    }
  });

  test('[LO.standInYields] all widgets of the stand-in go, its form too, without an event', async () => {
    const all = world({ mayStandIn: true });
    all.snapshot();
    all.loads();
    await later();
    all.CallGear.openChatWindow();
    expect(drawn(all)).toMatchObject({ view: 'offline_message' });
    const heard = ['consultant_chat', 'consultant_offline_message'].map((name) =>
      record(all.CallGear.UI.getWidget(name) as never, 'beforehide', 'hide', 'beforedestroy'),
    );
    all.CallGear.UI.registerViewController('consultant', () => void all.chat().render!());
    expect([drawn(all)?.['view'], all.CallGear.UI.getWidget('consultant_offline_message'), heard.flat()]).toEqual([null, undefined, []]);
  });
});

describe('what the frame draws', () => {
  test('[LO.launcher] nothing before the controller has returned, then what it rendered', () => {
    const all = world();
    all.CallGear.UI.registerViewController('consultant', () => {
      all.chat({ settings: { chat: { title: 'Ask', h_position: 'left' }, common: { banner_color: '#ff0000' } } }).render!();
      expect(drawn(all)).toBeUndefined();
    });
    all.snapshot();
    expect(drawn(all)).toEqual({
      isDrawn: true,
      hasLauncher: true,
      view: null,
      isInline: false,
      byVisitor: false,
      appearance: { title: 'Ask', h_position: 'left', banner_color: '#ff0000' },
    });
    expect(all.rooms.pop()).toEqual({ isDrawn: true, box: undefined });
  });

  test.each([
    ['launcher: false', (all: ReturnType<typeof world>) => all.chat({ launcher: false }).render!()],
    ['a label', (all: ReturnType<typeof world>) => (all.CallGear.UI.createWidget('consultant_label'), all.chat().render!())],
  ])('[LO.launcher] none with %s', (_what, make) => {
    const all = world();
    all.snapshot();
    make(all);
    expect(drawn(all)).toMatchObject({ isDrawn: true, hasLauncher: false });
  });

  test('[LO.headless] never rendered: nothing is drawn, flag and events stay', () => {
    const all = world();
    all.snapshot();
    const chat = all.chat();
    const heard = record(chat as never, 'beforeshow', 'show', 'beforehide', 'hide');
    chat.show!();
    expect([chat.isVisible!(), chat.getEl!(), drawn(all)]).toEqual([true, null, undefined]);
    chat.hide!();
    expect(heard.map(([name]) => name)).toEqual(['beforeshow', 'show', 'beforehide', 'hide']);
  });

  test('[WI.closer] the frame asks, the page may refuse', () => {
    const all = world();
    all.snapshot();
    const chat = all.chat();
    chat.render!();
    const off = chat.on!('beforeshow', () => false) as () => void;
    all.asks({ type: 'open', view: 'chat' });
    expect(chat.isVisible!()).toBe(false);
    off();
    all.asks({ type: 'open', view: 'chat' });
    expect(drawn(all)).toMatchObject({ view: 'chat', byVisitor: true });
    chat.on!('beforehide', () => false);
    all.asks({ type: 'close' });
    expect(chat.isVisible!()).toBe(true);
  });

  test('[WI.several] only the newest draws, and the one before it again when that is destroyed', () => {
    const all = world();
    all.snapshot();
    const first = all.chat();
    first.render!();
    first.show!();
    const second = all.chat();
    expect(drawn(all)).toMatchObject({ isDrawn: false });
    second.destroy!();
    expect(drawn(all)).toMatchObject({ isDrawn: true, view: 'chat' });
  });

  test('[LO.global] openChatWindow: the chat while somebody is there, else the form; early calls wait', async () => {
    const all = world();
    all.CallGear.openChatWindow();
    all.CallGear.UI.registerViewController('consultant', () => void all.chat().render!());
    all.snapshot();
    expect(drawn(all)).toMatchObject({ view: null });
    await later();
    expect(drawn(all)).toMatchObject({ view: 'offline_message' });
    all.asks({ type: 'close' });
    all.says({ state: { isAvailable: true } });
    all.CallGear.openChatWindow();
    expect(drawn(all)).toMatchObject({ view: 'chat', byVisitor: false });
    all.CallGear.openSiteRequestPanel();
    all.asks({ type: 'open', view: 'chat' });
    expect([drawn(all)?.view, all.CallGear.UI.getWidget('consultant_offline_message')!.isVisible!()]).toEqual(['chat', false]);
  });

  test('[WI.override] the panel stays where a hide of the customer’s own does something else', () => {
    const all = world();
    all.snapshot();
    const chat = all.chat({ hide: () => {} });
    chat.render!();
    chat.show!();
    chat.hide!();
    expect([chat.isVisible!(), drawn(all)?.['view']]).toEqual([false, 'chat']);
  });

  test('[WI.closer] chat.show() brings the chat while the form is open; the form is hidden with its events, or stays if it refuses', () => {
    const all = world();
    all.snapshot();
    const chat = all.chat();
    chat.render!();
    chat.show!();
    const form = all.CallGear.UI.createWidget('consultant_offline_message');
    form.render!();
    form.show!();
    const heard = record(form as never, 'beforehide', 'hide');
    expect(drawn(all)).toMatchObject({ view: 'offline_message' });
    chat.show!();
    expect([drawn(all)?.['view'], form.isVisible!(), heard.map(([name]) => name)]).toEqual(['chat', false, ['beforehide', 'hide']]);
    form.show!();
    form.on!('beforehide', () => false);
    chat.show!();
    expect(drawn(all)).toMatchObject({ view: 'offline_message' });
  });

  test('a rendered widget that nothing of ours is drawn for has no element', () => {
    const all = world();
    all.snapshot();
    const lead = all.CallGear.UI.createWidget('lead_generator');
    const chat = all.chat();
    for (const widget of [lead, chat]) widget.render!();
    expect([lead.getEl!(), (chat.getEl!() as { className: string }).className]).toEqual([null, 'callgear-widget']);
  });

  test('[WI.override] openChatWindow() shows with true when the config says so', async () => {
    const all = world();
    const show = vi.fn();
    all.CallGear.UI.registerViewController('consultant', () => void all.chat({ isOpenWithVisibilityObserver: true, show }));
    all.snapshot({ isAvailable: true });
    await later();
    all.CallGear.openChatWindow();
    expect(show.mock.calls).toEqual([[true]]);
  });

  test.each(['isOpenWithVisibilityObserver', 'isShowWithVisibilityObserver'])(
    '[FF.D1] [WI.override] with %s the page’s own show is called each time, which is how a choice of groups is asked for',
    async (flag) => {
      const all = world();
      const show = vi.fn();
      all.CallGear.UI.registerViewController('consultant', () => {
        all.chat({ [flag]: 1, show }).render!();
        all.CallGear.UI.createWidget('sitephone', { [flag]: true, show });
      });
      all.snapshot({ isAvailable: true });
      await later();
      for (let n = 0; n < 2; n++) {
        all.CallGear.openChatWindow();
        all.asks({ type: 'open', view: 'chat' });
        all.CallGear.openSitePhonePanel();
      }
      expect(show.mock.calls).toEqual(Array(6).fill([true]));
    },
  );

  test('[FF.E5] behind a modal dialog openChatWindow() opens nothing and says so to the page and its widgets; when the dialog is gone it opens', async () => {
    const all = world();
    let chat: ReturnType<typeof all.chat> | undefined;
    all.CallGear.UI.registerViewController('consultant', () => void (chat = all.chat()).render!());
    all.snapshot({ isAvailable: true });
    await later();
    const [page, widget] = [vi.fn(), vi.fn()];
    all.CallGear.on('error', page);
    chat!.on!('error', widget);
    all.cover.isThere = true;
    all.CallGear.openChatWindow();
    expect(chat!.isVisible!()).toBe(false);
    for (const heard of [page, widget]) expect(heard.mock.calls).toEqual([[expect.objectContaining({ code: 'unavailable' })]]);
    all.cover.isThere = false;
    all.cover.then();
    expect(chat!.isVisible!()).toBe(true);
  });

  test('[EV.invite.not] a headless page without a listener is not invitable, and becomes so with one', () => {
    const all = world();
    all.snapshot();
    const chat = all.chat();
    expect(all.welcome()).toMatchObject({ page: { url: 'https://shop.test/tea', title: 'Tea' }, isInvitable: false });
    chat.on!('invite', () => {});
    expect(all.call('page')?.args[1]).toBe(true);
  });
});

describe('the mirror follows', () => {
  test('[BR.rev] the page drops an old update, and asks for a snapshot after a gap', () => {
    const all = world();
    const chat = all.chat();
    all.snapshot();
    all.says({ rev: 1, state: { unread: 1 } });
    all.says({ rev: 1, state: { unread: 7 } });
    all.says({ rev: 3, state: { unread: 9 } });
    expect([chat.getUnreadCounter!(), all.calls.map(({ method }) => method)]).toEqual([1, ['resync']]);
  });

  test('[BR.reload] a later snapshot tells what was missed, once', async () => {
    const all = world();
    const chat = all.chat();
    const olga = { name: 'Olga', position: null, avatar: null };
    all.snapshot({ state: 'chat', chatId: 'c1' }, { messages: messages(1, 2) });
    await later();
    const { uid } = chat.sendChatMessage!('mine') as { uid: string };
    const heard = record(
      chat as never,
      'statechange',
      'chatavailabilitychange',
      'operatorjoined',
      'sendmessage',
      'messagedelivered',
      'historychange',
    );
    all.snapshot(
      { state: 'chat', chatId: 'c1', isAvailable: true, operator: olga },
      { messages: [...messages(2, 3), message(4, { uid, sender: 'visitor' })] },
    );
    expect(heard).toEqual([
      ['chatavailabilitychange', true],
      ['operatorjoined', olga],
      ['sendmessage', message(3)],
      ['messagedelivered', { uid, message_id: 'm4', chat_id: 'c1', date: 4 }],
    ]);
  });

  test('[BR.reload] a transfer that was missed is a leaving, then a joining', async () => {
    const all = world();
    const chat = all.chat();
    const card = (name: string) => ({ name, position: null, avatar: null });
    const [olga, ivan] = [card('Olga'), card('Ivan')];
    all.snapshot({ state: 'chat', chatId: 'c1', operator: olga });
    await later();
    const heard = record(chat as never, 'operatorleave', 'operatorjoined');
    all.snapshot({ state: 'chat', chatId: 'c1', operator: ivan });
    all.snapshot({ state: 'chat', chatId: 'c1', operator: null });
    const none = { name: null, position: null, avatar: null };
    expect(heard).toEqual([
      ['operatorleave', none],
      ['operatorjoined', ivan],
      ['operatorleave', none],
    ]);
  });

  test('[OR.3] [FA.controller] what the server says after a page began on defaults is where it begins, not news', async () => {
    const all = world();
    const chat = all.chat();
    all.snapshot({ isOnline: false }, { isProvisional: true });
    await later();
    const { uid } = chat.sendChatMessage!('unsent') as { uid: string };
    const heard = record(
      chat as never,
      'connectionchange',
      'chatavailabilitychange',
      'statechange',
      'operatorjoined',
      'sendmessage',
      'showhistory',
      'ratingchange',
      'showchatretentionaction',
      'invite',
      'historychange',
    );
    const olga = { name: 'Olga', position: null, avatar: null };
    all.snapshot({ isAvailable: true, state: 'chat', chatId: 'c1', operator: olga, retention: 'chat' }, { messages: messages(1, 2) });
    await later();
    expect(heard).toEqual([
      ['connectionchange', { online: true }],
      ['chatavailabilitychange', true],
      ['statechange', 'chat'],
      ['showhistory', messages(1, 2)],
      ['ratingchange', null],
      ['showchatretentionaction', { alternate_communication_way: 'chat', replayed: true }],
    ]);
    expect((chat.getMessages!() as { uid: string }[]).map((sent) => sent.uid)).toEqual(['u1', 'u2', uid]);
  });

  test('[EV.invite] an invitation found after beginning on defaults is a replayed one', async () => {
    const all = world();
    const chat = all.chat();
    all.snapshot({ isOnline: false }, { isProvisional: true });
    await later();
    const heard = record(chat as never, 'statechange', 'invite');
    const invite = { ...message(9), invite_message: 'message 9' };
    all.snapshot({ state: 'invite', invite });
    expect(heard).toEqual([
      ['statechange', 'invite'],
      ['invite', { ...invite, replayed: true }],
    ]);
  });

  test("[BR.reload] a frame that was reloaded and can't reach the server takes nothing away that was known", async () => {
    const all = world();
    const chat = all.chat();
    all.snapshot({ state: 'chat', chatId: 'c1', isAvailable: true }, { messages: messages(1, 2) });
    await later();
    const heard = record(chat as never, 'connectionchange', 'chatavailabilitychange', 'statechange', 'sendmessage', 'showhistory');
    all.snapshot({ isOnline: false }, { isProvisional: true });
    expect([chat.getState!(), chat.isChatAvailable!(), chat.isOnline!(), chat.hasHistory!()]).toEqual(['chat', true, false, true]);
    all.snapshot({ state: 'chat', chatId: 'c1', isAvailable: true }, { messages: messages(1, 3) });
    expect(heard).toEqual([
      ['connectionchange', { online: false }],
      ['connectionchange', { online: true }],
      ['sendmessage', message(3)],
    ]);
  });

  test('[BR.reload] commands whose answer is lost are rejected', async () => {
    const all = world();
    const chat = all.chat();
    const promise = chat.promise.startChat!();
    all.loses();
    await expect(promise).rejects.toMatchObject({ code: 'frame_unavailable' });
  });
});

describe('a frame that was reloaded', () => {
  test('[BR.reload] messages, files and card values stay on their way; all other commands have failed and say so', async () => {
    const all = world();
    const chat = all.chat();
    all.snapshot({ state: 'chat', chatId: 'c1' });
    await later();
    const heard = record(chat as never, 'error', 'messagefailed');
    const sent = chat.promise.sendChatMessage!('Hello');
    const card = chat.promise.setVisitorCard!({ name: 'Vera' });
    const closed = chat.promise.closeChat!();
    const [uid, id] = [all.call('send')!.args[0] as string, all.call('setCard')!.args[0] as string];
    await all.call('send')!.accept();
    all.loses();
    await expect(closed).rejects.toMatchObject({ code: 'frame_unavailable' });
    expect(heard).toEqual([['error', { code: 'frame_unavailable', message: 'lost', command: 'closeChat' }]]);
    expect([all.call('send')!.isDue(), all.call('setCard')!.isDue(), all.call('closeChat')!.isDue()]).toEqual([true, true, false]);
    all.says({}, { name: 'messagedelivered', uid, message_id: 'm1', chat_id: 'c1', date: 1 }, { name: 'answer', id, answer: { ok: true } });
    await expect(sent).resolves.toMatchObject({ message_id: 'm1' });
    await expect(card).resolves.toBeUndefined();
    expect([all.call('send')!.isDue(), all.call('setCard')!.isDue()]).toEqual([false, false]);
  });

  test('[EV.messagesent] the page reports an event once, also when a new frame repeats it', async () => {
    const all = world();
    const chat = all.chat();
    all.snapshot({ state: 'chat', chatId: 'c1' });
    await later();
    const heard = record(chat as never, 'messagesent', 'messagedelivered');
    const sent = chat.sendChatMessage!('Hello') as ReturnType<typeof message>;
    all.says({}, { name: 'messagesent', message: sent, via: 'api' });
    all.loses();
    all.snapshot({ state: 'chat', chatId: 'c1' }, { messages: [message(1, { uid: sent.uid })] });
    all.says(
      {},
      { name: 'messagesent', message: sent, via: 'api' },
      { name: 'messagedelivered', uid: sent.uid!, message_id: 'm1', chat_id: 'c1', date: 1 },
    );
    expect(heard.map(([name]) => name)).toEqual(['messagesent', 'messagedelivered']);
  });

  test('[BR.errors] when it is over, messages have failed too, each with one event', async () => {
    const all = world();
    const chat = all.chat();
    all.snapshot({ state: 'chat', chatId: 'c1' });
    await later();
    const heard = record(chat as never, 'error', 'messagefailed');
    const sent = chat.promise.sendChatMessage!('Hello');
    const uid = all.call('send')!.args[0] as string;
    all.loses(true);
    await expect(sent).rejects.toMatchObject({ code: 'frame_unstable' });
    void all.call('send')!.refuse('frame_unstable');
    await later();
    expect(heard).toEqual([
      ['error', { code: 'frame_unstable', message: 'lost', command: 'sendChatMessage' }],
      ['messagefailed', { uid, reason: 'frame_unstable' }],
    ]);
  });
});

describe('global', () => {
  test('[LO.error] a page that has to begin without the server says unreachable, once, to its controller too; later it heals in silence', async () => {
    const all = world();
    const heard: string[] = [];
    all.CallGear.UI.registerViewController(
      'consultant',
      () => void all.CallGear.on('error', ({ code }: { code: string }) => heard.push(code)),
    );
    all.welcome();
    await vi.advanceTimersByTimeAsync(UNREACHABLE_MS + 1);
    all.snapshot({ isOnline: false }, { isProvisional: true });
    await later();
    all.snapshot({ isOnline: false }, { isProvisional: true });
    all.snapshot();
    expect(heard).toEqual(['unreachable']);
  });

  test('[LO.error] a page that begins without the server for want of consent does not', async () => {
    const all = world();
    const heard: string[] = [];
    all.CallGear.on('error', ({ code }: { code: string }) => heard.push(code));
    all.welcome();
    all.snapshot({ isOnline: false }, { isProvisional: true });
    await later();
    expect(heard).toEqual([]);
  });

  test('[LO.ready] a late listener is checked at once, can be taken back, and what it throws is reported', async () => {
    const all = world();
    all.CallGear.UI.registerViewController('consultant', () => {});
    all.snapshot();
    await later();
    expect(() => all.CallGear.on('ready', 'no function' as never)).toThrow(/expected a function/);
    const never = vi.fn();
    all.CallGear.on('ready', never)();
    all.CallGear.on('ready', () => {
      throw new Error('a bug');
    });
    await later();
    expect([never.mock.calls.length, errors.length]).toEqual([0, 1]);
  });

  test.each([[''], [null], [undefined], [{}], [{ name: '' }]])(
    '[LO.global] [FF.D6] addVisitorInfo(%j) does nothing, and calls back later',
    async (info) => {
      const all = world();
      all.snapshot();
      const called = vi.fn();
      all.CallGear.addVisitorInfo(info, called);
      expect([called.mock.calls.length, all.call('setCard')]).toEqual([0, undefined]);
      await later();
      expect(called.mock.calls).toEqual([[{ success: true }]]);
    },
  );

  test('[LO.error] the four troubles reach CallGear.on(error), others only the chat', () => {
    const all = world();
    const heard: string[] = [];
    all.CallGear.on('error', ({ code }: { code: string }) => heard.push(code));
    all.snapshot();
    for (const code of ['frame_blocked', 'frame_unstable', 'refused', 'frame_unavailable'] as const) all.trouble(code);
    for (const code of ['unreachable', 'no_operator'] as const) all.says({}, { name: 'error', code, message: '' });
    expect(heard).toEqual(['frame_blocked', 'frame_unstable', 'refused', 'unreachable']);
  });

  test('[LO.queue] push runs functions with CallGear and arrays as commands; an unknown one warns once', () => {
    const { CallGear } = world();
    const ran: unknown[] = [];
    CallGear.push(
      (given: unknown) => ran.push(given === CallGear),
      ['noSuchCommand', 1],
      ['noSuchCommand'],
      () => {
        throw new Error('a bug');
      },
      () => ran.push('after'),
    );
    expect([ran, warnings.filter((text) => text.includes('noSuchCommand')).length, errors.length]).toEqual([[true, 'after'], 1, 1]);
  });

  test('[LO.identify] identify is a promise that ends as the session says', async () => {
    const all = world();
    const promise = all.CallGear.identify('token');
    const [id, jwt] = all.call('identify')!.args as [string, string];
    all.snapshot();
    all.says({}, { name: 'answer', id, answer: { ok: false, code: 'disabled', message: 'no keys' } });
    await expect(promise).rejects.toMatchObject({ code: 'disabled' });
    expect(jwt).toBe('token');
  });

  test('[LO.global] ids are null until the session knows them; addVisitorInfo changes the card and calls back', async () => {
    const all = world();
    const chat = all.chat();
    expect([all.CallGear.getVisitorId(), all.CallGear.getSessionId(), all.CallGear.getOperatorStatus()]).toEqual([null, null, false]);
    all.snapshot({ visitorId: 'v', sessionId: 's' });
    const called = vi.fn();
    all.CallGear.addVisitorInfo({ name: 'Vera' }, called);
    all.says({}, { name: 'answer', id: all.call('setCard')!.args[0] as string, answer: { ok: true } });
    await later();
    expect([all.CallGear.getVisitorId(), all.CallGear.getSessionId(), chat.getVisitorCard!(), called.mock.calls]).toEqual([
      'v',
      's',
      { name: 'Vera' },
      [[{ success: true }]],
    ]);
  });

  test('[FF.D8] [LO.properties] properties are texts of this page: set, asked for, taken back, and told as they are set', () => {
    const all = world();
    const { setProperty, getProperty, hasProperty, deleteProperty } = all.CallGear;
    expect([
      getProperty('plan'),
      hasProperty('plan'),
      setProperty('plan', 'pro'),
      setProperty(7, 8),
      setProperty('vip', false),
      setProperty('constructor', 'x'),
    ]).toEqual([null, false, undefined, undefined, undefined, undefined]);
    setProperty('plan', 'pro');
    expect(['plan', '7', 'vip', 'constructor', '__proto__', 'toString'].map(getProperty)).toEqual(['pro', '8', 'false', 'x', null, null]);
    expect([hasProperty('plan'), hasProperty('valueOf')]).toEqual([true, false]);
    for (const nothing of [null, undefined, '']) {
      setProperty('plan', 'free');
      setProperty('plan', nothing);
      expect([hasProperty('plan'), getProperty('plan')]).toEqual([false, null]);
    }
    // Another page of the visitor may have set it.
    expect(deleteProperty('elsewhere')).toBe(undefined);
    const told = all.calls.filter(({ method }) => method === 'setProperty');
    expect(told.map(({ args }) => args)).toEqual([
      ['plan', 'pro'],
      ['7', '8'],
      ['vip', 'false'],
      ['constructor', 'x'],
      ...Array(3)
        .fill([
          ['plan', 'free'],
          ['plan', ''],
        ])
        .flat(),
      ['elsewhere', ''],
    ]);
    // A later frame gets the values as they are now, and no more.
    expect(told.filter((call) => call.isDue()).map(({ args }) => args)).toEqual([
      ['7', '8'],
      ['vip', 'false'],
      ['constructor', 'x'],
      ...Array(3).fill(['plan', '']),
      ['elsewhere', ''],
    ]);
  });

  test.each<[unknown, unknown, RegExp]>([
    ['', 'x', /a name/],
    [null, 'x', /a name/],
    ['n'.repeat(65), 'x', /at most 64/],
    ['n', 'x'.repeat(1001), /at most 1000/],
    ['n', {}, /a string/],
    [{}, 'x', /a string/],
    ['n', () => {}, /a string/],
  ])('[FF.D8] [LO.properties] setProperty(%j, %j) says what was expected', (name, value, words) => {
    const all = world();
    expect(() => all.CallGear.setProperty(name, value)).toThrow(words);
    expect(() => all.CallGear.setProperty(name, value)).toThrow(TypeError);
    expect(all.calls).toEqual([]);
  });

  test('[FF.D8] [LO.properties] fifty properties, and one more when one is taken back', () => {
    const { setProperty, hasProperty, deleteProperty } = world().CallGear;
    for (let n = 0; n < 50; n++) setProperty('n'.repeat(60) + n, '€'.repeat(1000));
    setProperty('n'.repeat(60) + 7, 'changed');
    expect(() => setProperty('more', 'x')).toThrow(/expected at most 50$/);
    deleteProperty('n'.repeat(60) + 0);
    setProperty('more', 'x');
    expect(hasProperty('more')).toBe(true);
  });

  test.each([[{ success: true, title: 'Thanks', message: 'Soon' }], [{ success: false, title: 'Not sent', message: 'Later' }]])(
    '[FF.D8] [LO.request] addOfflineRequest is one call, and its callback gets the outcome: %j',
    async (reply) => {
      const all = world();
      const form = all.CallGear.UI.createWidget('consultant_offline_message');
      const heard = record(form as never, 'sendofflinerequest');
      all.snapshot();
      const called = vi.fn();
      all.CallGear.addOfflineRequest({ name: 'Vera', phone: 47, message: 'Call me', is_sale: true, group_id: 5 }, called);
      const [id, request] = all.call('sendRequest')!.args;
      expect([request, called.mock.calls]).toEqual([{ name: 'Vera', phone: '47', message: 'Call me', group_id: '5' }, []]);
      all.says(
        {},
        { name: 'sendofflinerequest', ...reply },
        { name: 'answer', id: id as string, answer: reply.success ? { ok: true } : { ok: false, code: 'unavailable', message: '' } },
      );
      await later();
      const { success, ...result } = reply;
      // A form of ours that is open does not hear of another's request.
      expect([called.mock.calls, heard]).toEqual([[[{ success, result }]], []]);
    },
  );

  test('[FF.D8] [LO.request] an application that never got to the frame has failed, and one without a callback or with nothing in it harms nobody', async () => {
    const all = world();
    const called = vi.fn();
    all.CallGear.addOfflineRequest({ message: 'Hello' }, called);
    all.CallGear.addOfflineRequest({ message: 'Hello' });
    all.CallGear.addOfflineRequest(null, null as never);
    expect(() => all.CallGear.addOfflineRequest({ message: {} })).toThrow(TypeError);
    expect(() => all.CallGear.addOfflineRequest({}, 'no function' as never)).toThrow(/expected a function/);
    await vi.advanceTimersByTimeAsync(REQUEST_MS);
    expect(called.mock.calls).toEqual([[{ success: false, result: NOT_SENT }]]);
  });

  test('[WI.offline] sendRequest is one call, answered on the form', () => {
    const all = world();
    const form = all.CallGear.UI.createWidget('consultant_offline_message');
    const heard = record(form as never, 'sendofflinerequest');
    form.sendRequest!({ name: 'Vera', extra: () => {} });
    all.snapshot();
    all.says({}, { name: 'sendofflinerequest', success: true, title: 'Thanks', message: 'Soon' });
    expect([all.call('sendRequest')!.args[1], heard]).toEqual([
      { name: 'Vera' },
      [['sendofflinerequest', { success: true, info: { title: 'Thanks', message: 'Soon' } }]],
    ]);
  });

  test('[WI.offline] numbers become text, absent values are left out, other values throw', () => {
    const all = world();
    const form = all.CallGear.UI.createWidget('consultant_offline_message');
    form.sendRequest!({ phone: 47, message: null, group_id: 5, name: '' });
    expect(all.call('sendRequest')!.args[1]).toEqual({ phone: '47', group_id: '5' });
    for (const request of ['text', { name: {} }]) expect(() => form.sendRequest!(request)).toThrow(TypeError);
  });

  test('[WI.offline] the answer goes to the form that asked, not to the newest; that of our own form to the newest', () => {
    const all = world();
    const [first, second] = [0, 1].map(() => all.CallGear.UI.createWidget('consultant_offline_message'));
    const heard = [first, second].map((form) => record(form as never, 'sendofflinerequest'));
    first!.sendRequest!({ name: 'Vera' });
    const id = all.call('sendRequest')!.args[0] as string;
    all.snapshot();
    all.says(
      {},
      { name: 'sendofflinerequest', success: false, title: 'No', message: 'No' },
      { name: 'answer', id, answer: { ok: false, code: 'too_long', message: '' } },
    );
    expect(heard.map(({ length }) => length)).toEqual([1, 0]);
    all.says({}, { name: 'sendofflinerequest', success: true, title: 'Thanks', message: 'Soon' });
    expect(heard.map(({ length }) => length)).toEqual([1, 1]);
  });

  test.each([
    ['refused', (all: ReturnType<typeof world>) => all.call('sendRequest')!.refuse('invalid_argument')],
    ['lost with its frame', (all: ReturnType<typeof world>) => all.loses()],
    ['not taken within ten seconds', () => vi.advanceTimersByTimeAsync(REQUEST_MS)],
  ])('[WI.offline] a request that is %s is answered too, once, and is no failed message', async (_what, fail) => {
    const all = world();
    const chat = all.chat();
    const heard = record(chat as never, 'messagefailed');
    const form = all.CallGear.UI.createWidget('consultant_offline_message');
    const replies = record(form as never, 'sendofflinerequest');
    form.sendRequest!({ name: 'Vera' });
    await fail(all);
    await vi.advanceTimersByTimeAsync(2 * REQUEST_MS);
    all.snapshot();
    await later();
    expect([replies, heard]).toEqual([[['sendofflinerequest', { success: false, info: NOT_SENT }]], []]);
  });

  test('[WI.create] an unknown name gives a plain widget and one warning', () => {
    const { CallGear } = world();
    const odd = CallGear.UI.createWidget('something_else');
    CallGear.UI.createWidget('something_else');
    expect([typeof odd.show, odd.startChat, CallGear.UI.getWidget('none'), warnings.length]).toEqual(['function', undefined, undefined, 1]);
  });
});
