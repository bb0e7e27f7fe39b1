import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { message, messages, record, world, type AnyWidget } from './testing/fakes.ts';
import type { Message } from '../shared/chat.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** Lets the tasks run that are due now. */
const later = () => vi.advanceTimersByTimeAsync(0);
const ids = (page: unknown) => (page as Message[]).map(({ message_id }) => message_id);
const range = (from: number, to: number) => messages(from, to).map(({ message_id }) => message_id);

type Page = Awaited<ReturnType<typeof inChat>>;

/** A page in mid-chat whose widget is open. */
async function inChat(stored: Message[] = [], state = {}) {
  const all = world();
  const chat = all.chat();
  all.snapshot({ state: 'chat', chatId: 'c1', ...state }, { messages: stored });
  await later();
  return { ...all, chat };
}

describe('queries', () => {
  test('[ME.getState] [ME.undefined] defaults before the first snapshot', () => {
    const chat = world().chat();
    const answers = [
      'isChatAvailable',
      'hasHistory',
      'getHistory',
      'getMessages',
      'getOperatorVcard',
      'getVisitorCard',
      'getRequiredInfo',
      'getState',
      'getInvite',
      'getRating',
      'getRetentionAction',
      'isOnline',
      'getUnreadCounter',
      'isReadyForFileTransfer',
    ].map((name) => chat[name]!());
    expect(answers).toEqual([false, false, false, [], null, {}, [], 'available', null, null, null, false, 0, false]);
  });

  test('[FA.copies] every answer is a copy of its own', async () => {
    const { chat } = await inChat([message(1)], { card: { email: ['a@b.c'] } });
    (chat.getVisitorCard!() as { email: string[] }).email.push('spoilt');
    (chat.getMessages!() as Message[])[0]!.text = 'spoilt';
    expect([chat.getVisitorCard!(), (chat.getMessages!() as Message[])[0]!.text]).toEqual([{ email: ['a@b.c'] }, 'message 1']);
  });

  test('[ME.getState] lead while a lead widget is visible and no chat is', async () => {
    const all = world();
    const widget = all.chat();
    all.snapshot();
    await later();
    const heard = record(widget as never, 'statechange');
    const lead = all.CallGear.UI.createWidget('lead_generator');
    lead.show!();
    all.says({ state: { state: 'chat' } }, { name: 'statechange', state: 'chat' });
    expect(widget.getState!()).toBe('chat');
    all.says({ state: { state: 'available' } }, { name: 'statechange', state: 'available' });
    expect(widget.getState!()).toBe('lead');
    lead.hide!();
    expect(heard).toEqual([
      ['statechange', 'lead'],
      ['statechange', 'chat'],
      ['statechange', 'lead'],
      ['statechange', 'available'],
    ]);
  });

  test('[ME.standing] says what the event said', async () => {
    const { chat } = await inChat([], { retention: 'sitephone' });
    expect(chat.getRetentionAction!()).toEqual({ alternate_communication_way: 'sitephone' });
  });
});

