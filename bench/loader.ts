/**
 * What the loader costs the customer's main thread, beside the lightest peer's. Both load in turn on the same empty page, and so
 * does that page with nothing on it. The documents of both frames are refused. Figures are medians of the browser's own trace.
 *
 * A loader costs what its script does or causes before it returns: running it, its callbacks, the iframe's insertion, and styles
 * that it asks for. The peer's vendor has a customer paste a script that adds the loader's, which is a part of theirs; ours is a tag.
 * `all work` is the extra work of the page's main thread over the empty page, of any cause.
 */
import type { Browser, Page } from '@playwright/test';
import type { System } from '../e2e/support/system.ts';
import type { Figure } from './figure.ts';
import { PEER, startPeer } from './peer.ts';
import { duration, median } from './statistics.ts';
import { divide, KINDS, recordTrace, sum, type Kind, type Load, type Spent } from './trace.ts';

const ROUNDS = 15;

interface Candidate {
  name: string;
  /** What a customer pastes. */
  tag: string;
  /** Where its loader lies. */
  origin: string;
  loads: Load[];
}

export async function measureLoader(browser: Browser, system: System): Promise<Figure[]> {
  const peer = await startPeer();
  const tag = `<script async src="${system.chat}/loader.js" data-site="bench"></script>`;
  const ours: Candidate = { name: 'ours', tag, origin: system.chat, loads: [] };
  const theirs: Candidate | undefined = peer && { name: 'peer', tag: peer.snippet, origin: peer.origin, loads: [] };
  const empty: Candidate = { name: 'empty', tag: '', origin: '', loads: [] };
  let shift = 0;
  try {
    // The first round only warms the browser.
    for (let round = 0; round <= ROUNDS; round += 1) {
      for (const candidate of theirs ? [ours, theirs, empty] : [ours, empty]) {
        const { load, shifted } = await loadOnce(browser, system, candidate);
        if (round > 0) candidate.loads.push(load);
        if (candidate === ours) shift += shifted;
      }
    }
  } finally {
    peer?.close();
  }
  return [...compare(ours, theirs, empty), { what: 'layout shift by the loader', value: String(shift), aim: '0' }];
}

async function loadOnce(browser: Browser, system: System, { name, tag, origin }: Candidate): Promise<{ load: Load; shifted: number }> {
  const path = `/bench/loaded-${name}.html`;
  const head = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Empty page</title>';
  system.pages.set(path, `${head}<h1>A customer's page</h1><p>One line.</p>${tag}</html>`);
  const tab = await browser.newPage();
  try {
    await tab.route(/\/frame\/|\/livechat\?/, (route) => route.abort());
    const events = await recordTrace(tab, async () => {
      await tab.goto(system.shop + path);
      if (tag) await tab.locator('iframe').waitFor({ state: 'attached' });
      await drawn(tab);
    });
    const ownerOf = (address: string): string | undefined =>
      tag && address.startsWith(origin) ? 'loader' : address.endsWith(path) ? 'pasted' : undefined;
    return { load: divide(events, path, ownerOf), shifted: await shiftOf(tab) };
  } finally {
    await tab.close();
  }
}

/** Two pictures later all that was put in has been styled, laid out and painted. */
const drawn = (tab: Page): Promise<void> =>
  tab.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve)))));

const shiftOf = (tab: Page): Promise<number> =>
  tab.evaluate(
    () =>
      new Promise<number>((resolve) => {
        let shifted = 0;
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) shifted += (entry as unknown as { value: number }).value;
        }).observe({ type: 'layout-shift', buffered: true });
        requestAnimationFrame(() => setTimeout(() => resolve(shifted)));
      }),
  );

type Measure = (candidate: Candidate) => number;

function compare(ours: Candidate, theirs: Candidate | undefined, empty: Candidate): Figure[] {
  const middle = ({ loads }: Candidate, of: (load: Load) => number): number => median(loads.map(of));
  const of =
    (owners: readonly string[], part: (spent: Spent) => number): Measure =>
    (one) =>
      middle(one, ({ scripts }) => owners.reduce((total, owner) => total + (scripts[owner] ? part(scripts[owner]) : 0), 0));
  const beyondEmpty =
    (part: (spent: Spent) => number): Measure =>
    (one) =>
      middle(one, ({ page }) => part(page)) - middle(empty, ({ page }) => part(page));
  const line = (what: string, measure: Measure, aim = ''): Figure => {
    const own = measure(ours);
    if (!theirs) return { what, value: duration(own), aim: '' };
    const other = measure(theirs);
    const ratio = other < LEAST_MS ? '' : `: ${(own / other).toFixed(2)} ×`;
    return { what, value: `${duration(own)} against ${duration(other)}${ratio}`, aim };
  };
  const kinds = KINDS.filter((kind) => [ours, theirs].some((one) => one && of(['loader'], (spent) => spent[kind])(one) > LEAST_MS));
  return [
    line(`loader${theirs ? ` against ${PEER}` : ''}, with what a customer pastes`, of(['loader', 'pasted'], sum), '≤ 1.0 ×'),
    line('… the loader’s file alone', of(['loader'], sum)),
    ...kinds.map((kind) =>
      line(
        `… … ${kind}`,
        of(['loader'], (spent) => spent[kind]),
      ),
    ),
    line('… all work of the page beyond the empty page’s', beyondEmpty(sum), '≤ 1.0 ×'),
    ...OUTSIDE.map((kind) =>
      line(
        `… … ${kind}`,
        beyondEmpty((spent) => spent[kind]),
      ),
    ),
  ];
}

/** Below that a ratio says nothing. */
const LEAST_MS = 0.01;
const OUTSIDE: readonly Kind[] = ['style', 'layout', 'paint', 'rest'];
