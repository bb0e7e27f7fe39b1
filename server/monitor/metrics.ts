/**
 * What a monitor is told of this process, in the words of Prometheus: who is connected, what is done, how long it takes, and how the
 * process itself is. Numbers of the whole server, never of a site or a person: a label has few values, and none comes from outside.
 */
import Fastify, { type FastifyInstance } from 'fastify';
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { FactBus } from '../bus/facts.ts';
import type { Outcome, Rooms } from '../room/room.ts';

export interface MetricsOptions {
  bus: Pick<FactBus, 'subscribe'>;
}

export interface Metrics {
  /** The same rooms; what runs in them is counted and timed. */
  measured(rooms: Rooms): Rooms;
  /** Asked at each reading. */
  countConnections(read: () => { visitors: number; operators: number }): void;
  /** What answers a monitor, on a listener of its own: it is no business of the visitors' network. */
  app(): Promise<FastifyInstance>;
  close(): void;
}

/** A command that is answered after more than this is lost time for somebody who waits. Seconds. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

export function createMetrics({ bus }: MetricsOptions): Metrics {
  const registry = new Registry();
  const registers = [registry];
  // Processor, memory, delay of the event loop.
  collectDefaultMetrics({ register: registry });

  const commands = new Histogram({
    name: 'chat_command_seconds',
    help: 'From the arrival of a command to its answer, which is given once it is stored.',
    labelNames: ['by', 'kind', 'result'],
    buckets: BUCKETS,
    registers,
  });
  const facts = new Counter({ name: 'chat_facts_total', help: 'What has become true and was told.', labelNames: ['kind'], registers });
  const unsubscribe = bus.subscribe(({ t }) => facts.inc({ kind: t }));

  const timed = async (by: string, kind: string, run: () => Promise<Outcome>): Promise<Outcome> => {
    const stop = commands.startTimer({ by, kind });
    const outcome = await run();
    stop({ result: resultOf(outcome) });
    return outcome;
  };

  return {
    measured: (rooms) => ({
      ...rooms,
      visitor: (who, command, context) => timed('visitor', command.kind, () => rooms.visitor(who, command, context)),
      operator: (who, command, lookup) => timed('operator', command.kind, () => rooms.operator(who, command, lookup)),
      async system(command) {
        const stop = commands.startTimer({ by: 'server', kind: command.kind });
        const isDone = await rooms.system(command);
        stop({ result: isDone ? 'done' : 'nothing' });
        return isDone;
      },
    }),
    countConnections(read) {
      new Gauge({
        name: 'chat_connections',
        help: 'Pages of visitors and windows of operators that are connected.',
        labelNames: ['of'],
        registers,
        collect() {
          for (const [of, number] of Object.entries(read())) this.set({ of }, number);
        },
      });
    },
    async app() {
      const app = Fastify();
      app.get('/metrics', async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()));
      await app.ready();
      return app;
    },
    close() {
      unsubscribe();
      registry.clear();
    },
  };
}

function resultOf({ answer }: Outcome): string {
  if (answer.t === 'ack') return 'done';
  return answer.retry ? 'again' : 'refused';
}