describe('history', () => {
  test('[ME.getHistory] newest first, twenty at most, further back each time, false at the end', async () => {
    const { chat } = await inChat(messages(1, 45));
    const pages = [chat.getHistory!(), chat.getHistory!(), chat.getHistory!()].map(ids);
    expect(pages).toEqual([range(26, 45).reverse(), range(6, 25).reverse(), range(1, 5).reverse()]);
    expect([chat.hasHistory!(), chat.getHistory!()]).toEqual([false, false]);
  });

  test('[ME.getHistory] starts before the oldest message that a listener was given', async () => {
    const { chat, says } = await inChat(messages(1, 3));
    chat.on!('sendmessage', () => {});
    says({ added: [message(4)] }, { name: 'sendmessage', message: message(4) });
    expect(ids(chat.getHistory!())).toEqual(['m3', 'm2', 'm1']);
  });

  test('[ME.getHistory] what nobody listened to is not given', async () => {
    const { chat, says } = await inChat(messages(1, 2));
    says({ added: [message(3)] }, { name: 'sendmessage', message: message(3) });
    expect(ids(chat.getHistory!())).toEqual(['m3', 'm2', 'm1']);
  });

  test('[ME.getHistory] own messages that are not stored are included, unless this widget returned them', async () => {
    const { chat, CallGear } = await inChat([message(1)]);
    chat.sendChatMessage!('waiting');
    const second = CallGear.UI.createWidget('consultant_chat');
    expect((second.getHistory!() as Message[]).map(({ text, message_id }) => [text, message_id])).toEqual([
      ['waiting', null],
      ['message 1', 'm1'],
    ]);
    expect(ids(chat.getHistory!())).toEqual(['m1']);
  });

  test('[ME.getHistory] asks for more when fewer than two pages are ahead, one page at a time', async () => {
    const all = world();
    const chat = all.chat();
    all.snapshot({}, { messages: messages(61, 100), hasOlder: true });
    await later();
    expect(all.call('older')).toBeUndefined();
    chat.getHistory!();
    chat.getHistory!();
    expect(all.calls.filter(({ method }) => method === 'older')).toHaveLength(1);
    all.says({ older: { messages: messages(41, 60), hasOlder: true } });
    expect(all.calls.filter(({ method }) => method === 'older')).toHaveLength(2);
    expect(ids(chat.getHistory!())).toEqual(range(41, 60).reverse());
  });

  test('[ME.getMessages] the current chat with unsent messages, oldest first; the cursor stays', async () => {
    const { chat } = await inChat([message(1, { chat_id: 'c0' }), message(2)]);
    expect(ids(chat.getMessages!())).toEqual(['m2']);
    expect(ids(chat.getHistory!())).toEqual(['m2', 'm1']);
  });

  test('[EV.additions] historychange tells a change that no call made', async () => {
    const { chat, says } = await inChat();
    const heard = record(chat as never, 'historychange');
    says({ added: [message(1)] }, { name: 'sendmessage', message: message(1) });
    chat.getHistory!();
    says({ added: [message(2)] });
    expect(heard).toEqual([['historychange', true]]);
  });

  test('[EV.additions] historychange carries the value that hasHistory() returns at that moment', async () => {
    const { chat, says } = await inChat();
    const heard: unknown[] = [];
    chat.on!('historychange', (has: boolean) => heard.push([has, chat.hasHistory!()]));
    chat.on!('sendmessage', () => {});
    says({ added: [message(1), message(2)] }, { name: 'sendmessage', message: message(2) });
    chat.getHistory!();
    says({ older: { messages: [message(0)], hasOlder: false } });
    expect(heard).toEqual([
      [true, true],
      [true, true],
    ]);
  });

  test('[EV.additions] history at the start is no change, unless hasHistory() has returned otherwise', async () => {
    const all = world();
    const heard: [string, unknown][] = [];
    all.CallGear.UI.registerViewController('consultant', () => {
      const [quiet, asked] = [all.chat(), all.chat()];
      asked.hasHistory!();
      for (const chat of [quiet, asked]) heard.push(...record(chat as never, 'historychange'));
    });
    const early = all.chat();
    early.on!('historychange', (has: boolean) => heard.push(['early', has]));
    all.snapshot({}, { messages: messages(1, 3) });
    await later();
    const told = all.chat();
    const changes = record(told as never, 'historychange');
    await later();
    const late = world();
    const asked = late.chat();
    const wrong = record(asked as never, 'historychange');
    asked.hasHistory!();
    late.snapshot({}, { messages: messages(1, 3) });
    await later();
    expect([heard, changes, wrong]).toEqual([[], [], [['historychange', true]]]);
  });

  test('[EV.additions] a change that is over again when the controller has returned is not told', async () => {
    const all = world();
    let heard!: [string, unknown][];
    let release!: () => void;
    all.CallGear.UI.registerViewController('consultant', () => {
      const chat = all.chat();
      heard = record(chat as never, 'historychange', 'sendmessage');
      chat.hasHistory!();
      return new Promise<void>((resolve) => (release = resolve));
    });
    all.snapshot({ state: 'chat', chatId: 'c1' });
    all.says({ added: [message(1)] }, { name: 'sendmessage', message: message(1) });
    release();
    await later();
    expect(heard.map(([name]) => name)).toEqual(['sendmessage']);
  });
});

