/**
 * The browser's own trace of one page load, and the processor time in it by kind of work. Times are the thread's (`tdur`), so that
 * other programs on the machine count as little as possible.
 */
import type { Page } from '@playwright/test';

export interface TraceEvent {
  name: string;
  /** `X` is an event with a duration; `M` names processes and threads. */
  ph: string;
  pid: number;
  tid: number;
  /** Microseconds. */
  ts: number;
  dur?: number;
  /** Of that, on the processor. */
  tdur?: number;
  args?: { data?: Record<string, unknown>; [key: string]: unknown };
}

/** Kinds of work. What matches none belongs to the work around it. */
export const KINDS = ['compile', 'evaluate', 'callbacks', 'insert iframe', 'style', 'layout', 'paint', 'rest'] as const;
export type Kind = (typeof KINDS)[number];
export type Spent = Record<Kind, number>;

const KIND_OF: Readonly<Record<string, Kind>> = {
  'v8.compile': 'compile',
  'v8.produceCache': 'compile',
  EvaluateScript: 'evaluate',
  FunctionCall: 'callbacks',
  'HTMLFrameOwnerElement::LoadOrRedirectSubframe': 'insert iframe',
  UpdateLayoutTree: 'style',
  'Blink.Style.UpdateTime': 'style',
  Layout: 'layout',
  'Blink.Layout.UpdateTime': 'layout',
  PrePaint: 'paint',
  Paint: 'paint',
  Layerize: 'paint',
  Commit: 'paint',
};

/** Events that tell whose script it is. */
const RUNS: ReadonlySet<string> = new Set(['EvaluateScript', 'FunctionCall', 'v8.compile']);

const CATEGORIES = 'toplevel,devtools.timeline,v8,blink,navigation,loading,disabled-by-default-devtools.timeline';

/** Everything that happens in the browser during `act`. */
export async function recordTrace(page: Page, act: () => Promise<void>): Promise<TraceEvent[]> {
  const client = await page.context().newCDPSession(page);
  const events: TraceEvent[] = [];
  client.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])));
  await client.send('Tracing.start', { categories: CATEGORIES, transferMode: 'ReportEvents' });
  await act();
  const done = new Promise((resolve) => client.once('Tracing.tracingComplete', resolve));
  await client.send('Tracing.end');
  await done;
  return events;
}

export interface Load {
  /** All work of the page's main thread. */
  page: Spent;
  /** The part that runs because of a script, until that returns: by whose script it is. */
  scripts: Record<string, Spent>;
}

interface Span {
  end: number;
  kind: Kind;
  /** Whose script runs. */
  owner: string | undefined;
  /** What the driver evaluates in the page is no cost of the page. */
  isDriver: boolean;
}

/**
 * Milliseconds of the main thread that has loaded `url`, by kind.
 *
 * @param owner whose script has this address
 */
export function divide(events: readonly TraceEvent[], url: string, owner: (address: string) => string | undefined): Load {
  const parse = events.find(({ name, args }) => name === 'ParseHTML' && JSON.stringify(args).includes(url));
  if (parse === undefined) throw new Error(`The trace knows no main thread of ${url}.`);
  const load: Load = { page: nothing(), scripts: {} };
  const add = ({ kind, owner: name, isDriver }: Span, ms: number): void => {
    if (isDriver) return;
    load.page[kind] += ms;
    if (name !== undefined) (load.scripts[name] ??= nothing())[kind] += ms;
  };
  const around: Span[] = [];
  for (const event of ofThread(events, parse)) {
    while ((around.at(-1)?.end ?? Infinity) <= event.ts) around.pop();
    const outer = around.at(-1);
    const span = spanOf(event, outer, owner);
    const ms = (event.tdur ?? 0) / 1000;
    // Each moment belongs to the innermost event alone.
    if (outer) add(outer, -ms);
    add(span, ms);
    around.push(span);
  }
  return load;
}

/** Events of that thread since then, outer ones before those that lie within them. */
function ofThread(events: readonly TraceEvent[], { pid, tid, ts }: TraceEvent): TraceEvent[] {
  const own = events.filter((event) => event.ph === 'X' && event.pid === pid && event.tid === tid && event.ts >= ts);
  return own.sort((a, b) => a.ts - b.ts || (b.dur ?? 0) - (a.dur ?? 0));
}

function spanOf({ name, ts, dur = 0, args }: TraceEvent, outer: Span | undefined, owner: (address: string) => string | undefined): Span {
  const address = RUNS.has(name) ? addressOf(args?.data) : undefined;
  return {
    end: ts + dur,
    kind: KIND_OF[name] ?? outer?.kind ?? 'rest',
    owner: outer?.owner ?? (address === undefined ? undefined : owner(address)),
    isDriver: outer?.isDriver === true || address === '',
  };
}

export const sum = (spent: Spent): number => KINDS.reduce((total, kind) => total + spent[kind], 0);

function nothing(): Spent {
  return Object.fromEntries(KINDS.map((kind) => [kind, 0])) as Spent;
}

/** Empty for what the driver evaluates. */
function addressOf(data: Record<string, unknown> | undefined): string {
  const address = data?.url ?? data?.fileName ?? data?.scriptName;
  return typeof address === 'string' ? address : '';
}
