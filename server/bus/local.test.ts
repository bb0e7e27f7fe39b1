import { expect, it } from 'vitest';
import { busContract } from './bus.contract.ts';
import { createLocalBus } from './local.ts';

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

busContract('local bus', () => {
  const errors: unknown[] = [];
  const bus = createLocalBus<string>({ onError: (error) => errors.push(error) });
  return Promise.resolve({ bus, errors, settle });
});

it('keeps the order of publishing and loses nothing', async () => {
  const bus = createLocalBus<number>({ onError: (error) => expect(error).toBeUndefined() });
  const heard: number[] = [];
  bus.subscribe((fact) => heard.push(fact));
  for (const fact of [1, 2, 3]) bus.publish(fact);
  await bus.listen('shop');
  await settle();
  expect(heard).toEqual([1, 2, 3]);
  await bus.close();
});