describe('sending', () => {
  test('[ME.sendChatMessage] returns the optimistic message and passes it on; the state waits for the server', async () => {
    const all = world();
    const chat = all.chat();
    all.snapshot();
    const sent = chat.sendChatMessage!('Hello', 7) as Message;
    expect(sent).toMatchObject({ text: 'Hello', source: 'Visitor', from: 'Visitor', sender: 'visitor', chat_id: null, message_id: null });
    expect(sent.uid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(all.call('send')!.args).toEqual([sent.uid, 'Hello', '7']);
    expect([chat.getState!(), chat.getMessages!()]).toEqual(['available', [sent]]);
  });

  test('[ME.sendChatMessage] stays once while the frame takes it over and the server stores it', async () => {
    const { chat, says } = await inChat();
    const sent = chat.sendChatMessage!('Hello') as Message;
    const texts = () => (chat.getMessages!() as Message[]).map(({ message_id }) => message_id);
    says({ pending: [{ message: sent, failed: null }] });
    expect(texts()).toEqual([null]);
    says({ added: [{ ...sent, chat_id: 'c1', message_id: 'm9' }] });
    expect(texts()).toEqual(['m9']);
    says({ pending: [] });
    expect(texts()).toEqual(['m9']);
  });

  test('[ME.sendChatMessage] empty is false, too long a RangeError, an object a TypeError; nothing is sent', async () => {
    const { chat, call } = await inChat();
    expect([chat.sendChatMessage!(''), chat.sendChatMessage!('  '), chat.sendChatMessage!(null)]).toEqual([false, false, false]);
    expect(() => chat.sendChatMessage!('😀'.repeat(4097))).toThrow(RangeError);
    expect(() => chat.sendChatMessage!({})).toThrow(TypeError);
    expect(call('send')).toBeUndefined();
    chat.sendChatMessage!('😀'.repeat(4096));
    expect(call('send')).toBeDefined();
  });

  test('[ME.sendChatMessage] a call that fails is an error and a failed message', async () => {
    const { chat, call } = await inChat();
    const heard = record(chat as never, 'error', 'messagefailed');
    const { uid } = chat.sendChatMessage!('Hello') as Message;
    await call('send')!.refuse('timeout');
    expect(heard).toEqual([
      ['error', { code: 'timeout', message: 'refused', command: 'sendChatMessage' }],
      ['messagefailed', { uid, reason: 'timeout' }],
    ]);
  });

  test('[ME.undefined] chat.promise ends with the message, delivered or failed', async () => {
    const { chat, call, says } = await inChat();
    const good = chat.promise.sendChatMessage!('one');
    const uid = call('send')!.args[0] as string;
    says({}, { name: 'messagedelivered', uid, message_id: 'm1', chat_id: 'c1', date: 1 });
    await expect(good).resolves.toEqual({ uid, message_id: 'm1', chat_id: 'c1', date: 1 });
    const bad = chat.promise.sendChatMessage!('two');
    says({}, { name: 'messagefailed', uid: call('send')!.args[0] as string, reason: 'chat_closed' });
    await expect(bad).rejects.toMatchObject({ code: 'chat_closed' });
  });

  test('a message that the frame never got goes again with its group; one that is still on its way does not', async () => {
    const { chat, call, calls } = await inChat();
    const { uid } = chat.sendChatMessage!('Hello', 7) as Message;
    chat.resendMessage!(uid);
    expect(calls.map(({ method }) => method)).toEqual(['send', 'resend']);
    await call('send')!.refuse('frame_unavailable');
    chat.resendMessage!(uid);
    expect([calls.length, call('send')!.args]).toEqual([3, [uid, 'Hello', '7']]);
  });

  test('a message that waits for the frame is taken back: it is not sent, and its promise says so', async () => {
    const { chat: make, call, calls, snapshot } = world();
    const chat = make();
    const heard = record(chat as never, 'messagefailed');
    const sent = chat.promise.sendChatMessage!('Hello');
    const uid = call('send')!.args[0] as string;
    chat.discardMessage!(uid);
    await expect(sent).rejects.toMatchObject({ code: 'unavailable' });
    snapshot();
    await later();
    expect([chat.getMessages!(), calls.map(({ method }) => method), heard]).toEqual([
      [],
      ['send'],
      [['messagefailed', { uid, reason: 'unavailable' }]],
    ]);
  });

  test('one that the frame has is the session’s to refuse, and one that failed before is forgotten here', async () => {
    const { chat, call, calls } = await inChat();
    const { uid } = chat.sendChatMessage!('Hello') as Message;
    chat.discardMessage!(uid);
    expect([call('discard')!.args, (chat.getMessages!() as Message[]).length]).toEqual([[uid], 1]);
    await call('send')!.refuse('too_long');
    chat.discardMessage!(uid);
    expect([calls.length, chat.getMessages!()]).toEqual([2, []]);
  });

  test('[ME.sendFile] a promise of several files ends with all of their messages', async () => {
    const { chat, call, says } = await inChat();
    const sent = chat.promise.sendFile!([new File(['x'], 'x.txt'), new File(['y'], 'y.txt')]);
    const files = call('sendFiles')!.args[0] as { uid: string }[];
    files.forEach(({ uid }, n) => says({}, { name: 'sendmessage', message: message(n, { uid }) }));
    await expect(sent).resolves.toMatchObject([{ message_id: 'm0' }, { message_id: 'm1' }]);
  });

  test('[ME.sendFile] files are taken at once; a value that is no file throws; nothing chosen does nothing', async () => {
    const { chat, calls } = await inChat();
    const file = new File(['x'], 'x.txt');
    const offered = () => calls.filter(({ method }) => method === 'sendFiles').map(({ args }) => (args[0] as unknown[]).length);
    for (const input of [{ files: [file] }, file, [file, file], { files: [] }, [], null]) chat.sendFile!(input);
    expect(offered()).toEqual([1, 1, 2]);
    for (const input of [{}, 'file.txt', 5, [{}], { files: [{}] }]) expect(() => chat.sendFile!(input)).toThrow(TypeError);
  });

  test('[B6] things that only look like files, lists or inputs are refused with what was expected, and nothing crosses', async () => {
    const { chat, calls } = await inChat();
    const before = calls.length;
    const file = new File(['x'], 'x.txt');
    // A window has a length (of its frames, here none), and so has a function.
    const window = {
      length: 0,
      get window(): object {
        return window;
      },
    };
    const inputs: unknown[] = [
      { files: [{}] },
      { files: [file, {}] },
      { files: { length: 1e9 } },
      { files: () => [file] },
      window,
      () => file,
      function input(_files: unknown) {},
      new Proxy({}, {}),
      new Proxy([{}], {}),
      new Proxy({ files: [{}] }, {}),
      { name: 'x.txt', size: 1, type: 'text/plain' },
      new Blob(['x']),
      [file, 'x'],
      [[file]],
      'x',
      true,
      7,
      Symbol('file'),
      new Map([[1, file]]),
    ];
    for (const input of inputs)
      expect(() => chat.sendFile!(input), String(Object(input).constructor?.name)).toThrow('CallGear: expected files');
    expect(calls.length).toBe(before);
  });
});

describe('other commands', () => {
  test.each([
    ['startChat', [5], 'start', ['5']],
    ['startChat', [{ preventDefault() {} }], 'start', [null]],
    ['setOperatorRating', ['4'], 'rate', [4, '']],
    ['setOperatorRating', [5, 'Quick and kind'], 'rate', [5, 'Quick and kind']],
    ['sendChatByMail', ['a@b.c'], 'mail', ['a@b.c']],
    ['inviteAccept', [], 'acceptInvite', []],
    ['inviteReject', [], 'rejectInvite', []],
  ] as const)('[ME.%s] %s becomes one call with an id', async (name, args, method, rest) => {
    const { chat, call } = await inChat();
    const detached = chat[name]!;
    expect(detached(...args)).toBeUndefined();
    expect(call(method)!.args).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/), ...rest]);
  });

  test('[BR.bounds] [ME.chatTyping] a draft and an address of any length cross as what still says something', async () => {
    const { chat, call } = await inChat();
    chat.chatTyping!('я'.repeat(100_000));
    expect(call('typing')!.args).toEqual(['я'.repeat(8192)]);
    chat.sendChatByMail!('a'.repeat(100_000) + '@example.com');
    expect(call('mail')!.args[1]).toBe('a'.repeat(8192));
  });

  test.each([
    ['refuses it', ({ call }: Page) => call('mail')!.refuse('rate_limited'), 'rate_limited'],
    ['is gone before it answers', ({ loses }: Page) => loses(), 'frame_unavailable'],
    ['is given up', ({ loses }: Page) => loses(true), 'frame_unstable'],
  ] as const)(
    '[ME.sendChatByMail] [EV.sendchatbymail] a transcript is answered, once, also when the frame %s',
    async (_what, happens, code) => {
      const w = await inChat();
      const heard = record(w.chat as never, 'sendchatbymail', 'error');
      const answer = w.chat.promise['sendChatByMail']!('a@b.c');
      if (code !== 'rate_limited') await w.call('mail')!.accept();
      void happens(w);
      await expect(answer).rejects.toMatchObject({ code });
      expect(heard).toEqual([
        ['sendchatbymail', { success: false, error: code }],
        ['error', expect.objectContaining({ code, command: 'sendChatByMail' })],
      ]);
    },
  );

  test('[ME.closeChat] the callback comes once, later, after the event, also when it failed', async () => {
    const { chat, call, says, loses } = await inChat();
    const heard = record(chat as never, 'closechat');
    chat.closeChat!(() => heard.push(['callback', undefined]));
    const [id] = call('closeChat')!.args as [string];
    says(
      { state: { state: 'available' } },
      { name: 'closechat' },
      { name: 'answer', id, answer: { ok: true } },
      { name: 'answer', id, answer: { ok: true } },
    );
    expect(heard.map(([name]) => name)).toEqual(['closechat']);
    await later();
    expect(heard.map(([name]) => name)).toEqual(['closechat', 'callback']);
    chat.closeChat!(() => heard.push(['lost', undefined]));
    loses();
    await later();
    expect(heard.map(([name]) => name)).toEqual(['closechat', 'callback', 'lost']);
  });

  test('[ME.setVisitorCard] card and required info change before it returns, and survive a patch that does not know yet', async () => {
    const { chat, call, says } = await inChat([], { card: { email: ['1', '2', '3', '4', '5'] }, requiredInfo: ['name', 'phone'] });
    chat.setVisitorCard!({ name: 'Vera', email: '6', phone: 47, address: 'unknown' });
    const card = { name: 'Vera', email: ['2', '3', '4', '5', '6'], phone: ['47'] };
    expect([chat.getVisitorCard!(), chat.getRequiredInfo!()]).toEqual([card, []]);
    expect(call('setCard')!.args[1]).toEqual({ name: 'Vera', email: '6', phone: '47' });
    says({ state: { card: {}, requiredInfo: ['name', 'phone'] } });
    expect([(chat.getVisitorCard!() as { name: string }).name, chat.getRequiredInfo!()]).toEqual(['Vera', []]);
    says({ state: { card: { name: 'Server' } } }, { name: 'answer', id: call('setCard')!.args[0] as string, answer: { ok: true } });
    await later();
    says({ state: { card: { name: 'Server' }, requiredInfo: ['phone'] } });
    expect([chat.getVisitorCard!(), chat.getRequiredInfo!()]).toEqual([{ name: 'Server' }, ['phone']]);
  });

  test.each([
    ['accepted', { ok: true } as const, true],
    ['refused', { ok: false, code: 'invalid_argument', message: 'no address' } as const, false],
  ])('[FF.D6] [ME.setVisitorCard] the callback says whether the card was taken: %s', async (_what, answer, success) => {
    const { chat, call, says } = await inChat();
    vi.spyOn(console, 'error').mockImplementation(() => {});
    const called = vi.fn(() => {
      throw new Error('the page’s own mistake');
    });
    chat.setVisitorCard!({ email: 'vera@' }, called);
    expect(called).not.toHaveBeenCalled();
    says({}, { name: 'answer', id: call('setCard')!.args[0] as string, answer });
    await later();
    expect(called.mock.calls).toEqual([[{ success }]]);
    const closed = vi.fn();
    chat.closeChat!(closed);
    says({}, { name: 'answer', id: call('closeChat')!.args[0] as string, answer });
    await later();
    expect(closed.mock.calls).toEqual([[]]);
  });

  const notice = {
    name: 'notice',
    message: message(2, { text: 'Olga joined the chat.', source: 'System', from: 'System', sender: 'system', uid: null }),
  } as const;
  test.each<[string, object, (chat: AnyWidget) => unknown, boolean]>([
    ['asks for it, and draws by itself', { systemMessages: true }, () => {}, true],
    [
      'asks for it, and is an element',
      { systemMessages: true, template: { nodeType: 1, classList: { toggle() {} } } },
      (chat) => chat.render!(),
      true,
    ],
    ['does not ask for it', {}, () => {}, false],
    ['is the built-in one', {}, (chat) => chat.render!(), false],
  ])(
    '[FF.D9] [EV.system] joining, leaving and ending are System messages for an interface that %s',
    async (_what, config, draw, isTold) => {
      const all = world();
      const chat = all.chat(config);
      draw(chat);
      all.snapshot({ state: 'chat', chatId: 'c1' }, { messages: messages(1, 1) });
      await later();
      const heard = record(chat as never, 'sendmessage', 'notice');
      all.says({}, notice, notice);
      // Told once, and no part of the history.
      expect(heard).toEqual(isTold ? [['sendmessage', notice.message]] : []);
      expect([(chat.getMessages!() as unknown[]).length, (chat.getHistory!() as unknown[]).length]).toEqual([1, 1]);
    },
  );

  test('[FF.E12] a promise is rejected with an error of ours where the page has frozen `Error.prototype`', async () => {
    const { chat, calls } = await inChat();
    const before = Object.getOwnPropertyDescriptors(Error.prototype);
    for (const name of ['name', 'message'] as const) Object.defineProperty(Error.prototype, name, { writable: false });
    try {
      const failed = (chat.promise as unknown as Record<string, () => Promise<unknown>>)['printCurrentChat']!().catch(
        (error: unknown) => error,
      );
      await calls.at(-1)!.refuse('frame_unavailable');
      const error = await failed;
      expect([error instanceof Error, Object(error).name, Object(error).code]).toEqual([true, 'ChatError', 'frame_unavailable']);
    } finally {
      Object.defineProperties(Error.prototype, before);
    }
  });

  test('[FA.input] a wrong callback or card throws before anything happens', async () => {
    const { chat, calls } = await inChat();
    const before = calls.length;
    expect(() => chat.closeChat!('no function')).toThrow(/expected/);
    expect(() => chat.setVisitorCard!('Vera')).toThrow(TypeError);
    expect(() => chat.setVisitorCard!({ name: {} })).toThrow(TypeError);
    expect(() => chat.startChat!({})).toThrow(TypeError);
    expect(calls).toHaveLength(before);
  });

  test('[ME.unread] clearing is done when it returns, and asks nothing when there is nothing', async () => {
    const { chat, calls } = await inChat([], { unread: 2 });
    chat.clearUnreadCounter!();
    chat.clearUnreadCounter!();
    expect([chat.getUnreadCounter!(), calls.filter(({ method }) => method === 'read').length]).toEqual([0, 1]);
  });

  test('[ME.undefined] a refused call is one error event that names the command, and a rejected promise', async () => {
    const { chat, call } = await inChat();
    const heard = record(chat as never, 'error');
    const promise = chat.promise.setOperatorRating!(9);
    void call('rate')!.refuse('invalid_argument');
    await expect(promise).rejects.toMatchObject({ name: 'ChatError', code: 'invalid_argument' });
    expect(heard).toEqual([['error', { code: 'invalid_argument', message: 'refused', command: 'setOperatorRating' }]]);
  });
});

