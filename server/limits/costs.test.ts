/**
 * The tables of SECURITY.md under "What an act costs, and who pays" against the code: every act of a stranger stands there, with the price and the bounds that are
 * enforced, and every request costs what its row says.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLimits } from './limits.ts';
import { createCosts, PRICES, type Act } from './costs.ts';
import { createHandClock } from '../testing/room-world.ts';
import { createWorld, routesOf, type World } from '../testing/http-world.ts';
import { visitorCommandSchema, visitorFrameSchema } from '../../shared/wire/requests.ts';

interface Row {
  act: string;
  by: string[];
  price: string;
  line: string;
}

const security = readFileSync(new URL('../../SECURITY.md', import.meta.url), 'utf8');
const section = /## What an act costs, and who pays\n([^]*?)\n## /.exec(security)?.[1] ?? '';
const code = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text);
const rows: Row[] = section
  .split('\n')
  .flatMap((line) => {
    const [, act = '', by = '', price = '', , takes] = line.split('|').map((cell) => cell.trim());
    return takes === undefined || act === 'act' || act.startsWith('-') ? [] : [{ act, by: code(by), price, line }];
  })
  .filter(({ line }) => line.split('|').length === 7);
const routes = rows.flatMap(({ by, price }) => by.filter((name) => name.includes(' ')).map((route) => ({ route, price })));

/** The acts a row is paid by. */
const actsOf = (price: string): Act[] => code(price).filter((name): name is Act => name in PRICES);

describe('the table of what acts cost', () => {
  it('[D7] [FF.A11] has every frame and command a page can send, and every route, once', () => {
    const frames = visitorFrameSchema.options.map(({ entries }) => entries.t.literal);
    const commands = visitorCommandSchema.options.map(({ entries }) => entries.kind.literal);
    const named = rows.flatMap(({ by }) => by);
    expect(named.filter((name) => !name.includes(' ')).sort()).toEqual([...frames, ...commands].sort());
    expect(new Set(named).size).toBe(named.length);
  });

  it('[D7] says of every row what it costs and what it takes', () => {
    for (const { act, price, line } of rows) {
      const takes = line.split('|')[5]?.trim() ?? '';
      expect([act, takes]).not.toEqual([act, '']);
      // A connection that has said nothing yet, and nobody but the entrance has seen, is bounded by number.
      if (act !== 'raw connection') expect(actsOf(price), act).not.toEqual([]);
    }
  });

  it('[D7] has every price, as it is taken', () => {
    const said = new Map(
      rows
        .flatMap(({ price }) => [...price.matchAll(/`(\w+)` (\d+)(?: of `(\w+)`)?/g)])
        .map(([, name = '', tokens, budget]) => [name, { tokens: Number(tokens), budget }]),
    );
    for (const [name, { tokens }] of Object.entries(PRICES)) expect([name, said.get(name)?.tokens]).toEqual([name, tokens]);
    for (const [name, { budget }] of said) if (budget !== undefined) expect([name, PRICES[name as Act].budget]).toEqual([name, budget]);
    const perKb = Object.entries(PRICES).flatMap(([name, price]) => ('perKb' in price ? [[name, price.perKb]] : []));
    expect(perKb).toEqual([
      ['frame', 1],
      ['read', 1 / 16],
    ]);
    expect(section).toContain('`frame` 1 of `frames`, and 1 for each KB');
    expect(section).toContain('`read` 1 of `reads`, and 1 for each 16 KB');
  });

  it('[D7] has every bound of what strangers do, with its default', () => {
    const limits = createLimits({});
    const said = new Map(
      [...section.matchAll(/`(rates|text|file|mail|request|login|timing)\.(\w+)` ([\d,]+)/g)].map(
        ([, part = '', name = '', number = '']) => [`${part}.${name}`, Number(number.replaceAll(',', ''))],
      ),
    );
    const real = Object.entries(limits).flatMap(([part, members]) =>
      Object.entries(members as Record<string, unknown>).map(([name, value]): [string, unknown] => [`${part}.${name}`, value]),
    );
    for (const [name, number] of said) expect([name, new Map(real).get(name)]).toEqual([name, number]);
    // What bounds nobody's acts: how the server's own work is timed.
    const own = new Set(['login.firstDelayMs', 'file.maxBytes', 'file.scanMs']);
    const missing = real.flatMap(([name]) =>
      /^(rates|text|file|mail|request|login)\./.test(name) && !said.has(name) && !own.has(name) ? name : [],
    );
    expect(missing).toEqual([]);
  });
});

describe('a request', () => {
  const BURST = 1_000;
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ env: { LIMITS: JSON.stringify({ rates: { requestsPerSecond: 1, requestsBurst: BURST } }) } });
  });
  afterAll(() => world.close());

  /** What the address has paid since its budget was full; it is full again afterwards. */
  function paid(): number {
    const payers = { address: '127.0.0.1' };
    world.parts.costs.charge('request', payers, { times: BURST });
    const tokens = world.parts.costs.owedMs('request', payers) / 1_000;
    world.clock.advance(10 * BURST * 1_000);
    return tokens;
  }

  it('[D7] of every route there is costs what its row says, whatever the answer', async () => {
    expect(routes.map(({ route }) => route).sort()).toEqual(routesOf(world.app));
    for (const { route, price } of routes) {
      const [method = '', path = ''] = route.split(' ');
      const url = path.replace(':id', randomUUID()).replace(/:\w+/, 'name');
      // A stream that is let in never ends.
      const origin = path.endsWith('/stream') ? 'https://evil.example' : world.config.publicUrl;
      await world.ask({ method: method as 'GET', url, headers: { origin } });
      // An avatar is in one row with files, and looks into no database.
      const act = path.startsWith('/avatars') ? 'request' : actsOf(price).find((name) => PRICES[name].budget === 'requests');
      expect([route, paid()]).toEqual([route, PRICES[act ?? 'request'].tokens]);
    }
  });

  it('[D7] of no route costs as well, and is refused without budget, except to a health check', async () => {
    const ask = async (url: string) => (await world.ask({ url })).statusCode;
    expect(await ask('/nowhere')).toBe(404);
    expect(paid()).toBe(1);
    for (let n = 0; n < BURST; n += 1) world.parts.costs.charge('request', { address: '127.0.0.1' });
    const refused = await world.ask({ url: '/frame/?site=shop' });
    expect([refused.statusCode, refused.json().code, Number(refused.headers['retry-after'])]).toEqual([
      429,
      'rate_limited',
      PRICES.document.tokens,
    ]);
    expect([await ask('/loader.js'), await ask('/nowhere'), await ask('/healthz'), await ask('/readyz'), await ask('/openz')]).toEqual([
      429, 429, 200, 200, 200,
    ]);
  });
});

describe('a budget', () => {
  it('[D7] [FF.A11] belongs to one address, whatever others do; IPv6 counts by its /64', () => {
    const costs = createCosts({ clock: createHandClock(), limits: createLimits({}) });
    for (let n = 0; n < 10_000; n += 1)
      for (const act of Object.keys(PRICES) as Act[]) costs.charge(act, { own: 'loud', address: '192.0.2.1' });
    for (const act of Object.keys(PRICES) as Act[])
      expect([act, costs.owedMs(act, { own: 'quiet', address: '192.0.2.2' })]).toEqual([act, 0]);
  });
});
