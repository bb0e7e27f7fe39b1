import { expose, wrap } from 'comlink';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { BRIDGE_LIMITS, FRAME_METHODS, type HostMethods, type Snapshot, type Update } from '../shared/page/bridge.ts';
import { toErrorCode } from '../shared/errors.ts';
import { callable, guard } from '../shared/page/guard.ts';
import { ABSENCE_MS, BACKOFF_MS, CALL_MS, createBridge, HELLO_MS, IN_FLIGHT, PAUSE_MS, PROBE_MS, QUEUED, RETRY_MS } from './bridge.ts';

const CHAT = 'https://chat.test';
const SHOP = 'https://shop.test';

/** What was opened, to be closed after each test. */
const ends: { close(): void }[] = [];
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] }));
afterEach(() => {
  vi.useRealTimers();
  for (const end of ends.splice(0)) end.close();
});

/** A page with the bridge in it, and a window whose events are made by hand. */
function embedded() {
  const listeners = new Map<string, Set<(event: never) => void>>();
  const target = {
    addEventListener: (type: string, listener: (event: never) => void) =>
      void listeners.set(type, (listeners.get(type) ?? new Set()).add(listener)),
    removeEventListener: (type: string, listener: (event: never) => void) => void listeners.get(type)?.delete(listener),
  };
  const document = { hidden: false, ...target };
  const inserted: string[] = [];
  const heard: [string, unknown][] = [];
  const troubles: string[] = [];
  let frameWindow: object | undefined;
  const overs: boolean[] = [];
  const frame = {
    _insert(fragment: string) {
      frameWindow = {};
      inserted.push(fragment);
    },
    _remove: () => (frameWindow = undefined),
    _window: () => frameWindow,
  };
  const bridge = createBridge({ ...target, document, location: { origin: SHOP } } as never, CHAT, frame, {
    _methods: {
      snapshot: (snapshot) => void heard.push(['snapshot', snapshot]),
      update: (update) => void heard.push(['update', update]),
      ask: (ask) => void heard.push(['ask', ask]),
    },
    _welcome: () => ({ page: { url: SHOP, title: '' }, isInvitable: false, presentation: {} as never }),
    _onLost: (_failure, isOver) => void overs.push(isOver),
    _onTrouble: (code) => void troubles.push(code),
  });
  const fire = (type: string, event: object) => {
    for (const listener of [...(listeners.get(type) ?? [])]) listener(event as never);
  };
  const nonce = () => new URLSearchParams(inserted[inserted.length - 1]!.slice(1)).get('n')!;
  return {
    bridge,
    document,
    inserted,
    heard,
    troubles,
    fire,
    nonce,
    overs,
    lost: () => overs.length,
    /** As a page's script takes the element away, and the document gets it back: with another window. */
    uproot: () => (frameWindow = undefined),
    replant: () => (frameWindow = {}),
    listeners: () => [...listeners.values()].reduce((sum, { size }) => sum + size, 0),
    /** A hello as the browser delivers it, except for the overridden members. */
    hello(event: object = {}, data: object = {}, ports?: MessagePort[]) {
      const { port1, port2 } = new MessageChannel();
      ends.push(port1, port2);
      fire('message', {
        isTrusted: true,
        source: frameWindow,
        origin: CHAT,
        data: { type: 'callgear-hello', versions: [1], nonce: nonce(), epoch: 'first', ...data },
        ports: ports ?? [port2],
        ...event,
      });
      return port1;
    },
  };
}

/** The real other end: Comlink behind the guard, as the frame has it. Calls are kept until they are answered by hand. */
function frameAt(port: MessagePort, { answers = true, isAllowed = undefined as (() => boolean) | undefined } = {}) {
  const called: [string, ...unknown[]][] = [];
  const guarded = guard(port as never, { calls: FRAME_METHODS, size: BRIDGE_LIMITS.toFrameSize, toCode: toErrorCode, isAllowed });
  const method =
    (name: string) =>
    (...args: unknown[]) => {
      called.push([name, ...args]);
      return answers || name === 'welcome' ? undefined : new Promise(() => {});
    };
  expose(callable(Object.fromEntries([...FRAME_METHODS].map((name) => [name, method(name)]))), guarded as never);
  ends.push(guarded);
  return { called, host: wrap<HostMethods>(guarded as never) };
}

