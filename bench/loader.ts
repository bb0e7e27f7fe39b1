/**
 * What the loader costs the customer's main thread on an empty page, by the browser's own trace: all time spent in its script,
 * the frame's document left out (its requests are refused), median of nine loads.
 */
import type { Browser } from '@playwright/test';
import type { System } from '../e2e/support/system.ts';
import type { Figure } from './main.ts';
import { duration, median } from './statistics.ts';

interface TraceEvent {
  name: string;
  /** Microseconds. */
  ts?: number;
  dur?: number;
  /** Of that, on the processor. */
  tdur?: number;
  args?: { data?: { url?: string; scriptName?: string; fileName?: string } };
}

export async function measureLoader(browser: Browser, system: System): Promise<Figure[]> {
  const times: number[] = [];
  let shift = 0;
  for (let load = 0; load < 9; load += 1) {
    const page = await browser.newPage();
    await page.route('**/frame/**', (route) => route.abort());
    const client = await page.context().newCDPSession(page);
    const events: TraceEvent[] = [];
    client.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])));
    await client.send('Tracing.start', { categories: 'devtools.timeline,v8', transferMode: 'ReportEvents' });
    await page.goto(`${system.shop}/bench/plain.html`);
    await page.locator('iframe').waitFor({ state: 'attached' });
    const done = new Promise((resolve) => client.once('Tracing.tracingComplete', resolve));
    await client.send('Tracing.end');
    await done;
    times.push(spent(events.filter(isOurs)) / 1000);
    shift += await page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          let sum = 0;
          new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) sum += (entry as unknown as { value: number }).value;
          }).observe({ type: 'layout-shift', buffered: true });
          requestAnimationFrame(() => setTimeout(() => resolve(sum)));
        }),
    );
    await page.close();
  }
  return [
    {
      what: "loader on the page's main thread",
      value: `${duration(median(times))} (worst ${duration(Math.max(...times))})`,
      aim: '≤ 5 ms',
    },
    { what: 'layout shift by the loader', value: String(shift), aim: '0' },
  ];
}

/** Processor time of these events, so that other programs on the machine don't count; what lies within another is part of it. */
function spent(events: readonly TraceEvent[]): number {
  let sum = 0;
  let end = 0;
  for (const { ts = 0, dur = 0, tdur = dur } of [...events].sort((a, b) => (a.ts ?? 0) - (b.ts ?? 0))) {
    if (ts < end) continue;
    sum += tdur;
    end = ts + dur;
  }
  return sum;
}

/** Running or compiling the loader, whoever called it. */
function isOurs({ name, args }: TraceEvent): boolean {
  const data = args?.data;
  const isLoader = [data?.url, data?.fileName, data?.scriptName].some((url) => url?.includes('/loader.js') === true);
  return isLoader && ['EvaluateScript', 'FunctionCall', 'v8.compile'].includes(name);
}