describe('events', () => {
  const olga = { name: 'Olga', position: null, avatar: null };
  test.each([
    ['EV.operatorjoined', 'operatorjoined', { operator: olga }, olga],
    ['EV.operatorleave', 'operatorleave', {}, { name: null, position: null, avatar: null }],
    ['EV.messagesent', 'messagesent', { message: message(1), via: 'ui' }, { message: message(1), via: 'ui' }],
    ['EV.showchatretentionaction', 'showchatretentionaction', { way: 'chat' }, { alternate_communication_way: 'chat' }],
    ['EV.chatavailabilitychange', 'chatavailabilitychange', { isAvailable: true }, true],
    ['EV.answers', 'startchat', {}, undefined],
    ['EV.setrating', 'setrating', { mark: 5 }, 5],
    ['EV.sendchatbymail', 'sendchatbymail', { success: true }, { success: true }],
    ['EV.ratingchange', 'ratingchange', { mark: null }, null],
    ['EV.statechange', 'statechange', { state: 'chat' }, 'chat'],
    ['EV.chattyping', 'chattyping', { operator: 'Olga' }, { name: 'Olga' }],
    [
      'EV.additions',
      'fileprogress',
      { uid: 'u', file: 'a.txt', size: 2, loaded: 1, total: 2 },
      { uid: 'u', name: 'a.txt', size: 2, loaded: 1, total: 2 },
    ],
    ['EV.additions', 'connectionchange', { isOnline: false }, { online: false }],
  ] as const)('[%s] %s has its public argument', async (_rule, name, fields, payload) => {
    const { chat, says } = await inChat();
    const heard = record(chat as never, name);
    says({}, { name, ...fields } as never);
    expect(heard).toEqual([[name, payload]]);
  });

  test('[OR.1] the mirror is there when the event says so', async () => {
    const { chat, says } = await inChat();
    const seen: unknown[] = [];
    chat.on!('chatavailabilitychange', (isAvailable: boolean) => seen.push([isAvailable, chat.isChatAvailable!()]));
    says({ state: { isAvailable: true } }, { name: 'chatavailabilitychange', isAvailable: true });
    expect(seen).toEqual([[true, true]]);
  });

  test('[FA.copies] [FA.isolation] each listener has its own copy, and one that throws stops nobody', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => {});
    const { chat, says } = await inChat();
    const heard: string[] = [];
    chat.on!('sendmessage', (m: Message) => {
      m.text = 'spoilt';
      throw new Error('a bug');
    });
    chat.on!('sendmessage', (m: Message) => heard.push(m.text));
    says({ added: [message(1)] }, { name: 'sendmessage', message: message(1) });
    expect([heard, error.mock.calls.length]).toEqual([['message 1'], 1]);
  });

  test('[EV.sendmessage.not] never twice, and never what showhistory gave', async () => {
    const all = world();
    const chat = all.chat();
    const heard = record(chat as never, 'showhistory', 'sendmessage');
    all.snapshot({ state: 'chat', chatId: 'c1' }, { messages: messages(1, 2) });
    all.says({ added: [message(3)] }, { name: 'sendmessage', message: message(3) });
    await later();
    all.says({}, { name: 'sendmessage', message: message(2) });
    expect(heard.map(([name, payload]) => [name, [payload].flat().length])).toEqual([['showhistory', 3]]);
    all.says({ added: [message(4)] }, { name: 'sendmessage', message: message(4) }, { name: 'sendmessage', message: message(4) });
    expect(heard).toHaveLength(2);
  });

  test('[EV.showhistory.not] nothing for a chat that is over, nor for messages already taken', async () => {
    const over = world();
    const heard = record(over.chat() as never, 'showhistory');
    over.snapshot({ state: 'available', chatId: 'c1' }, { messages: messages(1, 2) });
    await later();
    const taken = world();
    const chat = taken.chat();
    heard.push(...record(chat as never, 'showhistory'));
    taken.snapshot({ state: 'chat', chatId: 'c1' }, { messages: messages(1, 2) });
    chat.getHistory!();
    await later();
    expect(heard).toEqual([]);
  });

  test('[OR.3] opening: history, rating, retention, invitation, then what came meanwhile', async () => {
    const all = world();
    const invite = { ...message(9), invite_message: 'message 9' };
    let chat!: AnyWidget;
    let heard!: [string, unknown][];
    all.CallGear.UI.registerViewController('consultant', () => {
      chat = all.chat();
      heard = record(chat as never, 'showhistory', 'ratingchange', 'showchatretentionaction', 'invite', 'chattyping');
    });
    all.snapshot({ state: 'chat', chatId: 'c1', operator: olga, rating: 4, retention: 'chat', invite }, { messages: messages(1, 25) });
    all.says({}, { name: 'chattyping', operator: 'Olga' });
    expect(heard).toEqual([]);
    await later();
    expect(heard.map(([name]) => name)).toEqual(['showhistory', 'ratingchange', 'showchatretentionaction', 'invite', 'chattyping']);
    expect(heard[0]![1]).toEqual(messages(6, 25));
    expect(heard[2]![1]).toEqual({ alternate_communication_way: 'chat', replayed: true });
    expect(heard[3]![1]).toEqual({ ...invite, replayed: true });
  });

  test('[OR.3] what came live while the controller ran is not replayed as well', async () => {
    const all = world();
    const chat = all.chat();
    const heard = record(chat as never, 'invite');
    all.snapshot();
    const invite = { ...message(9), invite_message: 'message 9' };
    all.says({ state: { state: 'invite', invite } }, { name: 'statechange', state: 'invite' }, { name: 'invite', invite });
    await later();
    expect(heard).toEqual([['invite', invite]]);
  });
});