/** Lets real ports deliver; timers stand still. */
const delivered = async () => {
  for (let n = 0; n < 8; n++) await new Promise((resolve) => setImmediate(resolve));
};

describe('handshake', () => {
  test('[BR.hello] the fragment carries 120 random bits and our exact origin', () => {
    const { bridge, inserted } = embedded();
    bridge._open();
    expect(inserted).toEqual([
      expect.stringMatching(/^#n=[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}&o=https:\/\/shop\.test$/),
    ]);
  });

  test('[BR.hello] a good hello is answered by welcome with the highest common version', async () => {
    const { bridge, hello } = embedded();
    bridge._open();
    const { called } = frameAt(hello({}, { versions: [3, 2, 1] }));
    await delivered();
    expect(called).toEqual([['welcome', { version: 1, page: { url: SHOP, title: '' }, isInvitable: false, presentation: {} }]]);
  });

  test.each([
    ['was made by a script', { isTrusted: false }, {}, undefined],
    ['comes from another window', { source: {} }, {}, undefined],
    ['comes from no window', { source: null }, {}, undefined],
    ['comes from another origin', { origin: 'https://chat.test.evil' }, {}, undefined],
    ['comes from an opaque origin', { origin: 'null' }, {}, undefined],
    ['has another nonce', {}, { nonce: '0'.repeat(32) }, undefined],
    ['has another brand', {}, { type: 'hello' }, undefined],
    ['has no port', {}, {}, []],
    ['has two ports', {}, {}, [new MessageChannel().port1, new MessageChannel().port1]],
    ['is no object', { data: null }, {}, undefined],
  ] as const)('[BR.hello] [B1] a hello that %s is dropped', async (_what, event, data, ports) => {
    const { bridge, hello, troubles } = embedded();
    bridge._open();
    const { called } = frameAt(hello(event, data, ports as never));
    await delivered();
    expect([bridge._isConnected(), called, troubles]).toEqual([false, [], []]);
  });

  test('[BR.hello] [B1] the bridge drops a hello while there is no frame, no matter who seems to send it', async () => {
    const { bridge, hello, troubles } = embedded();
    bridge._open();
    bridge._close();
    const { called } = frameAt(hello());
    const { called: calledByNobody } = frameAt(hello({ source: undefined }));
    await delivered();
    expect([bridge._isConnected(), called, calledByNobody, troubles]).toEqual([false, [], [], []]);
  });

  test.each([[{ includes: 5 }], [{ includes: {}, length: 1, 0: 1 }], ['1'], [null], [1], [[]], [['1']], [[NaN, -1, 1.5]]])(
    '[BR.hello] [B1] versions that are no list of ours (%j) are none',
    (versions) => {
      const { bridge, hello, troubles } = embedded();
      bridge._open();
      hello({}, { versions });
      expect([bridge._isConnected(), troubles]).toEqual([false, ['refused']]);
    },
  );

  test('[BR.hello] without a common version it is refused', () => {
    const { bridge, hello, troubles } = embedded();
    bridge._open();
    hello({}, { versions: [99] });
    expect([bridge._isConnected(), troubles]).toEqual([false, ['refused']]);
  });

  test('[BR.reload] the same epoch again is a replay', async () => {
    const { bridge, hello, lost } = embedded();
    bridge._open();
    const first = frameAt(hello());
    const second = frameAt(hello());
    await delivered();
    expect([first.called.length, second.called.length, lost()]).toEqual([1, 0, 0]);
  });

  test('[BR.reload] a new epoch rejects what was under way, swaps the port and goes on', async () => {
    const { bridge, hello, lost } = embedded();
    bridge._open();
    frameAt(hello(), { answers: false });
    const pending = bridge._call('print', []);
    const second = frameAt(hello({}, { epoch: 'second' }));
    await expect(pending).rejects.toMatchObject({ code: 'frame_unavailable' });
    await expect(bridge._call('resync', [null])).resolves.toBeUndefined();
    expect([second.called.map(([name]) => name), lost()]).toEqual([['welcome', 'resync'], 1]);
  });

  test('[BR.reload] what may be repeated and is still due goes to the new frame first, in its order, and has not failed', async () => {
    const { bridge, hello } = embedded();
    bridge._open();
    const due = new Set(['u1', 'u2', 'u3', 'u4']);
    const send = (uid: string) => bridge._call('send', [uid, uid, null], () => due.has(uid));
    const first = frameAt(hello());
    const accepted = send('u1');
    await accepted;
    await send('u2');
    due.delete('u2');
    const silent = frameAt(hello({}, { epoch: 'second' }), { answers: false });
    await delivered();
    const underWay = send('u3');
    const dropped = bridge._call('closeChat', ['i1']);
    await delivered();
    const third = frameAt(hello({}, { epoch: 'third' }));
    const waiting = send('u4');
    await Promise.all([underWay, waiting, expect(dropped).rejects.toMatchObject({ code: 'frame_unavailable' })]);
    const uids = ({ called }: typeof first) => called.slice(1).map(([, uid]) => uid);
    expect([first, silent, third].map(uids)).toEqual([
      ['u1', 'u2'],
      ['u1', 'u3', 'i1'],
      ['u1', 'u3', 'u4'],
    ]);
  });

  test('[BR.reload] a call that may be repeated does not fail by a frame that fell silent, but when all is over', async () => {
    const { bridge, hello, overs } = embedded();
    bridge._open();
    frameAt(hello(), { answers: false });
    await delivered();
    const settled = vi.fn();
    const call = bridge._call('send', ['u1', 'Hello', null], () => true);
    call.then(settled, settled);
    vi.advanceTimersByTime(CALL_MS);
    await delivered();
    expect(settled).not.toHaveBeenCalled();
    bridge._close();
    await expect(call).rejects.toMatchObject({ code: 'destroyed' });
    expect(overs).toEqual([true]);
  });

  test('[BR.reload] a frame that is out of the document gets nothing more; the next one gets what waited', async () => {
    const { bridge, hello, uproot, replant, lost } = embedded();
    bridge._open();
    const first = frameAt(hello());
    await delivered();
    uproot();
    const calls = [bridge._call('start', ['i1', null]), bridge._call('print', [])];
    expect([bridge._isConnected(), lost()]).toEqual([false, 1]);
    replant();
    vi.advanceTimersByTime(ABSENCE_MS - 1);
    const second = frameAt(hello({}, { epoch: 'second' }));
    await Promise.all(calls);
    vi.advanceTimersByTime(1);
    expect([first, second].map(({ called }) => called.map(([name]) => name))).toEqual([['welcome'], ['welcome', 'start', 'print']]);
    // The first to ask finds out: news that is meant only for a living frame must not wait for the next one.
    replant();
    expect([bridge._isConnected(), lost()]).toEqual([false, 2]);
  });

  test('[BR.reload] a call fails after five seconds without a frame, and no later frame gets it', async () => {
    const { bridge, hello, uproot, replant } = embedded();
    bridge._open();
    const due = new Set(['told', 'new']);
    const send = (uid: string) => bridge._call('send', [uid, uid, null], () => due.has(uid));
    frameAt(hello());
    await send('told');
    uproot();
    const early = send('new');
    vi.advanceTimersByTime(ABSENCE_MS - 1);
    const late = bridge._call('closeChat', ['i1']);
    vi.advanceTimersByTime(1);
    await expect(early).rejects.toMatchObject({ code: 'frame_unavailable' });
    replant();
    const { called } = frameAt(hello({}, { epoch: 'second' }));
    await late;
    // The first frame may have run the calls it had, so the bridge does not report them as failed: it sends them again, as
    // after any reload.
    expect(called.slice(1).map(([, id]) => id)).toEqual(['told', 'i1']);
  });

  test('calls wait for the first frame as long as it takes', async () => {
    const { bridge, hello } = embedded();
    bridge._open();
    const call = bridge._call('start', ['i1', null]);
    vi.advanceTimersByTime(10 * HELLO_MS);
    const { called } = frameAt(hello());
    await call;
    expect(called.map(([name]) => name)).toEqual(['welcome', 'start']);
  });

  test('a call that waits for the frame can be taken back, one that was sent cannot', async () => {
    const { bridge, hello } = embedded();
    bridge._open();
    const calls = [bridge._call('send', ['u1', 'one', null]), bridge._call('send', ['u2', 'two', null])];
    expect(bridge._takeBack('u1')).toBe(true);
    await expect(calls[0]).rejects.toMatchObject({ code: 'unavailable' });
    const { called } = frameAt(hello());
    await calls[1];
    expect([bridge._takeBack('u2'), called.slice(1).map(([, uid]) => uid)]).toEqual([false, ['u2']]);
  });

  test('[BR.reload] more than three reloads a minute are frame_unstable; spread out they are not', async () => {
    const slow = embedded();
    slow.bridge._open();
    for (let n = 0; n < 9; n++) {
      frameAt(slow.hello({}, { epoch: 'e' + n }));
      await delivered();
      vi.advanceTimersByTime(30_000);
    }
    const fast = embedded();
    fast.bridge._open();
    for (let n = 0; n < 5; n++) fast.hello({}, { epoch: 'e' + n });
    expect([slow.troubles, fast.troubles]).toEqual([[], ['frame_unstable']]);
  });

  test('[LO.error] no hello within fifteen seconds is frame_blocked, and a late one heals it', async () => {
    const { bridge, hello, troubles } = embedded();
    bridge._open();
    const call = bridge._call('print', []);
    vi.advanceTimersByTime(HELLO_MS);
    expect(troubles).toEqual(['frame_blocked']);
    frameAt(hello());
    await expect(call).resolves.toBeUndefined();
  });

  test('[LO.error] a frame-src violation of ours is frame_blocked at once, another one is not ours', () => {
    const { bridge, fire, troubles } = embedded();
    bridge._open();
    fire('securitypolicyviolation', { effectiveDirective: 'frame-src', blockedURI: 'https://other.test' });
    fire('securitypolicyviolation', { effectiveDirective: 'img-src', blockedURI: CHAT });
    expect(troubles).toEqual([]);
    fire('securitypolicyviolation', { effectiveDirective: 'frame-src', blockedURI: CHAT });
    bridge._probe();
    vi.advanceTimersByTime(HELLO_MS);
    expect(troubles).toEqual(['frame_blocked']);
  });

  test('[BR.reload] the bridge reloads a frame that stays silent after loading, and reports it once', async () => {
    const { bridge, hello, troubles, inserted } = embedded();
    bridge._open();
    // What the element's load event does: an error page has loaded.
    for (const wait of RETRY_MS) {
      bridge._probe();
      vi.advanceTimersByTime(wait);
    }
    bridge._probe();
    vi.advanceTimersByTime(600_000);
    expect([inserted.length, new Set(inserted).size, troubles]).toEqual([1 + RETRY_MS.length, inserted.length, ['frame_blocked']]);
    const call = bridge._call('print', []);
    frameAt(hello());
    await expect(call).resolves.toBeUndefined();
  });

  test('[BR.reload] a frame that is still loading, and one that has said hello meanwhile, are left alone', () => {
    const loading = embedded();
    loading.bridge._open();
    const greeted = embedded();
    greeted.bridge._open();
    greeted.bridge._probe();
    greeted.hello();
    for (const { inserted } of [loading, greeted]) {
      vi.advanceTimersByTime(RETRY_MS[0]!);
      expect(inserted).toHaveLength(1);
    }
  });

  test('[LO.error] a frame that the policy refuses is not asked for again', () => {
    const { bridge, fire, inserted } = embedded();
    bridge._open();
    fire('securitypolicyviolation', { effectiveDirective: 'frame-src', blockedURI: CHAT });
    bridge._probe();
    vi.advanceTimersByTime(600_000);
    expect(inserted).toHaveLength(1);
  });
});

describe('calls', () => {
  test('[BR.hello] wait for the frame and arrive in order', async () => {
    const { bridge, hello } = embedded();
    bridge._open();
    const calls = [bridge._call('send', ['u1', 'one', null]), bridge._call('closeChat', ['i2']), bridge._call('send', ['u3', 'two', null])];
    const { called } = frameAt(hello());
    await Promise.all(calls);
    expect(called.slice(1)).toEqual([
      ['send', 'u1', 'one', null],
      ['closeChat', 'i2'],
      ['send', 'u3', 'two', null],
    ]);
  });

  test('[BR.bounds] at most 64 under way and 100 waiting, past that an error; the bounds are the treaty’s', async () => {
    const { bridge, hello } = embedded();
    bridge._open();
    const { called } = frameAt(hello(), { answers: false });
    await delivered();
    const results = Array.from({ length: 170 }, () => bridge._call('print', []).catch(({ code }: { code: string }) => code));
    await delivered();
    expect(called).toHaveLength(1 + 64);
    await expect(Promise.race(results.slice(164))).resolves.toBe('rate_limited');
    expect([IN_FLIGHT, QUEUED, CALL_MS, PROBE_MS]).toEqual([
      BRIDGE_LIMITS.inFlight,
      BRIDGE_LIMITS.queued,
      BRIDGE_LIMITS.callMs,
      BRIDGE_LIMITS.probeMs,
    ]);
  });

  test('[BR.bounds] of drafts that wait only the latest is kept', async () => {
    const { bridge, hello } = embedded();
    bridge._open();
    for (let n = 1; n <= 200; n++) void bridge._call('typing', ['x'.repeat(n)]);
    const { called } = frameAt(hello());
    await delivered();
    expect(called.slice(1)).toEqual([['typing', 'x'.repeat(200)]]);
  });

  test('[BR.bounds] calls the frame finds too many are repeated in their order', async () => {
    const { bridge, hello } = embedded();
    bridge._open();
    let left = 3;
    const { called } = frameAt(hello(), { isAllowed: () => --left >= 0 });
    const calls = ['a', 'b', 'c', 'd', 'e'].map((uid) => bridge._call('resend', [uid]));
    await delivered();
    expect(called.slice(1).map(([, uid]) => uid)).toEqual(['a', 'b']);
    left = 99;
    calls.push(bridge._call('resend', ['f']));
    await delivered();
    expect(called).toHaveLength(3);
    vi.advanceTimersByTime(PAUSE_MS);
    await Promise.all(calls);
    expect(called.slice(1).map(([, uid]) => uid)).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });

  test('[BR.errors] a refusal of the frame arrives with its code', async () => {
    const { bridge, hello } = embedded();
    bridge._open();
    const port = hello();
    port.onmessage = ({ data }) =>
      port.postMessage({
        id: data.id,
        type: 'HANDLER',
        name: 'throw',
        value: { isError: false, value: { code: 'no_operator', message: 'nobody' } },
      });
    await expect(bridge._call('print', [])).rejects.toEqual({ code: 'no_operator', message: 'nobody' });
  });

  test('[BR.errors] what cannot be cloned is invalid_argument', async () => {
    const { bridge, hello } = embedded();
    bridge._open();
    frameAt(hello());
    await expect(bridge._call('resend', [(() => {}) as never])).rejects.toMatchObject({ code: 'invalid_argument' });
  });

  test('[BR.bounds] ten seconds without an answer are a timeout', async () => {
    const { bridge, hello } = embedded();
    bridge._open();
    frameAt(hello(), { answers: false });
    const call = bridge._call('print', []);
    vi.advanceTimersByTime(CALL_MS);
    await expect(call).rejects.toMatchObject({ code: 'timeout' });
  });
});

describe('the frame’s calls', () => {
  test('[BR.guard] Comlink at the other end reaches exactly our three methods, in order', async () => {
    const { bridge, hello, heard } = embedded();
    bridge._open();
    const { host } = frameAt(hello());
    const answers = [host.snapshot({ rev: 0 } as Snapshot), host.update({ rev: 1 } as Update), host.ask({ type: 'close' })];
    expect(await Promise.all(answers)).toEqual([undefined, undefined, undefined]);
    expect(heard).toEqual([
      ['snapshot', { rev: 0 }],
      ['update', { rev: 1 }],
      ['ask', { type: 'close' }],
    ]);
  });

  test.each([
    ['a longer path', { type: 'APPLY', path: ['ask', 'constructor'] }],
    ['a method of every object', { type: 'APPLY', path: ['toString'] }],
    ['a constructor', { type: 'CONSTRUCT', path: ['constructor', 'constructor'] }],
    ['a write', { type: 'SET', path: ['ask'], value: { type: 'RAW', value: 1 } }],
    ['a read', { type: 'GET', path: ['ask'] }],
    ['nothing', null],
  ])('[BR.guard] %s is dropped', async (_what, envelope) => {
    const { bridge, hello, heard } = embedded();
    bridge._open();
    const port = hello();
    const answers: unknown[] = [];
    port.onmessage = ({ data }) => data.type === 'RAW' && answers.push(data);
    port.postMessage(envelope && { id: 'x', argumentList: [{ type: 'RAW', value: 1 }], ...envelope });
    await delivered();
    expect([heard, answers]).toEqual([[], []]);
  });
});

describe('life', () => {
  /** A frame that has answered the welcome and then fell silent. */
  async function silent() {
    const all = embedded();
    all.bridge._open();
    frameAt(all.hello(), { answers: false });
    await delivered();
    return all;
  }
  const twoStrikes = () => {
    vi.advanceTimersByTime(PROBE_MS);
    vi.advanceTimersByTime(PROBE_MS);
  };

  test('[BR.reload] two unanswered probes replace the frame, with a new nonce', async () => {
    const { bridge, inserted, lost } = await silent();
    bridge._probe();
    vi.advanceTimersByTime(PROBE_MS);
    expect(lost()).toBe(0);
    vi.advanceTimersByTime(PROBE_MS + BACKOFF_MS[0]!);
    expect([lost(), inserted.length, new Set(inserted).size]).toEqual([1, 2, 2]);
  });

  test('[BR.reload] a frame that answers is left alone, a hidden page asks nothing', async () => {
    const alive = embedded();
    alive.bridge._open();
    frameAt(alive.hello());
    alive.fire('pageshow', { persisted: true });
    await delivered();
    twoStrikes();
    const hidden = await silent();
    hidden.document.hidden = true;
    hidden.bridge._probe();
    twoStrikes();
    expect([alive.lost(), hidden.lost()]).toEqual([0, 0]);
  });

  test('[LO.error] after three replacements that die too it is frame_unstable', async () => {
    const { bridge, hello, troubles, inserted } = await silent();
    for (const wait of BACKOFF_MS) {
      bridge._probe();
      twoStrikes();
      vi.advanceTimersByTime(wait);
      vi.advanceTimersByTime(60_000);
      // It says hello and nothing more.
      hello({}, { epoch: 'epoch ' + inserted.length });
    }
    bridge._probe();
    twoStrikes();
    expect([inserted.length, troubles.pop()]).toEqual([4, 'frame_unstable']);
  });

  test('[BR.destroy] says goodbye, rejects what waits, leaves no listener; and a second time does nothing', async () => {
    const { bridge, hello, listeners } = embedded();
    bridge._open();
    const { called } = frameAt(hello(), { answers: false });
    const pending = bridge._call('print', []);
    bridge._close();
    bridge._close();
    await expect(pending).rejects.toMatchObject({ code: 'destroyed' });
    await expect(bridge._call('print', [])).rejects.toMatchObject({ code: 'destroyed' });
    await delivered();
    expect([called.map(([name]) => name), listeners(), bridge._isConnected()]).toEqual([['welcome', 'print', 'goodbye'], 0, false]);
  });

  test('[BR.destroy] a thousand pages that came and went leave neither listener nor timer behind', () => {
    const before = vi.getTimerCount();
    let left = 0;
    for (let n = 0; n < 1000; n++) {
      const { bridge, listeners } = embedded();
      bridge._open();
      bridge._close();
      left += listeners();
    }
    expect([left, vi.getTimerCount()]).toEqual([0, before]);
  });
});
