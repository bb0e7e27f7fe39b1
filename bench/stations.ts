/**
 * Notes from outside where one message is at which moment. Scripts that a context adds to its pages watch the browsers' messages,
 * sockets and databases; a module that Node loads first (`server-marks.mjs`) watches the server's. The program knows neither.
 *
 * All clocks are one machine's (`timeOrigin` + `now`), so that a note of one process follows a note of another.
 */
import { existsSync, readFileSync } from 'node:fs';
import type { BrowserContext, Locator, Page } from '@playwright/test';

/** Moments of one message, in the order of its way. */
export const MOMENTS = [
  'called',
  'posted',
  'received by the frame',
  'sent by the frame',
  'received by the server',
  'commit begun',
  'committed',
  'sent by the server',
  'received by the workplace',
  'shown',
] as const;
export type Moment = (typeof MOMENTS)[number];
/** Beside the way: the frame's database. */
export type Aside = 'store asked' | 'stored';
/** Milliseconds since 1970, by message and moment. */
export type Notes = Map<string, Partial<Record<Moment | Aside, number>>>;

/** What lies between two moments. */
export const STATIONS: readonly { name: string; from: Moment; to: Moment }[] = [
  { name: 'the page’s task: facade, mirror, port', from: 'called', to: 'posted' },
  { name: 'bridge: the page’s port to the frame’s', from: 'posted', to: 'received by the frame' },
  { name: 'frame: guard, session, outbox', from: 'received by the frame', to: 'sent by the frame' },
  { name: 'socket: frame to server', from: 'sent by the frame', to: 'received by the server' },
  { name: 'server: parsing, room, statements', from: 'received by the server', to: 'commit begun' },
  { name: 'commit', from: 'commit begun', to: 'committed' },
  { name: 'server: fan-out to the operator', from: 'committed', to: 'sent by the server' },
  { name: 'socket: server to workplace', from: 'sent by the server', to: 'received by the workplace' },
  { name: 'workplace: session, rendering', from: 'received by the workplace', to: 'shown' },
];

/** Watches all pages that this context opens from now on. Their notes stay in each window, as `stations`. */
export async function watchContext(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const notes: [text: string, moment: string, at: number][] = [];
    (window as unknown as { stations: typeof notes }).stations = notes;
    const note = (moment: string, data: unknown): void => {
      const at = performance.timeOrigin + performance.now();
      const text = /probe \d+;/.exec(typeof data === 'string' ? data : (JSON.stringify(data) ?? ''))?.[0];
      if (text !== undefined) notes.push([text, moment, at]);
    };
    const isTop = window === window.top;

    const { postMessage } = MessagePort.prototype as unknown as { postMessage(...args: unknown[]): void };
    MessagePort.prototype.postMessage = function (...args: unknown[]) {
      if (isTop) note('posted', args[0]);
      postMessage.apply(this, args);
    };
    window.MessageChannel = class extends MessageChannel {
      constructor() {
        super();
        // Before every other listener, so that our note comes first.
        this.port1.addEventListener('message', ({ data }) => note('received by the frame', data));
      }
    };
    const { put } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.put = function (...args) {
      note('store asked', args[0]);
      this.transaction.addEventListener('complete', () => note('stored', args[0]));
      return put.apply(this, args);
    };
    window.WebSocket = class extends WebSocket {
      constructor(...args: ConstructorParameters<typeof WebSocket>) {
        super(...args);
        this.addEventListener('message', ({ data }) => note('received by the workplace', data));
      }
      override send(data: string): void {
        note('sent by the frame', data);
        super.send(data);
      }
    };
  });
}

/** Notes each probe when it is drawn in `log`. */
export async function watchLog(log: Locator): Promise<void> {
  await log.evaluate((log) => {
    const { stations } = window as unknown as { stations: [string, string, number][] };
    new MutationObserver((records) => {
      const at = performance.timeOrigin + performance.now();
      // Only new nodes: reading the whole conversation would take longer than drawing it.
      const nodes = records.flatMap(({ type, target, addedNodes }) => (type === 'childList' ? [...addedNodes] : [target]));
      for (const node of nodes) for (const [text] of node.textContent?.matchAll(/probe \d+;/g) ?? []) stations.push([text, 'shown', at]);
    }).observe(log, { childList: true, subtree: true, characterData: true });
  });
}

/** Puts the notes of all frames of these pages, and of the server, together; the first note of a moment counts. */
export async function gather(visitor: Page, operator: Page, file: string): Promise<Notes> {
  const notes: Notes = new Map();
  const add = (text: string, moment: string, at: number): void => {
    const moments = notes.get(text) ?? {};
    moments[moment as Moment] ??= at;
    notes.set(text, moments);
  };
  const read = (): [string, string, number][] => (window as unknown as { stations?: [string, string, number][] }).stations ?? [];
  for (const frame of visitor.frames())
    for (const [text, moment, at] of await frame.evaluate(read)) if (!/workplace/.test(moment)) add(text, moment, at);
  for (const [text, moment, at] of await operator.evaluate(read)) if (/workplace|shown/.test(moment)) add(text, moment, at);
  if (existsSync(file))
    for (const [text, moment, at] of JSON.parse(readFileSync(file, 'utf8')) as [string, string, number][]) add(text, moment, at);
  return notes;
}

/** Milliseconds from one moment to another, of all messages that have both. */
export const between = (notes: Notes, from: Moment | Aside, to: Moment | Aside): number[] =>
  [...notes.values()].flatMap((moments) => {
    const [start, end] = [moments[from], moments[to]];
    return start === undefined || end === undefined ? [] : [end - start];
  });
