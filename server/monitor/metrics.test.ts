/** What a monitor reads, over rooms in which something happens. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createWorld, type World } from '../testing/room-world.ts';
import { createMetrics, type Metrics } from './metrics.ts';

let world: World;
let metrics: Metrics;
beforeEach(async () => {
  world = await createWorld();
  metrics = createMetrics({ bus: world.bus });
});
afterEach(async () => {
  metrics.close();
  await world.close();
});

const read = async (): Promise<string> => (await (await metrics.app()).inject('/metrics')).body;
const say = (text: string, uid: string) => ({ kind: 'message.send', uid, text, group: null }) as const;

describe('[SV.metrics] a monitor reads', () => {
  it('how many commands were carried out and refused, and how long they took', async () => {
    const rooms = metrics.measured(world.rooms);
    const id = await world.addVisitor();
    const who = { site: 'shop', visitor: id, presence: id, tab: 'tab', session: `session of ${id}` };
    const address = { address: '192.0.2.1' };
    await rooms.visitor(who, say('Hello', '00000000-0000-4000-8000-000000000001'), address);
    await rooms.visitor(who, say('Hello again', '00000000-0000-4000-8000-000000000002'), address);
    await rooms.visitor(who, say('Another text', '00000000-0000-4000-8000-000000000002'), address);
    const text = await read();
    expect(text).toContain('chat_command_seconds_count{by="visitor",kind="message.send",result="done"} 2');
    expect(text).toContain('chat_command_seconds_count{by="visitor",kind="message.send",result="refused"} 1');
    expect(text).toMatch(/chat_command_seconds_bucket\{le="10",by="visitor",kind="message.send",result="done"\} 2/);
  });

  it('what was told, and nothing of who said what on which site', async () => {
    const rooms = metrics.measured(world.rooms);
    const id = await world.addVisitor();
    const who = { site: 'shop', visitor: id, presence: id, tab: 'tab', session: `session of ${id}` };
    await rooms.visitor(who, say('My card number is 4111', '00000000-0000-4000-8000-000000000001'), { address: '192.0.2.1' });
    const text = await read();
    expect(text).toMatch(/chat_facts_total\{kind="event"\} [1-9]/);
    for (const secret of ['4111', id, 'shop', '192.0.2.1']) expect(text).not.toContain(secret);
  });

  it('who is connected at that moment, and how the process is', async () => {
    let visitors = 3;
    metrics.countConnections(() => ({ visitors, operators: 1 }));
    expect(await read()).toContain('chat_connections{of="visitors"} 3');
    visitors = 0;
    const text = await read();
    expect(text).toContain('chat_connections{of="visitors"} 0');
    expect(text).toContain('chat_connections{of="operators"} 1');
    expect(text).toContain('nodejs_eventloop_lag_seconds');
  });
});
