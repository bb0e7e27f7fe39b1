/** What every bus does, whatever carries it. */
import { describe, expect, it } from 'vitest';
import type { Bus } from './bus.ts';

export interface BusUnderTest {
  bus: Bus<string>;
  /** What listeners threw. */
  errors: unknown[];
  /** Resolves when everything published so far has been delivered. */
  settle(): Promise<void>;
}

export function busContract(name: string, open: () => Promise<BusUnderTest>): void {
  describe(name, () => {
    it('tells every subscriber, after publish has returned', async () => {
      const { bus, settle } = await open();
      const heard: string[] = [];
      bus.subscribe((fact) => heard.push(`a${fact}`));
      bus.subscribe((fact) => heard.push(`b${fact}`));
      bus.publish('1');
      bus.publish('2');
      expect(heard).toEqual([]);
      await settle();
      expect(new Set(heard)).toEqual(new Set(['a1', 'a2', 'b1', 'b2']));
      await bus.close();
    });

    it('stops telling a listener that unsubscribed, even while a fact goes round', async () => {
      const { bus, settle } = await open();
      const heard: string[] = [];
      const listener = (fact: string) => heard.push(fact);
      const stop = bus.subscribe(listener);
      bus.subscribe(listener);
      stop();
      stop();
      bus.publish('once');
      await settle();
      expect(heard).toEqual(['once']);
      await bus.close();
    });

    it('survives a listener that throws', async () => {
      const { bus, errors, settle } = await open();
      const heard: string[] = [];
      bus.subscribe(() => {
        throw new Error('mine');
      });
      bus.subscribe((fact) => heard.push(fact));
      bus.publish('fact');
      await settle();
      expect(heard).toEqual(['fact']);
      expect(errors).toEqual([new Error('mine')]);
      await bus.close();
    });

    it('delivers nothing after it was closed', async () => {
      const { bus, settle } = await open();
      const heard: string[] = [];
      bus.subscribe((fact) => heard.push(fact));
      bus.publish('too late to be heard');
      await bus.close();
      bus.publish('never said');
      bus.subscribe((fact) => heard.push(fact));
      await settle();
      expect(heard).toEqual([]);
    });
  });
}
