/** Windows of one operator, on locks with the rules of the browser's and the channel of Node, which is the browser's. */
import { afterEach, expect, test } from 'vitest';
import { createBell, type Bell, type Locks } from './bell.ts';
import type { Alert } from '../session/alerts.ts';

/** The Web Locks of one browser: exclusive and shared, in the order they were asked for. */
function browserLocks(): Locks {
  interface Ask {
    name: string;
    isShared: boolean;
    isHeld: boolean;
    begin(): void;
  }
  let asks: Ask[] = [];
  const grant = (): void => {
    for (const ask of asks) {
      if (ask.isHeld) continue;
      const before = asks.slice(0, asks.indexOf(ask)).filter(({ name }) => name === ask.name);
      if (before.length > 0 && !(ask.isShared && before.every(({ isShared, isHeld }) => isShared && isHeld))) continue;
      ask.isHeld = true;
      ask.begin();
    }
  };
  const drop = (ask: Ask): void => {
    asks = asks.filter((other) => other !== ask);
    grant();
  };
  return {
    request: (name, { mode, signal }, whileHeld) =>
      new Promise((resolve, reject) => {
        const ask: Ask = {
          name,
          isShared: mode === 'shared',
          isHeld: false,
          begin: () =>
            void Promise.resolve()
              .then(whileHeld)
              .then(() => drop(ask))
              .then(resolve, reject),
        };
        signal.addEventListener('abort', () => {
          if (ask.isHeld) return;
          drop(ask);
          reject(new Error('aborted'));
        });
        asks.push(ask);
        queueMicrotask(grant);
      }),
    query: async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return { held: asks.filter(({ isHeld }) => isHeld).map(({ name }) => ({ name })) };
    },
  };
}

const open: Bell[] = [];
afterEach(() => open.splice(0).forEach((bell) => bell.close()));

let browsers = 0;
/** Windows of one operator in one browser. */
function browser(locks: Locks | undefined = browserLocks()) {
  const name = `bell ${++browsers}`;
  return (): Bell => {
    const bell = createBell({ name, locks, channel: new BroadcastChannel(name) });
    open.push(bell);
    return bell;
  };
}
const wanting = (bell: Bell) => {
  const turn = bell.turn('sound');
  turn.want(true);
  return turn;
};
const who = async (...turns: ReturnType<Bell['turn']>[]) => (await Promise.all(turns.map((turn) => turn.isMine()))).map(Number).join('');

test('[FF.C4] of all windows that could ring exactly one does, also when all are asked at once', async () => {
  const window = browser();
  const turns = [wanting(window()), wanting(window()), wanting(window())] as const;
  expect([await who(...turns), await who(...turns)]).toEqual(['100', '100']);
});

test('[FF.C4] the next window takes over when the ringing one closes or cannot ring any more', async () => {
  const window = browser();
  const first = window();
  const turns = [wanting(first), wanting(window()), wanting(window())] as const;
  await who(...turns);
  first.close();
  expect(await who(...turns)).toBe('010');
  turns[1].want(false);
  expect(await who(...turns)).toBe('001');
  turns[1].want(true);
  expect(await who(...turns)).toBe('001');
});

test('[FF.C4] a window that gave up before its turn came does not get it', async () => {
  const window = browser();
  const turns = [wanting(window()), wanting(window())] as const;
  turns[0].want(false);
  turns[1].want(false);
  turns[1].want(true);
  expect(await who(...turns)).toBe('01');
});

test('[FF.C4] turns of another name or another operator do not interfere', async () => {
  const locks = browserLocks();
  const [one, other] = [browser(locks)(), browser(locks)()];
  const notification = one.turn('notification');
  notification.want(true);
  expect(await who(wanting(one), wanting(other), notification)).toBe('111');
});

test('[FF.C4] a fact of one window is known to all, until it ends or the window closes', async () => {
  const window = browser();
  const [one, two, three] = [window(), window(), window()];
  one.say(new Set(['in sight', 'shows vera']));
  expect([...(await one.facts())]).toEqual(['in sight', 'shows vera']);
  two.say(new Set(['in sight']));
  expect([...(await three.facts())].sort()).toEqual(['in sight', 'shows vera']);
  one.say(new Set(['shows bea']));
  expect([...(await three.facts())].sort()).toEqual(['in sight', 'shows bea']);
  one.close();
  two.close();
  expect([...(await three.facts())]).toEqual([]);
  await wanting(three).isMine();
  expect([...(await three.facts())]).toEqual(['sound']);
});

test('[FF.C4] other windows hear of a new fact, and of an alert that only one of them received', async () => {
  const window = browser();
  const [one, two] = [window(), window()];
  const heard: unknown[] = [];
  const alert: Alert = { kind: 'rating', about: [{ id: 'vera', visitor: 'vera', name: null }], event: 'm1' };
  two.onFacts(() => heard.push('facts'));
  two.onPassed((passed) => heard.push(passed));
  one.onPassed(() => heard.push('an echo'));
  one.say(new Set(['shows vera']));
  await expect.poll(() => heard).toEqual(['facts']);
  one.pass(alert);
  await expect.poll(() => heard).toEqual(['facts', alert]);
});

test('[FF.C4] the bell ignores what a window of another version says in a form it does not know', async () => {
  const window = browser();
  const bell = window();
  const heard: unknown[] = [];
  bell.onPassed((passed) => heard.push(passed));
  const channel = new BroadcastChannel(`bell ${browsers}`);
  const about = [{ id: 'vera', visitor: 5, more: true }, 'who?'];
  for (const word of [
    null,
    'alert',
    {},
    { type: 'alert' },
    { type: 'alert', alert: { kind: 'toString', about: [], event: null } },
    { type: 'alert', alert: { kind: 'lost', about: null, event: null } },
  ])
    channel.postMessage(word);
  channel.postMessage({ type: 'alert', alert: { kind: 'lost', about, event: 'm1' } });
  await expect.poll(() => heard).toEqual([{ kind: 'lost', about: [{ id: 'vera', visitor: null, name: null }], event: 'm1' }]);
  channel.close();
});

test('[FF.C4] without locks, or where they are refused, every window rings and knows its own facts', async () => {
  const refusing: Locks = { request: () => Promise.reject(new Error('refused')), query: () => Promise.reject(new Error('refused')) };
  for (const locks of [undefined, refusing]) {
    const name = `bell ${++browsers}`;
    const make = (): Bell => {
      const bell = createBell({ name, locks, channel: undefined });
      open.push(bell);
      return bell;
    };
    const [one, two] = [make(), make()];
    one.say(new Set(['in sight']));
    expect([await who(wanting(one), wanting(two)), [...(await one.facts())], [...(await two.facts())]]).toEqual(['11', ['in sight'], []]);
    const turn = wanting(one);
    turn.want(false);
    expect(await turn.isMine()).toBe(false);
  }
});
